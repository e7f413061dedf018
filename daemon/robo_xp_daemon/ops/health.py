"""How the daemon is: whether it is connected to Discord, and whether that still works.

A lost connection is well as long as it may heal by itself. A socket that is open while nobody
answers on it is not: that is how a bot dies without a word.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from robo_xp_daemon.base.health_cause import Cause
from robo_xp_daemon.client.port import Connection

RECONNECT_SECONDS = 300.0
"""How long a connection that was lost may take to come back."""
HEARTBEATS = 3.0
"""How many heartbeats Discord may leave without an answer."""
_LOOK_SECONDS = 1.0
SILENT: Final = Cause("discord", "Discord does not answer")
_UNCONNECTED: Final = ("starting", "stopping")


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the daemon at one moment.

    ``state`` is ``starting``, ``connected``, ``reconnecting`` or ``stopping``; ``is_alive`` says
    whether the connection works or is about to; ``latency_seconds`` is None while it is not known,
    and ``started_at`` is epoch ms. ``causes`` are why it is not well.
    """

    state: str
    is_alive: bool
    guilds: int
    latency_seconds: float | None
    started_at: int
    causes: tuple[Cause, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether it does all of its work, or is about to."""
        return self.is_alive and not self.causes


class Pulse:
    """Remembers when the connection was last seen whole.

    ``last_beat`` is in monotonic seconds, None before the first connection.
    """

    def __init__(self) -> None:
        self.last_beat: float | None = None

    def feel(self, connection: Connection | None) -> bool:
        """Whether every shard is connected and answered; notes the moment if so."""
        is_beating = (
            connection is not None and connection.is_ready() and connection.is_beating(HEARTBEATS)
        )
        if is_beating:
            self.last_beat = time.monotonic()
        return is_beating

    def is_fresh(self) -> bool:
        """Whether it was whole so short a time ago that it may come back by itself."""
        since = self.last_beat
        return since is not None and time.monotonic() - since <= RECONNECT_SECONDS


class Vitals(Protocol):
    """What health is read from: the client that runs now, and what was seen of it."""

    @property
    def connection(self) -> Connection | None:
        """The connection to Discord; None between two clients."""

    @property
    def pulse(self) -> Pulse:
        """When the connection was last whole."""

    @property
    def troubles(self) -> Sequence[Cause]:
        """What else ails it."""

    @property
    def is_stopping(self) -> bool:
        """Whether the end has begun."""

    @property
    def started_at(self) -> int:
        """When the daemon started, in epoch ms."""

    @property
    def counted(self) -> int:
        """How many messages were counted since then."""


def health_of(daemon: Vitals) -> Health:
    """How the daemon is now; to be asked in the event loop."""
    connection, pulse = daemon.connection, daemon.pulse
    is_beating = pulse.feel(connection)
    state = _state(daemon, is_beating)
    is_alive = is_beating or (state == "reconnecting" and pulse.is_fresh())
    silent = () if is_alive or state in _UNCONNECTED else (SILENT,)
    return Health(
        state=state,
        is_alive=is_alive,
        guilds=0 if connection is None else connection.guild_count,
        latency_seconds=_latency(connection),
        started_at=daemon.started_at,
        causes=(*silent, *daemon.troubles),
    )


@asynccontextmanager
async def watching(daemon: Vitals) -> AsyncIterator[None]:
    """Within the block the pulse is felt each second, whether or not anybody asks."""
    feeling = asyncio.create_task(_feel(daemon))
    try:
        yield
    finally:
        feeling.cancel()


async def _feel(daemon: Vitals) -> None:
    while True:
        daemon.pulse.feel(daemon.connection)
        await asyncio.sleep(_LOOK_SECONDS)


def _state(daemon: Vitals, is_beating: bool) -> str:
    """The word for what it does now; a socket that nobody answers on still counts as connected."""
    if daemon.is_stopping:
        return "stopping"
    connection = daemon.connection
    if is_beating or (connection and connection.is_ready() and connection.is_open()):
        return "connected"
    return "starting" if daemon.pulse.last_beat is None else "reconnecting"


def _latency(connection: Connection | None) -> float | None:
    """The mean of all shards in seconds; None while one of them has none."""
    found = math.nan if connection is None else connection.latency
    return found if math.isfinite(found) else None
