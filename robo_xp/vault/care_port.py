"""What an engine may offer to look after a vault: check, repair, backups. Names no engine.

A vault whose ``care`` is None is looked after by other means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from robo_xp.vault.state import Tables
from robo_xp.vault.transaction import Origin

REPAIR = "vault repair"
RESTORE = "backup restore"
Step = Callable[[str], None]
TablesOf = Callable[[str], Tables]
Ranges = tuple[tuple[int, int], ...]
Where = tuple[str, int | None]
"""A file, and the byte in it where that is known."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong in a file, and at which byte where that is known."""

    file: str
    byte: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file that is no damage but worth knowing."""

    file: str
    what: str


@dataclass(slots=True)
class NamespaceCheck:
    """One namespace: how many whole batches it has, its tables as far as they are sure.

    ``place_of`` gives the file that has the last word on a record, and the byte of its line.
    """

    name: str
    place_of: Callable[[str, str], Where]
    batches: int = 0
    tables: Tables = field(default_factory=dict)
    damaged: list[Damage] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one damaged namespace.

    ``kept`` says in words what it goes on from and ``lost`` which batches are gone; ``copies``
    are the damaged originals. ``refused`` says why nothing was done, empty where something was.
    """

    namespace: str
    kept: str
    lost: Ranges = ()
    copies: tuple[str, ...] = ()
    refused: str = ""
    seq: int | None = None


class Stood(msgspec.Struct, frozen=True):
    """Where a namespace stood: its last batch, and when that was committed (epoch ms).

    ``lineage`` names the life that it was in; empty where an earlier version did not say.
    """

    seq: int
    ts: int
    lineage: str = ""

    def holds(self, other: Stood) -> bool:
        """Whether all of the other is in it: it is of the same life, and not behind."""
        return other.lineage in ("", self.lineage) and other.seq <= self.seq


class Entry(msgspec.Struct, frozen=True):
    """One file of a backup."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """What a backup holds. Times are epoch ms.

    ``damaged`` says of each namespace that was damaged what is wrong with it; its files are in
    the backup as they were, and nothing reads them.
    """

    format: int
    started_at: int
    finished_at: int
    namespaces: dict[str, Stood]
    files: dict[str, Entry]
    damaged: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup file: its path, its size in bytes, and its manifest."""

    path: str
    size: int
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A file that looks like a backup; ``fault`` says why it is none, or cut short."""

    path: str
    size: int
    backup: Backup | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Thinned:
    """The paths of backups that were removed, and of those that stay, each with the namespaces
    that no newer one has as they are in it.
    """

    removed: tuple[str, ...] = ()
    stay: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class RestoredNamespace:
    """One namespace: the batch whose state it has again and when that was made (epoch ms).

    ``from_seq`` is None where the namespace is empty now; ``seq`` is the batch that tells of the
    restore, None in a dry run; ``late`` is how many batches carry a time after the moment.
    """

    name: str
    from_seq: int | None
    ts: int | None
    seq: int | None
    late: int = 0


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; ``kept`` is the folder with what was there before, if anything was.

    ``damaged`` are the namespaces that the source has only damaged; they were left alone.
    """

    namespaces: tuple[RestoredNamespace, ...]
    kept: str | None
    damaged: tuple[str, ...] = ()


Adapt = Callable[[str, Callable[[], Tables | None], Tables], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOrder:
    """What to restore: everything, one guild or one store of it, as of ``at`` (epoch ms).

    ``adapt`` is given the name of each namespace, what tells its tables as they are now (None
    where that is not known), and the ones to put in place, which it may change. ``agree`` is
    called with what will be done before anything is replaced; what it raises ends the restore.
    ``step`` is called after each namespace that is ready to be put in place.
    """

    at: int | None = None
    guild_id: str = ""
    store_id: str = ""
    reason: str | None = None
    dry_run: bool = False
    adapt: Adapt | None = None
    agree: Callable[[Restored], None] | None = None
    step: Step | None = None


class Care(Protocol):
    """What looks after the files of a vault while other programs may go on writing.

    ``step`` is called after each namespace. All of it raises VaultUnavailable for files that
    cannot be reached, or are of a later version.
    """

    @property
    def place(self) -> str:
        """Where the files are."""

    @property
    def backups_place(self) -> str:
        """Where backups go unless a place is given."""

    def check_place(self) -> tuple[list[Damage], list[Note]]:
        """What is damaged in the folder as a whole, and what is worth knowing of it."""

    def lost_names(self) -> list[str]:
        """The namespaces that had data, of which nothing is left."""

    def check(self, name: str) -> NamespaceCheck:
        """All that is wrong in the files of one namespace, archive included."""

    def repair_place(self, *, dry_run: bool) -> str | None:
        """Write the format anew if it cannot be read; the path of the copy of the old one."""

    def repair_intent(self, *, dry_run: bool) -> str | None:
        """Set a change of several namespaces aside that cannot be read; the path of its copy."""

    def repair(
        self, name: str, origin: Origin, *, reason: str | None, salvage: bool, dry_run: bool
    ) -> Repaired | None:
        """Repair one namespace; None when there is nothing to repair. Raises VaultBusy too."""

    def remove_leftovers(self, *, dry_run: bool) -> list[str]:
        """Remove files that a crash left half written; their paths."""

    def create_backup(self, names: Sequence[str], target: str | None, step: Step | None) -> Backup:
        """One file of these namespaces; in ``target``, a new file or a folder, or the usual place.

        Of a damaged one it keeps the files as they are. Raises Refused when the file is there;
        then there is no backup.
        """

    def backups(self, folder: str | None) -> list[BackupRow]:
        """The backups in the folder, oldest first; NotFound for one that is not there."""

    def copies_naming(self, user_id: str) -> list[str]:
        """The paths of backups, and of what was set aside, that name this id."""

    def backup_path(self, text: str) -> str:
        """The path that a backup is called by: itself, a name in the usual place, or ``latest``.

        FileMissing where there is none; a path of a folder is passed on as it is.
        """

    def open_backup(self, path: str) -> AbstractContextManager[tuple[Backup, TablesOf]]:
        """The backup, and what gives the tables of each whole namespace in it.

        Raises FileMissing, VaultDamaged and VaultUnavailable.
        """

    def thin_out(self, made: Backup, keep: int) -> Thinned:
        """Remove all but so many of the newest backups where this one was made.

        Only files that have their name from the time, and are whole: no others are counted.
        The last one that has something stays.
        """

    def restore(self, source: str | None, origin: Origin, order: RestoreOrder) -> Restored:
        """Put a backup (a file, or a data folder), or the state at a moment, in place.

        Without a source it goes back in the vault's own past. What is damaged in the source is
        left alone here. Raises InvalidValue, NotFound, Refused, VaultDamaged, VaultBusy and
        VaultUnavailable.
        """
