"""Once a day, folded journals of all guilds that were kept long enough go, idle guilds' too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from robo_xp.errors import RoboXPError
from robo_xp_daemon.context import Context

log = logging.getLogger("robo_xp_daemon")

DAY_SECONDS = 86_400.0


@asynccontextmanager
async def expiring(context: Context) -> AsyncIterator[None]:
    """Within the block there is a look at the start, then one each day.

    Of several daemons the one of the first shard looks.
    """
    if not context.shards.has_first:
        yield
        return
    looking = asyncio.create_task(_look_daily(context))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def _look_daily(context: Context) -> None:
    vault = context.robo.vault
    while True:
        try:
            count = await context.work(vault.expire)
            if count:
                log.info("looked through the archives of %d namespaces", count)
        except RoboXPError as error:
            log.warning("the archives are kept for now: %s (%s)", error.message, error.advice)
        await asyncio.sleep(DAY_SECONDS)
