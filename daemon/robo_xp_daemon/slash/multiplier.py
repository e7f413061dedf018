"""``/xp multiplier``: what multiplies the XP of messages, for all, by role, channel and member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.errors import InvalidValue, NotFound, Refused
from robo_xp.settings.xp import settings_of
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.paged_list import Leaf, Listing, PageRequest
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.interactions.targets import Target, refuse_bot

LOWEST, HIGHEST = 0.1, 10.0
PER_PAGE = 25
Value = app_commands.Range[float, 0.0, HIGHEST]
_VALUE = "0.1 to 10; 1 changes nothing, 0 stops XP from messages"
Edit = Callable[[RoboXP, str], object]

multiplier = app_commands.Group(
    name="multiplier", description="What multiplies the XP that messages earn"
)


@multiplier.command(name="server", description="Multiply the XP of everybody")
@app_commands.describe(value=_VALUE)
@app_commands.check(require_admin)
async def server(interaction: discord.Interaction[Any], value: Value) -> None:
    """Set the multiplier of the whole guild."""
    _check(value)
    said = f"Everybody earns {words.factor(value)}."
    await _edit(
        interaction, "server", lambda r, g: r.multipliers.set_server(g, words.typed(value)), said
    )


@multiplier.command(name="role", description="Multiply the XP of members with a role")
@app_commands.describe(role="The role; of several the highest multiplier counts", value=_VALUE)
@app_commands.check(require_admin)
async def role_(interaction: discord.Interaction[Any], role: discord.Role, value: Value) -> None:
    """Set the multiplier of a role."""
    _check(value)
    if role.is_default():
        raise Refused("everybody has this role; use `/xp multiplier server` instead")
    role_id = str(role.id)
    said = f"Members with {words.role(role_id)} earn {words.factor(value)}."
    await _edit(
        interaction,
        "role",
        lambda r, g: r.multipliers.set_role(g, role_id, words.typed(value)),
        said,
    )


@multiplier.command(name="channel", description="Multiply the XP of messages in a channel")
@app_commands.describe(channel="A channel with its threads, or a category", value=_VALUE)
@app_commands.check(require_admin)
async def channel_(
    interaction: discord.Interaction[Any], channel: discord.abc.GuildChannel, value: Value
) -> None:
    """Set the multiplier of a channel or category."""
    _check(value)
    channel_id = str(channel.id)
    said = f"Messages in {words.channel(channel_id)} earn {words.factor(value)}."
    await _edit(
        interaction,
        "channel",
        lambda r, g: r.multipliers.set_channel(g, channel_id, words.typed(value)),
        said,
    )


@multiplier.command(name="user", description="Multiply the XP of one member")
@app_commands.describe(user="The member", value=_VALUE)
@app_commands.check(require_admin)
async def user_(interaction: discord.Interaction[Any], user: Target, value: Value) -> None:
    """Set the multiplier of a member."""
    _check(value)
    refuse_bot(user)
    user_id = str(user.id)
    said = f"{words.member(user_id)} earns {words.factor(value)}."
    await _edit(
        interaction,
        "user",
        lambda r, g: r.multipliers.set_user(g, user_id, words.typed(value)),
        said,
    )


@multiplier.command(name="remove-role", description="Forget the multiplier of a role")
@app_commands.describe(role="The role")
@app_commands.check(require_admin)
async def remove_role(interaction: discord.Interaction[Any], role: discord.Role) -> None:
    """Take the multiplier of a role away."""
    role_id = str(role.id)

    def edit(robo: RoboXP, guild_id: str) -> None:
        try:
            robo.multipliers.remove_role(guild_id, role_id)
        except NotFound as error:
            raise NotFound(f"{words.role(role_id)} has no multiplier") from error

    said = f"{words.role(role_id)} multiplies nothing any more."
    await _edit(interaction, "remove-role", edit, said)


@multiplier.command(name="remove-channel", description="Forget the multiplier of a channel")
@app_commands.describe(channel="The channel or category")
@app_commands.check(require_admin)
async def remove_channel(
    interaction: discord.Interaction[Any], channel: discord.abc.GuildChannel
) -> None:
    """Take the multiplier of a channel away."""
    channel_id = str(channel.id)

    def edit(robo: RoboXP, guild_id: str) -> None:
        try:
            robo.multipliers.remove_channel(guild_id, channel_id)
        except NotFound as error:
            raise NotFound(f"{words.channel(channel_id)} has no multiplier") from error

    said = f"{words.channel(channel_id)} multiplies nothing any more."
    await _edit(interaction, "remove-channel", edit, said)


@multiplier.command(name="remove-user", description="Forget the multiplier of a member")
@app_commands.describe(user="The member")
@app_commands.check(require_admin)
async def remove_user(interaction: discord.Interaction[Any], user: Target) -> None:
    """Take the multiplier of a member away."""
    user_id = str(user.id)

    def edit(robo: RoboXP, guild_id: str) -> None:
        try:
            robo.multipliers.remove_user(guild_id, user_id)
        except NotFound as error:
            raise NotFound(f"{words.member(user_id)} has no multiplier") from error

    said = f"{words.member(user_id)} has no multiplier of their own any more."
    await _edit(interaction, "remove-user", edit, said)


@multiplier.command(name="list", description="The multipliers that are set")
@app_commands.check(require_admin)
async def list_(interaction: discord.Interaction[Any]) -> None:
    """Show the first page, privately."""
    await MULTIPLIERS.open(interaction, 1)


def read(robo: RoboXP, asked: PageRequest) -> Leaf:
    """A page of the multipliers as they stand now."""
    parts = robo.multipliers.get(asked.guild_id)
    lines = []
    if parts["server"] is not None:
        lines.append(f"Everybody: **{words.factor(parts['server'])}**")
    lines += [f"{words.role(id_)}: **{words.factor(v)}**" for id_, v in parts["role"].items()]
    lines += [f"{words.channel(id_)}: **{words.factor(v)}**" for id_, v in parts["channel"].items()]
    lines += [f"{words.member(id_)}: **{words.factor(v)}**" for id_, v in parts["user"].items()]
    page = Page.of(asked.page, len(lines), PER_PAGE)
    start = (page.number - 1) * PER_PAGE
    colour = settings_of(robo.config.get(asked.guild_id)).embed_color
    embed = discord.Embed(title="Multipliers", colour=colour)
    embed.description = "\n".join(lines[start : start + PER_PAGE]) or "None is set."
    product = "server, the best role, channel and member multiply each other"
    embed.set_footer(text=f"{page.text} · {product}")
    return Leaf(embed, page, public=False)


async def _edit(interaction: discord.Interaction[Any], verb: str, edit: Edit, said: str) -> None:
    """Carry out a change, and say so privately."""
    await think(interaction, private=True)
    robo = acting(interaction, f"xp multiplier {verb}")
    await context_of(interaction).work(edit, robo, guild_id_of(interaction))
    await show(interaction, Reply(discord.Embed(description=said)), private=True)


def _check(value: float) -> None:
    """Raise InvalidValue for what lies between nothing and the lowest multiplier."""
    if 0 < value < LOWEST:
        raise InvalidValue(f"a multiplier is 0, or from {LOWEST:g} to {HIGHEST:g}")


MULTIPLIERS = Listing("multipliers", read)
