"""Work that goes on, whatever it stumbles over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from robo_xp.errors import RoboXPError
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.base.throttle import Throttle

log = logging.getLogger("robo_xp_daemon")

_LOG_SECONDS = 3600.0


async def unfailing(what: str, run: Callable[[], Awaitable[None]]) -> None:
    """Return when ``run`` has; one that fails is logged, and begun again a while later."""
    backoff, throttle = Backoff(), Throttle(_LOG_SECONDS)
    while True:
        try:
            await run()
            return
        except Exception as error:
            if throttle.lets(type(error)):
                log_failure(what, error)
        await asyncio.sleep(backoff.seconds())


def log_failure(what: str, error: Exception) -> None:
    """Say in the log that it failed: in one line what was foreseen, in full what nobody foresaw."""
    if isinstance(error, RoboXPError):
        log.error("%s waits: %s; %s", what, error.message, error.advice)
    else:
        log.error("%s failed; it goes on", what, exc_info=error)
