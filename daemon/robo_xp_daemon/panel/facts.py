"""What the panel shows: the settings of a guild as they hold now, read off the event loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from robo_xp import RoboXP, RoleReward
from robo_xp.settings.xp import settings_of

Label = Callable[[str], str]
"""The name of a role or channel by its id, for the options of a select."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How new levels are announced."""

    mode: str
    channel_id: str | None
    template: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The settings that the panel shows; rewards are sorted by level."""

    colour: int
    cooldown_seconds: int
    rate: float
    is_public: bool
    announcements: Wording
    role_ids: tuple[str, ...]
    channel_ids: tuple[str, ...]
    rewards: tuple[RoleReward, ...]
    mode: str
    remove_on_loss: bool


def facts_of(robo: RoboXP, guild_id: str) -> Facts:
    """The settings of the guild as they hold now."""
    holds = robo.config.get(guild_id)
    said = holds["announcements"]
    return Facts(
        colour=settings_of(holds).embed_color,
        cooldown_seconds=holds["cooldownSeconds"],
        rate=holds["xpRate"],
        is_public=holds["leaderboard"]["public"],
        announcements=Wording(said["mode"], said.get("channelId"), said["template"]),
        role_ids=tuple(holds["noXpRoleIds"]),
        channel_ids=tuple(holds["noXpChannelIds"]),
        rewards=tuple(robo.rewards.list(guild_id)),
        mode=holds["rewardsMode"],
        remove_on_loss=holds["removeRewardOnXpLoss"],
    )
