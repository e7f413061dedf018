"""A namespace on the server: its row is the writer's lock, its lines are those of the journal.

A transaction takes two round trips: lock and catch up; then batch, records and COMMIT. What became
of a COMMIT whose connection was lost is found out before anything else is done.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import errors

from robo_xp.errors import VaultBusy, VaultUnavailable
from robo_xp.vault.batch import Batch, Record, batch_of, is_plain, line_of
from robo_xp.vault.name import GLOBAL, name_of
from robo_xp.vault.postgres.arrays import numbers
from robo_xp.vault.postgres.cold import ColdTable
from robo_xp.vault.postgres.connections import Lost, rolled_back
from robo_xp.vault.postgres.reader import USERS, ReadNamespace
from robo_xp.vault.postgres.rows import NOWHERE, Row, columns_of, content_of, place_of
from robo_xp.vault.postgres.shared import Stand
from robo_xp.vault.postgres.sql import FAR
from robo_xp.vault.postgres.trip import Connection, Rows, Statement
from robo_xp.vault.pseudonyms import ERASED, in_line, marks_in
from robo_xp.vault.state import Mark

_PIECE = 10_000
_IDLE = psycopg.pq.TransactionStatus.IDLE


class PostgresNamespace(ReadNamespace):
    """One namespace of a vault on PostgreSQL."""

    _carries: Sequence[tuple[PostgresNamespace, Batch]] = ()
    _is_carried = False

    def _lock(self) -> None:
        """Hold the row with an up-to-date state: one round trip as a rule."""
        shared = self._shared
        shared.prepare()
        until = time.monotonic() + shared.connections.wait
        while True:
            connection = shared.connections.take(until)
            try:
                defaults = self._lock_on(connection)
            except Lost as lost:
                if time.monotonic() >= until:
                    raise shared.connections.unavailable("was lost", lost) from lost
            except BaseException as error:
                self._let_go(connection)
                if isinstance(error, errors.LockNotAvailable):
                    raise self._busy() from error
                if isinstance(error, psycopg.Error):
                    raise shared.connections.explained(error) from error
                raise
            else:
                self._held = connection
                shared.looks.begin()
                if shared.is_current(GLOBAL, defaults):
                    shared.looks.add(GLOBAL)
                return

    def _lock_on(self, connection: Connection) -> Stand:
        """The same on one connection; where the defaults of all guilds stand."""
        shared, sql = self._shared, self._sql
        for records in self.state.tables.values():
            if isinstance(records, ColdTable):
                records.shrink()
        statements = self._locking()
        place = len(statements) - 1
        docs = (sql.docs, [self.name, shared.cold_from])
        if not self._loaded:
            statements.append(docs)
        got = shared.connections.run(connection, *statements)
        self._check_fence(got)
        head: Rows = [(*row[:5], None) for row in got[place]]
        if not self._loaded:
            self._take_all(head, got[-1])
        elif not head or not self._take_head(head):
            (rows,) = shared.connections.run(connection, self._head_statement())
            if not rows or not self._take_head(rows):
                self._take_all(
                    *shared.connections.run(connection, (sql.head, [FAR, self.name, 1]), docs)
                )
        if self.state.mark.schema < shared.migrations.current:
            self._migrate(connection)
            return self._lock_on(connection)
        return (got[place][0][5], got[place][0][6]) if head else (0, "")

    def _locking(self) -> list[Statement]:
        """What begins a transaction and holds the row, which comes to be with the first batch."""
        shared, sql = self._shared, self._sql
        statements: list[Statement] = [("begin", ())]
        wait = f"{max(1, round(shared.connections.wait * 1000))}ms"
        if shared.is_fenced:
            statements.append((sql.fence, shared.fence))
        if self.state.seq == 0:
            schema = shared.migrations.current
            made = [self.name, name_of(self.name).kind, schema, secrets.token_hex(8)]
            statements += [(sql.wait, [wait]), (sql.make, made)]
        return [*statements, (sql.lock, [wait, shared.is_sure, self.name])]

    def _check_fence(self, got: list[list[tuple[Any, ...]]]) -> None:
        """Raise VaultBusy when what this handle works under is in other hands now."""
        if self._shared.is_fenced and not got[1]:
            raise VaultBusy(
                "another daemon has taken over the work of this one; nothing was written",
                advice="stop this daemon; 'robo-xp daemon status' says who works now",
            )

    def _migrate(self, connection: Connection) -> None:
        """Write all records in the present schema, and end the transaction with that."""
        ops = [
            (table, doc_id, record)
            for table, records in self.state.tables.items()
            for doc_id, record in records.items()
        ]
        schema, old = self._shared.migrations.current, self.state.mark
        statements, values = self._putting(ops, {})
        self._shared.connections.run(
            connection,
            (self._sql.clear, [self._id]),
            (self._sql.clear_buckets, [self._id]),
            *statements,
            (self._sql.store, values),
            (self._sql.renew, [schema, self._id]),
            ("commit", ()),
        )
        self.state.mark = Mark(schema, old.seq, old.generation + 1, old.lineage)

    def _busy(self) -> VaultBusy:
        """The error that names who holds the row."""
        (rows,) = self._shared.connections.ask((self._sql.holder, [self.name]))
        said = f"{self.name} was not free within {self._shared.connections.wait:g} s"
        if rows:
            pid, application = rows[0]
            said += f"; {application or 'another program'} (server process {pid}) holds it"
        return VaultBusy(said)

    def _putting(
        self, ops: Iterable[Any], before: Mapping[str, Record]
    ) -> tuple[list[Statement], list[Any]]:
        """What stores and deletes the records of these after-images, and counts the members.

        ``before`` are the members as they are counted now. Much goes in pieces, so that the
        server works on one while the next is made; the last piece, and the counts, are values
        for the commit itself.
        """
        is_xp = name_of(self.name).kind == "xp"
        kept: list[Row] = []
        gone: dict[str, list[str]] = {}
        counts: Counter[int | None] = Counter()
        for table, doc_id, record in ops:
            place = NOWHERE
            if is_xp and table == USERS:
                place = place_of(record)
                if (old := place_of(before.get(doc_id))[1]) != place[1]:
                    counts[old] -= 1
                    counts[place[1]] += 1
            if record is None:
                gone.setdefault(table, []).append(doc_id)
            else:
                kept.append((table, doc_id, *place, content_of(record)))
        moved = {one: number for one, number in counts.items() if number and one is not None}
        pieces = [columns_of(kept[at : at + _PIECE]) for at in range(0, len(kept), _PIECE)]
        last = pieces.pop() if pieces else columns_of([])
        statements: list[Statement] = [(self._sql.put, [self._id, *piece]) for piece in pieces]
        statements += [(self._sql.remove, [self._id, table, ids]) for table, ids in gone.items()]
        counted = [numbers([*moved]), numbers([*moved.values()])]
        return statements, [self._id, *last, self._id, *counted]

    def _append(self, batch: Batch) -> None:
        """Commit the batch; a COMMIT that nobody answered is looked for before it is repeated."""
        line = line_of(batch)[:-1]
        stored = batch if is_plain(batch) else batch_of(line)
        if self._is_carried:
            self._is_carried = False
            self.state.apply(stored)
            return
        held = self._held
        if held is None:
            raise RuntimeError(f"{self.name} is not locked")
        try:
            try:
                self._write(held, stored, line)
            except Lost as lost:
                self._commit_again(stored, line, lost)
        except psycopg.Error as error:
            raise self._shared.connections.explained(error) from error
        finally:
            self._carries = ()
        self.state.apply(stored)

    def carry(self, others: Sequence[tuple[PostgresNamespace, Batch]]) -> None:
        """Write the batches of other locked namespaces with our next one: all of them, or none.

        Their rows are let go, and held by our transaction from then on.
        """
        self._carries = others
        for other, _ in others:
            held, other._held, other._is_carried = other._held, None, True
            if held is not None:
                other._let_go(held)

    def _write(self, connection: Connection, batch: Batch, line: bytes) -> None:
        """Commit the batch on a connection that holds the row, and what we carry."""
        carried = [one for other, its in self._carries for one in other._joining(connection, its)]
        self._shared.connections.run(connection, *carried, *self._committing(batch, line))

    def _joining(self, connection: Connection, batch: Batch) -> list[Statement]:
        """What writes a batch in the transaction of another namespace, which holds our row then.

        Raises VaultBusy where somebody wrote here since we let the row go.
        """
        begun = self._locking()[1:]  # without the beginning of a transaction
        head = (self._sql.head, [self.state.seq, self.name, 1])
        *_, got = self._shared.connections.run(connection, *begun, head)
        self._id, schema, seq, generation, lineage, _ = got[0]
        if seq != self.state.seq or (seq and lineage != self.state.mark.lineage):
            raise VaultBusy(f"another program wrote to {self.name} meanwhile; nothing was changed")
        self.state.mark = Mark(schema, seq, generation, lineage)
        line = line_of(batch)[:-1]
        return self._committing(batch if is_plain(batch) else batch_of(line), line)[:-1]

    def _committing(self, batch: Batch, line: bytes) -> list[Statement]:
        """What makes a batch lasting, all at once."""
        day = self._shared.day_of(batch.ts)
        statements, stored = self._putting(batch.ops, self.state.records(USERS))
        values = [self._id, batch.seq, day, batch.ts, line, *stored, batch.seq, self._id]
        return [*statements, (self._sql.commit, values), ("commit", ())]

    def _commit_again(self, batch: Batch, line: bytes, lost: Lost) -> None:
        """Find out whether the batch is there, and commit it if nobody wrote meanwhile.

        The lock makes the answer sure: the lost connection holds it for as long as it lives.
        """
        until = time.monotonic() + self._shared.connections.wait
        while time.monotonic() < until:
            connection = self._held = self._shared.connections.take(until)
            try:
                if not self._is_there(connection, line):
                    self._write(connection, batch, line)
                return
            except Lost:
                continue
            except errors.LockNotAvailable:
                self._let_go(connection)
        self._forget()
        raise VaultUnavailable(
            f"the connection was lost while batch {batch.seq} of {self.name} was committed:"
            " whether it is there is not known",
            advice="when the server is back, look at 'robo-xp history' before you try again",
        ) from lost

    def _is_there(self, connection: Connection, line: bytes) -> bool:
        """Whether the line follows our state, with the row locked; VaultBusy if another does."""
        statements = self._locking()
        got = self._shared.connections.run(
            connection, *statements, (self._sql.head, [self.state.seq, self.name, 1])
        )
        self._id, schema, seq, generation, lineage, next_line = got[-1][0]
        is_ours = self.state.seq == 0 or lineage == self.state.mark.lineage
        if is_ours and next_line == line:
            return True
        self._check_fence(got)
        if not is_ours or seq != self.state.seq:
            name = self.name
            self._forget()
            raise VaultBusy(
                f"the connection was lost, and another program wrote to {name} meanwhile;"
                " nothing of this change was kept"
            )
        self.state.mark = Mark(schema, seq, generation, lineage)
        return False

    def _unlock(self) -> None:
        """End the transaction, if a commit did not, and give the connection back."""
        held, self._held = self._held, None
        self._shared.looks.end()
        if held is None:
            if self._is_carried:  # what carried it failed
                self._is_carried = False
                self._forget()
            return
        is_open = held.closed or held.info.transaction_status != _IDLE
        self._let_go(held)
        if is_open and self.state.seq == 0:
            self._forget()  # the row of a namespace without a batch went with it

    def _let_go(self, connection: Connection) -> None:
        """Give a connection back, without what it has begun."""
        rolled_back(connection)
        self._shared.connections.give(connection)

    def compact(self) -> bool:
        """Nothing to fold but pseudonyms into the kept lines; whether there are any lines."""
        with self._guard:
            self._refuse_while_writing()
            if not self.exists():
                return False
            self._lock()
            try:
                if self._held is not None and ERASED in self.state.tables:
                    self._forget_erased(self._held)
            except Lost as lost:
                raise self._shared.connections.unavailable("was lost", lost) from lost
            except psycopg.Error as error:
                raise self._shared.connections.explained(error) from error
            finally:
                self._unlock()
            return True

    def _forget_erased(self, held: Connection) -> None:
        """Put pseudonyms in the place of erased ids, and end the transaction with that.

        With the last mark of the vault the files of its tables are written anew: they keep the
        bytes of rows that were changed.
        """
        run, sql = self._shared.connections.run, self._sql
        for one in marks_in(self.state.tables):
            values = [self._id, one.until, one.user_id.encode()]
            (rows,) = run(held, (sql.naming, values))
            for seq, day, line in rows:
                run(held, (sql.rewrite, [in_line(line, seq, [one]), self._id, seq, day]))
        run(held, (sql.clear_table, [self._id, ERASED]), ("commit", ()))
        self.state.tables.pop(ERASED)
        (marks,) = run(held, (sql.marked, [ERASED]))
        for statement in sql.rewrite_files if not marks else ():
            held.execute(statement)

    def sync(self) -> None:
        """Return when all that was committed is on the server's disk."""
        self._shared.sync()

    def close(self) -> None:
        """Give up memory; the next use loads it again."""
        with self._guard:
            self._refuse_while_writing()
            self._detach()
            self._loaded, self._id = False, None
            self.state.load({}, Mark(self._shared.migrations.current, 0, 0, ""))
