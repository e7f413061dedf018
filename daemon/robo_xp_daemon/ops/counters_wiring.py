"""What is counted where no part has the numbers at hand: the log, refusals, files, requests."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

import aiohttp

from robo_xp.vault import Timings
from robo_xp_daemon.base.counters import Counts
from robo_xp_daemon.client import refusals
from robo_xp_daemon.setup import logs

if TYPE_CHECKING:
    from robo_xp_daemon.app import Service

_LOGGERS: Final = ("robo_xp", "robo_xp_daemon", "discord", "aiohttp", "asyncio")


@asynccontextmanager
async def counting(service: Service) -> AsyncIterator[None]:
    """A part of the daemon: warnings, errors and refusals are counted until it ends."""
    ear = Ear(service.counts)
    with refusals.heard(service.counts.hindrances.add):
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(ear)
        try:
            yield
        finally:
            for name in _LOGGERS:
                logging.getLogger(name).removeHandler(ear)


class Ear(logging.Handler):
    """Counts warnings and errors, and writes nothing."""

    def __init__(self, counts: Counts) -> None:
        """From warnings on."""
        super().__init__(logging.WARNING)
        self._counts = counts

    def emit(self, record: logging.LogRecord) -> None:
        """Count the record; a connection that failed is no error, since it is made again."""
        is_error = record.levelno >= logging.ERROR and not logs.is_lost_connection(record)
        self._counts.logged.add("error" if is_error else "warning", record.name)


def timings_of(counts: Counts) -> Timings:
    """Where the vault tells how long its syncs took, and its waits for busy locks."""
    return Timings(syncs=counts.syncs.note, lock_waits=counts.lock_waits.note)


def trace_of(counts: Counts) -> aiohttp.TraceConfig:
    """What has a client's requests to Discord counted, each with the status of its answer."""

    async def ended(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        counts.responses.add(str(params.response.status))

    async def failed(
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        _params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        counts.responses.add("none")

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(ended)
    trace.on_request_exception.append(failed)
    return trace
