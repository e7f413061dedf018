"""Documents as TinyDB sees them: a storage over a namespace, a state or a transaction.

``namespace.db.table("users").get(doc_id="881…")``, ``search(Query().xp > 100)``, ``upsert`` and
``update`` work as TinyDB's users know them; there every change is one batch in the journal, and
costs what changed, not what is stored. In a transaction changes become part of its batch; a state
is only read. ``table_of`` gives its tables without copies, for those who change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document, Table

from robo_xp.vault.batch import Record


class Readable(Protocol):
    """What has tables to read: a state, or a transaction."""

    def records(self, table: str) -> Mapping[str, Record]:
        """The records of the table by id; not to be changed."""

    def table_names(self) -> set[str]:
        """The tables with anything in them."""


class Changeable(Readable, Protocol):
    """What takes changes too: a transaction."""

    def put(self, table: str, doc_id: str, record: dict[str, Any]) -> None:
        """Store the record."""

    def delete(self, table: str, doc_id: str) -> None:
        """Delete the record."""


def copy_of(value: Any) -> Any:
    """A copy of a JSON value that shares no part that can change."""
    if isinstance(value, Mapping):
        return {key: copy_of(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [copy_of(part) for part in value]
    return value


class VaultStorage(Storage):
    """TinyDB's storage over what ``now`` gives to read and ``begin`` to change."""

    def __init__(
        self,
        now: Callable[[], Readable],
        begin: Callable[[], AbstractContextManager[Changeable]],
    ) -> None:
        self.now = now
        self._begin = begin

    def read(self) -> dict[str, dict[str, Any]] | None:
        """All tables with anything in them, up to date; the records must not be changed."""
        now = self.now()
        return {name: dict(now.records(name)) for name in now.table_names()}

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Hold exactly ``data`` from now on; TinyDB asks for this to drop tables."""
        with self._begin() as changes:
            for table in {*changes.table_names(), *data}:
                _replace(changes, table, data.get(table, {}))

    def edit(self, table: str, change: Callable[[Any], None]) -> None:
        """Let ``change`` work on the table as on a dict of dicts, and keep what it did."""
        with self._begin() as changes:
            working = WorkingTable(changes, table)
            change(working)
            working.store()


class WorkingTable(MutableMapping[str, Any]):
    """A table inside a transaction; hands out copies and finds out which of them changed."""

    def __init__(self, changes: Changeable, name: str) -> None:
        self._changes = changes
        self._name = name
        self._base: Mapping[str, Record] = changes.records(name)
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
        """Pass on what really changed."""
        for doc_id, record in self._copies.items():
            if self._base.get(doc_id) != record:
                self._changes.put(self._name, doc_id, record)
        for doc_id in self._gone:
            if doc_id in self._base:
                self._changes.delete(self._name, doc_id)


def _replace(changes: Changeable, table: str, records: Mapping[str, Record]) -> None:
    """Make the table hold exactly these records."""
    working = WorkingTable(changes, table)
    working.clear()
    for doc_id, record in records.items():
        working[doc_id] = record
    working.store()


class OwnDocument(Document):
    """A document that shares nothing with the vault's memory."""

    def __init__(self, value: Mapping[str, Any], doc_id: Any) -> None:
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

    def __init__(self, storage: VaultStorage, name: str, **options: Any) -> None:
        options["cache_size"] = 0
        self._vault = storage
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

    def remove(self, cond: Any = None, doc_ids: Iterable[Any] | None = None) -> list[Any]:
        """The ids of the documents that matched the query or the ids, and are gone now."""
        return super().remove(cond, doc_ids)

    def replace(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Store these documents by id, each in the place of the one that may be there."""
        self._update_table(lambda working: working.update(documents))

    def get(self, cond: Any = None, doc_id: Any = None, doc_ids: Any = None) -> Any:
        """One document by query or id, or the list of those with ``doc_ids``; None without."""
        if doc_id is None:
            return super().get(cond, doc_id, doc_ids)
        record = self._vault.now().records(self.name).get(str(doc_id))
        return None if record is None else self.document_class(record, doc_id)

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self._vault.now().records(self.name))

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        """The records as they are now; a copy, since other threads may go on changing them."""
        return dict(self._vault.now().records(self.name))

    def _update_table(self, updater: Callable[[Any], None]) -> None:
        """Carry out one change as a whole."""
        self._vault.edit(self.name, updater)


def _insert(working: WorkingTable, document: Mapping[str, Any]) -> str:
    """Put a new document in; its id."""
    if not isinstance(document, Mapping):
        raise ValueError("Document is not a Mapping")
    doc_id = str(document.doc_id) if isinstance(document, Document) else working.free_id()
    if doc_id in working:
        raise ValueError(f"Document with ID {doc_id} already exists")
    working[doc_id] = document
    return doc_id


class Stored(NamedTuple):
    """A record as it is stored, by its id; a look at it, not a copy."""

    record: Record
    doc_id: str


class RecordTable(StringIdTable):
    """The same table for those who only look: what it finds is not copied, nor to be changed."""

    document_class = Stored  # type: ignore[assignment]  # made as TinyDB makes documents

    def __iter__(self) -> Iterator[Stored]:  # type: ignore[override]  # see document_class
        """All records."""
        return (Stored(record, doc_id) for doc_id, record in self._read_table().items())

    def search(self, cond: Any) -> list[Stored]:  # type: ignore[override]  # see document_class
        """The records that match the query."""
        return super().search(cond)  # type: ignore[return-value]


class VaultDB(TinyDB):
    """TinyDB over a namespace, a state or a transaction."""

    table_class = StringIdTable  # type: ignore[assignment]  # ids are strings here

    def __init__(
        self,
        now: Callable[[], Readable],
        begin: Callable[[], AbstractContextManager[Changeable]],
    ) -> None:
        super().__init__(now, begin, storage=VaultStorage)

    def table(self, name: str, **options: Any) -> StringIdTable:
        """The table of this name."""
        return super().table(name, **options)  # type: ignore[return-value]  # see table_class


def table_of(readable: Readable, name: str) -> RecordTable:
    """A table to look into, as a state or a transaction has it."""
    return RecordTable(VaultStorage(lambda: readable, _read_only), name)


def _read_only() -> AbstractContextManager[Changeable]:
    raise TypeError("this table is only read; a transaction changes it")
