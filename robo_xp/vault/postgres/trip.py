"""A connection, and a round trip on it: statements sent at once, and what the server says to each.

By libpq's own calls, since psycopg's pipeline talks to the server after every statement, which
costs more than most of our statements do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import abc, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.waiting import Ready, Wait

Statement = tuple[str, Sequence[Any]]
Rows = list[tuple[Any, ...]]
_FORMATS = {"%s": PyFormat.AUTO, "%b": PyFormat.BINARY}


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that knows which statements the server has prepared for it."""

    is_pooled = False
    """Whether the next transaction may meet another server process, without our statements."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Nothing is prepared on a new one."""
        super().__init__(*args, **options)
        self._known_statements: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._new_names = map(b"robo%d".__mod__, count())

    def trip(self, statements: Sequence[Statement]) -> list[Rows]:
        """The rows of each statement; raises ``psycopg.Error`` for the first that failed.

        Whatever else goes wrong while they are under way closes the connection.
        """
        transformer = Transformer(self)
        sent = [_Sent(transformer, *statement) for statement in statements]
        try:
            self.pgconn.enter_pipeline_mode()
            for one in sent:
                self._send(one)
            self.pgconn.pipeline_sync()
            results = iter(self.wait(_results(self.pgconn)))
            self.pgconn.exit_pipeline_mode()
        except BaseException:
            self.close()
            raise
        return [self._rows_of(one, results, transformer) for one in sent]

    def _send(self, one: _Sent) -> None:
        """Send a statement, which is prepared with its first use."""
        if self.is_pooled:
            self.pgconn.send_query_params(
                one.query, one.values, one.types, one.formats, pq.Format.BINARY
            )
            return
        name = self._known_statements.get(one.key)
        if name is None:
            name = one.new_name = next(self._new_names)
            self.pgconn.send_prepare(name, one.query, one.types)
        self.pgconn.send_query_prepared(name, one.values, one.formats, pq.Format.BINARY)

    def _rows_of(
        self, one: _Sent, results: Iterator[pq.abc.PGresult], transformer: abc.Transformer
    ) -> Rows:
        """What the server says to a statement; raises the error that it says."""
        if one.new_name:
            self._checked(next(results))
            self._known_statements[one.key] = one.new_name
        result = self._checked(next(results))
        if not result.nfields:
            return []
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)

    def _checked(self, result: pq.abc.PGresult) -> pq.abc.PGresult:
        """The result, unless it is an error."""
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise error_from_result(result, self.info.encoding)
        return result


class _Sent:
    """A statement with its values as they go over the wire."""

    __slots__ = ("formats", "key", "new_name", "query", "types", "values")

    def __init__(self, transformer: abc.Transformer, text: str, values: Sequence[Any]) -> None:
        """Pack the values; raises ``psycopg.DataError`` for what the server cannot take."""
        self.query, formats = _query(text)
        self.values = transformer.dump_sequence(values, formats)
        self.types = tuple(transformer.types or ())
        self.formats = transformer.formats
        self.key = (text, self.types)
        self.new_name = b""


@lru_cache(maxsize=256)
def _query(text: str) -> tuple[bytes, list[PyFormat]]:
    """A statement as libpq takes it, and in which form each of its values is sent."""
    number = count(1)
    query = re.sub("%[sb]", lambda _: f"${next(number)}", text)
    return query.encode(), [_FORMATS[mark] for mark in re.findall("%[sb]", text)]


def _results(pgconn: pq.abc.PGconn) -> abc.PQGen[list[pq.abc.PGresult]]:
    """All results up to the sync, in the order of what was sent."""
    results: list[pq.abc.PGresult] = []
    while True:
        ready = yield Wait.RW if pgconn.flush() else Wait.R
        if not ready & Ready.R:
            continue
        pgconn.consume_input()
        is_end = False
        # a lost connection has no end of "no more results"
        while not (pgconn.is_busy() or is_end):
            result = pgconn.get_result()
            if result is None:
                is_end = pgconn.status == pq.ConnStatus.BAD
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            else:
                results.append(result)
