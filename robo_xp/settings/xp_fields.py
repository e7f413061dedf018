"""The fields of the settings: their dotted keys, and a check of each that reports every fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from robo_xp.errors import Fault
from robo_xp.rules import checks as check
from robo_xp.rules.checks import joined
from robo_xp.rules.levels.curve import curve_faults
from robo_xp.rules.reward import REWARD_MODES
from robo_xp.settings.schema import Fields, Tree, map_faults
from robo_xp.settings.template import template_faults

KNOWN_KEYS: Final = (
    "cooldownSeconds",
    "xpRate",
    "noXpRoleIds",
    "noXpChannelIds",
    "roleRewards",
    "rewardsMode",
    "removeRewardOnXpLoss",
    "leaderboard.public",
    "announcements.mode",
    "announcements.channelId",
    "announcements.template",
    "multipliers.server",
    "multipliers.role.<id>",
    "multipliers.user.<id>",
    "theme.embedColor",
    "theme.backgroundUrl",
    "labels.xpDisplayName",
    "levels",
)
"""The dotted keys that hold a value; ``<id>`` stands for a role's or member's id."""

GROUP_KEYS: Final = (
    "leaderboard",
    "announcements",
    "multipliers",
    "multipliers.role",
    "multipliers.user",
    "theme",
    "labels",
)
"""The dotted keys that hold other keys."""

ANNOUNCEMENT_MODES: Final = ("off", "same", "channel", "dm")
"""Where a new level is announced: nowhere, where the member wrote, in one channel, privately."""

ID_PART: Final = "<id>"
"""What stands for an id in a known key."""


def faults_of(own: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with a sparse or complete document; empty if nothing is."""
    return _TREE.faults("", own, _FIELDS)


def warnings_of(own: Mapping[str, Any]) -> list[str]:
    """What is allowed in a valid document but seldom meant: a role that two rewards name."""
    levels: dict[str, list[int]] = {}
    for reward in own.get("roleRewards", ()):
        levels.setdefault(reward["roleId"], []).append(reward["level"])
    return [
        f"role {role_id} is the reward of levels {', '.join(map(str, sorted(at)))}: "
        f"only level {max(at)} counts"
        for role_id, at in levels.items()
        if len(at) > 1
    ]


def _meant(where: str, key: object, fields: Fields) -> str:
    """The known key that an unknown one is nearest to, wherever it belongs."""
    if not isinstance(key, str):
        return ""
    # a key at the wrong depth, such as "public", is meant where it belongs
    places = {known.rpartition(".")[2]: known for known in KNOWN_KEYS if ID_PART not in known}
    places |= {name: joined(where, name) for name in fields}
    near = check.nearest(key, places)
    return f"; did you mean {places[near]!r}?" if near else ""


_TREE: Final = Tree("unset", _meant)


def _factor(where: str, value: object) -> list[Fault]:
    return check.decimal_faults(where, value, "0", "10")


def _factors(where: str, value: object) -> list[Fault]:
    return map_faults(where, value, _factor)


def _reward_list(where: str, value: object) -> list[Fault]:
    if faults := check.list_faults(where, value):
        return faults
    assert isinstance(value, list | tuple)
    seen: dict[int, int] = {}
    for index, reward in enumerate(value):
        path = f"{where}[{index}]"
        if wrong := _reward(path, reward):
            faults += wrong
        elif (first := seen.setdefault(reward["level"], index)) != index:
            message = f"level {reward['level']} has a reward already, in {where}[{first}]"
            faults.append(Fault(f"{path}.level", message))
    return faults


def _reward(where: str, reward: object) -> list[Fault]:
    faults = _TREE.faults(where, reward, _REWARD)
    if isinstance(reward, Mapping):
        faults += [Fault(f"{where}.{k}", "is missing") for k in _REWARD if k not in reward]
    return faults


def _levels(where: str, value: object) -> list[Fault]:
    faults = curve_faults(value)  # type: ignore[arg-type]  # it says so itself if this is no object
    return [
        Fault(f"{where}.{fault.where}" if fault.where else where, fault.message) for fault in faults
    ]


_REWARD: Final[Fields] = {
    "level": lambda where, value: check.whole_faults(where, value, 1, 1000),
    "roleId": check.snowflake_faults,
}

_FIELDS: Final[Fields] = {
    "cooldownSeconds": lambda where, value: check.whole_faults(where, value, 0, 3600),
    "xpRate": lambda where, value: check.decimal_faults(where, value, "0", "10", above=True),
    "noXpRoleIds": check.ids_faults,
    "noXpChannelIds": check.ids_faults,
    "roleRewards": _reward_list,
    "rewardsMode": lambda where, value: check.choice_faults(where, value, REWARD_MODES),
    "removeRewardOnXpLoss": check.bool_faults,
    "leaderboard": _TREE.group({"public": check.bool_faults}),
    "announcements": _TREE.group(
        {
            "mode": lambda where, value: check.choice_faults(where, value, ANNOUNCEMENT_MODES),
            "channelId": check.snowflake_faults,
            "template": template_faults,
        }
    ),
    "multipliers": _TREE.group({"server": _factor, "role": _factors, "user": _factors}),
    "theme": _TREE.group(
        {
            "embedColor": lambda where, value: check.whole_faults(where, value, 0, 0xFFFFFF),
            "backgroundUrl": check.url_faults,
        }
    ),
    "labels": _TREE.group({"xpDisplayName": check.label_faults}),
    "levels": _levels,
}
