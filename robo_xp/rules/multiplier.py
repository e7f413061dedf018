"""Multipliers: which apply to a member, and their product in permille."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from robo_xp.model import Message
from robo_xp.rules.boost import Boosts

NO_BOOSTS: Final = Boosts()
_MOST_KNOWN: Final = 1000
_Known = tuple[int, int, dict[object, int]]


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The factors of a guild: for everybody, by role, channel and user id, and boosts for a time.
    What is absent is 1.
    """

    server: Fraction | None = None
    role: Mapping[str, Fraction] = field(default_factory=dict)
    channel: Mapping[str, Fraction] = field(default_factory=dict)
    user: Mapping[str, Fraction] = field(default_factory=dict)
    boosts: Boosts = NO_BOOSTS
    # a stretch in which the same boosts run, and what messages in it came to; one value, so that
    # another thread sees no half of it
    _known: list[_Known] = field(
        default_factory=lambda: [(0, 0, {})], init=False, repr=False, compare=False
    )

    def permille(self, user_id: str, message: Message) -> int:
        """Their product for a message, worked out once for all that are alike."""
        at = message.at
        begin, end, known = self._known[0]
        if not begin <= at < end or len(known) > _MOST_KNOWN:
            known = {}
            self._known[0] = (*self.boosts.steady(at), known)
        places, who = message.places, user_id if user_id in self.user else None
        alike = (places, message.role_ids, who)
        found = known.get(alike)
        if found is None:
            factors = (
                self.server,
                best_role(self.role, message.role_ids),
                nearest(self.channel, places),
                self.user.get(user_id),
                self.boosts.factor(at, places, message.role_ids),
            )
            found = known[alike] = _product(factors)
        return found


def multiplier_for(multipliers: Multipliers, user_id: str, message: Message) -> int:
    """The multiplier of a message in permille, half rounded up: server times the best role times
    the nearest channel times user times the boosts of its time.

    Only roles that have an entry count, so a member whose one listed role has 0.5 gets 0.5.
    """
    server, role, user = multipliers.server, multipliers.role, multipliers.user
    channel, boosts = multipliers.channel, multipliers.boosts
    if server is None and not role and not channel and not user and not boosts.all:
        return 1000
    return multipliers.permille(user_id, message)


def _product(factors: Iterable[Fraction | None]) -> int:
    """Their product in permille, half rounded up."""
    numerator = denominator = 1
    for factor in factors:
        if factor is not None:
            numerator *= factor.numerator
            denominator *= factor.denominator
    return (2000 * numerator + denominator) // (2 * denominator)


def best_role(role: Mapping[str, Fraction], role_ids: Sequence[str]) -> Fraction | None:
    """The largest factor among the roles held that have an entry; None if none has one."""
    if not role:
        return None
    factors = [role[role_id] for role_id in role_ids if role_id in role]
    return max(factors) if factors else None


def nearest(channel: Mapping[str, Fraction], places: Sequence[str | None]) -> Fraction | None:
    """The factor of the first of the places that has an entry; None if none has one."""
    if not channel:
        return None
    factors = (channel.get(place) for place in places if place is not None)
    return next((factor for factor in factors if factor is not None), None)
