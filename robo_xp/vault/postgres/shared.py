"""What all namespaces of one vault on PostgreSQL share: connections, statements, the day."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import errors

from robo_xp.ports import Clock
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.port import Durability
from robo_xp.vault.postgres.connections import Connections
from robo_xp.vault.postgres.schema import (
    DAY_MS,
    VERSION,
    check_version,
    days_there,
    make_days,
    make_tables,
)
from robo_xp.vault.postgres.sql import Sql
from robo_xp.vault.postgres.trip import Rows

COLD_FROM = 20_000
NO_FENCE = ("", "", 0)
Stand = tuple[int, str]
"""The last batch of a namespace and its lineage."""


class Looks(threading.local):
    """Which namespaces this thread has looked at since it holds a lock: it sees them as of then."""

    def __init__(self) -> None:
        """Hold nothing; each thread has its own."""
        self._locks = 0
        self._seen: set[str] = set()

    def begin(self) -> None:
        """Hold one lock more."""
        self._locks += 1

    def end(self) -> None:
        """Hold one lock less; with the last one all looks are over."""
        self._locks -= 1
        if not self._locks:
            self._seen.clear()

    def add(self, name: str) -> None:
        """Remember that a namespace was looked at, while a lock is held."""
        if self._locks:
            self._seen.add(name)

    def has(self, name: str) -> bool:
        """Whether it was looked at under the locks that are held."""
        return name in self._seen


class Shared:
    """Connections, statements and options of one vault."""

    def __init__(
        self,
        connections: Connections,
        *,
        clock: Clock,
        durability: Durability,
        migrations: Migrations,
        cold_from: int = COLD_FROM,
    ) -> None:
        """Ask nothing yet; members stay on the server from ``cold_from`` records on."""
        self.connections = connections
        self.clock = clock
        self.is_sure = durability == "batch"
        self.migrations = migrations
        self.cold_from = cold_from
        self.sql = Sql(connections.address.schema)
        self.looks = Looks()
        self.version: int | None = None
        self.fence: Sequence[Any] = NO_FENCE
        self.is_current: Callable[[str, Stand], bool] = lambda name, stand: False
        self._days: set[int] = set()
        self._today = 0
        self._guard = threading.Lock()

    @property
    def is_fenced(self) -> bool:
        """Whether this handle writes only for as long as it holds a lease."""
        return self.fence is not NO_FENCE

    def has_these_tables(self) -> bool:
        """Whether the tables are those of this program; a later version is refused."""
        if self.version != VERSION:
            self.version = check_version(self.connections)
        return self.version == VERSION

    def prepare(self) -> None:
        """See that there are the tables, and a place for the batches of today and tomorrow."""
        today = self.clock.now_ms() // DAY_MS
        if today in self._days and today + 1 in self._days:
            self._today = today
            return
        with self._guard:
            if not self._days and not self.has_these_tables():
                make_tables(self.connections)
                self.version = VERSION
            wanted = [today, today + 1]
            there = days_there(self.connections)
            if not there.issuperset(wanted):
                make_days(self.connections, wanted)
            self._days = {*there, *wanted}
            self._today = today

    def day_of(self, ts: int) -> int:
        """The day that a batch of this time is kept under: its own where that has a place."""
        day = ts // DAY_MS
        return day if day in self._days else self._today

    def forget_days(self) -> None:
        """Look anew which days have a place."""
        self._days = set()

    def ask(self, text: str, values: Sequence[Any]) -> Rows:
        """The rows of a statement that reads; none before there are tables."""
        try:
            return self.connections.ask((text, values))[0]
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            return []
        except psycopg.Error as error:
            raise self.connections.explained(error) from error

    def sync(self) -> None:
        """Return when all that was committed before is on the server's disk."""
        if self._days:
            self.connections.ask(
                ("begin", ()),
                ("set local synchronous_commit = on", ()),
                ("select pg_current_xact_id()", ()),
                ("commit", ()),
            )
