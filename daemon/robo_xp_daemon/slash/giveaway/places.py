"""Where a giveaway can be posted: whether bot and member may speak there, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import app_commands

from robo_xp.errors import Refused
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.permissions import speaking, title_of
from robo_xp_daemon.slash.giveaway.options import ROOMS

Named = app_commands.AppCommandChannel | app_commands.AppCommandThread
_PRIVATE: Final = discord.ChannelType.private_thread


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or thread, and what the bot and the member may do in it; ``is_joined`` is said of
    threads.
    """

    channel_id: int
    kind: discord.ChannelType
    allowed: discord.Permissions
    own: discord.Permissions
    is_locked: bool = False
    is_joined: bool = True


def place_of(interaction: discord.Interaction[Any], named: Named | None) -> Place:
    """The channel that was named, else the one in which the command was given."""
    if named is None or named.id == interaction.channel_id:
        return _here(interaction)
    if not named.permissions.view_channel:
        raise Refused(f"you cannot see {words.channel(named.id)} yourself")
    guild = interaction.guild
    if guild is None or not isinstance(named, app_commands.AppCommandThread):
        return Place(named.id, named.type, _permissions_in(guild, named.id), named.permissions)
    return Place(
        named.id,
        named.type,
        _permissions_in(guild, named.parent_id),
        named.permissions,
        is_locked=named.locked,
        is_joined=guild.get_thread(named.id) is not None,
    )


def check_place(place: Place) -> None:
    """Raise Refused where the bot could not post a giveaway, with what it needs there, or where
    the member could not write: nobody speaks through the bot where they may not themselves.
    """
    where = words.channel(place.channel_id)
    if place.kind not in ROOMS:
        raise Refused(
            "giveaways are posted in text and announcement channels and in threads;"
            " choose one with the option `channel`"
        )
    if not getattr(place.own, speaking(place.kind)):
        raise Refused(f"you cannot write in {where} yourself; choose another channel")
    missing = [name for name in _needed_permissions(place.kind) if not getattr(place.allowed, name)]
    if missing:
        titles = ", ".join(map(title_of, missing))
        raise Refused(f"the bot cannot post in {where}: give its role {titles} there")
    if place.allowed.manage_threads:
        return
    if place.is_locked:
        raise Refused(f"{where} is locked; unlock the thread, or choose another channel")
    if place.kind == _PRIVATE and not place.is_joined:
        raise Refused(f"the bot is not in {where}; mention it there, so that it joins")


def _here(interaction: discord.Interaction[Any]) -> Place:
    channel = interaction.channel
    if channel is None:
        raise Refused("this channel is not known here; choose one with the option `channel`")
    allowed, guild = interaction.app_permissions, interaction.guild
    if guild is None or not isinstance(channel, discord.Thread):
        return Place(channel.id, channel.type, allowed, interaction.permissions)
    is_joined = guild.get_thread(channel.id) is not None
    return Place(
        channel.id, channel.type, allowed, interaction.permissions, channel.locked, is_joined
    )


def _permissions_in(guild: discord.Guild | None, channel_id: int) -> discord.Permissions:
    """What the bot may do in a channel; nothing where it does not know the channel."""
    channel = None if guild is None else guild.get_channel(channel_id)
    if channel is None or channel.guild.me is None:
        return discord.Permissions.none()
    return channel.permissions_for(channel.guild.me)


def _needed_permissions(kind: discord.ChannelType) -> tuple[str, ...]:
    return ("view_channel", speaking(kind), "embed_links")
