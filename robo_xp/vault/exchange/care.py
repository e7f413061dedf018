"""Care for a vault in PostgreSQL: checks, and backups in the format of those of a data folder.

A backup is made of a data folder that holds the same lines, in a temporary place; a restore goes
the other way, into an empty schema. So each engine restores what the other has backed up.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from robo_xp.errors import InvalidValue, Refused, VaultDamaged
from robo_xp.ports import Clock
from robo_xp.vault.care.file_care import LATEST, FileCare
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
    TablesOf,
    Thinned,
)
from robo_xp.vault.exchange.database import DatabaseSide
from robo_xp.vault.exchange.folder import FolderSide
from robo_xp.vault.exchange.move import copy
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.postgres.vault import PostgresVault
from robo_xp.vault.pseudonyms import ERASED
from robo_xp.vault.state import State, Tables
from robo_xp.vault.transaction import Origin


class DatabaseCare:
    """Looks after one vault in a database."""

    def __init__(self, vault: PostgresVault) -> None:
        """Look after this one."""
        self._vault = vault
        self._side = DatabaseSide(vault)

    @property
    def place(self) -> str:
        """The address."""
        return self._side.shown

    @property
    def backups_place(self) -> str:
        """There is no usual place beside a database: InvalidValue asks for one."""
        raise InvalidValue(
            "a vault in a database has no usual place for backups",
            advice="name a file or a folder, as in 'robo-xp backup create /srv/backups/'",
        )

    def check_place(self) -> tuple[list[Damage], list[Note]]:
        """Nothing stands beside the namespaces."""
        return [], []

    def lost_names(self) -> list[str]:
        """None: a table has a row for each namespace, and is there with all of them."""
        return []

    def check(self, name: str) -> NamespaceCheck:
        """Every kept line, their numbers, and whether the records follow from them."""
        place = f"{self.place} {name}"
        found = NamespaceCheck(name, lambda table, doc_id: (f"{place} {table} {doc_id}", None))
        with self._side.read(name) as whole:
            found.tables = whole.tables
            replayed, last = State(), 0
            try:
                for batch, _ in whole.lines:
                    if last and batch.seq != last + 1:
                        gap = f"batches {last + 1} to {batch.seq - 1} are missing"
                        found.damaged.append(Damage(place, None, gap))
                    last = batch.seq
                    found.batches += 1
                    replayed.apply(batch)
            except VaultDamaged as error:
                found.damaged.append(Damage(error.path, error.offset, error.what))
                return found
            if found.batches and last != whole.mark.seq:
                said = f"the last batch is {last}, but {whole.mark.seq} was committed"
                found.damaged.append(Damage(place, None, said))
            is_all = found.batches == whole.mark.seq and not found.damaged
            if is_all and _lasting(replayed.tables) != _lasting(whole.tables):
                said = "the records are not those that the batches lead to"
                found.damaged.append(Damage(place, None, said))
        return found

    def repair_place(self, *, dry_run: bool) -> str | None:
        """Nothing to repair."""
        return None

    def repair_intent(self, *, dry_run: bool) -> str | None:
        """Nothing to repair: the database makes such a change as one."""
        return None

    def repair(
        self, name: str, origin: Origin, *, reason: str | None, salvage: bool, dry_run: bool
    ) -> Repaired | None:
        """None where it is whole; what is damaged is refused, and left to the server's backups."""
        damaged = self.check(name).damaged
        if not damaged:
            return None
        said = f"{damaged[0].what}; restore a backup into another schema, or one of the server"
        return Repaired(name, "", refused=said)

    def remove_leftovers(self, *, dry_run: bool) -> list[str]:
        """Nothing is ever left half written."""
        return []

    def create_backup(self, names: Sequence[str], target: str | None, step: Step | None) -> Backup:
        """One file of all namespaces, each as of one moment."""
        target = self.backups_place if target is None else target
        damaged: dict[str, str] = {}
        with _folder(self._vault.clock) as care:
            with closing(FolderSide(care.place, self._vault.clock)) as folder:
                copy(self._side, folder, step, may_change=True, damaged=damaged)
            return care.create_backup(names, target, None, damaged=damaged)

    def backups(self, folder: str | None) -> list[BackupRow]:
        """The backups in a folder, oldest first; NotFound for one that is not there."""
        folder = self.backups_place if folder is None else folder
        with _folder(self._vault.clock) as care:
            return care.backups(folder)

    def copies_naming(self, user_id: str) -> list[str]:
        """None: backups have no usual place, and nothing is set aside."""
        return []

    def backup_path(self, text: str) -> str:
        """The path itself: there is no usual place."""
        if text == LATEST:
            return self.backups_place
        return os.path.abspath(text)

    @contextmanager
    def open_backup(self, path: str) -> Iterator[tuple[Backup, TablesOf]]:
        """The backup, and what gives the tables of each whole namespace in it."""
        with _folder(self._vault.clock) as care, care.open_backup(path) as found:
            yield found

    def thin_out(self, made: Backup, keep: int) -> Thinned:
        """Remove all but so many of the newest backups where this one was made."""
        with _folder(self._vault.clock) as care:
            return care.thin_out(made, keep)

    def restore(self, source: str | None, origin: Origin, order: RestoreOrder) -> Restored:
        """Put a backup, or its state at a moment, into this vault, which must be empty."""
        if source is None:
            raise InvalidValue(
                "a vault in a database is not set back in place",
                advice="restore a backup into an empty schema, with --at for a moment",
            )
        if self._side.numbers():
            raise Refused(
                f"there is a vault at {self.place} already",
                advice="restore into an empty one: add ?schema=NAME to the address",
            )
        with _folder(self._vault.clock) as care:
            done = care.restore(source, origin, order)
            if not order.dry_run:
                with closing(FolderSide(care.place, self._vault.clock)) as folder:
                    copy(folder, self._side)
        return done


@contextmanager
def _folder(clock: Clock) -> Iterator[FileCare]:
    """Care for a data folder that is not there yet, and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="robo-xp-") as above:
        vault = FileVault(os.path.join(above, "vault"), durability="os", clock=clock)
        try:
            yield FileCare(vault)
        finally:
            vault.close()


def _lasting(tables: Tables) -> Tables:
    """The tables with anything in them; marks of erased persons go without a batch."""
    return {name: table for name, table in tables.items() if table and name != ERASED}
