"""Looking after the files: check, repair, back up, restore. For vaults in a data folder only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from robo_xp.errors import (
    InvalidValue,
    NotFound,
    Refused,
    RoboXPError,
    VaultDamaged,
    VaultUnavailable,
)
from robo_xp.text import counted
from robo_xp.usecases.core import GLOBAL, Core, check_reason
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.records import RecordFault, record_faults, sound_config
from robo_xp.vault import Transaction
from robo_xp.vault.care.backup import Backup, create, manifest_of
from robo_xp.vault.care.check import (
    NamespaceCheck,
    Note,
    check_namespace,
    folder_notes,
    is_leftover,
)
from robo_xp.vault.care.repair import Repair, Repaired, mend_format
from robo_xp.vault.care.restore import RESTORE, Restore
from robo_xp.vault.care.restore import Restored as Restored
from robo_xp.vault.care.restore import RestoredNamespace as RestoredNamespace
from robo_xp.vault.care.survey import Damage
from robo_xp.vault.files.options import FileOptions
from robo_xp.vault.files.vault import FileVault

Step = Callable[[str], None]


@dataclass(slots=True)
class Checked:
    """What a check came to: how much was looked at, what is damaged, what is worth knowing.

    ``unread`` is what could not be looked at.
    """

    namespaces: int = 0
    batches: int = 0
    members: int = 0
    damaged: list[Damage] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    unread: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecordMended:
    """A record that was not as it must be; ``removed`` where nothing sound was left of it."""

    namespace: str
    what: str
    removed: bool


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair did: to files, to records, and the leftovers that it removed."""

    files: tuple[Repaired, ...]
    records: tuple[RecordMended, ...]
    removed: tuple[str, ...]
    format_copy: str | None
    dry_run: bool

    @property
    def refused(self) -> tuple[Repaired, ...]:
        """The namespaces that could not be repaired."""
        return tuple(one for one in self.files if one.refused)


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A file that looks like a backup; ``fault`` says why it is none, or cut short."""

    path: str
    size: int
    backup: Backup | None
    fault: str = ""


class Maintenance:
    """Check, repair, backups. Other programs may go on writing meanwhile."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    @property
    def _vault(self) -> FileVault:
        """The vault; Refused when it is not in a data folder."""
        if not isinstance(self._core.vault, FileVault):
            raise Refused("this vault has no files to look after")
        return self._core.vault

    @property
    def backups_folder(self) -> str:
        """Where backups go unless a place is given: beside the data folder."""
        return f"{self._vault.root}-backups"

    # -- check -----------------------------------------------------------------------------------

    def names(self, wanted: Sequence[str] = ()) -> list[str]:
        """The namespaces to look at, all unless some are wanted. InvalidValue, NotFound."""
        there = self._vault.names()
        for name in wanted:
            self._vault.namespace(name)
            if name not in there:
                raise NotFound(
                    f"there is no namespace {name}",
                    advice="names look like xp/default/123456789012345678, giveaways/… or global",
                )
        return list(dict.fromkeys(wanted)) if wanted else there

    def check(self, names: Sequence[str] = (), *, step: Step | None = None) -> Checked:
        """Look at every line of the namespaces (all if none are given), without any lock.

        ``step`` is called after each namespace. Raises VaultUnavailable for files of a later
        version.
        """
        checked = Checked()
        if not names:
            self._check_folder(checked)
        defaults = self._defaults()
        for name in self.names(names):
            checked.namespaces += 1
            try:
                found = check_namespace(name, self._vault.options)
            except VaultUnavailable as error:
                checked.unread.append(Note(name, error.message))
                continue
            self._count(checked, found, defaults)
            if step is not None:
                step(name)
        return checked

    def _check_folder(self, checked: Checked) -> None:
        """Look at the format and at what stands in the folder."""
        vault = self._vault
        if not os.path.isdir(vault.root):
            return
        try:
            is_told = vault.format is not None
        except VaultDamaged as error:
            checked.damaged.append(Damage(error.path, error.offset, error.what))
        else:
            if not is_told and vault.names():
                checked.warnings.append(Note(vault.format_path, "is missing; a write makes it"))
        checked.warnings += folder_notes(vault.options)

    def _defaults(self) -> Mapping[str, Any]:
        """The global defaults as far as they are sure."""
        if GLOBAL not in self._vault.names():
            return {}
        try:
            return sound_config(check_namespace(GLOBAL, self._vault.options).tables) or {}
        except VaultUnavailable:
            return {}

    def _count(self, checked: Checked, found: NamespaceCheck, defaults: Mapping[str, Any]) -> None:
        """Add what one namespace came to."""
        checked.batches += found.batches
        checked.damaged += found.damaged
        checked.warnings += found.notes
        if found.name.startswith("xp/"):
            checked.members += len(found.tables.get(USERS, {}))
        faults = list(record_faults(found.name, found.tables))
        checked.damaged += [self._damage_of(found, fault) for fault in faults]
        if not faults and found.name.startswith("xp/"):
            checked.warnings += self._stale_levels(found, defaults)

    @staticmethod
    def _damage_of(found: NamespaceCheck, fault: RecordFault) -> Damage:
        """Where the record stands."""
        path, byte = found.place_of(fault.table, fault.doc_id)
        return Damage(path, byte, fault.what)

    def _stale_levels(self, found: NamespaceCheck, defaults: Mapping[str, Any]) -> Iterator[Note]:
        """How many stored levels are not what the curve says."""
        own = sound_config(found.tables)
        _, store_id, guild_id = found.name.split("/")
        rules = self._core.rules_for(self._core.scope(guild_id, store_id), defaults, own or {})
        users = found.tables.get(USERS, {}).values()
        level_for = rules.curve.level_for
        stale = sum(1 for user in users if level_for(user["xp"], user["level"]) != user["level"])
        if stale:
            what = (
                f"{counted(stale, 'member')} at another level than the curve gives;"
                " robo-xp xp recalc --all mends that"
            )
            yield Note(found.place_of(USERS, "")[0], what)

    # -- repair ----------------------------------------------------------------------------------

    def repair(
        self,
        names: Sequence[str] = (),
        *,
        salvage: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
        step: Step | None = None,
    ) -> RepairReport:
        """Repair the namespaces (all if none are given); originals are kept beside.

        With ``salvage`` also what cannot be proved is kept where nothing else is left. Raises
        VaultBusy and VaultUnavailable; namespaces before the one in question are done then.
        """
        vault = self._vault
        work = Repair(
            vault.options,
            self._core.origin_for("vault repair"),
            check_reason(reason),
            salvage=salvage,
            dry_run=dry_run,
        )
        format_copy = self._repair_format(dry_run=dry_run)
        files: list[Repaired] = []
        records: list[RecordMended] = []
        for name in self.names(names):
            done = work.namespace(name)
            files += [] if done is None else [done]
            if done is None or (not done.refused and not dry_run):
                records += self._repair_records(name, reason, dry_run=dry_run)
            if step is not None:
                step(name)
        removed = () if names else tuple(self._leftovers(dry_run=dry_run))
        return RepairReport(tuple(files), tuple(records), removed, format_copy, dry_run)

    def _repair_format(self, *, dry_run: bool) -> str | None:
        """Write the format anew if it cannot be read; the path of the copy."""
        try:
            self._vault.format  # noqa: B018  # asking is the test
        except VaultDamaged as error:
            return error.path if dry_run else mend_format(self._vault.options)
        return None

    def _repair_records(
        self, name: str, reason: str | None, *, dry_run: bool
    ) -> Iterator[RecordMended]:
        """Put sound records in the place of others, as one batch that keeps the old ones."""
        namespace = self._vault.namespace(name)
        if not any(record_faults(name, namespace.read().tables)):
            return
        origin = self._core.origin_for("vault repair")
        with namespace.transaction(origin, dry_run=dry_run) as transaction:
            transaction.reason = check_reason(reason)
            faults = list(record_faults(name, namespace.state.tables))
            for fault in faults:
                _mend_record(transaction, fault)
        for fault in faults:
            yield RecordMended(name, fault.what, fault.sound is None)

    def _leftovers(self, *, dry_run: bool) -> Iterator[str]:
        """Remove files that a crash left half written; their paths."""
        options: FileOptions = self._vault.options
        for folder, _, files in os.walk(options.root):
            for file in sorted(files):
                path = os.path.join(folder, file)
                if file.endswith(".new") and is_leftover(path, options):
                    if not dry_run:
                        options.files.remove(path)
                    yield path

    # -- backups ---------------------------------------------------------------------------------

    def create_backup(self, target: str | None = None, *, step: Step | None = None) -> Backup:
        """One file of everything; in ``target``, a new file or a folder, or the usual place.

        ``step`` is called after each namespace.
        Raises Refused when the file is there or there is nothing to keep, VaultDamaged,
        VaultUnavailable; then there is no backup.
        """
        names = self._vault.names()
        if not names:
            raise Refused(f"{self._vault.root} holds no data, so there is nothing to keep")
        target = f"{self.backups_folder}{os.sep}" if target is None else target
        return create(names, self._vault.options, target, step=step)

    def backups(self, folder: str | None = None) -> list[BackupRow]:
        """The backups in the folder, oldest first; each is read to its end."""
        place = self.backups_folder if folder is None else folder
        if folder is not None and not os.path.isdir(folder):
            raise NotFound(f"there is no folder {folder}")
        names = self._vault.options.files.names_in(place)
        paths = [os.path.abspath(os.path.join(place, n)) for n in names if n.endswith(".tar.gz")]
        rows = [_row_of(path) for path in paths]
        return sorted(rows, key=lambda row: (_made(row), row.path))

    def restore(
        self,
        source: str | None = None,
        *,
        at: int | None = None,
        reason: str | None = None,
        dry_run: bool = False,
        step: Step | None = None,
    ) -> Restored:
        """Put a backup (a file, or a data folder), or the state at a moment, in place.

        ``at`` is epoch ms; without a source it goes back in the data folder's own past.
        ``step`` is called for each namespace. Raises
        InvalidValue, FileMissing, Refused, VaultDamaged, VaultBusy and VaultUnavailable; then
        nothing was replaced.
        """
        if at is not None and at > self._core.clock.now_ms():
            raise InvalidValue("that time is still to come")
        work = Restore(
            self._vault.options,
            self._core.origin_for(RESTORE),
            at,
            check_reason(reason),
            dry_run,
            step,
        )
        return work.from_source(source)


def _mend_record(transaction: Transaction, fault: RecordFault) -> None:
    """Put the sound record in place, and the old one into an event."""
    old = transaction.get(fault.table, fault.doc_id)
    event = {"type": "recordRepair", "table": fault.table, "id": fault.doc_id, "old": old}
    if fault.sound is None:
        transaction.delete(fault.table, fault.doc_id)
    else:
        transaction.put(fault.table, fault.doc_id, dict(fault.sound))
    transaction.event(event)


def _row_of(path: str) -> BackupRow:
    """What can be told of the file."""
    size = os.path.getsize(path)
    try:
        return BackupRow(path, size, Backup(path, size, manifest_of(path)))
    except RoboXPError as error:
        return BackupRow(path, size, None, error.message)


def _made(row: BackupRow) -> int:
    """When the backup was made; 0 where that cannot be told."""
    return 0 if row.backup is None else row.backup.manifest.finished_at
