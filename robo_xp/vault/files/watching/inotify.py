"""The kernel's inotify: what happens in folders, told as it happens."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from robo_xp.mounts import elsewhere

MODIFIED: Final = 0x2
_MOVED_FROM, _MOVED_TO, _CREATED, _DELETED = 0x40, 0x80, 0x100, 0x200
_SELF_DELETED, _SELF_MOVED, _UNMOUNTED, _IGNORED = 0x400, 0x800, 0x2000, 0x8000
OVERFLOW: Final = 0x4000
IS_FOLDER: Final = 0x40000000
ENTRIES: Final = _MOVED_FROM | _MOVED_TO | _CREATED | _DELETED
"""An entry came or went."""

ITSELF: Final = _SELF_DELETED | _SELF_MOVED | _UNMOUNTED | _IGNORED
"""The folder is no longer where it was."""

_ONLY_FOLDERS = 0x01000000
_HEAD = struct.Struct("iIII")
_BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened: in which watched folder, what, and to which entry."""

    folder: int
    what: int
    entry: str


class Inotify:
    """An open channel of what happens. Raises OSError where the kernel has none left."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self._check_result(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))

    def watch(self, folder: int, what: int) -> int:
        """Be told of what happens in the open folder; by which number it is told of."""
        path = f"/proc/self/fd/{folder}".encode()
        return self._check_result(self._libc.inotify_add_watch(self.fd, path, what | _ONLY_FOLDERS))

    def read(self) -> Iterator[Told]:
        """All that happened and was not told yet."""
        with suppress(BlockingIOError):
            while True:
                data, start = os.read(self.fd, _BUFFER), 0
                while start < len(data):
                    folder, what, _, length = _HEAD.unpack_from(data, start)
                    start += _HEAD.size + length
                    entry = data[start - length : start].rstrip(b"\0")
                    yield Told(folder, what, os.fsdecode(entry))

    def close(self) -> None:
        """Give the channel back."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        """Give back a channel that was forgotten."""
        if hasattr(self, "fd"):
            self.close()

    @staticmethod
    def _check_result(result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result


def tells_all(folder: str) -> bool:
    """Whether the kernel hears of every change in the folder, by the kind of its file system."""
    return not elsewhere(folder)
