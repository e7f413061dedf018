"""Leases: who may do a work now, with a token that every commit of the holder is checked by.

A holder that stood still for longer than its lease finds another token in the row, and commits
nothing more: the row is read, and kept from being taken over, in the transaction itself.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psycopg

from robo_xp.errors import RoboXPError, VaultBusy
from robo_xp.model.shards import ALL, Shards
from robo_xp.vault.postgres.connections import Lost, rolled_back
from robo_xp.vault.postgres.shared import NO_FENCE, Shared

log = logging.getLogger("robo_xp.vault")

LEASE_SECONDS = 15.0
_LOOKS_PER_LEASE = 3
_PAUSE = 0.2
_NOTE_WAIT = "2s"


def holder() -> str:
    """How this process is called to others."""
    return f"robo-xp {os.getpid()} on {socket.gethostname()}"


def note(shared: Shared, key: str, change: Callable[[str, float], str]) -> None:
    """Change what is noted under a key, with its row locked, by the clock of the server."""
    shared.prepare()
    connections, sql = shared.connections, shared.sql
    until = time.monotonic() + connections.wait
    begin = [("begin", ()), (sql.wait, [_NOTE_WAIT]), (sql.make_note, [key])]
    while True:
        with connections.taken() as connection:
            try:
                # the time is asked for once the row is ours
                *_, rows, now = connections.run(
                    connection, *begin, (sql.noted, [key]), (sql.now, ())
                )
                text = change(rows[0][0], now[0][0])
                connections.run(connection, (sql.note, [text, key]), ("commit", ()))
                return
            except Lost as lost:
                if time.monotonic() >= until:
                    raise connections.unavailable("was lost", lost) from lost
            except psycopg.Error as error:
                raise connections.explained(error) from error
            finally:
                rolled_back(connection)


class Lease:
    """The lease of one work, kept by a thread of its own as long as the block lasts."""

    def __init__(
        self,
        shared: Shared,
        work: str,
        lost: Callable[[], None],
        *,
        shards: Shards = ALL,
        seconds: float = LEASE_SECONDS,
    ) -> None:
        """Take nothing yet."""
        self._shared = shared
        self._work = work
        self._shards = shards
        self._key = f"{work} {shards}".rstrip()
        self._lost = lost
        self._seconds = seconds
        self._token = 0
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="robo-xp-lease", daemon=True)

    def __enter__(self) -> Self:
        """Hold the lease; what a holder that died left behind runs out while this waits."""
        self._shared.prepare()
        until = time.monotonic() + self._seconds + 1
        while (other := self._take_lease()) is not None:
            if time.monotonic() > until:
                raise VaultBusy(
                    f"{other} is the {self._work} of {self._shared.connections.address.shown}",
                    advice="no guild may have two daemons; stop the other one first",
                )
            # two that stand in each other's way do not try again at the same time
            time.sleep(_PAUSE * random.uniform(0.5, 1.5))
        self._shared.fence = ("work", self._key, self._token)
        self._keeper.start()
        return self

    def _take_lease(self) -> str | None:
        """Take the lease, or say who holds one that stands in the way."""
        values = [self._key, holder(), self._seconds]
        found = self._shared.ask(self._shared.sql.take_lease, values)
        self._token = found[0][0] if found else 0
        for key, other in self._shared.ask(self._shared.sql.leases, []):
            work, _, shards = key.partition(" ")
            if (key == self._key and self._token) or work != self._work:
                continue
            if self._shards.overlaps(Shards.of(shards)):
                if self._token:
                    self._prolong(-1)
                return str(other)
        return None if self._token else "another program"

    def _keep(self) -> None:
        """Prolong the lease again and again, until the block ends or others have it."""
        is_away = False
        while not self._over.wait(self._seconds / _LOOKS_PER_LEASE):
            try:
                kept = self._prolong(self._seconds)
            except RoboXPError as error:
                if not is_away:  # an outage is told once
                    log.warning("the lease could not be kept for now: %s", error.message)
                is_away = True
                continue
            is_away = False
            if not kept:
                self._lost()
                return

    def _prolong(self, seconds: float) -> bool:
        """Whether the lease is still this one's, from now for so long."""
        values = [seconds, self._key, self._token]
        return bool(self._shared.ask(self._shared.sql.keep_lease, values))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let others have the work at once."""
        self._over.set()
        self._keeper.join()
        self._shared.fence = NO_FENCE
        try:
            self._prolong(-1)
        except RoboXPError as failed:
            log.warning("the lease was not given back: %s", failed.message)
