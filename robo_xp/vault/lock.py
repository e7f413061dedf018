"""One writer at a time: an advisory lock on a file beside the namespace, with a bounded wait.

The lock belongs to an open file, so it ends with the process whatever happens to it. The lock
file is never removed: a waiter on a removed file would hold a lock that nobody else sees.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from robo_xp.errors import VaultBusy
from robo_xp.vault.files import Files, explained

DEFAULT_WAIT = 10.0
_FIRST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.02


class WriterLock:
    """The exclusive lock of one namespace, for one handle; not re-entrant."""

    def __init__(self, path: str, files: Files, *, wait: float = DEFAULT_WAIT) -> None:
        """Remember where the lock file is; nothing is opened yet. ``wait`` is in seconds."""
        self.path = path
        self._files = files
        self._wait = wait
        self._fd = -1
        self._inode = 0

    def acquire(self, mode: Callable[[], int]) -> None:
        """Hold the lock when this returns; VaultBusy after the wait, naming the holder.

        ``mode`` gives the mode of a lock file that has to be made.
        """
        deadline = 0.0
        pause = _FIRST_PAUSE
        while not self._try(mode):
            now = time.monotonic()
            deadline = deadline or now + self._wait
            if now >= deadline:
                raise VaultBusy(f"{self.path} is locked by {self.holder()}")
            time.sleep(min(pause, deadline - now))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _try(self, mode: Callable[[], int]) -> bool:
        """Whether the lock is held now, and on the file that stands at the path now."""
        if self._fd < 0:
            with explained("open", self.path):
                self._fd = self._files.open(self.path, os.O_RDWR | os.O_CREAT, mode())
                self._inode = os.fstat(self._fd).st_ino
        if not self._files.try_lock(self._fd):
            return False
        there = self._files.stat(self.path)
        if there is not None and there.st_ino == self._inode:
            return True
        # Somebody removed or replaced the lock file: our lock guards nothing.
        self.close()
        return False

    def release(self) -> None:
        """Give the lock back."""
        if self._fd >= 0:
            self._files.unlock(self._fd)

    def close(self) -> None:
        """Close the lock file, and so give up the lock."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            self._files.close(fd)

    def holder(self) -> str:
        """The process that holds the lock, as ``process 123 (name)`` where the system tells."""
        pid = _pid_holding(self._inode)
        if pid is None:
            return "another process"
        return f"process {pid} ({_name_of(pid)})"


def _pid_holding(inode: int) -> int | None:
    """The process with a flock on the inode, from the kernel's list; None where there is none."""
    try:
        with open("/proc/locks", encoding="ascii") as lines:
            for line in lines:
                part = line.split()
                if "FLOCK" in part and "->" not in part and part[5].endswith(f":{inode}"):
                    return int(part[4])
    except (OSError, ValueError, IndexError):
        return None
    return None


def _name_of(pid: int) -> str:
    """The command of the process, or ``unknown``."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read(200).split(b"\0")
    except OSError:
        return "unknown"
    return " ".join(word.decode(errors="replace") for word in words if word).strip() or "unknown"
