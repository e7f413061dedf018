"""When the daemon is well: connected and answered, or about to be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from robo_xp_daemon.base.health_cause import Cause
from robo_xp_daemon.client.port import Connection
from robo_xp_daemon.ops.health import RECONNECT_SECONDS, Health, Pulse, health_of
from tests.daemon.loopback import Loopback
from tests.daemon.quick import hurried
from tests.daemon.stage import Stage, on_stage, played


@dataclass
class Daemon:
    """What health looks at: the client that runs now, if one does, and what was seen of it."""

    connection: Connection | None = None
    is_stopping: bool = False
    counted: int = 0
    troubles: tuple[Cause, ...] = ()
    pulse: Pulse = field(default_factory=Pulse)
    started_at: int = 1_700_000_000_000

    @property
    def health(self) -> Health:
        """How it is now."""
        return health_of(self)

    @property
    def short(self) -> tuple[str, bool]:
        """Its state, and whether it is well."""
        return self.health.state, self.health.is_well


@asynccontextmanager
async def quickly_on_stage(discord: Loopback, folder: Path) -> AsyncIterator[Stage]:
    """A client that is ready soon."""
    with hurried():
        async with on_stage(discord, folder) as stage:
            yield stage


def test_a_daemon_that_never_connected_is_starting() -> None:
    """Before the first connection nothing is well, and nothing is known of Discord."""
    assert Daemon().health == Health("starting", False, 0, None, 1_700_000_000_000)


@played
async def test_a_connected_daemon_is_well(tmp_path: Path) -> None:
    """With every shard answered it counts its guilds and knows the latency."""
    async with Loopback() as discord:
        discord.add_guild("G")
        async with quickly_on_stage(discord, tmp_path) as stage:
            daemon = Daemon(stage.client)
            await stage.until(lambda: daemon.health.is_well)
            health = daemon.health

    assert (health.state, health.is_well, health.guilds) == ("connected", True, 1)
    assert 0 <= (health.latency_seconds or -1) < 5


@played
async def test_what_else_ails_it(tmp_path: Path) -> None:
    """A connected daemon that cannot count is not well, says why, and is alive all the same."""
    async with Loopback() as discord:
        discord.add_guild("G")
        async with quickly_on_stage(discord, tmp_path) as stage:
            daemon = Daemon(stage.client, troubles=(Cause("vault", "the disk is full"),))
            await stage.until(lambda: daemon.health.is_alive)
            health = daemon.health

    assert not health.is_well
    assert [cause.text for cause in health.causes] == ["the disk is full"]


@played
async def test_a_lost_connection_is_well_for_a_while(tmp_path: Path) -> None:
    """It may take its time to come back; after that it is not well."""
    async with Loopback() as discord:
        discord.add_guild("G")
        async with quickly_on_stage(discord, tmp_path) as stage:
            daemon = Daemon(stage.client)
            await stage.until(lambda: daemon.short == ("connected", True))
            await discord.vanish()
            await stage.until(lambda: daemon.short == ("reconnecting", True))
            assert daemon.pulse.last_beat is not None
            daemon.pulse.last_beat -= RECONNECT_SECONDS
            lost = daemon.short

    assert lost == ("reconnecting", False)


@played
async def test_a_dead_socket_is_not_well(tmp_path: Path) -> None:
    """A socket that stays open while no heartbeat is answered makes the daemon unwell."""
    async with Loopback(heartbeat_interval=0.1) as discord:
        discord.add_guild("G")
        async with quickly_on_stage(discord, tmp_path) as stage:
            daemon = Daemon(stage.client)
            await stage.until(lambda: daemon.short == ("connected", True))
            discord.acknowledges = False
            await stage.until(lambda: daemon.short == ("connected", False))
            still_open = all(session.is_connected for session in discord.sessions)
            discord.acknowledges = True
            await stage.until(lambda: daemon.short == ("connected", True))

    assert still_open


@played
async def test_between_two_clients_it_reconnects(tmp_path: Path) -> None:
    """While one client was ended and the next is not there yet, it is about to be well."""
    async with Loopback() as discord:
        discord.add_guild("G")
        async with quickly_on_stage(discord, tmp_path) as stage:
            daemon = Daemon(stage.client)
            await stage.until(lambda: daemon.health.is_well)
            daemon.connection = None
            between = daemon.short
            daemon.is_stopping = True
            ending = daemon.short

    assert between == ("reconnecting", True)
    assert ending[0] == "stopping"
