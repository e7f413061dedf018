"""The vault at an address of PostgreSQL: its namespaces, what changed, what is kept how long."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from weakref import WeakValueDictionary

from robo_xp.errors import Refused, VaultBusy
from robo_xp.model.shards import ALL, Shards
from robo_xp.ports import Clock, SystemClock
from robo_xp.vault.batch import FORMAT
from robo_xp.vault.care_port import Care
from robo_xp.vault.migrations import DEFAULT_MIGRATIONS, Migrations
from robo_xp.vault.name import KINDS, NamespaceKind, name_of
from robo_xp.vault.port import Durability, Namespace, Sizes, Usage, Vault
from robo_xp.vault.postgres.address import Address
from robo_xp.vault.postgres.connections import Connections
from robo_xp.vault.postgres.follow_up import PostgresFollowUp
from robo_xp.vault.postgres.leases import Lease, note
from robo_xp.vault.postgres.namespace import PostgresNamespace
from robo_xp.vault.postgres.schema import DAY_MS, check_version, days_there, moved_to
from robo_xp.vault.postgres.shared import COLD_FROM, Shared, Stand
from robo_xp.vault.transaction import FollowUp, Origin, Transaction
from robo_xp.vault.watch import Look

log = logging.getLogger("robo_xp.vault")

_OPEN_AT_ONCE = 4096
_EXPIRE_WAIT = "2s"


class PostgresVault(Vault):
    """A vault in a database, shared with other processes and other machines."""

    def __init__(
        self,
        address: str,
        *,
        durability: Durability = "batch",
        clock: Clock | None = None,
        lock_wait: float = 10.0,
        archive_days: int = 30,
        migrations: Migrations = DEFAULT_MIGRATIONS,
        cold_from: int = COLD_FROM,
        to_mend: bool = False,
        care: Callable[[PostgresVault], Care] | None = None,
    ) -> None:
        """Connect, and refuse tables of a later version; the first commit makes the tables.

        ``durability``: ``batch`` waits for the server's disk, and for what its operator asks of
        ``synchronous_commit``; ``interval`` and ``os`` do not, and a crash of the server may cost
        the last half second. ``lock_wait`` is in seconds. Batches are kept ``archive_days``.
        ``to_mend`` opens also what was moved elsewhere; ``care`` makes what looks after it.
        """
        super().__init__(clock or SystemClock())
        self.address = Address.of(address)
        self.connections = Connections(self.address, wait=lock_wait)
        self._shared = Shared(
            self.connections,
            clock=self.clock,
            durability=durability,
            migrations=migrations,
            cold_from=cold_from,
        )
        self._shared.is_current = self._is_current
        self._archive_days = archive_days
        self._care = care
        self._known: WeakValueDictionary[str, PostgresNamespace] = WeakValueDictionary()
        self._open: OrderedDict[str, PostgresNamespace] = OrderedDict()
        self._guard = threading.Lock()
        try:
            self._shared.has_these_tables()
            if not to_mend and (place := moved_to(self.connections)):
                raise Refused(
                    f"the vault at {self.address.shown} was moved to {place}",
                    advice="use that one: with --data-dir, or as data_dir in robo-xp.toml",
                )
        except BaseException:
            self.connections.close()
            raise

    def namespace(self, name: str) -> Namespace:
        """The namespace of that name; it need not exist yet. Quick for one that is open."""
        try:
            self._open.move_to_end(name)
            return self._open[name]
        except KeyError:
            return super().namespace(name)

    def _namespace(self, name: str) -> PostgresNamespace:
        """The namespace, opened at the first call; the longest unused ones may be closed for it."""
        with self._guard:
            namespace = self._known.get(name)
            if namespace is None:
                namespace = self._known[name] = PostgresNamespace(name, self._shared)
                namespace.listeners.append(self._tell)
            self._open[name] = namespace
            surplus = len(self._open) - _OPEN_AT_ONCE
            unused = list(self._open.items())[:surplus] if surplus > 0 else []
        for other_name, other in unused:
            if other.close_if_idle():
                self._open.pop(other_name, None)
        return namespace

    def _commit(self, origin: Origin, transactions: Mapping[str, Transaction]) -> None:
        """Commit in one transaction of the server, so that there are all of them or none."""
        batches = {
            name: batch
            for name, one in transactions.items()
            if (batch := one.content(self._namespace(name).state.seq + 1)) and not one.dry_run
        }
        if len(batches) > 1:
            # the first row, in the order in which all lock them, is never let go
            lead, *others = sorted(batches)
            self._namespace(lead).carry([(self._namespace(one), batches[one]) for one in others])
            transactions = {lead: transactions[lead], **transactions}
        super()._commit(origin, transactions)

    def following(self, *, wait: float | None = None) -> AbstractContextManager[FollowUp]:
        """In the block a change is made that other namespaces follow, each by itself."""
        wait = self.connections.wait if wait is None else wait
        return closing(PostgresFollowUp(self._shared, wait=wait))

    def _is_current(self, name: str, stand: Stand) -> bool:
        """Whether an open namespace stands where the server says it does."""
        namespace = self._known.get(name)
        if namespace is None:
            return False
        seq, lineage = stand
        mark = namespace.state.mark
        return namespace.state.seq == seq and (mark.lineage == lineage or not seq)

    @property
    def format(self) -> int | None:
        """The format of the lines; None before the first."""
        return FORMAT if check_version(self.connections) else None

    @property
    def shared(self) -> Shared:
        """What all namespaces share, for those who carry whole ones."""
        return self._shared

    @property
    def care(self) -> Care | None:
        """What looks after the vault, where whoever opened it gave it any."""
        return None if self._care is None else self._care(self)

    def numbers(self) -> dict[str, int]:
        """The last batch of each namespace with anything committed, sorted by name."""
        return dict(sorted(self._shared.ask(self._shared.sql.numbers, [])))

    def identity(self) -> object:
        """Which server, database and schema it is, however the address names them."""
        text = "select pg_postmaster_start_time()::text, current_database()"
        return self._shared.ask(text, []), self.address.schema

    def worker(self) -> str:
        """Who holds a lease now; empty where nobody does."""
        rows = self._shared.ask(self._shared.sql.leases, [])
        return str(rows[0][1]) if rows else ""

    def mark_moved(self, target: str) -> None:
        """Let whoever opens the vault be told where it is now."""
        text = f"update {self.address.schema}.version set moved_to = %s returning 1"
        self._shared.ask(text, [target])

    def names(self, kind: NamespaceKind | None = None) -> list[str]:
        """The namespaces with anything committed, of one kind or of all, sorted."""
        return [name for name in self.numbers() if kind is None or name_of(name).kind == kind]

    def changes(self, kind: NamespaceKind, since: Look | None = None) -> Look:
        """A look at the namespaces of a kind: one question, whose answer is only what changed.

        ``listing`` is the number of the oldest transaction that the look may not have seen: what
        an unfinished one writes comes with a later look.
        """
        low = since.listing if since is not None and isinstance(since.listing, int) else 0
        rows = self._shared.ask(self._shared.sql.changes, [low, low, kind, low, low])
        if not rows:
            return Look([], {}, 0)
        before = {} if since is None else since.stamps
        found = {name: (lineage, seq) for name, lineage, seq, _ in rows if name is not None}
        changed = [name for name, stamp in found.items() if before.get(name) != stamp]
        return Look(changed, {**before, **found} if changed else before, rows[0][3])

    def usage(self) -> dict[NamespaceKind, Usage]:
        """How much room each kind of namespace takes."""
        found: dict[NamespaceKind, list[int]] = {kind: [0, 0, 0] for kind in KINDS}
        for _, kind, docs, lines in self._shared.ask(self._shared.sql.sizes, ["", ""]):
            for place, number in enumerate((1, docs, lines)):
                found[kind][place] += number
        return {kind: Usage(of[0], Sizes(of[1], of[2], 0)) for kind, of in found.items()}

    def expire(self) -> int:
        """Remove the days that were kept long enough; how many namespaces had batches in them.

        They must have been so by the clock of the server too: ours may be ahead.
        """
        if check_version(self.connections) is None:
            return 0
        there = int(self._shared.ask(self._shared.sql.now, [])[0][0] * 1000)
        first = min(self.clock.now_ms(), there) // DAY_MS - self._archive_days
        schema, names = self.address.schema, set()
        for day in sorted(day for day in days_there(self.connections) if day < first):
            table = f"{schema}.batch_{day}"
            names |= set(self._shared.ask(f"select distinct ns from {table}", []))
            try:
                self._drop_table(table)
            except VaultBusy:
                log.warning("the batches of day %d are kept for now: they are in use", day)
        self._shared.forget_days()
        return len(names)

    def _drop_table(self, table: str) -> None:
        """Remove a table that may be gone already; VaultBusy where it is in use."""
        wait = f"set local lock_timeout = '{_EXPIRE_WAIT}'"
        self.connections.settle(lambda one: one.execute(f"{wait}; drop table if exists {table}"))

    def only(
        self, work: str, lost: Callable[[], None], shards: Shards = ALL
    ) -> AbstractContextManager[object]:
        """Hold the lease of the work in the block; commits of this handle depend on it."""
        return Lease(self._shared, work, lost, shards=shards)

    def note(self, key: str, change: Callable[[str, float], str]) -> bool:
        """Change what programs note for each other, by the clock of the server."""
        note(self._shared, key, change)
        return True

    def sync(self) -> None:
        """Return when all that was committed is on the server's disk."""
        self._shared.sync()

    def close(self) -> None:
        """Give up memory and connections; the next use opens them again."""
        with self._guard:
            namespaces = list(self._known.values())
            self._open.clear()
        for namespace in namespaces:
            namespace.close()
        self.connections.close()
