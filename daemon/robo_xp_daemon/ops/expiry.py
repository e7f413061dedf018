"""Once a day, folded journals of all guilds that were kept long enough go, idle guilds' too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from robo_xp.errors import RoboXPError

if TYPE_CHECKING:
    from robo_xp_daemon.app import Service

log = logging.getLogger("robo_xp_daemon")

DAY_SECONDS = 86_400.0


@asynccontextmanager
async def expiring(service: Service) -> AsyncIterator[None]:
    """A part of the daemon: a look at the start, then one each day."""
    looking = asyncio.create_task(_look_daily(service))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait([looking])


async def _look_daily(service: Service) -> None:
    vault = service.robo.vault
    while True:
        try:
            count = await service.work(vault.expire)
            if count:
                log.info("looked through the archives of %d namespaces", count)
        except RoboXPError as error:
            log.warning("the archives are kept for now: %s (%s)", error.message, error.advice)
        await asyncio.sleep(DAY_SECONDS)
