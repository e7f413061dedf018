"""A namespace as TinyDB sees it: a storage that commits batches, and a table with string ids.

``namespace.db.table("users").get(doc_id="881…")``, ``search(Query().xp > 100)``, ``upsert`` and
``update`` work as TinyDB's users know them; every change is one batch in the journal, and costs
what changed, not what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from robo_xp.vault.journal import Record
from robo_xp.vault.namespace import Namespace, Origin, Transaction

_ORIGIN = Origin("library", "tinydb")


class JournaledStorage(Storage):
    """TinyDB's storage over a namespace."""

    def __init__(self, namespace: Namespace) -> None:
        """Read and write this namespace."""
        self.namespace = namespace

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables, up to date; the records are live and must not be changed."""
        return self.namespace.read().tables  # type: ignore[return-value]  # only looked at

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Make the namespace hold exactly ``data``; TinyDB asks for this to drop tables."""
        with self.namespace.transaction(_ORIGIN) as transaction:
            for table in {*self.namespace.state.tables, *data}:
                _replace(transaction, table, data.get(table, {}))

    def edit(self, table: str, change: Callable[[Any], None]) -> None:
        """Let ``change`` work on the table as on a dict of dicts, and commit what it did."""
        with self.namespace.transaction(_ORIGIN) as transaction:
            working = WorkingTable(transaction, table)
            change(working)
            working.store()


class WorkingTable(MutableMapping[str, Any]):
    """A table inside a transaction; hands out copies and finds out which of them changed."""

    def __init__(self, transaction: Transaction, name: str) -> None:
        """Start from the table as it is."""
        self._transaction = transaction
        self._name = name
        self._base: Mapping[str, Record] = transaction.records(name)
        self._copies: dict[str, dict[str, Any]] = {}
        self._gone: set[str] = set()

    def __getitem__(self, doc_id: str) -> dict[str, Any]:
        """A copy of the record that may be changed."""
        if doc_id in self._gone:
            raise KeyError(doc_id)
        if doc_id not in self._copies:
            self._copies[doc_id] = dict(self._base[doc_id])
        return self._copies[doc_id]

    def __setitem__(self, doc_id: str, record: Mapping[str, Any]) -> None:
        """Put a record in."""
        self._gone.discard(doc_id)
        self._copies[str(doc_id)] = dict(record)

    def __delitem__(self, doc_id: str) -> None:
        """Take a record out."""
        if doc_id not in self:
            raise KeyError(doc_id)
        self._copies.pop(doc_id, None)
        self._gone.add(doc_id)

    def __contains__(self, doc_id: object) -> bool:
        """Whether there is such a record now."""
        return doc_id not in self._gone and (doc_id in self._copies or doc_id in self._base)

    def __iter__(self) -> Iterator[str]:
        """The ids that are there now."""
        for doc_id in {**self._base, **self._copies}:
            if doc_id not in self._gone:
                yield doc_id

    def __len__(self) -> int:
        """How many records there are now."""
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Take everything out."""
        self._copies = {}
        self._gone = set(self._base)

    def store(self) -> None:
        """Give the transaction what really changed."""
        for doc_id, record in self._copies.items():
            if self._base.get(doc_id) != record:
                self._transaction.put(self._name, doc_id, record)
        for doc_id in self._gone:
            if doc_id in self._base:
                self._transaction.delete(self._name, doc_id)


def _replace(transaction: Transaction, table: str, records: Mapping[str, Record]) -> None:
    """Make the table hold exactly these records."""
    working = WorkingTable(transaction, table)
    working.clear()
    for doc_id, record in records.items():
        working[doc_id] = record
    working.store()


class StringIdTable(Table):
    """A TinyDB table whose ids are strings of digits, kept as strings."""

    document_id_class = str  # type: ignore[assignment]  # TinyDB's documented way to change it
    # other processes change the data, so results must not be remembered
    default_query_cache_capacity = 0

    def __init__(self, storage: JournaledStorage, name: str, **options: Any) -> None:
        """Open the table of a namespace."""
        options.setdefault("cache_size", 0)
        self._journaled = storage
        super().__init__(storage, name, **options)

    def _get_next_id(self) -> str:  # type: ignore[override]  # ids are strings here
        """The next free id for a record that brings none."""
        return str(max((int(doc_id) for doc_id in self._read_table()), default=0) + 1)

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        """Carry out one change as one batch."""
        self._journaled.edit(self.name, updater)


class JournaledDB(TinyDB):
    """TinyDB over a namespace."""

    table_class = StringIdTable


def open_db(namespace: Namespace) -> JournaledDB:
    """The namespace as a TinyDB database."""
    return JournaledDB(namespace, storage=JournaledStorage)
