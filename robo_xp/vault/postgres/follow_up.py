"""A note in the database that levels have yet to follow a global curve; locked while they do."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import psycopg
from psycopg import errors

from robo_xp.errors import RoboXPError, VaultBusy
from robo_xp.vault.postgres.connections import Lost, rolled_back
from robo_xp.vault.postgres.leases import note
from robo_xp.vault.postgres.shared import Shared
from robo_xp.vault.postgres.trip import Connection
from robo_xp.vault.transaction import FollowUp, Origin

_LEVELS: Final = "levels"
_LOCK: Final = "levels lock"


class PostgresFollowUp(FollowUp):
    """A note of who changed the curve, and a row that is locked as long as levels follow."""

    def __init__(self, shared: Shared, *, wait: float) -> None:
        """Note nothing yet; ``wait`` is in seconds."""
        self._shared = shared
        self._wait = wait
        self._held: Connection | None = None

    def begin(self, origin: Origin) -> None:
        """Make it lasting that levels have to follow; VaultBusy while others let them."""
        self._shared.prepare()
        self._lock()
        note(self._shared, _LEVELS, lambda _noted, _now: origin.by)

    def end(self) -> None:
        """All have followed; where that cannot be said, they are looked at once more."""
        with suppress(RoboXPError):
            note(self._shared, _LEVELS, lambda _noted, _now: "")

    def close(self) -> None:
        """Let others at it."""
        held, self._held = self._held, None
        if held is not None:
            rolled_back(held)
            self._shared.connections.give(held)

    def _is_left(self) -> bool:
        """Whether there is the note, with the row locked."""
        if not self._is_noted():
            return False
        self._lock()
        return self._is_noted()

    def _is_noted(self) -> bool:
        """Whether levels have to follow."""
        rows = self._shared.ask(self._shared.sql.look_up_note, [_LEVELS])
        return any(by for (by,) in rows)

    def _lock(self) -> None:
        """Hold the row on a connection of its own: the server lets it go with the process."""
        connections, sql = self._shared.connections, self._shared.sql
        wait = f"{max(1, round(self._wait * 1000))}ms"  # 0 would be to wait for ever
        self._held = connections.take()
        try:
            begun = (("begin", ()), (sql.wait, [wait]), (sql.make_note, [_LOCK]))
            connections.run(self._held, *begun, (sql.noted, [_LOCK]))
        except Lost as lost:
            raise connections.unavailable("was lost", lost) from lost
        except errors.LockNotAvailable as error:
            raise VaultBusy("levels follow another change of the global curve just now") from error
        except psycopg.Error as error:
            raise connections.explained(error) from error
