"""The checks that settings are made of: each returns the faults of one value."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fractions import Fraction
from urllib.parse import urlsplit

from robo_xp.errors import Fault
from robo_xp.model import short_text
from robo_xp.model.ids import is_snowflake

MAX_ENTRIES = 1000
"""The most entries that a list or map of the settings can have."""

MAX_URL = 2048

# direction marks could make a label swallow the text around it
_DIRECTION = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def exact(number: int | float) -> Fraction:
    """The number that its shortest decimal text says: 1.2 is 6/5, not the nearest binary float."""
    return Fraction(int(number)) if isinstance(number, int) else Fraction(repr(float(number)))


def is_number(value: object) -> bool:
    """Whether the value is an int or a finite float; true and false are no numbers."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def is_whole(value: object) -> bool:
    """Whether the value is an int; neither 2.0 nor true is one."""
    return isinstance(value, int) and not isinstance(value, bool)


def whole_faults(where: str, value: object, low: int, high: int) -> list[Fault]:
    """A fault unless the value is a whole number from low to high."""
    if isinstance(value, int) and is_whole(value) and low <= value <= high:
        return []
    return [Fault(where, f"must be a whole number from {low} to {high}, not {short_text(value)}")]


def decimal_faults(
    where: str, value: object, low: str, high: str, *, places: int = 3
) -> list[Fault]:
    """A fault unless the value is a number from low to high, of few decimals."""
    bad = [Fault(where, f"must be a number from {low} to {high}, not {short_text(value)}")]
    if not (isinstance(value, int | float) and is_number(value)):
        return bad
    number = exact(value)
    if not Fraction(low) <= number <= Fraction(high):
        return bad
    if (number * 10**places).denominator != 1:
        return [Fault(where, f"can have at most {places} decimals, not {short_text(value)}")]
    return []


def bool_faults(where: str, value: object) -> list[Fault]:
    """A fault unless the value is true or false."""
    if isinstance(value, bool):
        return []
    return [Fault(where, f"must be true or false, not {short_text(value)}")]


def choice_faults(where: str, value: object, choices: Sequence[str]) -> list[Fault]:
    """A fault unless the value is one of the words; it suggests the nearest one."""
    if isinstance(value, str) and value in choices:
        return []
    words = f"{', '.join(choices[:-1])} or {choices[-1]}"
    return [Fault(where, f"must be {words}, not {short_text(value)}{meant(value, choices)}")]


def snowflake_faults(where: str, value: object) -> list[Fault]:
    """A fault unless the value is the text of a Discord id."""
    if is_snowflake(value):
        return []
    return [Fault(where, f"must be the id of 17 to 20 digits, as text, not {short_text(value)}")]


def list_faults(where: str, value: object) -> list[Fault]:
    """A fault unless the value is a list that is not too long; says nothing of its entries."""
    if not isinstance(value, list | tuple):
        return [Fault(where, f"must be a list, not {short_text(value)}")]
    return size_faults(where, len(value))


def size_faults(where: str, size: int) -> list[Fault]:
    """A fault if there are too many entries."""
    if size <= MAX_ENTRIES:
        return []
    return [Fault(where, f"can have at most {MAX_ENTRIES} entries, not {size}")]


def ids_faults(where: str, value: object) -> list[Fault]:
    """The faults of a list of ids: each entry that is no id, or that was listed before."""
    if faults := list_faults(where, value):
        return faults
    assert isinstance(value, list | tuple)
    seen: set[str] = set()
    for index, entry in enumerate(value):
        if wrong := snowflake_faults(f"{where}[{index}]", entry):
            faults += wrong
        elif entry in seen:
            faults.append(Fault(f"{where}[{index}]", f"{entry} is listed twice"))
        else:
            seen.add(entry)
    return faults


def url_faults(where: str, value: object) -> list[Fault]:
    """A fault unless the value is an http or https address with a host."""
    if isinstance(value, str) and len(value) <= MAX_URL and _is_web_address(value):
        return []
    message = f"must be an http or https address of at most {MAX_URL} characters"
    return [Fault(where, f"{message}, not {short_text(value)}")]


def label_faults(where: str, value: object, *, limit: int) -> list[Fault]:
    """A fault unless the value is short text without control characters."""
    if not isinstance(value, str) or not 1 <= len(value) <= limit or not value.strip():
        return [Fault(where, f"must be text of 1 to {limit} characters, not {short_text(value)}")]
    if has_controls(value):
        return [Fault(where, f"must not hold control characters, as {short_text(value)} does")]
    return []


def joined_path(where: str, key: object) -> str:
    """The dotted path of a key below ``where``, safe to print."""
    name = key if isinstance(key, str) and key.isprintable() and len(key) <= 80 else short_text(key)
    return f"{where}.{name}" if where else name


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice most likely meant, whatever its case and hyphens; None if none is near."""
    plain = {_plain(choice): choice for choice in choices}
    found = get_close_matches(_plain(word[:100]), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def meant(word: object, choices: Iterable[str]) -> str:
    """The end of a message that suggests the nearest choice; empty if none is near."""
    near = nearest(word, choices) if isinstance(word, str) else None
    return f"; did you mean {near!r}?" if near else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def _is_web_address(text: str) -> bool:
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def has_controls(text: str) -> bool:
    """Whether it holds what moves the cursor, breaks the line or turns the direction of text."""
    return not text.isprintable() and any(map(_is_control, text))


def _is_control(char: str) -> bool:
    if unicodedata.category(char) in _UNPRINTABLE:
        return True
    return unicodedata.bidirectional(char) in _DIRECTION
