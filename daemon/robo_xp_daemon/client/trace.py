"""Counts a client's requests to Discord."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp

from robo_xp_daemon.base.counters import Counters


def trace_of(counters: Counters) -> aiohttp.TraceConfig:
    """What has a client's requests to Discord counted, each with the status of its answer."""

    async def ended(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        counters.responses.add(str(params.response.status))

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
