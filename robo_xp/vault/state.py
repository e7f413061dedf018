"""What a namespace holds: its tables, where it stands, and who wants to know what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from robo_xp.errors import VaultDamaged
from robo_xp.vault.batch import Batch, Record

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import RecordTable

META = "meta"
"""The table that the vault keeps for itself."""

Tables = dict[str, dict[str, Record]]
_NOTHING: Mapping[str, Record] = {}


@dataclass(frozen=True, slots=True)
class Link:
    """A batch that a history goes on after: its number, the sum of all lines up to it, its life.

    ``sum`` is None where only files of format 1 tell of it, ``lineage`` empty where it is open.
    """

    seq: int
    sum: int | None
    lineage: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a snapshot or a journal stands in the life of its namespace.

    ``lineage`` names one unbroken life: a restored copy starts another. ``generation`` counts
    the compactions of it. ``sum`` is the CRC-32 of all lines up to batch ``seq``; ``back`` is the
    batch that the kept history goes on after, where a restore or a repair left numbers out.
    Format 1 had neither of them, and mostly no ``name``.
    """

    schema: int
    seq: int
    generation: int
    lineage: str
    name: str = ""
    sum: int | None = None
    back: Link | None = None

    def document(self) -> dict[str, Any]:
        """The mark as it stands in files."""
        document: dict[str, Any] = {
            "schema": self.schema,
            "seq": self.seq,
            "generation": self.generation,
            "lineage": self.lineage,
        }
        if self.name:
            document["name"] = self.name
        if self.sum is not None:
            document["sum"] = f"{self.sum:08x}"
        if self.back is not None:
            document["back"] = {"seq": self.back.seq, "sum": f"{self.back.sum or 0:08x}"}
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Mark:
        """The mark in a document; raises KeyError, TypeError or ValueError when it is none."""
        told, back = document.get("sum"), document.get("back")
        return cls(
            int(document["schema"]),
            int(document["seq"]),
            int(document["generation"]),
            str(document["lineage"]),
            str(document.get("name", "")) if told is None else str(document["name"]),
            None if told is None else int(told, 16),
            None if back is None else Link(int(back["seq"]), int(back["sum"], 16)),
        )

    @property
    def link(self) -> Link:
        """The batch that the kept history goes on after."""
        return self.back or Link(self.seq, self.sum, self.lineage)

    def check_owner(self, name: str, path: str) -> None:
        """Raise VaultDamaged where the file at ``path`` says that it is another namespace's."""
        if self.name and self.name != name:
            raise VaultDamaged(f"it belongs to {self.name}", path=path)


class Changes:
    """The ids that changed in tables since somebody looked; ``everything`` after a reload."""

    __slots__ = ("everything", "ids")

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.everything = True

    def take(self) -> tuple[bool, set[str]]:
        """Whether all may have changed, and else the ids that did; both are forgotten then."""
        taken = (self.everything, self.ids)
        self.everything, self.ids = False, set()
        return taken


class Remote(dict[str, Record]):
    """A table whose records an engine keeps elsewhere, and reads when they are asked for."""

    def fetch(self, ids: Sequence[str]) -> None:
        """Read those of the records that there are, at once."""
        raise NotImplementedError


class State:
    """The tables of a namespace at batch ``seq``. Records are replaced, never changed in place."""

    def __init__(self) -> None:
        self.tables: Tables = {}
        self.mark = Mark(schema=0, seq=0, generation=0, lineage="")
        self.seq = 0
        self._changes: dict[str, list[Changes]] = {}
        self._touched: dict[str, int] = {}
        self._reloads = 0

    def load(self, tables: Tables, mark: Mark) -> None:
        """Take the place of all that was known before."""
        self.tables = tables
        self.mark = mark
        self.seq = mark.seq
        self._reloads += 1
        self._touched = {}
        for trackers in self._changes.values():
            for changes in trackers:
                changes.everything = True

    def successor(self, tables: Tables, mark: Mark) -> State:
        """Another state for whoever tracks this one; this one stays as it is for its readers."""
        state = State()
        state._changes = self._changes
        state._reloads = self._reloads
        state.load(tables, mark)
        return state

    def apply(self, batch: Batch) -> None:
        """Carry out the after-images of one batch."""
        for table, doc_id, record in batch.ops:
            records = self.tables.get(table)
            if records is None:
                records = self.tables[table] = {}
            if record is None:
                records.pop(doc_id, None)
            else:
                records[doc_id] = record
            self._touched[table] = batch.seq
            for changes in self._changes.get(table, ()):
                changes.ids.add(doc_id)
        self.seq = batch.seq

    def records(self, table: str) -> Mapping[str, Record]:
        """The live records of a table by id; look, do not touch."""
        return self.tables.get(table, _NOTHING)

    def table(self, name: str) -> RecordTable:
        """A table to ask by TinyDB's queries; what it finds is not to be changed."""
        from robo_xp.vault.tinydb import table_of

        return table_of(self, name)

    def table_names(self) -> set[str]:
        """The tables with anything in them."""
        return {name for name, table in self.tables.items() if table}

    def version(self, table: str) -> tuple[int, int]:
        """A value that differs whenever the table may have changed: the test of a cache."""
        return self._reloads, self._touched.get(table, 0)

    def track(self, *tables: str) -> Changes:
        """A new collector of the ids that change in any of the tables."""
        changes = Changes()
        for table in tables:
            self._changes.setdefault(table, []).append(changes)
        return changes

    def untrack(self, changes: Changes) -> None:
        """Let the collector learn of no more changes."""
        for table, trackers in list(self._changes.items()):
            if changes in trackers:
                self._changes[table] = [one for one in trackers if one is not changes]

    def untrack_all(self) -> None:
        """Let no collector learn of more changes."""
        self._changes.clear()
