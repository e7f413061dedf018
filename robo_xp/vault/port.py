"""What callers know of the vault: a namespace, its state, transactions that leave one batch.

Files and memory come below this line (``file_namespace``, ``memory``); both pass one test suite.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from robo_xp.errors import InvalidValue
from robo_xp.ports import Clock
from robo_xp.vault.files.journal import Batch, Record
from robo_xp.vault.files.snapshot import META
from robo_xp.vault.state import State

if TYPE_CHECKING:
    from tinydb import TinyDB

log = logging.getLogger("robo_xp.vault")

Listener = Callable[[str, Batch], None]
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Origin:
    """Who makes a batch, and with which command: ``cli:alice``, ``xp give``."""

    by: str
    cmd: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many bytes a namespace takes: what it is now, its recent and its folded batches."""

    snapshot: int
    journal: int
    archive: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.snapshot + self.journal + self.archive


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

    def __init__(self, namespace: Namespace, origin: Origin, *, dry_run: bool = False) -> None:
        """Prepare; nothing is locked before the ``with``."""
        self._namespace = namespace
        self._pending: dict[str, dict[str, dict[str, Any] | None]] = {}
        self.origin = origin
        self.dry_run = dry_run
        self.reason: str | None = None
        self.undoes: int | None = None
        self.events: list[dict[str, Any]] = []
        self.batch: Batch | None = None
        self.ts = 0

    def __enter__(self) -> Transaction:
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
        pending = self._pending.get(table)
        if pending is not None:
            changed = pending.get(doc_id, _MISSING)
            if changed is not _MISSING:
                return changed  # type: ignore[no-any-return]
        return self._namespace.state.records(table).get(doc_id)

    def records(self, table: str) -> Mapping[str, Record]:
        """All records of the table as this transaction would leave them; do not change them."""
        base = self._namespace.state.records(table)
        pending = self._pending.get(table)
        if not pending:
            return base
        merged = {**base, **pending}
        return {doc_id: record for doc_id, record in merged.items() if record is not None}

    def put(self, table: str, doc_id: str, record: dict[str, Any]) -> None:
        """Store the record; it must not be changed afterwards."""
        self._pending.setdefault(table, {})[doc_id] = record

    def delete(self, table: str, doc_id: str) -> None:
        """Delete the record."""
        self._pending.setdefault(table, {})[doc_id] = None

    def touched(self, table: str) -> int:
        """How many records of the table this transaction stores or deletes."""
        return len(self._pending.get(table, ()))

    def event(self, event: dict[str, Any]) -> None:
        """Tell listeners of this after the commit."""
        self.events.append(event)

    def content(self, seq: int) -> Batch | None:
        """The batch that these changes make, or None when there are none."""
        if not self._pending and not self.events:
            return None
        if META in self._pending:
            raise ValueError(f"the table {META!r} belongs to the vault")
        return Batch(
            seq=seq,
            ts=self.ts,
            by=self.origin.by,
            cmd=self.origin.cmd,
            reason=self.reason,
            undoes=self.undoes,
            ops=[
                (table, doc_id, record)
                for table, records in self._pending.items()
                for doc_id, record in records.items()
            ],
            events=self.events,
        )


class Namespace(ABC):
    """One unit of storage: its tables, a writer's lock, a journal."""

    def __init__(self, name: str, clock: Clock) -> None:
        """Start with an empty state; nothing is opened yet."""
        self.name = name
        self.clock = clock
        self.state = State()
        self.listeners: list[Listener] = []
        # what use cases derive from the state and want to keep as long as it is open
        self.attached: dict[str, object] = {}
        self._guard = threading.RLock()
        self._in_use = 0
        self._writing = False

    def transaction(self, origin: Origin, *, dry_run: bool = False) -> Transaction:
        """A transaction to be used in a ``with``."""
        return Transaction(self, origin, dry_run=dry_run)

    def read(self) -> State:
        """The state, brought up to date with what any process committed."""
        with self._guard:
            self._catch_up()
            return self.state

    def begin(self, transaction: Transaction) -> None:
        """Start a transaction: lock, catch up, take the time."""
        self._guard.acquire()
        try:
            if transaction.dry_run:
                self._catch_up()
            else:
                if self._writing:
                    self._refuse_while_writing()
                self._lock()
                self._writing = True
        except BaseException:
            self._guard.release()
            raise
        self._in_use += 1
        transaction.ts = self.clock.now_ms()

    def _refuse_while_writing(self) -> None:
        """Raise RuntimeError when this thread is inside a transaction of this namespace."""
        if self._writing:
            raise RuntimeError(f"a transaction of {self.name} is already open in this thread")

    def finish(self, transaction: Transaction, *, failed: bool) -> None:
        """End a transaction; tell the listeners when a batch was committed."""
        try:
            self._in_use -= 1
            if transaction.dry_run:
                return
            self._writing = False
            try:
                batch = None if failed else transaction.content(self.state.seq + 1)
                if batch is not None:
                    self._append(batch)
                    transaction.batch = batch
            finally:
                self._unlock()
        finally:
            self._guard.release()
        if transaction.batch is not None:
            tell(self.listeners, self.name, transaction.batch)

    @property
    def db(self) -> TinyDB:
        """The namespace as a TinyDB database; its tables take string ids."""
        from robo_xp.vault.tinydb import open_db

        return open_db(self)

    @abstractmethod
    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""

    @abstractmethod
    def batches_back(self) -> Iterator[Batch]:
        """The kept batches, newest first."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether anything was ever committed here."""

    @abstractmethod
    def sizes(self) -> Sizes:
        """How large it is, also where it is damaged: nothing is opened for it."""

    @abstractmethod
    def compact(self) -> bool:
        """Write a new snapshot and a fresh journal; whether there was anything to write."""

    @abstractmethod
    def sync(self) -> None:
        """Return when all that was committed is on the disk."""

    @abstractmethod
    def close(self) -> None:
        """Give up memory and open files; the next use opens them again."""

    @abstractmethod
    def _catch_up(self) -> None:
        """Bring the state up to date."""

    @abstractmethod
    def _lock(self) -> None:
        """Hold the writer's lock with an up-to-date state."""

    @abstractmethod
    def _append(self, batch: Batch) -> None:
        """Make the batch durable and apply it; on any error nothing has happened."""

    @abstractmethod
    def _unlock(self) -> None:
        """Give the writer's lock back."""


def tell(listeners: list[Listener], name: str, batch: Batch) -> None:
    """Call each listener; one that fails is logged, since the batch is committed all the same."""
    for listener in listeners:
        try:
            listener(name, batch)
        except Exception:
            log.exception("a listener failed at batch %d of %s", batch.seq, name)


def check_text(text: str | None, what: str, limit: int) -> str | None:
    """The text if it can be stored: at most ``limit`` characters and no lone surrogates."""
    if text is None:
        return None
    if len(text) > limit:
        raise InvalidValue(f"the {what} has {len(text)} characters; {limit} are allowed")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(f"the {what} is not valid text (position {error.start})") from error
    return text
