"""Multipliers: which apply to a member, and their product in permille."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from robo_xp.model import Message
from robo_xp.rules.boost import Boosts

NO_BOOSTS: Final = Boosts()


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


def multiplier_for(multipliers: Multipliers, user_id: str, message: Message) -> int:
    """The multiplier of a message in permille, half rounded up: server times the best role times
    the nearest channel times user times the boosts of its time.

    Only roles that have an entry count, so a member whose one listed role has 0.5 gets 0.5.
    """
    server, role, user = multipliers.server, multipliers.role, multipliers.user
    channel, boosts = multipliers.channel, multipliers.boosts
    if server is None and not role and not channel and not user and not boosts.all:
        return 1000
    numerator = denominator = 1
    for factor in (
        server,
        best_role(role, message.role_ids),
        nearest(channel, message.places),
        user.get(user_id),
        boosts.factor(message.at, message.places, message.role_ids),
    ):
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
