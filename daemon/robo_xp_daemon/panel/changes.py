"""What the panel changes in the vault, each a function that runs off the event loop.

Each returns a remark for the member, empty where the panel itself says enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord

from robo_xp import RoboXP
from robo_xp.errors import DuplicateReward
from robo_xp.model.ids import is_snowflake
from robo_xp.settings import kinds
from robo_xp.settings.table import Field
from robo_xp.usecases.settings.zones import CHANNELS, ROLES
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.permissions import require_may_speak
from robo_xp_daemon.panel import fields, forms, picks, rewards
from robo_xp_daemon.panel.ids import expired_panel


@dataclass(frozen=True, slots=True)
class Press:
    """What a member did on the panel: the payload of the id, values chosen, fields typed."""

    guild: discord.Guild
    member: discord.Member
    payload: str
    values: tuple[str, ...]
    fields: Mapping[str, str]

    @property
    def user_id(self) -> str:
        """The member as the vault knows it."""
        return str(self.member.id)

    @property
    def guild_id(self) -> str:
        """The guild as the vault knows it."""
        return str(self.guild.id)

    def one(self, *allowed: str) -> str:
        """The single value chosen, or the payload; Refused unless it is one of these."""
        found = self.values[0] if self.values else self.payload
        if found not in allowed:
            raise expired_panel()
        return found


def set_value(field: Field, robo: RoboXP, press: Press) -> str:
    """Set one of the general settings to what was typed, pressed or chosen."""
    value = _value(field, press)
    if isinstance(field.kind, kinds.IdOf) and field.kind.what == "channel":
        require_may_speak(press.member, value)
    robo.config.change_key(press.guild_id, field.key, value)
    return ""


def add_roles(robo: RoboXP, press: Press) -> str:
    """Add roles to the zones; those that are listed stay."""
    ids = [picks.role_for_zone(press.guild, id_) for id_ in _ids(press)]
    return _extend(robo, press, ROLES, ids)


def add_channels(robo: RoboXP, press: Press) -> str:
    """Add channels to the zones; those that are listed stay."""
    return _extend(robo, press, CHANNELS, _ids(press))


def remove_roles(robo: RoboXP, press: Press) -> str:
    """Take the chosen roles off the list, as far as they are on it still."""
    return _reduce(robo, press, ROLES)


def remove_channels(robo: RoboXP, press: Press) -> str:
    """Take the chosen channels off the list, as far as they are on it still."""
    return _reduce(robo, press, CHANNELS)


def add_reward(robo: RoboXP, press: Press) -> str:
    """Let a level earn the role that the form was opened for."""
    level = forms.level_in(press.fields)
    role = picks.role_for_reward(press.member, press.payload)
    try:
        robo.rewards.add(press.guild_id, level, str(role.id))
    except DuplicateReward as error:
        raise DuplicateReward(
            f"level {level:,} earns another role already; remove that first"
        ) from error
    listed = robo.rewards.list(press.guild_id)
    levels = [one.level for one in listed if one.role_id == str(role.id)]
    doubts = [picks.doubt_about(role)]
    if len(levels) > 1:
        doubts.append(
            f"{words.role(role.id)} is the reward of several levels: only level {max(levels):,}"
            " counts."
        )
    return "\n".join(doubt for doubt in doubts if doubt)


def remove_rewards(robo: RoboXP, press: Press) -> str:
    """Let the chosen levels earn nothing, as far as they still earn something."""

    def edit(listed: list[Any]) -> list[Any]:
        return [one for one in listed if str(one["level"]) not in press.values]

    robo.config.change_list(press.guild_id, "roleRewards", edit)
    return ""


def stack(robo: RoboXP, press: Press) -> str:
    """Let members keep all roles."""
    robo.rewards.set_mode(press.guild_id, "stack")
    return ""


def replace(robo: RoboXP, press: Press) -> str:
    """Let members have their highest role only."""
    robo.rewards.set_mode(press.guild_id, "replace")
    return ""


def set_loss(robo: RoboXP, press: Press) -> str:
    """Take roles away on a loss of XP, or not."""
    robo.rewards.set_on_loss(press.guild_id, press.one(rewards.ON, rewards.OFF) == rewards.ON)
    return ""


def _value(field: Field, press: Press) -> Any:
    """The value that the press gives the setting."""
    if isinstance(field.kind, fields.TYPED):
        return fields.value_of(field, forms.text_in(press.fields, fields.field_id(field)))
    if isinstance(field.kind, kinds.Flag):
        return press.one(fields.ON, fields.OFF) == fields.ON
    return press.one(*field.kind.choices) if field.kind.choices else _ids(press)[0]


def _ids(press: Press) -> list[str]:
    """The ids chosen; the panel has nothing that chooses none."""
    if not press.values or not all(is_snowflake(value) for value in press.values):
        raise expired_panel()
    return list(press.values)


def _extend(robo: RoboXP, press: Press, key: str, ids: list[str]) -> str:
    def edit(listed: list[Any]) -> list[Any]:
        return [*listed, *(id_ for id_ in ids if id_ not in listed)]

    robo.config.change_list(press.guild_id, key, edit)
    return ""


def _reduce(robo: RoboXP, press: Press, key: str) -> str:
    def edit(listed: list[Any]) -> list[Any]:
        return [id_ for id_ in listed if id_ not in press.values]

    robo.config.change_list(press.guild_id, key, edit)
    return ""
