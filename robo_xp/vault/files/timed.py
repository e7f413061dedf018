"""Calls to the system that tell how long syncs and the waits for busy locks took."""

from __future__ import annotations

import time

from robo_xp.vault.files.disk import Files
from robo_xp.vault.port import Timings


class TimedFiles(Files):
    """The vault's calls to the system, with the time that syncs and busy locks take.

    The wait for a lock lasts from the first refusal until it is had, over several tries if need
    be. A lock that is free at once costs nothing.
    """

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._asked_at: dict[int, float] = {}

    def sync(self, fd: int) -> None:
        """Return when the file's content is on the disk."""
        began = time.perf_counter()
        super().sync(fd)
        self._timings.syncs(time.perf_counter() - began)

    def try_lock(self, fd: int) -> bool:
        """Whether the exclusive lock of the file is now held through this descriptor."""
        has_it = super().try_lock(fd)
        if not has_it:
            self._asked_at.setdefault(fd, time.perf_counter())
        elif self._asked_at and (asked_at := self._asked_at.pop(fd, None)) is not None:
            self._timings.lock_waits(time.perf_counter() - asked_at)
        return has_it

    def close(self, fd: int) -> None:
        """Close the descriptor, and wait for its lock no more."""
        self._asked_at.pop(fd, None)
        super().close(fd)
