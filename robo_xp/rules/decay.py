"""Decay: what a guild-day takes from members who have earned nothing for long."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

_DAY_MS = 86_400_000


def is_away(last_awarded_at: int, since: int) -> bool:
    """Whether a member earned nothing after ``since`` (epoch ms).

    A last award of 0 says that none is known, as after an import: that makes nobody away.
    """
    return 0 < last_awarded_at <= since


@dataclass(frozen=True, slots=True)
class Decay:
    """After ``after_days`` without an award (0: never) a day takes ``percent`` of the total, or
    ``amount`` where that is more, and never more than what is above ``floor_level``.
    """

    after_days: int = 0
    percent: Fraction = Fraction(0)
    amount: int = 0
    floor_level: int = 0
    exempt_role_ids: tuple[str, ...] = ()

    @property
    def is_on(self) -> bool:
        """Whether anything is ever taken."""
        return bool(self.after_days and (self.percent or self.amount))

    def concerns(self, last_awarded_at: int, now: int) -> bool:
        """Whether a member's last award (epoch ms, 0 for none) is long enough ago."""
        return is_away(last_awarded_at, now - self.after_days * _DAY_MS)

    def total_after(self, total: int, floor: int) -> int:
        """What is left of a total; ``floor`` is the XP of the level that it does not go below."""
        by_percent = total * self.percent.numerator // (100 * self.percent.denominator)
        return max(total - max(by_percent, self.amount), min(total, floor))
