"""One writer at a time: an advisory lock on a file beside the namespace, with a bounded wait.

The lock belongs to an open file, so it ends with the process whatever happens to it. The lock
file is never removed: a waiter on a removed file would hold a lock that nobody else sees. Should
somebody remove it all the same, the journal, which every writer locks too, keeps writers apart.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress

from robo_xp.errors import VaultBusy
from robo_xp.vault.files.disk import Files, explain_errors, unavailable
from robo_xp.vault.files.options import Room

DEFAULT_WAIT = 10.0
_FIRST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.02
_NAMED_SECONDS = 1.0


def wait_for(take: Callable[[], bool], wait: float, path: str, fd: Callable[[], int]) -> None:
    """Return when ``take`` said yes; VaultBusy after ``wait`` seconds, naming the holder."""
    deadline = time.monotonic() + wait
    pause = _FIRST_PAUSE
    while not take():
        now = time.monotonic()
        if now >= deadline:
            raise VaultBusy(f"{path} is locked by {holder_of(fd())}")
        time.sleep(min(pause, deadline - now))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


class WriterLock:
    """The exclusive lock of one namespace, for one handle; not re-entrant.

    With ``room`` the file stays open between two uses only where there is some.
    """

    def __init__(
        self, path: str, files: Files, *, wait: float = DEFAULT_WAIT, room: Room | None = None
    ) -> None:
        self.path = path
        self._files = files
        self._wait = wait
        self._room = room
        self._keeps = True
        self._fd = -1
        self._named_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the file is open, held or not."""
        return self._fd >= 0

    def acquire(self, mode: Callable[[], int]) -> None:
        """Hold the lock when this returns; VaultBusy after the wait, naming the holder.

        ``mode`` gives the mode of a lock file that has to be made.
        """
        if not self._try(mode):
            wait_for(lambda: self._try(mode), self._wait, self.path, lambda: self._fd)

    def _try(self, mode: Callable[[], int]) -> bool:
        """Whether the lock is held now, on a file that was there a second ago."""
        while True:
            if self._fd < 0:
                with explain_errors("open", self.path):
                    self._fd = self._files.open(self.path, os.O_RDWR | os.O_CREAT, mode())
                self._keeps = self._room is None or self._room.keeps_lock_file()
            try:
                if not self._files.try_lock(self._fd):
                    return False
            except OSError as error:
                raise unavailable(error, "lock", self.path) from error
            now = time.monotonic()
            if now < self._named_until:
                return True
            if os.fstat(self._fd).st_nlink:
                self._named_until = now + _NAMED_SECONDS
                return True
            # No name is left: our lock guards nothing. Within the second, or where a link
            # elsewhere hides that from us, the lock on the journal keeps writers apart.
            self.close()

    def look_again(self) -> None:
        """Have the next ``acquire`` look whether the file still stands at its path."""
        self._named_until = 0.0

    def mark_used(self) -> bool:
        """Let the file say that there is data beside it; whether it did. Needs the lock."""
        was_used = os.fstat(self._fd).st_size > 0
        if not was_used:
            with explain_errors("write", self.path):
                self.resize(1)
        return was_used

    def resize(self, size: int) -> None:
        """Let the file have so many bytes, for those who look at it; needs the lock."""
        self._files.truncate(self._fd, size)

    def release(self) -> None:
        """Give the lock back."""
        if self._fd >= 0:
            self._files.unlock(self._fd)
            if not self._keeps:
                self.close()

    def close(self) -> None:
        """Close the lock file, and so give up the lock."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            self.look_again()
            self._files.close(fd)
            if self._room is not None and self._keeps:
                self._room.closed_lock_file()

    def __del__(self) -> None:
        """Close a lock file that was forgotten."""
        with suppress(OSError):
            self.close()


def holder_of(fd: int) -> str:
    """The process that locked the open file, as ``process 123 (name)`` where the system tells."""
    try:
        pid = _pid_holding(os.fstat(fd))
    except OSError:
        pid = None
    if pid is None:
        return "another process"
    return f"process {pid} ({_name_of(pid)})"


def _pid_holding(stat: os.stat_result) -> int | None:
    """The process with a flock on the file, from the kernel's list; None where there is none."""
    device = f"{os.major(stat.st_dev):02x}:{os.minor(stat.st_dev):02x}"
    try:
        with open("/proc/locks", encoding="ascii") as lines:
            for line in lines:
                part = line.split()
                if "FLOCK" in part and "->" not in part and part[5] == f"{device}:{stat.st_ino}":
                    # 0 or less: a process in another container
                    return int(part[4]) if int(part[4]) > 0 else None
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
