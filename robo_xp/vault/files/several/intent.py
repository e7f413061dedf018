"""The file that says which change of several namespaces is under way.

Whoever makes such a change holds the lock beside the file until the end. So where that lock is
free the file was left by a process that ended, and whoever comes next takes the change up.
Nobody else writes meanwhile to the namespaces that it names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from robo_xp.errors import ChangeUnfinished, RoboXPError, VaultDamaged
from robo_xp.vault.batch import checked_batch_of
from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.lock import WriterLock
from robo_xp.vault.files.options import FileOptions
from robo_xp.vault.files.several.sign import Sign
from robo_xp.vault.files.snapshot import replace_file
from robo_xp.vault.name import is_namespace

KEPT_FOLDER = re.compile(r"before-\d{8}T\d{6}Z(-\d+)*")
SCRATCH_FOLDER = re.compile(r"restore-\d{8}T\d{6}Z\.\d+\.new(-\d+)*")


class Placing(msgspec.Struct, frozen=True, rename="camel"):
    """Files of a restore: the folder that they wait in, and the one that keeps what they replace.

    Both are names in the data folder. ``archived`` are the namespaces with an archive among the
    files. Until it ``is_ready`` nothing was replaced, and the change is undone, not finished.
    """

    scratch: str
    kept: str | None
    archived: list[str]
    is_ready: bool


class Intent(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A change of several namespaces: the line that each gets, or files that take their places.

    ``ts`` is epoch ms; ``lines`` go with ``names``, in the same order.
    """

    cmd: str
    by: str
    ts: int
    names: list[str]
    lines: list[str] = []
    placing: Placing | None = None


def unfinished_change(cmd: str, error: RoboXPError) -> ChangeUnfinished:
    """The error for a change that is on record and not done, and why."""
    return ChangeUnfinished(f"'{cmd}' did not come to its end: {error.message}")


class IntentFile:
    """The intent of a data folder, if there is one."""

    def __init__(self, options: FileOptions) -> None:
        """Look for it in the data folder of these options."""
        self._options = options
        self.path = os.path.join(options.root, "intent.json")
        self._lock_path = os.path.join(options.root, "intent.lock")
        self._lock: WriterLock | None = None
        self.sign = Sign(self._lock_path, options, self.is_there)

    def is_there(self) -> bool:
        """Whether a change is under way, or was left."""
        return self._options.files.is_there(self.path)

    def close(self) -> None:
        """Keep no file open until it is needed again."""
        self.sign.close()

    @contextmanager
    def held(self, *, wait: float | None = None) -> Iterator[None]:
        """In the block nobody else changes several namespaces; VaultBusy after the wait."""
        options = self._options
        with explain_errors("make", options.root):
            options.prepare()
        seconds = options.lock_wait if wait is None else wait
        lock = WriterLock(self._lock_path, options.files, wait=seconds)
        lock.acquire(options.file_mode)
        self._lock = lock
        try:
            yield
        finally:
            self._lock = None
            with suppress(OSError, RoboXPError):
                if not self.is_there():
                    lock.resize(0)
            lock.close()

    def read(self) -> Intent | None:
        """The intent; None where there is none. Raises VaultDamaged and VaultUnavailable."""
        with explain_errors("read", self.path):
            try:
                data = self._options.files.read_whole(self.path)
            except FileNotFoundError:
                return None
        try:
            intent = msgspec.json.decode(data, type=Intent)
            _check(intent)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise VaultDamaged(f"the intent cannot be read: {error}", path=self.path) from error
        return intent

    def write(self, intent: Intent) -> None:
        """Make the intent lasting; after an error there is none, unless it could not be removed."""
        options = self._options
        try:
            with explain_errors("write", self.path):
                if self._lock is not None:
                    self._lock.resize(1)
                data = msgspec.json.encode(intent)
                replace_file(options.files, self.path, data, options.file_mode())
        except RoboXPError as error:
            try:
                self.remove()
            except RoboXPError:
                if self.is_there():
                    raise unfinished_change(intent.cmd, error) from error
            raise

    def set_aside(self, target: str) -> None:
        """Keep an intent that cannot be used under another name, so that nobody waits for it."""
        with explain_errors("repair", self.path):
            self._options.files.rename(self.path, target)
            self._options.files.sync_folder(self._options.root)

    def remove(self) -> None:
        """Forget the intent: all of it was done, or nothing."""
        with explain_errors("remove", self.path):
            self._options.files.remove(self.path)
            self._options.files.sync_folder(self._options.root)


def _check(intent: Intent) -> None:
    """Raise ValueError for an intent that no command writes, so that it leads nowhere else."""
    if wrong := [name for name in intent.names if not is_namespace(name)]:
        raise ValueError(f"{wrong[0][:100]!a} is no namespace")
    placing = intent.placing
    if placing is None:
        if len(intent.lines) != len(intent.names):
            raise ValueError(f"{len(intent.lines)} lines for {len(intent.names)} namespaces")
        if not all(checked_batch_of(line.encode()) for line in intent.lines):
            raise ValueError("a line is not as it was written")
    elif not SCRATCH_FOLDER.fullmatch(placing.scratch):
        raise ValueError(f"{placing.scratch[:100]!a} is no folder of a restore")
    elif placing.kept is not None and not KEPT_FOLDER.fullmatch(placing.kept):
        raise ValueError(f"{placing.kept[:100]!a} is no folder that a restore keeps")
