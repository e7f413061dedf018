"""Routes about what Discord would allow now, for a command line that asks before it says done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Literal, TypeVar

import discord

from robo_xp import RoboXP
from robo_xp.errors import Refused, Unhealthy
from robo_xp.views.daemon import ChannelOutlook, Obstacle, RoleMembers, RoleOutlook
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.client.refusals import NETWORK
from robo_xp_daemon.http.route import VAULT_ERRORS, Ask, Route
from robo_xp_daemon.http.routes.shapes import InStore, Query
from robo_xp_daemon.interactions.permissions import title_of
from robo_xp_daemon.levels.role_plan import levels_of, obstacle

R = TypeVar("R")

_PATIENCE_SECONDS = 5.0
_NO_CHANNEL = Obstacle(
    "channel", "that is no channel of this guild for messages", "choose another channel"
)
_NO_GUILD = Obstacle("guild", "the bot is not in the guild", "invite it: robo-xp daemon invite")


class Purpose(Query, frozen=True):
    """What is to be posted in a channel."""

    purpose: Literal["giveaway", "announcement"] = "giveaway"


async def role_outlook(ask: Ask) -> RoleOutlook:
    """What a role lets its members do, and why the bot could not give it."""
    role_id = ask.ids["role"]
    guild = await _in_time(_discord(ask).guild(ask.guild_id))
    if guild is None:
        return RoleOutlook(role_id, [], _NO_GUILD)
    levels = levels_of(await ask.work(ask.robo.rewards.list, ask.guild_id))
    role, why = guild.roles.get(role_id), obstacle(guild, role_id, levels.get(role_id, ()))
    dangerous = [] if role is None else list(role.dangerous)
    return RoleOutlook(role_id, dangerous, None if why is None else Obstacle(*why))


async def channel_outlook(ask: Ask) -> ChannelOutlook:
    """Why the bot could not post in a channel."""
    return ChannelOutlook(ask.ids["channel"], await _in_time(_channel_obstacle(ask)))


async def _channel_obstacle(ask: Ask) -> Obstacle | None:
    port, channel_id = _discord(ask), ask.ids["channel"]
    if await port.guild(ask.guild_id) is None:
        return _NO_GUILD
    try:
        found = await port.channel(ask.guild_id, channel_id)
    except NETWORK:
        return None
    except discord.HTTPException:  # unknown, or not for the bot to see
        found = None
    if found is None:
        return _NO_CHANNEL
    missing = await port.missing_permissions(ask.guild_id, channel_id)
    if ask.query.purpose == "announcement":
        missing = tuple(name for name in missing if name != "embed_links")
    if not missing:
        return None
    titles = ", ".join(map(title_of, missing))
    return Obstacle(
        "permission",
        f"the bot cannot post in that channel: it lacks {titles}",
        f"give the bot's role {titles} there",
    )


async def role_members(ask: Ask) -> RoleMembers:
    """Who has the role now; bots are left out."""
    role_id = ask.ids["role"]
    known = await ask.work(_known_ids, ask.robo, ask.guild_id, ask.query.store)
    try:
        found = await _discord(ask).holders(ask.guild_id, role_id, known)
    except (discord.DiscordException, *NETWORK) as error:
        raise Refused(
            f"Discord does not say who has the role: {error}", advice="try again in a minute"
        ) from None
    return RoleMembers(role_id, list(found.user_ids), found.is_complete)


async def _in_time(answer: Awaitable[R]) -> R:
    """What Discord answers; raises Unhealthy where it takes too long."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await answer
    except TimeoutError:
        raise Unhealthy("Discord does not answer in time") from None


def _known_ids(robo: RoboXP, guild_id: str, store: str) -> list[str]:
    """The members that the vault knows: of the store, and those who have a name."""
    records = (member.user_id for member in robo.xp.records(guild_id, store=store))
    return list(dict.fromkeys([*records, *robo.names.of(guild_id)]))


def _discord(ask: Ask) -> Discord:
    """Discord, which may have yet to tell of its guilds; raises Unhealthy between two clients."""
    found = ask.daemon.discord
    if found is None:
        raise Unhealthy("the daemon is not connected to Discord")
    return found


ROUTES = (
    Route(
        name="getRole",
        method="GET",
        path="/api/daemon/roles/{guild}/{role}",
        summary="What a role lets its members do, and why the bot could not give it",
        call=role_outlook,
        data=RoleOutlook,
        is_local=True,
    ),
    Route(
        name="listRoleMembers",
        method="GET",
        path="/api/daemon/roles/{guild}/{role}/members",
        summary="Who has a role now",
        call=role_members,
        data=RoleMembers,
        query=InStore,
        is_local=True,
        errors=(Refused, *VAULT_ERRORS),
    ),
    Route(
        name="getChannel",
        method="GET",
        path="/api/daemon/channels/{guild}/{channel}",
        summary="Why the bot could not post in a channel",
        call=channel_outlook,
        data=ChannelOutlook,
        query=Purpose,
        is_local=True,
        errors=(),
    ),
)
