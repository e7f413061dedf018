"""Whole namespaces out of the tables and into them, lines as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg

from robo_xp.errors import NotFound, VaultDamaged
from robo_xp.vault.batch import Batch, checked_batch_of
from robo_xp.vault.name import name_of
from robo_xp.vault.postgres.connections import Lost, rolled_back
from robo_xp.vault.postgres.reader import USERS
from robo_xp.vault.postgres.rows import NOWHERE, content_of, place_of
from robo_xp.vault.postgres.schema import DAY_MS, attach_days
from robo_xp.vault.postgres.shared import Shared
from robo_xp.vault.postgres.sql import FAR
from robo_xp.vault.postgres.trip import Connection, Rows, Statement
from robo_xp.vault.state import Mark, Tables

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_PAGE = 5_000


@contextmanager
def reading(shared: Shared, name: str) -> Iterator[WholeReader]:
    """One namespace as of one moment, in a transaction that ends with the block.

    Raises NotFound where there is none.
    """
    with shared.connections.taken() as connection:
        try:
            yield WholeReader(shared, name, connection)
        finally:
            rolled_back(connection)


class WholeReader:
    """One namespace: where it stands, all records, and its lines."""

    def __init__(self, shared: Shared, name: str, connection: Connection) -> None:
        """Begin the transaction, and read all but the lines."""
        self._shared, self._name, self._connection = shared, name, connection
        _, _, heads, docs = self._run(
            ("begin isolation level repeatable read read only", ()),
            (shared.sql.plain, ()),
            (shared.sql.head, [FAR, name, 1]),
            (shared.sql.docs, [name, FAR]),
        )
        if not heads:
            raise NotFound(f"there is no namespace {name}")
        _, schema, seq, generation, lineage, _ = heads[0]
        self.mark = Mark(schema, seq, generation, lineage)
        self.tables: Tables = {}
        for table, doc_id, body in docs:
            self.tables.setdefault(table, {})[doc_id] = _decode(body)

    def lines(self) -> Iterator[tuple[Batch, bytes]]:
        """The kept lines, oldest first; VaultDamaged for one that is not as it was written."""
        after = 0
        while True:
            (rows,) = self._run((self._shared.sql.after, [self._name, after, _PAGE]))
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

    def _run(self, *statements: Statement) -> list[Rows]:
        """The rows of each; a connection that is lost ends the moment that is read."""
        connections = self._shared.connections
        try:
            return connections.run(self._connection, *statements)
        except Lost as lost:
            raise connections.unavailable("was lost", lost) from lost
        except psycopg.Error as error:
            raise connections.explained(error) from error


@contextmanager
def writing(shared: Shared) -> Iterator[WholeWriter]:
    """What takes namespaces in one transaction: all are there after the block, or none."""
    shared.prepare()
    schema = shared.connections.address.schema
    try:
        with shared.connections.taken() as connection:
            with connection.transaction():
                yield WholeWriter(connection, schema)
            # let the server know at once what is in the tables; it would come to that by itself
            with suppress(psycopg.Error):
                connection.execute(f"vacuum (analyze) {schema}.doc")
    except psycopg.Error as error:
        raise shared.connections.explained(error) from error
    shared.forget_days()


class WholeWriter:
    """Takes namespaces, within the transaction of a connection."""

    def __init__(self, connection: Connection, schema: str) -> None:
        """Write nothing yet."""
        self._connection = connection
        self._schema = schema
        self._days: set[int] = set()

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
        attach_days(self._connection, self._schema, sorted(days))
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
