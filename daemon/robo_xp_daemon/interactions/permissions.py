"""Who may administer: members with one permission of the whole guild, Manage Server by default.

One rule for commands, buttons and modals: the permission that ``[daemon] admin_permission`` names
takes the place of Manage Server, and is looked up among the member's roles each time. What a
channel's own permissions add does not count, since settings hold for the whole guild.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp_daemon.context import context_of


def title_of(permission: str) -> str:
    """The permission as Discord's own settings write it."""
    return permission.replace("_", " ").title().replace("Guild", "Server")


def is_admin(interaction: discord.Interaction[Any]) -> bool:
    """Whether the member of this interaction may administer the guild now."""
    member, guild = interaction.user, interaction.guild
    if not isinstance(member, discord.Member) or guild is None or guild.default_role is None:
        # a guild that Discord has not described yet: nobody's roles are known
        return False
    return bool(getattr(member.guild_permissions, context_of(interaction).admin_permission))


def require_admin(interaction: discord.Interaction[Any]) -> bool:
    """True for an administrator, as a check of commands; else raises MissingPermissions."""
    guild_id_of(interaction)
    if is_admin(interaction):
        return True
    raise app_commands.MissingPermissions([context_of(interaction).admin_permission])


def guild_id_of(interaction: discord.Interaction[Any]) -> str:
    """The guild that the member is in; NoPrivateMessage where there is none."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return str(interaction.guild_id)
