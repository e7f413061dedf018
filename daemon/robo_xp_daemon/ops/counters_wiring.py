"""What is counted where no part has the numbers at hand: the log, refusals, files, requests."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

import aiohttp

from robo_xp.vault.files.disk import Files
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


class TimedFiles(Files):
    """The vault's calls to the system, with the time that syncs and busy locks take.

    The wait for a lock lasts from the first refusal until it is had, over several tries if need
    be. A lock that is free at once costs nothing.
    """

    def __init__(self, counts: Counts) -> None:
        """Note the times there."""
        self._counts = counts
        self._asked_at: dict[int, float] = {}

    def sync(self, fd: int) -> None:
        """Return when the file's content is on the disk."""
        began = time.perf_counter()
        super().sync(fd)
        self._counts.syncs.note(time.perf_counter() - began)

    def try_lock(self, fd: int) -> bool:
        """Whether the exclusive lock of the file is now held through this descriptor."""
        has_it = super().try_lock(fd)
        if not has_it:
            self._asked_at.setdefault(fd, time.perf_counter())
        elif self._asked_at and (asked_at := self._asked_at.pop(fd, None)) is not None:
            self._counts.lock_waits.note(time.perf_counter() - asked_at)
        return has_it

    def close(self, fd: int) -> None:
        """Close the descriptor, and wait for its lock no more."""
        self._asked_at.pop(fd, None)
        super().close(fd)


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
