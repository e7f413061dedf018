"""Care for a vault in a data folder: what ``care_port`` asks for, made of this package."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from robo_xp.errors import FileMissing, NotFound, RoboXPError, VaultDamaged, VaultUnavailable
from robo_xp.errors.causes import cause_of
from robo_xp.vault.care.backup import create, manifest_of, unpack
from robo_xp.vault.care.check import (
    check_namespace,
    folder_notes,
    is_of_namespaces,
)
from robo_xp.vault.care.copies import copies_naming
from robo_xp.vault.care.past import Past
from robo_xp.vault.care.repair import Repair, mend_format, stamp
from robo_xp.vault.care.restore import Restore
from robo_xp.vault.care.scratch import is_leftover, left_folders
from robo_xp.vault.care_port import (
    Backup,
    BackupRow,
    Damage,
    NamespaceCheck,
    Note,
    Repaired,
    Restored,
    RestoreOrder,
    Step,
    Stood,
    TablesOf,
    Thinned,
)
from robo_xp.vault.files.compaction import exists
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.options import Place
from robo_xp.vault.files.several.intent import KEPT_FOLDER
from robo_xp.vault.files.snapshot import free_path
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.name import is_namespace
from robo_xp.vault.state import Tables
from robo_xp.vault.transaction import Origin

LATEST = "latest"
_NAMED_BY_TIME = re.compile(r"robo-xp-[0-9T]+Z(-[0-9]+)?\.tar\.gz")
_SEE_LIST = "see 'robo-xp backup list' for those that there are, or give the path of another"


class FileCare:
    """Looks after the files of one vault."""

    def __init__(self, vault: FileVault) -> None:
        self._vault = vault
        self._options = vault.options

    @property
    def place(self) -> str:
        """The data folder."""
        return self._options.root

    @property
    def backups_place(self) -> str:
        """A folder beside the data folder."""
        return f"{self.place}-backups"

    def check_place(self) -> tuple[list[Damage], list[Note]]:
        """Look at the format and at what stands in the folder."""
        if not self._options.files.is_folder(os.path.realpath(self.place)):
            return [], []
        damaged, notes = [], []
        try:
            is_told = self._vault.format is not None
        except VaultDamaged as error:
            damaged.append(Damage(error.path, error.offset, error.what))
        else:
            if not is_told and self._vault.names():
                notes.append(Note(self._vault.format_path, "is missing; a write makes it"))
        changes = self._vault.changes_of_several
        if what := changes.damage():
            damaged.append(Damage(changes.path, None, what))
        return damaged, [*notes, *self._told_lost(), *folder_notes(self._options)]

    def lost_names(self) -> list[str]:
        """The namespaces whose lock file says that they had data, of which nothing is left."""
        options = self._options
        locks = (
            below.removesuffix(".lock")
            for below, found in options.files.tree(self.place, into=is_of_namespaces)
            if below.endswith(".lock") and found.st_size
        )
        lost = [
            name
            for name in filter(is_namespace, locks)
            if not exists(Place.of(self.place, name), options)
        ]
        return sorted(lost)

    def _told_lost(self) -> Iterator[Note]:
        """What to say of each of them, with the newest backup in the usual place that has it."""
        lost = self.lost_names()
        rows = self.backups(None) if lost else []
        backups = [row.backup for row in reversed(rows) if row.backup is not None]
        for name in lost:
            there = next((one for one in backups if name in one.manifest.namespaces), None)
            what = f"is all that is left of {name}: journal and snapshot are gone"
            if there is None:
                what += f"; no backup in {self.backups_place} has it"
            else:
                seq = there.manifest.namespaces[name].seq
                what += f"; {there.path} has it as of batch {seq} (robo-xp backup restore)"
            yield Note(Place.of(self.place, name).lock, what)

    def check(self, name: str) -> NamespaceCheck:
        """All that is wrong in the files of one namespace, archive included."""
        return check_namespace(name, self._options)

    def repair_place(self, *, dry_run: bool) -> str | None:
        """Write the format anew if it cannot be read; the path of the copy of the old one."""
        try:
            self._vault.format  # noqa: B018  # asking is the test
        except VaultDamaged as error:
            return error.path if dry_run else mend_format(self._options)
        return None

    def repair_intent(self, *, dry_run: bool) -> str | None:
        """Set a change of several namespaces aside that cannot be read; the path of its copy."""
        changes = self._vault.changes_of_several
        if changes.damage() is None:
            return None
        if dry_run:
            return changes.path
        copy = free_path(self._options.files, f"{changes.path}.damaged-{stamp(self._options)}")
        changes.set_aside(copy)
        return copy

    def repair(
        self, name: str, origin: Origin, *, reason: str | None, salvage: bool, dry_run: bool
    ) -> Repaired | None:
        """Repair one namespace; None when there is nothing to repair."""
        work = Repair(self._options, origin, reason, salvage=salvage, dry_run=dry_run)
        return work.namespace(name)

    def remove_leftovers(self, *, dry_run: bool) -> list[str]:
        """Remove files that a crash left half written, and a restore; their paths."""
        files, changes = self._options.files, self._vault.changes_of_several
        paths = [
            os.path.join(self.place, below)
            for below, found in files.tree(self.place)
            if below.endswith(".new") and not stat.S_ISDIR(found.st_mode)
        ]
        removed = [path for path in paths if is_leftover(path, self._options)]
        folders = left_folders(self._options, changes)
        for path in removed if not dry_run else ():
            files.remove(path)
        for path in folders if not dry_run else ():
            files.remove_tree(path)
        return removed + folders

    def create_backup(
        self,
        names: Sequence[str],
        target: str | None,
        step: Step | None,
        *,
        damaged: Mapping[str, str] = MappingProxyType({}),
    ) -> Backup:
        """One file of these namespaces; in ``target``, a new file or a folder, or beside.

        It says of those in ``damaged`` what is wrong with them.
        """
        target = f"{self.backups_place}{os.sep}" if target is None else target
        return create(list(names), self._options, target, step=step, damaged=damaged)

    def backups(self, folder: str | None) -> list[BackupRow]:
        """The backups in the folder, oldest first; each is read to its end."""
        place = self.backups_place if folder is None else folder
        if folder is not None and not self._options.files.is_folder(os.path.realpath(folder)):
            raise NotFound(f"there is no folder {folder}")
        with explain_errors("list", place):
            names = self._options.files.names_in(place)
        paths = [os.path.abspath(os.path.join(place, n)) for n in names if n.endswith(".tar.gz")]
        rows = [_row_of(path, self._options.files) for path in paths]
        return sorted(rows, key=lambda row: (_made_at(row), row.path))

    def copies_naming(self, user_id: str) -> list[str]:
        """The paths of backups, and of what was set aside, that name this id."""
        return copies_naming(user_id, self.place, self.backups_place, self._options.files)

    def backup_path(self, text: str) -> str:
        """The path that a backup is called by: itself, a name in the usual place, or ``latest``."""
        if text == LATEST:
            return self._latest()
        if os.sep in text or os.path.exists(text):
            return os.path.abspath(text)
        beside = os.path.join(self.backups_place, text)
        kept = os.path.join(self.place, text)
        for path in (beside, f"{beside}.tar.gz", *([kept] if KEPT_FOLDER.fullmatch(text) else [])):
            if os.path.exists(path):
                return path
        raise FileMissing(f"there is no backup {text}", advice=_SEE_LIST)

    def _latest(self) -> str:
        """The newest backup in the usual place that holds everything whole."""
        rows = [row for row in self.backups(None) if row.backup is not None]
        whole = [row for row in rows if row.backup is not None and not row.backup.manifest.damaged]
        if not whole:
            said = f"there is no whole backup in {self.backups_place}"
            raise FileMissing(said, advice=_SEE_LIST)
        return whole[-1].path

    @contextmanager
    def open_backup(self, path: str) -> Iterator[tuple[Backup, TablesOf]]:
        """The backup, unpacked while it is open, and what gives the tables in it."""
        with tempfile.TemporaryDirectory(prefix="robo-xp-") as folder:
            files = self._options.files
            files.anchor(folder)
            manifest = unpack(path, folder, files)

            def tables_of(name: str) -> Tables:
                moment = Past(name, folder, files).at(None)
                assert moment is not None  # without a moment it is always the last state
                self._options.migrations.apply(name, moment.tables, moment.schema)
                return moment.tables

            yield Backup(path, os.path.getsize(path), manifest), tables_of

    def thin_out(self, made: Backup, keep: int) -> Thinned:
        """Remove all but so many of the newest backups where this one was made.

        The last one that has a namespace, or an earlier life of it, stays.
        """
        folder = os.path.dirname(made.path)
        ours = [
            row.backup
            for row in self.backups(folder)
            if _NAMED_BY_TIME.fullmatch(os.path.basename(row.path))
            and row.backup is not None
            and not row.backup.manifest.damaged
        ]
        older = [one for one in ours if one.path != made.path]
        count = max(len(ours) - keep, 0)
        surplus = older[:count]
        needed = _last_with_something(surplus, [*older[count:], made])
        removed = tuple(one.path for one in surplus if one.path not in needed)
        try:
            for path in removed:
                self._options.files.remove(path)
            self._options.files.sync_folder(folder)
        except OSError as error:
            cause = cause_of(error)
            raise VaultUnavailable(
                f"older backups in {folder} cannot be removed: {cause.said}",
                advice=f"the backup itself was made, {made.path}; {cause.advice}",
            ) from error
        return Thinned(removed, tuple(needed.items()))

    def restore(self, source: str | None, origin: Origin, order: RestoreOrder) -> Restored:
        """Put a backup (a file, or a data folder), or the state at a moment, in place."""
        changes = self._vault.changes_of_several
        return Restore(self._options, changes, origin, order).from_source(source)


def _row_of(path: str, files: Files) -> BackupRow:
    """What can be told of the file."""
    found = files.stat(os.path.realpath(path))
    size = 0 if found is None else found.st_size
    try:
        return BackupRow(path, size, Backup(path, size, manifest_of(path)))
    except RoboXPError as error:
        return BackupRow(path, size, None, error.message)


def _last_with_something(older: list[Backup], newer: list[Backup]) -> dict[str, tuple[str, ...]]:
    """The paths of older backups, the newest first, that a namespace is last in, and which."""
    found: dict[str, tuple[str, ...]] = {}
    held: dict[str, list[Stood]] = {}

    def keep(backup: Backup) -> None:
        for name, stood in backup.manifest.namespaces.items():
            held.setdefault(name, []).append(stood)

    for backup in newer:
        keep(backup)
    for backup in reversed(older):
        there = backup.manifest.namespaces.items()
        alone = [n for n, was in there if not any(one.holds(was) for one in held.get(n, ()))]
        if alone:
            found[backup.path] = tuple(alone)
            keep(backup)
    return found


def _made_at(row: BackupRow) -> int:
    """When the backup was made; 0 where that cannot be told."""
    return 0 if row.backup is None else row.backup.manifest.finished_at
