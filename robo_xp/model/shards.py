"""Shards: the guilds of a daemon, by the part of Discord's gateway that tells of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd
from typing import Final

from robo_xp.errors import InvalidValue
from robo_xp.model import short_text

_RANGE = re.compile(r"([0-9]{1,6})-([0-9]{1,6})[-/]([0-9]{1,6})")
_ID_BITS: Final = 22


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards ``first`` to ``last`` of ``count``; a count of 0 stands for all there are."""

    first: int = 0
    last: int = 0
    count: int = 0

    @classmethod
    def of(cls, text: str) -> Shards:
        """The range that a text such as ``0-3/8`` says, all for an empty one; or InvalidValue.

        ``0-3-8`` is the same, where no slash can stand, as in the name of a unit.
        """
        if not text:
            return ALL
        found = _RANGE.fullmatch(text)
        first, last, count = map(int, found.groups()) if found else (0, 0, 0)
        if not first <= last < count:
            raise InvalidValue(
                "shards must be FIRST-LAST/COUNT such as 0-3/8, counted from 0, "
                f"not {short_text(text)}"
            )
        return cls(first, last, count)

    @property
    def has_first(self) -> bool:
        """Whether the first shard is one of them: one daemon of a bot does what is done once."""
        return self.first == 0

    def has(self, guild_id: str) -> bool:
        """Whether the guild is in one of these shards."""
        if not self.count:
            return True
        return self.first <= (int(guild_id) >> _ID_BITS) % self.count <= self.last

    def overlaps(self, other: Shards) -> bool:
        """Whether a guild could be in both."""
        if not (self.count and other.count):
            return True
        # numbers that leave two rests exist where the rests agree by what both counts divide by
        common = gcd(self.count, other.count)
        return bool(self._rests(common) & other._rests(common))

    def _rests(self, divisor: int) -> set[int]:
        last = min(self.last, self.first + divisor - 1)
        return {shard % divisor for shard in range(self.first, last + 1)}

    def __str__(self) -> str:
        """As it is written; empty for all."""
        return f"{self.first}-{self.last}/{self.count}" if self.count else ""


ALL: Final = Shards()
"""Every guild."""
