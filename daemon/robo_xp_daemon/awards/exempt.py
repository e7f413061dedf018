"""Who is spared by decay: members with an exempt role, as Discord knows them now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord

from robo_xp import RoboXP
from robo_xp.errors import Refused, Unhealthy
from robo_xp.usecases.core import DEFAULT_STORE
from robo_xp.usecases.periods.decay import Decayed
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.client.refusals import NETWORK

_AT_ONCE = 100


async def exempt_members(
    robo: RoboXP,
    work: Callable[..., Awaitable[Any]],
    port: Discord | None,
    guild_id: str,
    store_id: str,
) -> list[str] | None:
    """Who of those about to lose XP has an exempt role now; None where nobody has to be asked.

    Raises Unhealthy without Discord, Refused where the bot is not in the guild, and what Discord
    raises: of nobody it is taken for granted that the role is missing.
    """
    settings = await work(robo.config.get, guild_id, store=store_id)
    role_ids = set(settings["decay"]["exemptRoleIds"])
    user_ids = await work(robo.decay.candidates, guild_id, store=store_id) if role_ids else []
    if not user_ids:
        return None
    if port is None:
        raise Unhealthy("the daemon is not connected to Discord, so exempt roles are unknown")
    if await port.guild(guild_id) is None:
        raise Refused(
            "the bot is not in the guild, so exempt roles are unknown",
            advice="invite it (robo-xp daemon invite), or empty decay.exemptRoleIds",
        )
    found: list[str] = []
    for first in range(0, len(user_ids), _AT_ONCE):
        members = await port.members(guild_id, user_ids[first : first + _AT_ONCE])
        found += [one.id for one in members.values() if role_ids & {*one.role_ids}]
    return found


async def decay_now(
    robo: RoboXP,
    work: Callable[..., Awaitable[Any]],
    port: Discord | None,
    guild_id: str,
    *,
    reason: str | None = None,
    store: str = DEFAULT_STORE,
    dry_run: bool = False,
) -> Decayed:
    """The decay of today, asked for by hand; Refused where Discord does not say who is exempt."""
    try:
        exempt = await exempt_members(robo, work, port, guild_id, store)
    except (discord.DiscordException, *NETWORK) as error:
        raise Refused(
            f"Discord does not say who has an exempt role: {error}", advice="try again in a minute"
        ) from None
    done: Decayed = await work(
        robo.decay.run, guild_id, exempt=exempt, reason=reason, store=store, dry_run=dry_run
    )
    return done
