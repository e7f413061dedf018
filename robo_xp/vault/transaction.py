"""A transaction: changes to one namespace that become one batch, or nothing at all; and what
keeps in mind that other namespaces have yet to follow one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from robo_xp.model.events import Event, UnknownEvent
from robo_xp.vault.about import BULK_FROM, with_about
from robo_xp.vault.batch import Batch, Record
from robo_xp.vault.state import META, Remote, State

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import RecordTable, VaultDB

_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Origin:
    """Who makes a batch, and with which command: ``cli:alice``, ``xp give``."""

    by: str
    cmd: str


class Transactional(Protocol):
    """What transactions change: a namespace."""

    state: State

    def begin(self, transaction: Transaction) -> None:
        """Start a transaction."""

    def finish(self, transaction: Transaction, *, failed: bool) -> None:
        """End a transaction, with a commit unless it failed."""


class Transaction:
    """Changes to one namespace that become one batch, or nothing at all.

    Use it as a context manager: the writer's lock is held and the state is up to date inside;
    leaving it commits, an exception drops everything. After the commit ``batch`` is what was
    written, or None when there was nothing to write. A dry run takes no lock and writes nothing;
    what it reads does not change under it, so it is also how to read several records as one.
    """

    __slots__ = (
        "_namespace", "_pending", "batch", "dry_run", "events", "origin", "reason", "ts", "undoes",
    )  # fmt: skip

    def __init__(self, namespace: Transactional, origin: Origin, *, dry_run: bool = False) -> None:
        self._namespace = namespace
        self._pending: dict[str, dict[str, dict[str, Any] | None]] = {}
        self.origin = origin
        self.dry_run = dry_run
        self.reason: str | None = None
        self.undoes: int | None = None
        self.events: list[Event] = []
        self.batch: Batch | None = None
        self.ts = 0

    def __enter__(self) -> Self:
        """Hold the lock and the newest state."""
        self._namespace.begin(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, or drop everything after an exception; the lock is free afterwards."""
        self._namespace.finish(self, failed=kind is not None)

    @property
    def seq(self) -> int | None:
        """The number of the committed batch; None before the commit and in a dry run."""
        return None if self.batch is None else self.batch.seq

    def get(self, table: str, doc_id: str) -> Record | None:
        """The record as this transaction would leave it, or None."""
        if table in self._pending:
            changed = self._pending[table].get(doc_id, _MISSING)
            if changed is not _MISSING:
                return changed  # type: ignore[no-any-return]
        records = self._namespace.state.tables.get(table)
        return None if records is None else records.get(doc_id)

    def foresee(self, ids: Sequence[str], *tables: str) -> None:
        """Have these records at hand: where they are read one by one, all are read at once now."""
        for table in tables:
            records = self._namespace.state.records(table)
            if isinstance(records, Remote):
                records.fetch(ids)

    def records(self, table: str) -> Mapping[str, Record]:
        """All records of the table as this transaction would leave them; do not change them."""
        base = self._namespace.state.records(table)
        pending = self._pending.get(table)
        if not pending:
            return base
        merged = {**base, **pending}
        return {doc_id: record for doc_id, record in merged.items() if record is not None}

    def table(self, name: str) -> RecordTable:
        """A table to ask by TinyDB's queries; what it finds is not to be changed."""
        from robo_xp.vault.tinydb import table_of

        return table_of(self, name)

    def table_names(self) -> set[str]:
        """The tables with anything in them as this transaction would leave them."""
        names = {*self._namespace.state.tables, *self._pending}
        return {name for name in names if self.records(name)}

    @property
    def db(self) -> VaultDB:
        """The namespace as TinyDB within this transaction: changes become part of its batch."""
        from robo_xp.vault.tinydb import VaultDB

        return VaultDB(lambda: self, lambda: nullcontext(self))

    def put(self, table: str, doc_id: str, record: dict[str, Any]) -> None:
        """Store the record; it must not be changed afterwards."""
        if table in self._pending:
            self._pending[table][doc_id] = record
        else:
            self._pending[table] = {doc_id: record}

    def delete(self, table: str, doc_id: str) -> None:
        """Delete the record."""
        self._pending.setdefault(table, {})[doc_id] = None

    def touched(self, table: str) -> int:
        """How many records of the table this transaction stores or deletes."""
        return len(self._pending.get(table, ()))

    @property
    def has_changes(self) -> bool:
        """Whether this transaction stores or deletes anything."""
        return any(self._pending.values())

    def event(self, event: Event) -> None:
        """Tell listeners of this after the commit; never what only another version knows."""
        if event.__class__ is UnknownEvent:
            raise TypeError("an unknown event is only read")
        self.events.append(event)

    def content(self, seq: int) -> Batch | None:
        """The batch that these changes make, or None when there are none.

        One that takes another back says so even where nothing was left to change.
        """
        if not self._pending and not self.events and self.undoes is None:
            return None
        if META in self._pending:
            raise ValueError(f"the table {META!r} belongs to the vault")
        ops = [
            (table, doc_id, record)
            for table, records in self._pending.items()
            for doc_id, record in records.items()
        ]
        batch = Batch(
            seq=seq,
            ts=self.ts,
            by=self.origin.by,
            cmd=self.origin.cmd,
            reason=self.reason,
            undoes=self.undoes,
            ops=ops,
            events=self.events,
        )
        return batch if len(ops) + len(self.events) < BULK_FROM else with_about(batch)


class FollowUp:
    """What keeps in mind that levels have yet to follow a global curve; this one keeps nothing."""

    def begin(self, origin: Origin) -> None:
        """Make it lasting, before the change is committed."""

    def end(self) -> None:
        """All have followed; where that cannot be said, they are looked at once more."""

    def close(self) -> None:
        """Let others at it."""

    def _is_left(self) -> bool:
        """Whether a process left it so, held from now on; VaultBusy where one is at it."""
        return False

    def take_up(self, follow: Callable[[], int | None]) -> str | None:
        """Let levels follow where a process left that; what was done in words.

        ``follow`` says how many moved, None where some could not. Raises VaultBusy where a
        process is at it.
        """
        if not self._is_left():
            return None
        moved = follow()
        if moved is None:
            return "some levels do not follow the global curve yet; the next command tries again"
        self.end()
        if not moved:  # the curve itself was not changed, or all had followed
            return None
        return "a change of the global curve had not come to its end; all levels follow it now"
