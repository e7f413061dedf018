"""Whether Discord takes a token and its intents, asked before a working client ends for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import discord

from robo_xp.errors import Fault, InvalidConfig, Refused
from robo_xp_daemon.client.supervise import fatal_of, no_members_intent
from robo_xp_daemon.setup.token import Token

SECONDS: Final = 8.0
"""How long Discord may take to answer."""


async def try_out(token: Token, *, members_intent: bool) -> None:
    """Return if Discord would take a client with these.

    Raises InvalidConfig for what it refuses, with what mends it, and Refused where it cannot be
    asked. Neither ends anything that works.
    """
    trial = discord.Client(intents=discord.Intents.none())
    try:
        async with asyncio.timeout(SECONDS):
            await trial.login(token.text)
        flags = trial.application_flags
        is_granted = flags.gateway_guild_members or flags.gateway_guild_members_limited
        fatal = no_members_intent() if members_intent and not is_granted else None
    except Exception as error:
        fatal = fatal_of(error)
        if fatal is None:
            raise Refused(
                f"Discord cannot be asked about the new connection now: {error or repr(error)}",
                advice="the earlier connection goes on; reload again later",
            ) from error
    finally:
        with suppress(Exception):
            await trial.http.close()
    if fatal is not None:
        advice = f"{fatal.advice}; the earlier connection goes on"
        raise InvalidConfig([Fault("daemon", fatal.message)], advice=advice)
