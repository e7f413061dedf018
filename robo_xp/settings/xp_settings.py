"""A guild's settings made ready for the rules: exact numbers, sets instead of lists."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from robo_xp.errors import InvalidConfig
from robo_xp.model import RoleReward
from robo_xp.rules.checks import exact
from robo_xp.rules.multiplier import Multipliers
from robo_xp.rules.reward import distinct_rewards
from robo_xp.rules.terms import Announcements, Settings
from robo_xp.settings.xp_fields import faults_of

DEFAULT_XP_NAME: Final = "XP"
DEFAULT_COLOR: Final = 0x5865F2


def settings_of(effective: Mapping[str, Any]) -> Settings:
    """The settings of a complete document, ready for the rules.

    Raises InvalidConfig with every fault, so that a file edited by hand fails by name.
    """
    if faults := faults_of(effective):
        raise InvalidConfig(faults)
    rate = exact(effective["xpRate"])
    theme, labels = effective.get("theme", {}), effective.get("labels", {})
    announced = effective["announcements"]
    return Settings(
        cooldown_ms=effective["cooldownSeconds"] * 1000,
        rate=rate,
        rate_num=rate.numerator,
        rate_den=rate.denominator,
        no_xp_role_ids=frozenset(effective["noXpRoleIds"]),
        no_xp_channel_ids=frozenset(effective["noXpChannelIds"]),
        rewards=distinct_rewards(
            RoleReward(reward["level"], reward["roleId"]) for reward in effective["roleRewards"]
        ),
        rewards_mode=effective["rewardsMode"],
        remove_on_loss=effective["removeRewardOnXpLoss"],
        leaderboard_public=effective["leaderboard"]["public"],
        multipliers=_multipliers(effective.get("multipliers", {})),
        levels=effective.get("levels"),
        xp_display_name=labels.get("xpDisplayName", DEFAULT_XP_NAME),
        embed_color=theme.get("embedColor", DEFAULT_COLOR),
        announcements=Announcements(
            announced["mode"], announced.get("channelId"), announced["template"]
        ),
    )


def _multipliers(given: Mapping[str, Any]) -> Multipliers:
    server = given.get("server")
    return Multipliers(
        None if server is None else exact(server),
        _exact_map(given.get("role", {})),
        _exact_map(given.get("user", {})),
    )


def _exact_map(given: Mapping[str, Any]) -> Mapping[str, Fraction]:
    return MappingProxyType({key: exact(value) for key, value in given.items()})
