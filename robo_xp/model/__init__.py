"""Plain values that the whole core speaks in: XP, members, results; and their checks."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from robo_xp.errors import InvalidAmount

if TYPE_CHECKING:
    from robo_xp.model.member import (
        Award,
        Awarded,
        BoardEntry,
        BoardPage,
        MemberXP,
        Message,
        Post,
        Progress,
        Rank,
        Recalculated,
        Refusal,
        RewardPlan,
        RoleReward,
        XPChange,
    )

__all__ = [
    "AT_CAP",
    "Award",
    "Awarded",
    "BoardEntry",
    "BoardPage",
    "COOLDOWN",
    "DUPLICATE",
    "MAX_XP",
    "MemberXP",
    "Message",
    "NO_XP_CHANNEL",
    "NO_XP_ROLE",
    "Post",
    "Progress",
    "REFUSAL_RULES",
    "Rank",
    "Recalculated",
    "Refusal",
    "RewardPlan",
    "RoleReward",
    "XPChange",
    "ZERO",
    "check_xp",
    "shown",
]

MAX_XP: Final = 2**53 - 1
"""The most XP a member can have: every JSON reader holds whole numbers exactly up to here."""


def check_xp(value: int, what: str = "amount", *, low: int = 0) -> int:
    """The XP unchanged; InvalidAmount unless it is a whole number from ``low`` to MAX_XP."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= MAX_XP:
        return value
    raise InvalidAmount(
        f"{what} must be a whole number from {low} to {MAX_XP}, not {short_text(value)}"
    )


def short_text(value: object) -> str:
    """The value as short text for a message, safe to print on a terminal."""
    if isinstance(value, str):
        return ascii(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple | set | frozenset):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > 128:
        # Python refuses to write out integers of thousands of digits
        return "a far larger number" if value > 0 else "a far smaller number"
    return ascii(value)[:60]


NO_XP_CHANNEL: Final = "no_xp_channel"
NO_XP_ROLE: Final = "no_xp_role"
COOLDOWN: Final = "cooldown"
ZERO: Final = "zero"
AT_CAP: Final = "at_cap"
DUPLICATE: Final = "duplicate"
REFUSAL_RULES: Final = frozenset({NO_XP_CHANNEL, NO_XP_ROLE, COOLDOWN, ZERO, AT_CAP, DUPLICATE})
"""Every name that ``Refusal.rule`` can have."""


def __getattr__(name: str) -> Any:
    """Load the values of members when one is first used: whoever wants an id needs none of them."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module("robo_xp.model.member"), name)
    return found
