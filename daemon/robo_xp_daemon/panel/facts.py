"""What the panel shows: the settings of a guild as they hold now, read off the event loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from robo_xp import RoboXP, RoleReward
from robo_xp.settings.xp import XP, announcement_doubts, settings_of

Label = Callable[[str], str]
"""The name of a role or channel by its id, for the options of a select."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The settings that hold, by dotted key, and what is doubtful; rewards are sorted by level."""

    holds: Mapping[str, Any]
    colour: int
    rewards: tuple[RoleReward, ...]
    doubts: tuple[str, ...] = ()

    @property
    def role_ids(self) -> Sequence[str]:
        """The roles whose members earn nothing."""
        return cast("list[str]", self.holds["noXpRoleIds"])

    @property
    def channel_ids(self) -> Sequence[str]:
        """The channels where nothing is earned."""
        return cast("list[str]", self.holds["noXpChannelIds"])

    @property
    def mode(self) -> str:
        """How rewards are given."""
        return cast("str", self.holds["rewardsMode"])

    @property
    def remove_on_loss(self) -> bool:
        """Whether a loss of XP takes roles away."""
        return cast("bool", self.holds["removeRewardOnXpLoss"])


def facts_of(robo: RoboXP, guild_id: str) -> Facts:
    """The settings of the guild as they hold now."""
    holds = robo.config.get(guild_id)
    return Facts(
        holds=XP.leaves_of(holds),
        colour=settings_of(holds).embed_color,
        rewards=tuple(robo.rewards.list(guild_id)),
        doubts=tuple(announcement_doubts(holds)),
    )
