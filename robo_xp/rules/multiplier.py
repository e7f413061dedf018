"""Multipliers: which apply to a member, and their product in permille."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The factors of a guild: for everybody, by role id and by user id. What is absent is 1."""

    server: Fraction | None = None
    role: Mapping[str, Fraction] = field(default_factory=dict)
    user: Mapping[str, Fraction] = field(default_factory=dict)


def multiplier_for(multipliers: Multipliers, user_id: str, role_ids: Sequence[str]) -> int:
    """The member's multiplier in permille: server times the best role times user, half rounded up.

    Only roles that have an entry count, so a member whose one listed role has 0.5 gets 0.5.
    """
    server, role, user = multipliers.server, multipliers.role, multipliers.user
    if server is None and not role and not user:
        return 1000
    numerator = denominator = 1
    for factor in (server, best_role(role, role_ids), user.get(user_id)):
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
