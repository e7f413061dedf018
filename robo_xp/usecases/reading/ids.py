"""Member ids in files: canonical, and never one that a program has rounded."""

from __future__ import annotations

import re
from decimal import Decimal

from robo_xp.errors import InvalidId, RoundedIds
from robo_xp.model import short_text
from robo_xp.model.ids import is_snowflake

_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?1[0-9]")
_MENTION = re.compile(r"<@!?([0-9]{1,25})>")
_SHEET_DIGITS = 15


class Ids:
    """Reads the ids of one file, and notices when most of them were rounded."""

    def __init__(self) -> None:
        self._read = self._numbers = self._by_sheet = self._by_double = 0

    def read(self, value: object, what: str = "member id") -> str:
        """The canonical id; InvalidId for anything else, RoundedIds where digits are lost."""
        if is_snowflake(value):
            return self._count_id(value)
        if isinstance(value, float):
            raise RoundedIds(f"{what} {short_text(value)} has lost its last digits")
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
            self._numbers += 1
            value = str(value)
        if not isinstance(value, str):
            raise InvalidId(f"{what} must be 17 to 20 digits, not {short_text(value)}")
        text = value.strip()
        if _SCIENTIFIC.fullmatch(text):
            raise RoundedIds(f"{what} {short_text(text)} has lost its last digits")
        if found := _MENTION.fullmatch(text):
            text = found[1]
        if not is_snowflake(text):
            raise InvalidId(f"{what} must be 17 to 20 digits, not {short_text(value)}")
        return self._count_id(text)

    def check(self) -> None:
        """Raise RoundedIds if more than half of what was read looks rounded."""
        if self._by_sheet * 2 > self._read:
            raise RoundedIds("the member ids end in zeros: a spreadsheet has rounded them")
        if self._by_double * 2 > self._read and (self._read > 2 or self._numbers):
            raise RoundedIds("the member ids were stored as numbers, which has rounded them")

    def _count_id(self, text: str) -> str:
        """Count an id, and one that a spreadsheet, or a double, would have left like this.

        What a double is written as, and is not exactly, is rounded to digits before a 0.
        """
        self._read += 1
        last = text[-1]
        if last in "02468":
            number, exact = float(text), int(text)
            self._by_double += int(number) == exact or (
                last == "0" and Decimal(repr(number)) == exact
            )
            self._by_sheet += last == "0" and not text[_SHEET_DIGITS:].strip("0")
        return text
