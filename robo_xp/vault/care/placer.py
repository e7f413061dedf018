"""The second half of a restore: what is ready takes its place, in all namespaces or in none.

First an intent keeps writers out, then each namespace is looked at once more while none is at
work in it: so it takes a few open files, however many namespaces there are. From the moment at
which the intent says that all is ready the restore is finished whatever happens, by the next
command if not by this one; until then nothing was replaced.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from robo_xp.errors import RoboXPError, VaultDamaged
from robo_xp.vault.care.holding import hold_writers
from robo_xp.vault.care_port import RestoredNamespace
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.several.changes import Changes
from robo_xp.vault.files.several.intent import Intent, Placing, unfinished_change
from robo_xp.vault.files.several.placing import READY, finish_placing, undo_placing
from robo_xp.vault.files.snapshot import replace_file
from robo_xp.vault.transaction import Origin

REPLACED = "replaced.json"
"""The file in a folder ``before-…`` that says which namespaces that restore replaced or began."""


class Replaced(msgspec.Struct, frozen=True):
    """What one restore had in hand: whoever takes it back touches nothing else."""

    namespaces: list[str]


def replaced_in(folder: str, files: Files) -> frozenset[str] | None:
    """The namespaces that the restore had in hand which left this folder; None where it does not
    say. Raises VaultDamaged and VaultUnavailable.
    """
    path = os.path.join(folder, REPLACED)
    with explain_errors("read", path):
        if files.stat(path) is None:
            return None
        data = files.read_whole(path)
    try:
        return frozenset(msgspec.json.decode(data, type=Replaced).namespaces)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise VaultDamaged("what the restore replaced cannot be read", path=path) from error


@dataclass(frozen=True, slots=True)
class Ready:
    """A namespace that is written and waits in the scratch folder; as it ``seen`` was before."""

    result: RestoredNamespace
    place: Place
    seen: object


@dataclass(frozen=True, slots=True)
class Placer:
    """Puts what waits in ``scratch`` in place; what it replaces goes to the folder ``kept``."""

    options: FileOptions
    changes: Changes
    origin: Origin
    scratch: str
    kept: str

    def carry_out(self, ready: list[Ready], as_now: Callable[[Ready], Ready]) -> str | None:
        """Put everything in place; the folder with what was there, None where nothing was.

        ``as_now`` writes a namespace anew that has changed since; ``ready`` is brought up to
        date. Raises VaultBusy and VaultUnavailable, and ChangeUnfinished once it will be done.
        """
        is_kept = any(_is_there(one, self.options.files) for one in ready)
        kept = os.path.basename(self.kept) if is_kept else None
        names = [one.result.name for one in ready]
        placing = Placing(os.path.basename(self.scratch), kept, [], is_ready=False)
        cmd = self.origin.cmd
        with self.changes.alone():
            try:
                with explain_errors("restore", self.options.root):
                    placing = self._prepare(placing, ready, as_now)
            except BaseException as error:
                self._take_back(placing, error)
                raise
            try:
                with explain_errors("restore", self.options.root):
                    finish_placing(Intent(cmd, "", 0, names), placing, self.options)
            except RoboXPError as error:
                raise unfinished_change(cmd, error) from error
            self.changes.done()
        return self.kept if is_kept else None

    def _prepare(
        self, placing: Placing, ready: list[Ready], as_now: Callable[[Ready], Ready]
    ) -> Placing:
        """Keep writers out, and get everything ready; then it is on record that it will be done."""
        names = [one.result.name for one in ready]
        self.changes.place(self.origin, names, placing)
        for number, one in enumerate(ready):
            with hold_writers(one.place, self.options):
                ready[number] = as_now(one)
        if placing.kept is not None:
            self._keep(ready)
        files, waiting = self.options.files, os.path.join(self.scratch, READY)
        for below, what in files.tree(waiting):
            if stat.S_ISDIR(what.st_mode):
                files.sync_folder(os.path.join(waiting, below))
        archived = [name for name in names if files.is_folder(Place.of(waiting, name).archive)]
        whole = msgspec.structs.replace(placing, archived=archived, is_ready=True)
        self.changes.place(self.origin, names, whole)
        return whole

    def _take_back(self, placing: Placing, error: BaseException) -> None:
        """Undo what was prepared; ChangeUnfinished where it is on record all the same."""
        if self.changes.waits_for(self.scratch):
            if isinstance(error, RoboXPError):
                raise unfinished_change(self.origin.cmd, error) from error
            return
        kept_alone = msgspec.structs.replace(placing, scratch="")
        with suppress(RoboXPError):
            undo_placing(kept_alone, self.options)
        self.changes.done()

    def _keep(self, ready: list[Ready]) -> None:
        """Give the present files a second name in the folder for what is replaced."""
        files, root, kept = self.options.files, self.options.root, self.kept
        files.make_folder(kept, root=root)
        folders = {kept}
        for one in ready:
            for path in (one.place.snapshot, one.place.journal):
                if files.stat(path) is not None:
                    target = os.path.join(kept, os.path.relpath(path, root))
                    files.make_folder(os.path.dirname(target), root=root)
                    files.link(path, target)
                    folders.add(os.path.dirname(target))
        files.link(os.path.join(root, "format.json"), os.path.join(kept, "format.json"))
        names = Replaced([one.result.name for one in ready])
        content = msgspec.json.encode(names) + b"\n"
        replace_file(files, os.path.join(kept, REPLACED), content, self.options.file_mode())
        for folder in folders:
            files.sync_folder(folder)


def _is_there(one: Ready, files: Files) -> bool:
    """Whether the data folder holds anything of the namespace."""
    paths = (one.place.snapshot, one.place.journal, one.place.archive)
    return any(files.stat(path) is not None for path in paths)
