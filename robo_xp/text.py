"""Numbers, counts, lengths of time and lists as people read them, for every program alike.

It imports nothing of the project, so that every room may use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

_LONG: Final = (
    (31_536_000, "year"),
    (2_592_000, "month"),
    (604_800, "week"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
)
_FROM_DAYS: Final = _LONG[3:]
_SIGNS: Final = {"day": "d", "hour": "h", "minute": "min", "second": "s"}
_VOWELS: Final = "aeiou"
_VISIBLE: Final = "LNPS"
_BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs, says Unicode, of which there is nothing to see."""


def thousands(number: int | float) -> str:
    """A number with separators: ``1,234,567``."""
    return f"{number:,}"


def is_visible(text: str) -> bool:
    """Whether there is a letter, digit or sign in it that can be seen."""
    import unicodedata

    return any(unicodedata.category(char)[0] in _VISIBLE and char not in _BLANK for char in text)


def visible_name(name: str | None, otherwise: str) -> str:
    """The name, or ``otherwise`` where there is nothing to see of it."""
    return name if name and is_visible(name) else otherwise


def plural(word: str) -> str:
    """The word for more than one: ``winners``, ``entries``, ``batches``."""
    if word.endswith("y") and word[-2] not in _VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def count_text(number: int, word: str) -> str:
    """A number and what it counts: ``1 guild``, ``2,000 guilds``."""
    return f"{thousands(number)} {word if number == 1 else plural(word)}"


def percent(value: float) -> str:
    """A percentage that a view has rounded: ``66.7%``."""
    return f"{value:.1f}%"


def first_of(items: Sequence[str], most: int, count: int | None = None) -> str:
    """The first items, and how many more there are: ``Ada, Bob and 3 more``.

    ``count`` is how many there are where not all are given.
    """
    shown = ", ".join(items[:most])
    more = (len(items) if count is None else count) - most
    return f"{shown} and {thousands(more)} more" if more > 0 else shown


def utc_text(epoch_ms: int) -> str:
    """An instant for whoever's clock may be another: ``2026-05-01 18:30 UTC``."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def ago(epoch_ms: int, now_ms: int) -> str:
    """How long an instant is past in its largest unit: ``3 hours ago``, ``just now``."""
    seconds = (now_ms - epoch_ms) // 1000
    for size, unit in _LONG[:-1]:
        if seconds >= size:
            return f"{count_text(seconds // size, unit)} ago"
    return "just now" if seconds >= 0 else "in the future"


def lasting(seconds: float) -> str:
    """A length of time in its two largest units, short: ``3 d 4 h``, ``12 s``."""
    found = [f"{count} {_SIGNS[unit]}" for count, unit in _units_of(seconds)]
    return " ".join(found[:2]) or "0 s"


def spelled_time(seconds: float, most: int = len(_FROM_DAYS)) -> str:
    """A length of time in at most so many of its largest units: ``1 hour 30 minutes``."""
    found = [count_text(count, unit) for count, unit in _units_of(seconds)]
    return " ".join(found[:most]) or "less than a second"


def _units_of(seconds: float) -> Iterator[tuple[int, str]]:
    """How many days, hours, minutes and seconds, the largest first; none where it is 0."""
    rest = int(max(0, seconds))
    for size, unit in _FROM_DAYS:
        count, rest = divmod(rest, size)
        if count:
            yield count, unit
