"""Members that stay on the server: read one by one, ranked and paged there."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Sequence, ValuesView
from typing import TYPE_CHECKING, Any

import msgspec

from robo_xp.vault.batch import Record
from robo_xp.vault.postgres.schema import SINGLE
from robo_xp.vault.state import Remote

if TYPE_CHECKING:
    from robo_xp.vault.postgres.shared import Shared

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_MOST_KEPT = 50_000
_MOST_ASKED = 20_000


class ColdTable(Remote):
    """A table of which only the records that were asked for are in memory, until all are.

    What ``State.apply`` puts in or takes out is remembered, so a record that was read stays right.
    """

    def __init__(self, shared: Shared, ns: int, table: str) -> None:
        """Start with none of the records."""
        super().__init__()
        self.shared, self.ns, self.table = shared, ns, table
        self.is_whole = False
        self._gone: set[str] = set()

    def keep(self, doc_id: str, body: bytes) -> Record:
        """Remember a record that came from the server, unless a newer one is known."""
        return super().setdefault(doc_id, _decode(body))

    def _find(self, doc_id: str) -> Record | None:
        """The record; asks the server once for each."""
        found = super().get(doc_id)
        if found is not None or self.is_whole or doc_id in self._gone:
            return found
        self.fetch([doc_id])
        return super().get(doc_id)

    def fetch(self, ids: Sequence[str]) -> None:
        """Have these records in memory, where there are such."""
        if self.is_whole:
            return
        wanted = [
            doc_id
            for doc_id in dict.fromkeys(ids)
            if doc_id not in self._gone and not super(ColdTable, self).__contains__(doc_id)
        ]
        for at in range(0, len(wanted), _MOST_ASKED):
            asked = wanted[at : at + _MOST_ASKED]
            for doc_id, body in self.shared.ask(
                self.shared.sql.some_docs, [self.ns, self.table, asked]
            ):
                self.keep(doc_id, body)
        self._gone.update(one for one in wanted if not super(ColdTable, self).__contains__(one))

    def _warm(self) -> None:
        """Have all records in memory."""
        if self.is_whole:
            return
        for doc_id, body in self.shared.ask(self.shared.sql.table, [self.ns, self.table]):
            if doc_id not in self._gone:
                self.keep(doc_id, body)
        self.is_whole = True

    def shrink(self) -> None:
        """Forget what was read where it has become much; only while nobody looks."""
        if not self.is_whole and super().__len__() > _MOST_KEPT:
            super().clear()
            self._gone.clear()

    def get(self, doc_id: str, default: Any = None) -> Any:
        """The record, or the default."""
        found = self._find(doc_id)
        return default if found is None else found

    def __getitem__(self, doc_id: str) -> Record:
        """The record; KeyError where there is none."""
        found = self._find(doc_id)
        if found is None:
            raise KeyError(doc_id)
        return found

    def __contains__(self, doc_id: object) -> bool:
        """Whether there is such a record."""
        return isinstance(doc_id, str) and self._find(doc_id) is not None

    def __setitem__(self, doc_id: str, record: Record) -> None:
        """Put a record in."""
        self._gone.discard(doc_id)
        super().__setitem__(doc_id, record)

    def pop(self, doc_id: str, default: Any = None) -> Any:
        """Take a record out; what was known of it, or the default."""
        self._gone.add(doc_id)
        return super().pop(doc_id, default)

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        self._warm()
        return super().__iter__()

    def __len__(self) -> int:
        """How many records there are."""
        self._warm()
        return super().__len__()

    def __bool__(self) -> bool:
        """A table of this kind is large."""
        return True

    def keys(self) -> KeysView[str]:  # type: ignore[override]  # a dict's own class is closed
        """All ids."""
        return KeysView(self)

    def items(self) -> ItemsView[str, Record]:  # type: ignore[override]  # the same
        """All ids with their records."""
        return ItemsView(self)

    def values(self) -> ValuesView[Record]:  # type: ignore[override]  # the same
        """All records."""
        return ValuesView(self)


class ColdBoard:
    """The board of members on the server: counts of XP ranges lead to the place, an index on."""

    def __init__(self, shared: Shared, users: ColdTable) -> None:
        """Rank the members of this table."""
        self._shared, self._users = shared, users

    def __len__(self) -> int:
        """How many members are ranked."""
        return int(self._shared.ask(self._shared.sql.total, [self._users.ns])[0][0])

    def position(self, user_id: str) -> int | None:
        """How many members stand before this one; None if it is not ranked."""
        values = [self._users.ns, self._users.table, user_id]
        rows = self._shared.ask(self._shared.sql.above, values)
        return int(rows[0][0]) if rows else None

    def cut(self, offset: int, limit: int) -> list[tuple[int, str]]:
        """XP and id of the members from ``offset`` on."""
        sql, ns = self._shared.sql, self._users.ns
        starts = self._shared.ask(sql.bucket_at, [ns, offset])
        if not starts:
            return []
        bucket, before = starts[0]
        rest = offset - int(before)
        wide, narrow = (rest, 0) if bucket >= SINGLE else (0, rest)
        values = [ns, bucket, wide, limit, ns, bucket, narrow, limit, limit, ns, self._users.table]
        rows = self._shared.ask(sql.page, values)
        for user_id, _, body in rows:
            self._users.keep(user_id, body)
        return [(xp, user_id) for user_id, xp, _ in rows]
