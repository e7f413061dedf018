"""Who may stay on TCP: whoever has shown a token; others have a few places, for a short time.

Nobody who guesses goes unseen, and nobody who guesses a lot fills the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from aiohttp import web

from robo_xp.errors import Unauthorized
from robo_xp_daemon.base.counters import MISSING, WRONG, Counters
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.http.doors.callers import Caller, caller_of
from robo_xp_daemon.setup.http_tokens import Tokens

STRANGER_SECONDS: Final = 10.0
"""How long a connection may take to show its first valid token."""

log = logging.getLogger("robo_xp_daemon.http")


class Doorkeeper:
    """Knows who came over TCP and has shown no token yet."""

    def __init__(self, tokens: Callable[[], Tokens], counters: Counters) -> None:
        self._tokens = tokens
        self._counters = counters
        self._strangers: dict[asyncio.BaseTransport, asyncio.TimerHandle] = {}
        self._throttle = Throttle()
        self._wrong = 0

    @property
    def is_open(self) -> bool:
        """Whether anybody could show a valid token."""
        return bool(self._tokens())

    @property
    def strangers(self) -> int:
        """How many connections have shown none."""
        for transport in [one for one in self._strangers if one.is_closing()]:
            self._let_go(transport)
        return len(self._strangers)

    def meet(self, transport: asyncio.Transport) -> None:
        """Close the connection unless it shows a valid token in time."""
        loop = asyncio.get_running_loop()
        self._strangers[transport] = loop.call_later(STRANGER_SECONDS, self._turn_out, transport)

    def caller_of(self, request: web.BaseRequest) -> Caller:
        """Who sent the request. Raises Unauthorized, counted and told, for nobody."""
        try:
            caller = caller_of(request, self._tokens())
        except Unauthorized:
            self._note(request)
            raise
        if request.transport is not None:
            self._let_go(request.transport)
        return caller

    def _note(self, request: web.BaseRequest) -> None:
        is_wrong = "Authorization" in request.headers
        self._counters.logins_refused.add(WRONG if is_wrong else MISSING)
        self._wrong += is_wrong
        if is_wrong and self._throttle.lets("wrong"):
            log.warning(
                "a token that is not known came from %s (%d since the last such line)",
                request.remote or "the Unix socket", self._wrong,
            )  # fmt: skip
            self._wrong = 0

    def _let_go(self, transport: asyncio.BaseTransport) -> None:
        if timer := self._strangers.pop(transport, None):
            timer.cancel()

    def _turn_out(self, transport: asyncio.Transport) -> None:
        self._strangers.pop(transport, None)
        transport.abort()
