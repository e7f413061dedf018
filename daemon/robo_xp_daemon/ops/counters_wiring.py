"""What is counted where no part has the numbers at hand: the log, refusals, files."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from robo_xp.vault import Timings
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.client import refusals
from robo_xp_daemon.setup import logs

_LOGGERS: Final = ("robo_xp", "robo_xp_daemon", "discord", "aiohttp", "asyncio")


@asynccontextmanager
async def wiring(counters: Counters) -> AsyncIterator[None]:
    """Within the block warnings, errors and refusals are counted."""
    ear = Ear(counters)
    with refusals.listening(counters.hindrances.add):
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(ear)
        try:
            yield
        finally:
            for name in _LOGGERS:
                logging.getLogger(name).removeHandler(ear)


class Ear(logging.Handler):
    """Counts warnings and errors, and writes nothing."""

    def __init__(self, counters: Counters) -> None:
        super().__init__(logging.WARNING)
        self._counters = counters

    def emit(self, record: logging.LogRecord) -> None:
        """Count the record; a connection that failed is no error, since it is made again."""
        is_error = record.levelno >= logging.ERROR and not logs.is_lost_connection(record)
        self._counters.logged.add("error" if is_error else "warning", record.name)


def timings_of(counters: Counters) -> Timings:
    """Where the vault tells how long its syncs took, and its waits for busy locks."""
    return Timings(syncs=counters.syncs.note, lock_waits=counters.lock_waits.note)
