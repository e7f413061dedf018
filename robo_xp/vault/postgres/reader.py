"""The reading half of a namespace on the server: its state, its lines, its board.

A look is one statement, so one moment. Where a namespace has very many members they stay on the
server: each is read when it is asked for, and boards come from the server's index.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
from psycopg import errors

from robo_xp.errors import VaultDamaged
from robo_xp.vault.batch import HEAD_LENGTH, Batch, Part, batch_of, brief_of, checked_batch_of
from robo_xp.vault.name import name_of
from robo_xp.vault.port import Board, Namespace, Sizes
from robo_xp.vault.postgres.cold import ColdBoard, ColdTable
from robo_xp.vault.postgres.sql import FAR
from robo_xp.vault.postgres.trip import Connection, Statement
from robo_xp.vault.state import Mark, Tables

if TYPE_CHECKING:
    from robo_xp.vault.postgres.shared import Shared

USERS = "users"
_PAGE = 500
_MOST_LINES = 5_000
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class ReadNamespace(Namespace):
    """What of a namespace needs no lock."""

    def __init__(self, name: str, shared: Shared) -> None:
        """Remember the name; nothing is asked yet."""
        super().__init__(name, shared.clock)
        self._shared = shared
        self._sql = shared.sql
        self._id: int | None = None
        self._loaded = False
        self._held: Connection | None = None

    def _catch_up(self) -> None:
        """Bring the state up to date; inside a transaction of this thread at most once."""
        if self._held is not None or self._shared.looks.has(self.name):
            return
        try:
            if not self._loaded:
                self._load_alone()
            else:
                (rows,) = self._shared.connections.ask(self._head_statement())
                if not self._take_head(rows):
                    self._load_alone()
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            self._forget()
        except psycopg.Error as error:
            raise self._shared.connections.explained(error) from error
        self._shared.looks.add(self.name)

    def _head_statement(self) -> Statement:
        """What says where the namespace stands, with the lines after ours."""
        after = self.state.seq if self._loaded else FAR
        return self._sql.head, [after, self.name, _MOST_LINES]

    def _take_head(self, rows: list[tuple[Any, ...]]) -> bool:
        """Apply the lines after ours; whether they lead from our state to the newest."""
        if not rows:
            return self._id is None
        self._id, _, seq, generation, lineage, first = rows[0]
        mark = self.state.mark
        if (generation, lineage) != (mark.generation, mark.lineage) or seq < self.state.seq:
            return False
        lines = [] if first is None else [row[5] for row in rows]
        if len(lines) != seq - self.state.seq:
            return False
        for line in lines:
            self.state.apply(self._batch_in(line))
        return True

    def _batch_in(self, line: bytes) -> Batch:
        """The batch in a line; VaultDamaged unless it is whole."""
        batch = checked_batch_of(line)
        if batch is None:
            place = f"{self._shared.connections.address.shown} {self.name}"
            raise VaultDamaged(
                f"a batch after {self.state.seq} is not as it was written", path=place
            )
        return batch

    def _load_alone(self) -> None:
        """Load the state as of one moment, without any lock."""
        asked = self._shared.connections.ask(
            ("begin isolation level repeatable read read only", ()),
            (self._sql.plain, ()),
            (self._sql.head, [FAR, self.name, 1]),
            (self._sql.docs, [self.name, self._shared.cold_from]),
            ("commit", ()),
        )
        self._take_all(asked[2], asked[3])

    def _take_all(self, heads: list[tuple[Any, ...]], docs: list[tuple[Any, ...]]) -> None:
        """Take a state in the place of ours; many members stay on the server."""
        if not heads:
            self._forget()
            return
        self._id, schema, seq, generation, lineage, _ = heads[0]
        is_old = schema != self._shared.migrations.current
        if (is_old or name_of(self.name).kind != "xp") and any(row[1] is None for row in docs):
            (docs,) = self._shared.connections.ask((self._sql.docs, [self.name, FAR]))
        tables: Tables = {}
        for table, doc_id, body in docs:
            if doc_id is None:
                tables[table] = ColdTable(self._shared, self._id, table)
            else:
                tables.setdefault(table, {})[doc_id] = _decode(body)
        self._shared.migrations.apply(self.name, tables, schema)
        self.state.load(tables, Mark(schema, seq, generation, lineage))
        self._loaded = True

    def _forget(self) -> None:
        """Be a namespace of which nothing is there."""
        self._id = None
        if self._loaded or self.state.seq or self.state.tables:
            self.state.load({}, Mark(self._shared.migrations.current, 0, 0, ""))
        self._loaded = False

    def board(self) -> Board | None:
        """The board in SQL where the members are not in memory."""
        users = self.read().tables.get(USERS)
        if not isinstance(users, ColdTable) or users.is_whole:
            return None
        if not self._shared.has_these_tables():
            return None  # members are counted in another way there
        return ColdBoard(self._shared, users)

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""
        while lines := self._lines(self._sql.after, after):
            for line in lines:
                batch = self._batch_in(line)
                after = batch.seq
                yield batch

    def batches_back(self) -> Iterator[Batch]:
        """The kept batches, newest first."""
        before = FAR
        while lines := self._lines(self._sql.before, before):
            for line in lines:
                batch = self._batch_in(line)
                before = batch.seq
                yield batch

    def heads_back(self, part: Part | None = None) -> Iterator[Batch]:
        """The same, of large ones that part or no body."""
        before = FAR
        while lines := self._lines(self._sql.heads, before):
            for start in lines:
                brief = brief_of(start)
                is_whole = len(start) <= HEAD_LENGTH
                if brief is None or part is not None:
                    line = start if is_whole else self._lines(self._sql.before, before, 1)[0]
                    batch = self._batch_in(line)
                if brief is not None:
                    batch = batch_of(brief if part is None else part.line(line, brief))
                before = batch.seq
                yield batch

    def _lines(self, text: str, bound: int, most: int = _PAGE) -> list[bytes]:
        """So many lines beyond a number, or fewer."""
        return [line for (line,) in self._shared.ask(text, [self.name, bound, most])]

    def exists(self) -> bool:
        """Whether anything was ever committed here."""
        rows = self._shared.ask(self._sql.seq, [self.name])
        return bool(rows) and rows[0][0] > 0

    def sizes(self) -> Sizes:
        """The records are what it is now, the kept lines its journal."""
        rows = self._shared.ask(self._sql.sizes, [self.name, self.name])
        return Sizes(rows[0][2], rows[0][3], 0) if rows else Sizes(0, 0, 0)
