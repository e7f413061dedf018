"""Roles and channels chosen on the panel: whether they may be, and how they are called."""

from __future__ import annotations

import discord

from robo_xp.errors import Refused
from robo_xp_daemon.interactions.permissions import require_may_reward

EVERYONE = "@everyone is every member, so it cannot be chosen"
GONE = "that role does not exist any more"


def role_for_zone(guild: discord.Guild, role_id: str) -> str:
    """The role's id; Refused for @everyone and for one that is gone."""
    _existing(guild, role_id)
    return role_id


def role_for_reward(member: discord.Member, role_id: str) -> discord.Role:
    """The role; Refused for what the member may not let a level give, or what no bot can give:
    @everyone, managed roles, those that are gone.
    """
    role = _existing(member.guild, role_id)
    if role.managed:
        raise Refused("that role belongs to an integration, so it cannot be given")
    require_may_reward(member, role)
    return role


def doubt_about(role: discord.Role) -> str:
    """What keeps the bot from giving the role now; empty if nothing does."""
    me = role.guild.me
    if me is None:
        return ""
    if not me.guild_permissions.manage_roles:
        return "The bot cannot give it yet: its role needs the permission Manage Roles."
    if role >= me.top_role:
        return "The bot cannot give it yet: drag the bot's role above it in the server's settings."
    return ""


def label_in(guild: discord.Guild, id_: str) -> str:
    """The name of the role or channel; what is gone says so."""
    role = guild.get_role(int(id_))
    if role is not None:
        return f"@{role.name}"
    channel = guild.get_channel_or_thread(int(id_))
    return "unknown (deleted or hidden)" if channel is None else f"#{channel.name}"


def _existing(guild: discord.Guild, role_id: str) -> discord.Role:
    role = guild.get_role(int(role_id)) if role_id.isdecimal() else None
    if role is None:
        raise Refused(GONE)
    if role.is_default():
        raise Refused(EVERYONE)
    return role
