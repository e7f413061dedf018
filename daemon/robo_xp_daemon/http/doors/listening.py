"""Listening: how many connections there may be, how long one may idle, what of them is logged."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import partial
from typing import Final, cast

from aiohttp import ClientPayloadError, web, web_response
from aiohttp.http_exceptions import HttpProcessingError

from robo_xp.errors import NotConfigured
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.http.doors.doorkeeper import Doorkeeper
from robo_xp_daemon.setup.http import Listen

MOST_ON_TCP: Final = 128
"""How many connections there may be when one more comes over TCP, where anybody may knock."""
MOST_ON_UNIX: Final = 2 * MOST_ON_TCP
"""The same for the Unix socket, which strangers on TCP cannot take from an operator."""
IDLE_SECONDS: Final = 75.0
"""How long a connection may be open without a whole request; proxies keep theirs for 60."""
_FINISH_SECONDS = 5.0
# for the rest of a body that was refused, so that its sender reads why
_LINGER_SECONDS = 1.0

log = logging.getLogger("robo_xp_daemon.http")
_throttle = Throttle()
_log_of_http = logging.getLogger("robo_xp_daemon.http.http")


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Not that somebody hung up, nor what a stranger sends that is no HTTP: aiohttp would show it,
    and a token within it. Of each other kind of error a line a minute.
    """
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError | ConnectionError | web.PayloadAccessError | EOFError):
        return False
    if isinstance(error, web.RequestPayloadError | ClientPayloadError):
        return False
    return _throttle.lets((record.msg, type(error)))


_log_of_http.addFilter(_is_worth_a_line)
# answers to what is no HTTP are made below all headers of ours
assert "SERVER_SOFTWARE" in vars(web_response)
vars(web_response)["SERVER_SOFTWARE"] = "robo-xp"


def runner_of(app: web.Application) -> web.AppRunner:
    """What reads requests for the application, and lets those in hand finish at the end."""
    return web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_FINISH_SECONDS,
        keepalive_timeout=IDLE_SECONDS,
        lingering_time=_LINGER_SECONDS,
        logger=_log_of_http,
        # a stranger may send what cannot be unpacked; no route takes what is packed
        auto_decompress=False,
    )


async def listen_on_unix(runner: web.AppRunner, door: socket.socket) -> asyncio.Server:
    """Answer on a Unix socket."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(_entrance(runner, MOST_ON_UNIX), sock=door)


async def listen_on_tcp(
    runner: web.AppRunner,
    listen: Listen,
    doorkeeper: Doorkeeper | None = None,
    table: str = "rest",
) -> asyncio.Server:
    """Answer on TCP. Raises NotConfigured for an address that cannot be had."""
    loop = asyncio.get_running_loop()
    entrance = _entrance(runner, MOST_ON_TCP, doorkeeper)
    try:
        return await loop.create_server(entrance, listen.host, listen.port)
    except OSError as error:
        raise NotConfigured(
            f"{table}.listen: cannot listen on {listen}: {error.strerror or error}",
            advice=f"choose another port or address in the table [{table}]",
        ) from None


def _entrance(
    runner: web.AppRunner, most: int, doorkeeper: Doorkeeper | None = None
) -> Callable[[], asyncio.Protocol]:
    """What meets each new connection."""
    return partial(_Entrance, cast("web.Server", runner.server), most, doorkeeper)


class _Entrance(asyncio.Protocol):
    """Hands a new connection to what reads requests, or closes it where there are too many."""

    def __init__(self, server: web.Server, most: int, doorkeeper: Doorkeeper | None) -> None:
        self._server = server
        self._most = most
        self._doorkeeper = doorkeeper

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count those that are inside; many may knock at the same moment."""
        knocking = cast("asyncio.Transport", transport)
        if self._doorkeeper is not None and not self._lets_in(self._doorkeeper):
            knocking.abort()
            return
        if len(self._server.connections) >= self._most:
            if _throttle.lets(self._most):
                log.warning("there are %d connections; others are turned away", self._most)
            knocking.abort()
            return
        if self._doorkeeper is not None:
            self._doorkeeper.meet(knocking)
        reader = self._server()
        knocking.set_protocol(reader)
        reader.connection_made(knocking)

    def _lets_in(self, doorkeeper: Doorkeeper) -> bool:
        """Whether there is a place for somebody who has shown no token yet."""
        if not doorkeeper.is_open:
            return False
        if doorkeeper.strangers < self._most // 2:
            return True
        if _throttle.lets("strangers"):
            log.warning("%d connections have shown no token; others are turned away",
                        doorkeeper.strangers)  # fmt: skip
        return False
