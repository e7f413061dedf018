"""Who may administer: members with one permission of the whole guild, Manage Server by default.

One rule for commands, buttons and modals: the permission that ``[daemon] admin_permission`` names
takes the place of Manage Server, and is looked up among the member's roles each time. What a
channel's own permissions add does not count, since settings hold for the whole guild.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp.errors import Refused
from robo_xp_daemon.client.convert import dangerous_in
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words

_THREADS = (
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
)


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


def speaking(kind: discord.ChannelType) -> str:
    """The permission to write in a channel or thread of this kind."""
    return "send_messages_in_threads" if kind in _THREADS else "send_messages"


def require_may_speak(member: discord.Member, channel_id: str) -> None:
    """Refused unless the member may write in the channel: the bot speaks for nobody who may not."""
    channel = member.guild.get_channel_or_thread(int(channel_id))
    if channel is None:
        raise Refused("the bot does not see that channel")
    may = channel.permissions_for(member)
    if not (may.view_channel and getattr(may, speaking(channel.type))):
        raise Refused(f"you cannot write in {words.channel(channel_id)} yourself")


def require_may_reward(member: discord.Member, role: discord.Role) -> None:
    """Refused unless the member could give the role by hand, and it lets nobody manage the guild.

    What a level gives must not be more than who sets it may give: Discord asks for Manage Roles
    and a role above. Its owner may give all.
    """
    dangerous = dangerous_in(role.permissions)
    if dangerous:
        titles = ", ".join(map(title_of, dangerous))
        raise Refused(
            f"that role has dangerous permissions ({titles}); only the operator of this bot can"
            " let a level give it, in a terminal"
        )
    if member.guild.owner_id == member.id:
        return
    if not member.guild_permissions.manage_roles:
        raise app_commands.MissingPermissions(["manage_roles"])
    if role >= member.top_role:
        raise Refused("that role is not below your highest one, so you cannot let a level give it")


def guild_id_of(interaction: discord.Interaction[Any]) -> str:
    """The guild that the member is in; NoPrivateMessage where there is none."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return str(interaction.guild_id)
