"""Whole namespaces out of the tables and into them, lines as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any, Self

import msgspec
import psycopg

from robo_xp.errors import NotFound, VaultDamaged
from robo_xp.vault.batch import Batch, checked_batch_of
from robo_xp.vault.name import name_of
from robo_xp.vault.postgres.connections import rolled_back
from robo_xp.vault.postgres.reader import USERS
from robo_xp.vault.postgres.rows import NOWHERE, content_of, place_of
from robo_xp.vault.postgres.schema import DAY_MS, attach_days
from robo_xp.vault.postgres.shared import Shared
from robo_xp.vault.postgres.sql import FAR
from robo_xp.vault.state import Mark, Tables

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_PAGE = 5_000


class WholeReader:
    """One namespace as of one moment, in a transaction that ends with the block."""

    def __init__(self, shared: Shared, name: str) -> None:
        """Ask nothing yet."""
        self._shared = shared
        self._name = name
        self.mark = Mark(0, 0, 0, "")
        self.tables: Tables = {}

    def __enter__(self) -> Self:
        """Read where it stands, and all records."""
        self._connection = self._shared.connections.take()
        _, _, heads, docs = self._shared.connections.run(
            self._connection,
            ("begin isolation level repeatable read read only", ()),
            (self._shared.sql.plain, ()),
            (self._shared.sql.head, [FAR, self._name, 1]),
            (self._shared.sql.docs, [self._name, FAR]),
        )
        if not heads:
            raise NotFound(f"there is no namespace {self._name}")
        _, schema, seq, generation, lineage, _ = heads[0]
        self.mark = Mark(schema, seq, generation, lineage)
        for table, doc_id, body in docs:
            self.tables.setdefault(table, {})[doc_id] = _decode(body)
        return self

    def lines(self) -> Iterator[tuple[Batch, bytes]]:
        """The kept lines, oldest first; VaultDamaged for one that is not as it was written."""
        after = 0
        while True:
            (rows,) = self._shared.connections.run(
                self._connection, (self._shared.sql.after, [self._name, after, _PAGE])
            )
            for (line,) in rows:
                batch = checked_batch_of(line)
                if batch is None:
                    place = f"{self._shared.connections.address.shown} {self._name}"
                    said = f"a batch after {after} is not as it was written"
                    raise VaultDamaged(said, path=place)
                after = batch.seq
                yield batch, line
            if not rows:
                return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the transaction."""
        rolled_back(self._connection)
        self._shared.connections.give(self._connection)


class WholeWriter:
    """Takes namespaces in one transaction: all are there after the block, or none."""

    def __init__(self, shared: Shared) -> None:
        """Begin nothing yet."""
        self._shared = shared
        self._schema = shared.connections.address.schema
        self._days: set[int] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """See that there are tables, and begin."""
        self._shared.prepare()
        self._connection = self._stack.enter_context(self._shared.connections.taken())
        self._stack.enter_context(self._connection.transaction())
        return self

    def put(
        self, name: str, mark: Mark, tables: Tables, lines: Iterable[tuple[Batch, bytes]]
    ) -> int:
        """Take one namespace; how many lines it has."""
        schema, kind = self._schema, name_of(name).kind
        values = [name, kind, mark.seq, mark.generation, mark.schema, mark.lineage]
        row = self._connection.execute(
            f"insert into {schema}.namespace (name, kind, seq, generation, schema, lineage)"
            " values (%s, %s, %s, %s, %s, %s) returning id",
            values,
        ).fetchone()
        ns = 0 if row is None else int(row[0])
        count = self._put_lines(ns, list(lines))
        is_xp = kind == "xp"
        self._copy(
            "doc (ns, tab, id, xp, b, body)",
            ["int4", "text", "text", "int8", "int8", "bytea"],
            (
                (
                    *(ns, tab, key),
                    *(place_of(one) if is_xp and tab == USERS else NOWHERE),
                    content_of(one),
                )
                for tab, records in tables.items()
                for key, one in records.items()
            ),
        )
        self._connection.execute(
            f"insert into {schema}.bucket select ns, b, count(*) from {schema}.doc"
            " where ns = %s and b is not null group by 1, 2",
            [ns],
        )
        return count

    def _put_lines(self, ns: int, lines: list[tuple[Batch, bytes]]) -> int:
        """Write the lines, each under its day."""
        days = {batch.ts // DAY_MS for batch, _ in lines} - self._days
        attach_days(self._shared.connections, self._connection, sorted(days))
        self._days |= days
        self._copy(
            "batch (ns, seq, day, ts, line)",
            ["int4", "int8", "int4", "int8", "bytea"],
            ((ns, one.seq, one.ts // DAY_MS, one.ts, line) for one, line in lines),
        )
        return len(lines)

    def _copy(self, what: str, types: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Write many rows at once."""
        text = f"copy {self._schema}.{what} from stdin (format binary)"
        with self._connection.cursor() as cursor, cursor.copy(text) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, or let nothing of it be there."""
        try:
            self._stack.__exit__(kind, error, trace)
        except psycopg.Error as failed:
            raise self._shared.connections.explained(failed) from failed
        self._shared.forget_days()
        if error is None:
            self._settle()

    def _settle(self) -> None:
        """Let the server know at once what is in the tables; it would come to that by itself."""
        with self._shared.connections.taken() as connection, suppress(psycopg.Error):
            connection.execute(f"vacuum (analyze) {self._schema}.doc")
