"""The part of the daemon that answers HTTP, from its start to its end."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from robo_xp.errors import NotConfigured
from robo_xp_daemon.rest.app import application
from robo_xp_daemon.rest.openapi import ALL_ROUTES
from robo_xp_daemon.rest.settings import Listen
from robo_xp_daemon.rest.unix_socket import open_socket

if TYPE_CHECKING:
    from robo_xp_daemon.service import Service

log = logging.getLogger("robo_xp_daemon.rest")

_FINISH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the daemon answers: the path of the Unix socket, and addresses of TCP."""

    socket: str = ""
    listen: tuple[str, ...] = ()


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[None]:
    """Answer on the Unix socket, and on TCP where that is configured.

    Raises NotConfigured where the one or the other cannot be had.
    """
    rest = service.options.rest
    app = application(service, ALL_ROUTES)
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=_FINISH_SECONDS
    )
    await runner.setup()
    door = open_socket(rest, service.environ, service.options.data_dir)
    try:
        if door.note:
            log.warning("the socket is %s: %s", door.path, door.note)
        await web.SockSite(runner, door.socket).start()
        listen = () if rest.listen is None else await _listening(runner, rest.listen)
        service.doors = Doors(str(door.path), listen)
        service.publish(str(door.path))
        log.info("answering on %s", ", ".join((str(door.path), *listen)))
        yield
    finally:
        service.publish("")
        # before the socket is closed: what listens at the path then is somebody else's
        door.remove()
        await runner.cleanup()
        door.socket.close()


async def _listening(runner: web.AppRunner, listen: Listen) -> tuple[str, ...]:
    """Listen on TCP; the addresses as they came to be."""
    if listen.is_public:
        log.warning(
            "REST listens on %s, which other machines may reach: tokens and answers are not"
            " encrypted there; listen on 127.0.0.1 behind a proxy with TLS",
            listen,
        )
    site = web.TCPSite(runner, listen.host, listen.port)
    before = set(map(str, runner.addresses))
    try:
        await site.start()
    except OSError as error:
        raise NotConfigured(
            f"rest.listen: cannot listen on {listen}: {error.strerror or error}",
            advice="choose another port or address in the table [rest]",
        ) from None
    return tuple(
        str(Listen(*address[:2])) for address in runner.addresses if str(address) not in before
    )
