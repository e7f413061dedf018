"""Counts a client's requests to Discord, and hears when Discord knows the token no more."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Final

import aiohttp

from robo_xp_daemon.base.counters import Counters

_UNAUTHORIZED: Final = 401
_OWN_TOKENS: Final = ("/webhooks/", "/interactions/")
"""Parts of addresses that carry a token of their own, which runs out."""


def trace_of(counters: Counters, refused: Callable[[], None]) -> aiohttp.TraceConfig:
    """What has a client's requests to Discord counted, each with the status of its answer.

    ``refused`` is called when an answer says that the bot's token is none.
    """

    async def ended(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        counters.responses.add(str(params.response.status))
        has_own = any(part in params.url.path for part in _OWN_TOKENS)
        if params.response.status == _UNAUTHORIZED and not has_own:
            refused()

    async def failed(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        _params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        counters.responses.add("none")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)
    return trace
