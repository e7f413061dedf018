"""File layers that fail, stop the world, or take notes, for tests of what a vault survives."""

from __future__ import annotations

import errno
import os
from collections import Counter
from dataclasses import dataclass

from robo_xp.vault.files.disk import PRIVATE_FILE, Files

CALLS = (
    "open", "read", "write", "sync", "sync_folder", "truncate", "rename", "link", "remove",
    "make_one_folder",
)  # fmt: skip
# which calls can fail so
KINDS: dict[str, tuple[str, ...]] = {
    "ENOSPC": ("open", "write", "sync", "rename", "link", "make_one_folder"),
    "EIO": CALLS,
    "EROFS": ("open", "write", "truncate", "rename", "link", "remove", "make_one_folder"),
    "EMFILE": ("open", "sync_folder"),
    "short": ("write",),
    "torn": ("write",),
    "stop": CALLS,
}


class Stop(BaseException):
    """The process was killed at this point."""


@dataclass(frozen=True)
class Fault:
    """The N-th call, counted from 1, goes wrong in a way; ``lasting``: and all later ones.

    ``short`` takes half of what was to be written; ``torn`` does and then stops; ``stop`` stops
    before the call.
    """

    at: int
    kind: str
    lasting: bool = False


class FaultyFiles(Files):
    """Counts the calls that change or need the disk, and lets one of them go wrong.

    Syncs are counted, not made: what is tested survives a kill, not a power cut.
    """

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault
        self.count = 0
        self.made: Counter[str] = Counter()
        self.fired = 0
        self.stopped = False

    def heal(self) -> None:
        """Let everything work again."""
        self.fault = None

    def _step(self, call: str) -> str | None:
        """Count the call; how it shall go wrong, if not by raising."""
        self._refuse_after_stop()
        self.count += 1
        self.made[call] += 1
        fault = self.fault
        if fault is None or call not in KINDS[fault.kind]:
            return None
        if self.count != fault.at and not (fault.lasting and self.count > fault.at):
            return None
        self.fired += 1
        if fault.kind in ("short", "torn"):
            return fault.kind
        if fault.kind == "stop":
            self.stopped = True
            raise Stop
        raise OSError(getattr(errno, fault.kind), f"injected {fault.kind}")

    def _refuse_after_stop(self) -> None:
        if self.stopped:
            raise Stop

    def open(self, path: str, flags: int, mode: int = PRIVATE_FILE) -> int:
        self._step("open")
        return super().open(path, flags, mode)

    def close(self, fd: int) -> None:
        """Close the descriptor; also after a stop, as the system does for a dead process."""
        super().close(fd)

    def write(self, fd: int, data: bytes) -> int:
        how = self._step("write")
        if how is None:
            return super().write(fd, data)
        written = super().write(fd, data[: max(len(data) // 2, 1)])
        if how == "torn":
            self.stopped = True
            raise Stop
        return written

    def sync(self, fd: int) -> None:
        self._step("sync")

    def sync_folder(self, path: str) -> None:
        self._step("sync_folder")

    def truncate(self, fd: int, size: int) -> None:
        self._step("truncate")
        super().truncate(fd, size)

    def rename(self, source: str, target: str) -> None:
        self._step("rename")
        super().rename(source, target)

    def link(self, source: str, target: str) -> None:
        self._step("link")
        super().link(source, target)

    def remove(self, path: str) -> None:
        self._step("remove")
        super().remove(path)

    def remove_tree(self, path: str) -> None:
        self._refuse_after_stop()
        super().remove_tree(path)

    def make_one_folder(self, path: str, mode: int) -> None:
        self._step("make_one_folder")
        super().make_one_folder(path, mode)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        self._step("read")
        return super().read(fd, size, offset)

    def stat(self, path: str) -> os.stat_result | None:
        self._refuse_after_stop()
        return super().stat(path)

    def look(self, path: str) -> os.stat_result | None:
        self._refuse_after_stop()
        return super().look(path)

    def try_lock(self, fd: int) -> bool:
        self._refuse_after_stop()
        return super().try_lock(fd)
