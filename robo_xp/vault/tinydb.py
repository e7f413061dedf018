"""A namespace as TinyDB sees it: a storage that commits batches, and a table with string ids.

``namespace.db.table("users").get(doc_id="881…")``, ``search(Query().xp > 100)``, ``upsert`` and
``update`` work as TinyDB's users know them; every change is one batch in the journal, and costs
what changed, not what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document, Table

from robo_xp.vault.batch import Record
from robo_xp.vault.transaction import Changeable, Origin, Transaction

_ORIGIN = Origin("library", "tinydb")


def copy_of(value: Any) -> Any:
    """A copy of a JSON value that shares no part that can change."""
    if isinstance(value, Mapping):
        return {key: copy_of(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [copy_of(part) for part in value]
    return value


class JournaledStorage(Storage):
    """TinyDB's storage over a namespace."""

    def __init__(self, namespace: Changeable) -> None:
        """Read and write this namespace."""
        self.namespace = namespace

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables with anything in them, up to date; the records must not be changed."""
        tables = self.namespace.read().tables
        return {name: dict(table) for name, table in tables.items() if table}

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
        """A copy of the record that may be changed, also inside."""
        if doc_id in self._gone:
            raise KeyError(doc_id)
        if doc_id not in self._copies:
            self._copies[doc_id] = copy_of(self._base[doc_id])
        return self._copies[doc_id]

    def look(self, doc_id: str) -> Mapping[str, Any]:
        """The record as it is now, not to be changed."""
        return self._copies[doc_id] if doc_id in self._copies else self._base[doc_id]

    def __setitem__(self, doc_id: str, record: Mapping[str, Any]) -> None:
        """Put a record in."""
        self._gone.discard(doc_id)
        self._copies[doc_id] = dict(record)

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

    def free_id(self) -> str:
        """An id above all that are there now."""
        return str(max((int(doc_id) for doc_id in self if doc_id.isdecimal()), default=0) + 1)

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


class OwnDocument(Document):
    """A document that shares nothing with the vault's memory."""

    def __init__(self, value: Mapping[str, Any], doc_id: Any) -> None:
        """Copy the record; ids are strings here."""
        super().__init__(copy_of(value), str(doc_id))  # type: ignore[arg-type]


class StringIdTable(Table):
    """A TinyDB table whose ids are strings of digits, kept as strings.

    TinyDB's own ``insert`` and ``upsert`` look before they change, and its ``get`` copies the
    table; here each change is one transaction, and ``get`` of an id looks at one record.
    """

    document_class = OwnDocument
    document_id_class = str  # type: ignore[assignment]  # TinyDB's documented way to change it
    # other processes change the data, so results must not be remembered
    default_query_cache_capacity = 0

    def __init__(self, storage: JournaledStorage, name: str, **options: Any) -> None:
        """Open the table of a namespace."""
        options["cache_size"] = 0
        self._journaled = storage
        super().__init__(storage, name, **options)

    def insert(self, document: Mapping[str, Any]) -> Any:
        """The id of the new document: its own if it is a ``Document``, else the next free one."""
        return self.insert_multiple([document])[0]

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[Any]:
        """The ids of the new documents; ValueError, and nothing inserted, if one is taken."""
        new = list(documents)
        ids: list[Any] = []
        self._update_table(lambda working: ids.extend(_insert(working, one) for one in new))
        return ids

    def upsert(self, document: Mapping[str, Any], cond: Any = None) -> list[Any]:
        """The ids of the updated documents, or of the new one if there were none."""
        own_id = str(document.doc_id) if isinstance(document, Document) else None
        if own_id is None and cond is None:
            raise ValueError("upsert needs a Document with an id, or a query")
        ids: list[Any] = []

        def change(working: WorkingTable) -> None:
            found = [own_id] if own_id else [i for i in working if cond(working.look(i))]
            ids.extend(doc_id for doc_id in found if doc_id in working)
            for doc_id in ids:
                working[doc_id].update(document)
            if not ids:
                ids.append(_insert(working, document))

        self._update_table(change)
        return ids

    def get(self, cond: Any = None, doc_id: Any = None, doc_ids: Any = None) -> Any:
        """One document by query or id, or the list of those with ``doc_ids``; None without."""
        if doc_id is None:
            return super().get(cond, doc_id, doc_ids)
        record = self._journaled.namespace.read().records(self.name).get(str(doc_id))
        return None if record is None else self.document_class(record, doc_id)

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self._journaled.namespace.read().records(self.name))

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        """The records as they are now; a copy, since other threads may go on changing them."""
        return dict(self._journaled.namespace.read().records(self.name))

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        """Carry out one change as one batch."""
        self._journaled.edit(self.name, updater)


def _insert(working: WorkingTable, document: Mapping[str, Any]) -> str:
    """Put a new document in; its id."""
    if not isinstance(document, Mapping):
        raise ValueError("Document is not a Mapping")
    doc_id = str(document.doc_id) if isinstance(document, Document) else working.free_id()
    if doc_id in working:
        raise ValueError(f"Document with ID {doc_id} already exists")
    working[doc_id] = document
    return doc_id


class JournaledDB(TinyDB):
    """TinyDB over a namespace."""

    table_class = StringIdTable  # type: ignore[assignment]  # ids are strings here


def open_db(namespace: Changeable) -> JournaledDB:
    """The namespace as a TinyDB database."""
    return JournaledDB(namespace, storage=JournaledStorage)
