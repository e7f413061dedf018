"""The sign that a change of several namespaces is under way: the size of its lock file.

Every transaction asks for it, so asking costs next to nothing. Whoever makes such a change holds
the lock, and the file has one byte from before the intent is there until after it is gone.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from robo_xp.vault.files.options import FileOptions

_LOOK_SECONDS = 1.0


class Sign:
    """Whether there may be an intent.

    A lock file that somebody removed, or that lost its byte with the power, is found out at the
    first question and within a second: then the intent itself is looked for.
    """

    def __init__(self, path: str, options: FileOptions, is_there: Callable[[], bool]) -> None:
        """Ask the lock file at ``path``, which is made where there is none; ``is_there`` looks
        for the intent.
        """
        self._path = path
        self._options = options
        self._is_there = is_there
        self._fd = self._outlived = -1
        self._until = 0.0
        self._guard = threading.Lock()

    def is_up(self) -> bool:
        """Whether there may be an intent, at next to no price where there is none."""
        if time.monotonic() < self._until:
            return self._options.files.size(self._fd) > 0
        with self._guard:
            if self._is_there() or not self._renew():
                return self._is_there()
            self._until = time.monotonic() + _LOOK_SECONDS
            return self._options.files.size(self._fd) > 0

    def _renew(self) -> bool:
        """Have the file that stands at the path now open; whether the system let us."""
        if self._fd >= 0 and os.fstat(self._fd).st_nlink:
            return True
        self._close(self._outlived)
        # another thread may be about to use the number
        self._outlived, self._fd = self._fd, -1
        try:
            flags, mode = os.O_RDONLY | os.O_CREAT, self._options.file_mode()
            self._fd = self._options.files.open(self._path, flags, mode)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        with self._guard:
            self._until = 0.0
            for fd in (self._fd, self._outlived):
                self._close(fd)
            self._fd = self._outlived = -1

    def _close(self, fd: int) -> None:
        if fd >= 0:
            self._options.files.close(fd)

    def __del__(self) -> None:
        """Close a file that was forgotten."""
        with suppress(OSError):
            self.close()
