"""Making changes of several namespaces, and taking up those that a process left unfinished."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from robo_xp.errors import RoboXPError, VaultDamaged
from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.lock import WriterLock
from robo_xp.vault.files.options import FileOptions
from robo_xp.vault.files.several.intent import Intent, IntentFile, Placing, unfinished_change
from robo_xp.vault.files.several.placing import finish_placing, undo_placing
from robo_xp.vault.files.snapshot import replace_file
from robo_xp.vault.transaction import FollowUp, Origin

if TYPE_CHECKING:
    from robo_xp.vault.files.namespace import FileNamespace

log = logging.getLogger("robo_xp.vault")

Planned = tuple[str, bytes]
"""A namespace, and the line that it gets."""


class Changes:
    """The changes of several namespaces in one data folder."""

    def __init__(self, options: FileOptions, namespace: Callable[[str], FileNamespace]) -> None:
        """Finish what was left through the namespaces that ``namespace`` opens."""
        self._options = options
        self._namespace = namespace
        self._file = IntentFile(options)

    def blocks(self, name: str) -> bool:
        """Whether a change is under way, or was left, that has to come first there."""
        if not self._file.sign.is_up():
            return False
        intent = self._file.read()
        return intent is not None and name in intent.names

    @contextmanager
    def alone(self) -> Iterator[None]:
        """In the block nobody else makes such a change; what was left is taken up first."""
        with self._file.held():
            self._go_on()
            yield

    def intend(self, origin: Origin, planned: Sequence[Planned]) -> None:
        """Make it lasting that each namespace gets its line; after an error none does."""
        names, lines = zip(*planned, strict=True)
        texts = [line.decode().rstrip("\n") for line in lines]
        now = self._options.clock.now_ms()
        self._file.write(Intent(origin.cmd, origin.by, now, list(names), lines=texts))

    def place(self, origin: Origin, names: list[str], placing: Placing) -> None:
        """Make it lasting which files are placed, or will be once they are ready."""
        now = self._options.clock.now_ms()
        self._file.write(Intent(origin.cmd, origin.by, now, names, placing=placing))

    def waits_for(self, scratch: str) -> bool:
        """Whether the files in this folder will be put in place, or that cannot be told."""
        if not self._file.is_there():
            return False
        try:
            intent = self._file.read()
        except RoboXPError:
            return True
        placing = None if intent is None else intent.placing
        name = os.path.basename(scratch)
        return placing is not None and placing.is_ready and placing.scratch == name

    def damage(self) -> str | None:
        """What is wrong with what is on record of a change; None where nothing is."""
        try:
            self._file.read()
        except VaultDamaged as error:
            return error.what
        except RoboXPError as error:
            return error.message
        return None

    def set_aside(self, target: str) -> None:
        """Keep the record of a change that cannot be read at another path, and go on without."""
        with self._file.held():
            if self.damage() is not None:
                self._file.set_aside(target)

    @property
    def path(self) -> str:
        """The file that has the change that is under way."""
        return self._file.path

    def close(self) -> None:
        """Keep no file open until it is needed again."""
        self._file.close()

    def done(self) -> None:
        """The change is whole; where its intent cannot be removed, the next command does it."""
        with suppress(RoboXPError):
            self._file.remove()

    def take_up(self, *, wait: float | None = None) -> str | None:
        """Finish or undo what a process left; what was done in words, None for nothing.

        Raises VaultBusy where it is under way, and ChangeUnfinished.
        """
        if not self._file.is_there():
            return None
        with self._file.held(wait=wait):
            return self._go_on()

    def _go_on(self) -> str | None:
        """The same with the lock held."""
        intent = self._file.read()
        if intent is None:
            return None
        try:
            with explain_errors("finish", self._options.root):
                done = self._carry_out(intent)
            self._file.remove()
        except RoboXPError as error:
            raise unfinished_change(intent.cmd, error) from error
        when = datetime.fromtimestamp(intent.ts / 1000, UTC).isoformat(timespec="seconds")
        return f"'{intent.cmd}' of {when} by {intent.by} had not come to its end; it was {done}"

    def _carry_out(self, intent: Intent) -> str:
        """Do what is left of it, or undo it; which of the two."""
        if intent.placing is None:
            for name, line in zip(intent.names, intent.lines, strict=True):
                self._namespace(name).append_planned(line.encode() + b"\n")
            return "finished now"
        scratch = os.path.join(self._options.root, intent.placing.scratch)
        if not intent.placing.is_ready:
            undo_placing(intent.placing, self._options)
            return "undone now"
        finish_placing(intent, intent.placing, self._options)
        self._options.files.remove_tree(scratch)
        return "finished now"


class FilesFollowUp(FollowUp):
    """A file that says that levels have yet to follow a global curve; locked while they do."""

    def __init__(self, options: FileOptions, *, wait: float) -> None:
        """Keep it in the data folder of these options; ``wait`` is in seconds."""
        self._options = options
        self._path = os.path.join(options.root, "levels.json")
        lock = os.path.join(options.root, "levels.lock")
        self._lock = WriterLock(lock, options.files, wait=wait)

    def begin(self, origin: Origin) -> None:
        """Make it lasting that levels have to follow; VaultBusy while others let them."""
        options = self._options
        with explain_errors("make", options.root):
            options.prepare()
        self._lock.acquire(options.file_mode)
        content = msgspec.json.encode({"by": origin.by, "cmd": origin.cmd}) + b"\n"
        with explain_errors("write", self._path):
            replace_file(options.files, self._path, content, options.file_mode())

    def end(self) -> None:
        """All have followed; where that cannot be said, they are looked at once more."""
        with suppress(OSError):
            self._options.files.remove(self._path)
            self._options.files.sync_folder(self._options.root)

    def close(self) -> None:
        """Let others at it."""
        self._lock.close()

    def _is_left(self) -> bool:
        """Whether there is the file, with the lock held."""
        if not self._options.files.is_there(self._path):
            return False
        self._lock.acquire(self._options.file_mode)
        return self._options.files.is_there(self._path)
