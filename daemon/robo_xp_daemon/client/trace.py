"""A client's requests to Discord: paced, counted, and heard when it knows the token no more."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Final

import aiohttp
import yarl

from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.pace import Pace

_UNAUTHORIZED: Final = 401
_OWN_TOKENS: Final = ("/webhooks/", "/interactions/")
"""Parts of addresses that carry a token of their own, which runs out."""


def trace_of(counters: Counters, pace: Pace, refused: Callable[[], None]) -> aiohttp.TraceConfig:
    """What has a client's requests to Discord wait for their turn, and be counted by their status.

    ``refused`` is called when an answer says that the bot's token is none. Answers to interactions
    wait for nothing: Discord does not count them.
    """

    async def begins(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        if not _has_own_token(params.url):
            await pace.turn()

    async def ended(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        counters.responses.add(str(params.response.status))
        if params.response.status == _UNAUTHORIZED and not _has_own_token(params.url):
            refused()

    async def failed(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        _params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        counters.responses.add("none")

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(begins)
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)
    return trace


def _has_own_token(url: yarl.URL) -> bool:
    return any(part in url.path for part in _OWN_TOKENS)
