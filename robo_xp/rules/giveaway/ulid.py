"""ULIDs: ids of 26 letters and digits that sort by the time they were made."""

from __future__ import annotations

import re

ENTROPY_BYTES = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_ULID = re.compile(f"[0-7][{_ALPHABET}]{{25}}")


def is_ulid(text: str) -> bool:
    """Whether the text is an ULID in capitals."""
    return _ULID.fullmatch(text) is not None


def number_for(at_ms: int, entropy: bytes, *, above: int = 0) -> int:
    """The 128-bit number of an instant and ten random bytes; always above the number ``above``."""
    number = (at_ms << 80) | int.from_bytes(entropy[:ENTROPY_BYTES])
    return max(number, above + 1)


def text_of(number: int) -> str:
    """The ULID of a 128-bit number."""
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def number_of(ulid: str) -> int:
    """The 128-bit number of an ULID in capitals."""
    number = 0
    for letter in ulid:
        number = (number << 5) | _VALUES[letter]
    return number
