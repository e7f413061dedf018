"""Turns what was typed into values: amounts, members, instants, ``key=value`` pairs.

Every function raises a subclass of :class:`robo_xp.errors.InvalidValue` (exit code 2) with the
offending text in the message. Strict on purpose: ``60abc`` is never 60.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from robo_xp.errors import InvalidAmount, InvalidId, InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.model.ids import is_snowflake
from robo_xp.nesting import bounded_text
from robo_xp_cli.show.words import quoted, short_visible

_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_AMOUNT = re.compile(
    r"(?P<whole>[0-9]+(?:_[0-9]+)*|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?(?P<unit>[kKmM]?)"
)
_NEGATIVE = re.compile(r"-\s*[0-9]")
_LONGEST = 40
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<real>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_MENTION = re.compile(r"<[@#&!]+[0-9]+>")


@dataclass(frozen=True, slots=True)
class Named:
    """A member, role or channel as typed: its ``id``, or the ``name`` to look up.

    ``kind`` is the plural that names are kept under; ``sign`` may stand before a name without
    being of it. A command gets the id in its place.
    """

    kind: str
    id: str = ""
    name: str = ""
    sign: str = ""


class _Machine(tzinfo):
    """The time zone of this machine, whatever its name is."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, moment: datetime | None) -> None:
        return None

    def tzname(self, moment: datetime | None) -> None:
        return None

    def fromutc(self, moment: datetime) -> datetime:
        here = moment.replace(tzinfo=UTC).astimezone()
        return here.replace(tzinfo=self)


MACHINE: Final = _Machine()


@dataclass(frozen=True, slots=True)
class WallTime:
    """A time as typed; a command gets epoch milliseconds in its place.

    With ``is_next`` a day of the week is one that comes.
    """

    text: str
    is_next: bool = False
    now_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    def at(self, zone: tzinfo) -> int:
        """The instant in epoch milliseconds, by the clock of the zone. Raises InvalidValue."""
        from robo_xp.rules.wall_time import instant_ms, is_by_clock, past_ms

        is_next = self.is_next and is_by_clock(self.text)
        return (instant_ms if is_next else past_ms)(self.text, self.now_ms, zone)


STDIN: Final = Named("members", name="-")
"""Members that stand on stdin, one a line."""


def amount(text: str) -> int:
    """XP from 1 to 2^53-1: ``250``, ``1_000``, ``1,000``, ``10k``, ``1.5k`` or ``2m``."""
    return _bounded_int(text, low=1, high=MAX_XP)


def total(text: str) -> int:
    """XP from 0 to 2^53-1, written like :func:`amount`."""
    return _bounded_int(text, low=0, high=MAX_XP)


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser for whole numbers from ``low`` to ``high`` (0 or more), both included."""
    return lambda text: _bounded_int(text, low=low, high=high)


def name_parser(kind: str, mention: str, sign: str) -> Callable[[str], Named]:
    """A parser for an id, a mention such as ``<@…>``, or a name that may begin with ``sign``."""
    mentioned = re.compile(f"<{mention}([0-9]{{1,25}})>")
    what = kind[:-1]

    def parse(text: str) -> Named:
        found = mentioned.fullmatch(text.strip())
        digits = found.group(1) if found else text.strip()
        if is_snowflake(digits):
            return Named(kind, digits)
        if _MENTION.fullmatch(digits) or found or re.fullmatch(r"[0-9]{15,}", digits):
            raise InvalidId(f"{quoted(text)} is not the id of a {what}")
        if not digits:
            raise InvalidId(f"a {what} cannot be an empty text")
        return Named(kind, name=text.strip(), sign=sign)

    return parse


user: Final = name_parser("members", "@!?", "@")
role: Final = name_parser("roles", "@&", "@")
channel: Final = name_parser("channels", "#", "#")


def users(text: str) -> Named:
    """A member as :func:`user` reads it; ``-`` stands for those on stdin."""
    return STDIN if text == "-" else user(text)


def when(text: str) -> WallTime | int:
    """An instant that has been, in epoch milliseconds: ``2h`` ago, a date, an epoch number, the
    last ``sat 18:00``; what some clock shows waits for the guild's time zone.
    """
    return _instant(WallTime(text))


def moment(text: str) -> WallTime | int:
    """The same, but the next ``sat 18:00``."""
    return _instant(WallTime(text, is_next=True))


def machine_time(text: str) -> int:
    """An instant like that of :func:`when`, by the clock of this machine."""
    return WallTime(text).at(MACHINE)


def number(text: str) -> int | float:
    """Decimal text as a JSON number: an int when it has neither point nor exponent."""
    match = _NUMBER.fullmatch(text)
    if not match:
        raise InvalidValue(f"{quoted(text)} is not a number")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise InvalidValue(f"{quoted(text)} is too large")
    is_whole = not match.group("real") and not match.group("exponent")
    return int(text) if is_whole else value


def json_or_text(text: str) -> Any:
    """A value as JSON if the text is JSON, else the text itself."""
    import json

    try:
        return json.loads(bounded_text(text), parse_constant=_no_constant)
    except ValueError:
        return text
    except RecursionError:
        raise InvalidValue("the value is nested too deeply") from None


def key_value(text: str) -> tuple[str, Any]:
    """The key and the JSON or plain value of ``key=value``."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidValue(f"{quoted(text)} is not of the form key=value")
    return key.strip(), json_or_text(value.strip())


def _bounded_int(text: str, *, low: int, high: int) -> int:
    typed = text.strip()
    if _NEGATIVE.match(typed):
        raise InvalidAmount(f"{quoted(text)} is negative", advice=f"it goes from {low} to {high}")
    is_long = len(typed) > _LONGEST
    value = None if is_long else _exact(typed)
    if value is None and not (is_long and _AMOUNT.fullmatch(typed)):
        raise InvalidAmount(_why_no_amount(text), advice="write it like 250, 1_000 or 10k")
    if value is None or not low <= value <= high:
        raise InvalidAmount(f"{short_visible(text)} is not from {low} to {high}")
    return value


def _exact(text: str) -> int | None:
    match = _AMOUNT.fullmatch(text)
    if not match:
        return None
    part, factor = match.group("part") or "", _FACTORS[match.group("unit").lower()]
    if part and factor == 1:
        return None
    digits = int(re.sub("[_,]", "", match.group("whole")) + part) * factor
    value, rest = divmod(digits, 10 ** len(part))
    return None if rest else value


def _why_no_amount(text: str) -> str:
    if "." in text and re.fullmatch(r"\s*[0-9._]+[kKmM]?\s*", text):
        return f"{quoted(text)} is not a whole number"
    return f"{quoted(text)} is not a number"


def _instant(typed: WallTime) -> WallTime | int:
    """The instant; the text itself, which is a time, where that depends on the time zone."""
    from robo_xp.rules.wall_time import is_by_clock

    at = typed.at(UTC)
    return typed if is_by_clock(typed.text) else at


def _no_constant(name: str) -> Any:
    raise ValueError(name)
