"""The part of the daemon that answers HTTP, from its start to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from aiohttp import web

from robo_xp_daemon.http.app import application
from robo_xp_daemon.http.daemon import Daemon, Doors
from robo_xp_daemon.http.doors.doorkeeper import Doorkeeper
from robo_xp_daemon.http.doors.listening import listen_on_tcp, listen_on_unix, runner_of
from robo_xp_daemon.http.doors.unix_socket import open_socket
from robo_xp_daemon.http.openapi import ALL_ROUTES
from robo_xp_daemon.setup.http import Listen

log = logging.getLogger("robo_xp_daemon.http")


@asynccontextmanager
async def answering(
    daemon: Daemon, environ: Mapping[str, str], publish: Callable[[Doors], None]
) -> AsyncIterator[None]:
    """Within the block HTTP is answered on the Unix socket, and on TCP where that is configured.

    Of several daemons the one of the first shard has TCP, each has a socket.

    ``publish`` hears where, and at the end of nothing.

    Raises NotConfigured where the one or the other cannot be had.
    """
    rest, shards = daemon.options.rest, daemon.context.shards
    if not shards.has_first:  # the others leave to it what one daemon alone can have
        rest = replace(rest, listen=None)
    doorkeeper = Doorkeeper(lambda: daemon.options.rest.tokens, daemon.context.counters)
    app = application(daemon, ALL_ROUTES, doorkeeper)
    runner = runner_of(app)
    await runner.setup()
    door = open_socket(rest, environ, daemon.options.data_dir, shards)
    servers: list[asyncio.Server] = []
    try:
        if door.note:
            log.warning("the socket is %s: %s", door.path, door.note)
        servers.append(await listen_on_unix(runner, door.socket))
        if rest.listen is not None:
            servers.append(await _listening(runner, rest.listen, doorkeeper))
        listen = tuple(address for server in servers[1:] for address in _addresses(server))
        publish(Doors(str(door.path), listen))
        log.info("answering on %s", ", ".join((str(door.path), *listen)))
        yield
    finally:
        publish(Doors())
        # before the socket is closed: what listens at the path then is somebody else's
        door.remove()
        for server in servers:
            server.close()
        await runner.cleanup()
        door.socket.close()


async def _listening(
    runner: web.AppRunner, listen: Listen, doorkeeper: Doorkeeper
) -> asyncio.Server:
    """Listen on TCP, with a warning where that is not for this machine alone."""
    if listen.is_public:
        log.warning(
            "REST listens on %s, which other machines may reach: tokens and answers are not"
            " encrypted there; listen on 127.0.0.1 behind a proxy with TLS",
            listen,
        )
    return await listen_on_tcp(runner, listen, doorkeeper)


def _addresses(server: asyncio.Server) -> list[str]:
    """The addresses as they came to be."""
    return [str(Listen(*listening.getsockname()[:2])) for listening in server.sockets]
