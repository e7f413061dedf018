"""Leases: who may do a work now, with a token that every commit of the holder is checked by.

A holder that stood still for longer than its lease finds another token in the row, and commits
nothing more: the row is read, and kept from being taken over, in the transaction itself.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from robo_xp.errors import RoboXPError, VaultBusy
from robo_xp.vault.postgres.shared import NO_FENCE, Shared

log = logging.getLogger("robo_xp.vault")

LEASE_SECONDS = 15.0
_LOOKS_PER_LEASE = 3
_PAUSE = 0.2


class Lease:
    """The lease of one work, kept by a thread of its own as long as the block lasts."""

    def __init__(
        self, shared: Shared, work: str, lost: Callable[[], None], *, seconds: float = LEASE_SECONDS
    ) -> None:
        """Take nothing yet."""
        self._shared = shared
        self._work = work
        self._lost = lost
        self._seconds = seconds
        self._token = 0
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="robo-xp-lease", daemon=True)

    def __enter__(self) -> Self:
        """Hold the lease; what a holder that died left behind runs out while this waits."""
        self._shared.prepare()
        me = f"robo-xp {os.getpid()} on {socket.gethostname()}"
        until = time.monotonic() + self._seconds + 1
        while not self._token:
            values = [self._work, me, self._seconds]
            for (token,) in self._shared.ask(self._shared.sql.take_lease, values):
                self._token = token
            if not self._token and time.monotonic() > until:
                rows = self._shared.ask(self._shared.sql.lease_holder, [self._work])
                holder = rows[0][0] if rows else "another program"
                raise VaultBusy(
                    f"{holder} is the {self._work} of {self._shared.connections.address.shown}",
                    advice="one daemon a vault; stop the other one first",
                )
            if not self._token:
                time.sleep(_PAUSE)
        self._shared.fence = ("work", self._work, self._token)
        self._keeper.start()
        return self

    def _keep(self) -> None:
        """Prolong the lease again and again, until the block ends or others have it."""
        while not self._over.wait(self._seconds / _LOOKS_PER_LEASE):
            try:
                kept = self._prolong(self._seconds)
            except RoboXPError as error:
                log.warning("the lease could not be kept for now: %s", error.message)
                continue
            if not kept:
                self._lost()
                return

    def _prolong(self, seconds: float) -> bool:
        """Whether the lease is still this one's, from now for so long."""
        values = [seconds, self._work, self._token]
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
