"""Robo XP: XP levels and giveaways for Discord guilds, on files that two programs share.

``RoboXP.open(path)`` is the way in. Importing this package costs nothing; each name is loaded
when it is first used.
"""

from __future__ import annotations

__version__ = "0.1.0"
__released__ = "2026-11-21"

TYPE_CHECKING = False  # typing takes longer to load than this whole package
if TYPE_CHECKING:
    from typing import Any

    from robo_xp.errors import RoboXPError
    from robo_xp.model import (
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
    from robo_xp.model.giveaway import Giveaway
    from robo_xp.model.giveaway_results import Entered, GiveawayChange, Verified
    from robo_xp.robo import RoboXP
    from robo_xp.rules.levels.curve import build_curve
    from robo_xp.rules.levels.shape import Curve
    from robo_xp.usecases.members.board import Standing
    from robo_xp.usecases.selection import Selected, Selection

_HOMES = {
    "Awarded": "robo_xp.model",
    "BoardEntry": "robo_xp.model",
    "BoardPage": "robo_xp.model",
    "Curve": "robo_xp.rules.levels.shape",
    "Entered": "robo_xp.model.giveaway_results",
    "Giveaway": "robo_xp.model.giveaway",
    "GiveawayChange": "robo_xp.model.giveaway_results",
    "MemberXP": "robo_xp.model",
    "Message": "robo_xp.model",
    "Post": "robo_xp.model",
    "Progress": "robo_xp.model",
    "Rank": "robo_xp.model",
    "Recalculated": "robo_xp.model",
    "Refusal": "robo_xp.model",
    "RewardPlan": "robo_xp.model",
    "RoboXP": "robo_xp.robo",
    "RoboXPError": "robo_xp.errors",
    "RoleReward": "robo_xp.model",
    "Selected": "robo_xp.usecases.selection",
    "Selection": "robo_xp.usecases.selection",
    "Standing": "robo_xp.usecases.members.board",
    "Verified": "robo_xp.model.giveaway_results",
    "XPChange": "robo_xp.model",
    "build_curve": "robo_xp.rules.levels.curve",
}

__all__ = [
    "Awarded",
    "BoardEntry",
    "BoardPage",
    "Curve",
    "Entered",
    "Giveaway",
    "GiveawayChange",
    "MemberXP",
    "Message",
    "Post",
    "Progress",
    "Rank",
    "Recalculated",
    "Refusal",
    "RewardPlan",
    "RoboXP",
    "RoboXPError",
    "RoleReward",
    "Selected",
    "Selection",
    "Standing",
    "Verified",
    "XPChange",
    "__version__",
    "build_curve",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'robo_xp' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
