"""How the daemon is: whether it is connected to Discord, and whether that still works.

A lost connection is well as long as it may heal by itself. A socket that is open while nobody
answers on it is not: that is how a bot dies without a word.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robo_xp_daemon.client import innards

if TYPE_CHECKING:
    from robo_xp_daemon.app import Service
    from robo_xp_daemon.client.client import Bot

RECONNECT_SECONDS = 300.0
"""How long a connection that was lost may take to come back."""
HEARTBEATS = 3.0
"""How many heartbeats Discord may leave without an answer."""
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the daemon at one moment.

    ``state`` is ``starting``, ``connected``, ``reconnecting`` or ``stopping``; ``is_well`` says
    whether it works or is about to; ``latency_seconds`` is None while it is not known, and
    ``started_at`` is epoch ms.
    """

    state: str
    is_well: bool
    guilds: int
    latency_seconds: float | None
    started_at: int


class Pulse:
    """Remembers when the connection was last seen whole.

    ``last_beat`` is in monotonic seconds, None before the first connection.
    """

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.last_beat: float | None = None

    def feel(self, bot: Bot | None) -> bool:
        """Whether every shard is connected and answered; notes the moment if so."""
        is_beating = bot is not None and bot.is_ready() and innards.is_beating(bot, HEARTBEATS)
        if is_beating:
            self.last_beat = time.monotonic()
        return is_beating

    def is_fresh(self) -> bool:
        """Whether it was whole so short a time ago that it may come back by itself."""
        since = self.last_beat
        return since is not None and time.monotonic() - since <= RECONNECT_SECONDS


def health_of(service: Service) -> Health:
    """How the daemon is now; to be asked in the event loop."""
    bot, pulse = service.bot, service.pulse
    is_beating = pulse.feel(bot)
    state = _state(service, is_beating)
    return Health(
        state=state,
        is_well=is_beating or (state == "reconnecting" and pulse.is_fresh()),
        guilds=0 if bot is None else len(bot.guilds),
        latency_seconds=_latency(bot),
        started_at=service.started_at,
    )


@asynccontextmanager
async def felt(service: Service) -> AsyncIterator[None]:
    """A part of the daemon: the pulse is felt each second, whether or not anybody asks."""
    feeling = asyncio.create_task(_feel(service))
    try:
        yield
    finally:
        feeling.cancel()


async def _feel(service: Service) -> None:
    while True:
        service.pulse.feel(service.bot)
        await asyncio.sleep(_LOOK_SECONDS)


def _state(service: Service, is_beating: bool) -> str:
    """The word for what it does now; a socket that nobody answers on still counts as connected."""
    if service.supervisor.is_stopping:
        return "stopping"
    bot = service.bot
    if is_beating or (bot is not None and bot.is_ready() and innards.is_open(bot)):
        return "connected"
    return "starting" if service.pulse.last_beat is None else "reconnecting"


def _latency(bot: Bot | None) -> float | None:
    """The mean of all shards in seconds; None while one of them has none."""
    found = math.nan if bot is None else bot.latency
    return found if math.isfinite(found) else None
