"""What callers know of a vault: namespaces, their state, transactions that leave one batch each.

Engines come below this line (files, memory); all of them pass one test suite.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from robo_xp.errors import InvalidValue, RoboXPError, VaultBusy
from robo_xp.model.shards import ALL, Shards
from robo_xp.ports import Clock
from robo_xp.vault.batch import Batch, Part
from robo_xp.vault.care_port import Care
from robo_xp.vault.name import KINDS, NamespaceKind, is_namespace, name_of
from robo_xp.vault.state import State
from robo_xp.vault.transaction import FollowUp, Origin, Transaction
from robo_xp.vault.watch import Look, Watch, look

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import VaultDB

log = logging.getLogger("robo_xp.vault")

Listener = Callable[[str, Batch], None]
_LIBRARY = Origin("library", "tinydb")
Durability = Literal["batch", "interval", "os"]
ARCHIVE_DAYS = 30
"""For how many days folded batches are kept, unless somebody says otherwise."""


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


@dataclass(frozen=True, slots=True)
class Usage:
    """How many namespaces there are of one kind, and how many bytes they take together."""

    namespaces: int
    sizes: Sizes


@dataclass(frozen=True, slots=True)
class Timings:
    """Who is told how many seconds a sync took, and a wait for a lock that others held."""

    syncs: Callable[[float], None]
    lock_waits: Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultOptions:
    """How a vault is opened, whatever its engine; each takes from it what it knows.

    ``durability``: ``batch`` syncs each batch before it is acknowledged, ``interval`` once a
    second, ``os`` leaves it to the system below. ``lock_wait`` is in seconds; ``archive_days`` is
    how long batches are kept, 0 for none; ``to_mend`` opens also what is damaged.
    """

    clock: Clock
    durability: Durability = "batch"
    lock_wait: float = 10.0
    archive_days: int = ARCHIVE_DAYS
    timings: Timings | None = None
    to_mend: bool = False


class Board(Protocol):
    """The ranked members of a namespace, by XP descending and then by id as a number."""

    def __len__(self) -> int:
        """How many members are ranked."""

    def cut(self, offset: int, limit: int) -> Iterable[tuple[int, str]]:
        """XP and id of the members from ``offset`` on."""

    def position(self, user_id: str) -> int | None:
        """How many members stand before this one; None if it is not ranked."""


class Namespace(ABC):
    """One unit of storage: its tables, a writer's lock, a journal."""

    def __init__(self, name: str, clock: Clock) -> None:
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

    def close_if_idle(self) -> bool:
        """Close unless it is in use by any thread, this one included; whether it was closed."""
        if not self._guard.acquire(blocking=False):
            return False
        try:
            if not self._in_use:
                self.close()
            return not self._in_use
        finally:
            self._guard.release()

    @property
    def db(self) -> VaultDB:
        """The namespace as a TinyDB database; its tables take string ids."""
        from robo_xp.vault.tinydb import VaultDB

        return VaultDB(self.read, lambda: self.transaction(_LIBRARY))

    def board(self) -> Board | None:
        """The up-to-date board of the members, where the engine ranks them; else None."""
        return None

    @abstractmethod
    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""

    @abstractmethod
    def batches_back(self) -> Iterator[Batch]:
        """The kept batches, newest first."""

    def heads_back(self, part: Part | None = None) -> Iterator[Batch]:
        """The same; a batch that says what it was about may come without ops and events, or
        with no more of them than the part that is asked for.
        """
        return self.batches_back()

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

    def _detach(self) -> None:
        """Give up what use cases derived from the state."""
        self.attached.clear()
        self.state.untrack_all()

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


class Vault(ABC):
    """A set of namespaces, and listeners for what is committed through this handle."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.listeners: list[Listener] = []

    def namespace(self, name: str) -> Namespace:
        """The namespace of that name; it need not exist yet."""
        if not is_namespace(name):
            raise InvalidValue(f"{name!r} is no name of a namespace")
        return self._namespace(name)

    def _tell(self, name: str, batch: Batch) -> None:
        """Pass a committed batch on to the listeners of the vault."""
        tell(self.listeners, name, batch)

    @contextmanager
    def together(
        self, names: Sequence[str], origin: Origin, *, dry_run: bool = False
    ) -> Iterator[dict[str, Transaction]]:
        """Transactions of several namespaces, committed one after the other in this order.

        An engine that may be stopped in between sees to it that all of them are, or none.
        """
        entered: dict[str, Transaction] = {}
        try:
            for name in sorted({*names}):  # two who want the same cannot wait for each other
                entered[name] = (
                    self.namespace(name).transaction(origin, dry_run=dry_run).__enter__()
                )
            yield entered
        except BaseException:
            self._drop(entered)
            raise
        self._commit(origin, {name: entered[name] for name in names})

    def _commit(self, origin: Origin, transactions: Mapping[str, Transaction]) -> None:
        """Commit in turn; after an error the rest is dropped."""
        left = dict(transactions)
        for name, transaction in transactions.items():
            del left[name]
            try:
                self.namespace(name).finish(transaction, failed=False)
            except BaseException:
                self._drop(left)
                raise

    def _drop(self, transactions: Mapping[str, Transaction]) -> None:
        """End the transactions without a commit."""
        for name, transaction in transactions.items():
            self.namespace(name).finish(transaction, failed=True)

    def following(self, *, wait: float | None = None) -> AbstractContextManager[FollowUp]:
        """In the block a change is made that others follow; ``wait`` seconds for another's."""
        return closing(FollowUp())

    def take_up(self, follow: Callable[[], int | None]) -> list[str]:
        """Finish or undo changes of several namespaces that a process left; what was done in
        words. ``follow`` lets levels follow the global curve: see ``FollowUp``.
        """
        done: list[str | None] = []
        try:
            done.append(self._take_up_changes(wait=0))
            with self.following(wait=0) as follow_up:
                done.append(follow_up.take_up(follow))
        except VaultBusy:  # it is under way
            pass
        except RoboXPError as error:
            done.append(f"{error.message}; {error.advice}")
        return [one for one in done if one is not None]

    def _take_up_changes(self, *, wait: float | None = None) -> str | None:
        """The same for changes that are made as a whole; nothing is left of them here."""
        return None

    @abstractmethod
    def _namespace(self, name: str) -> Namespace:
        """The namespace of a checked name."""

    @property
    @abstractmethod
    def format(self) -> int | None:
        """The format of the vault's files; None where nothing was ever stored."""

    @abstractmethod
    def names(self, kind: NamespaceKind | None = None) -> list[str]:
        """The namespaces with anything committed, of one kind or of all, sorted."""

    def stores_of(self, guild_id: str) -> list[str]:
        """The namespaces of the stores of a guild with anything committed, sorted."""
        return [name for name in self.names("xp") if name_of(name).guild_id == guild_id]

    def changes(self, kind: NamespaceKind, since: Look | None = None) -> Look:
        """A look at the namespaces of a kind; without an earlier one all have changed."""
        names = self.names(kind)
        return look({name: self.namespace(name).read().seq for name in names}, since)

    def watch(self, kind: NamespaceKind) -> Watch:
        """What hears of changes of a kind of namespaces; to be closed."""
        return Watch(self, kind)

    def usage(self) -> dict[NamespaceKind, Usage]:
        """How much room each kind of namespace takes."""
        found: dict[NamespaceKind, list[Sizes]] = {kind: [] for kind in KINDS}
        for name in self.names():
            found[name_of(name).kind].append(self.namespace(name).sizes())
        return {
            kind: Usage(
                len(sizes),
                Sizes(
                    sum(one.snapshot for one in sizes),
                    sum(one.journal for one in sizes),
                    sum(one.archive for one in sizes),
                ),
            )
            for kind, sizes in found.items()
        }

    def expire(self) -> int:
        """Remove batches that were kept long enough; how many namespaces had any."""
        return 0

    def only(
        self, work: str, lost: Callable[[], None], shards: Shards = ALL
    ) -> AbstractContextManager[object]:
        """In the block this handle alone does the work for these shards, wherever others run.

        VaultBusy names who does it now. ``lost`` is called in another thread when others took
        over, which they may when this one was silent for too long; it can commit nothing then.
        A vault that one machine has needs no more than that machine's own locks.
        """
        return nullcontext()

    def note(self, key: str, change: Callable[[str, float], str]) -> bool:
        """Change what programs of the vault note for each other under a key, on any machine.

        ``change`` is called with the text that is noted, empty at first, and the time in seconds,
        and returns the new text; no two are called at once. Whether it was: False where the engine
        of the vault tells machines nothing of each other.
        """
        return False

    @property
    def care(self) -> Care | None:
        """What checks, repairs and backs up the vault, where its engine offers that."""
        return None

    @abstractmethod
    def close(self) -> None:
        """Give up memory and open files."""


def tell(listeners: list[Listener], name: str, batch: Batch) -> None:
    """Call each listener; one that fails is logged, since the batch is committed all the same."""
    for listener in listeners:
        try:
            listener(name, batch)
        except Exception:
            log.exception("a listener failed at batch %d of %s", batch.seq, name)
