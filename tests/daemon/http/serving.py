"""The whole service in the test's own event loop: what the program runs, without a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from robo_xp_daemon.app import Service, open_vault
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.setup import options
from robo_xp_daemon.setup.options import Given
from tests.daemon.loopback import Loopback, aimed
from tests.daemon.process import CONFIG, Daemon
from tests.daemon.quick import hurried


@asynccontextmanager
async def serving(discord: Loopback, folder: Path, **table: str) -> AsyncIterator[Service]:
    """A service that is connected; ``table`` goes to ``[daemon]`` of its configuration."""
    Daemon(discord, folder, table=table).write_config()
    given, environ = Given(str(folder / CONFIG)), {"ROBO_XP_TOKEN": discord.token}
    found, counters = options.load(given, environ), Counters()
    with aimed(discord), hurried(), open_vault(found, counters) as robo:
        service = Service(robo, given, environ, found, counters=counters)
        before = sum(session.is_connected for session in discord.sessions)
        running = asyncio.create_task(service.run())
        try:
            await discord.connected(before + 1)
            yield service
        finally:
            service.stop("the test ends")
            await running
