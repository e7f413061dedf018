"""Blocking work off the event loop: everything that reads or writes the vault goes through here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from robo_xp.errors import VaultBusy

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4
PATIENCE_SECONDS = 10.0
LOCK_WAIT_SECONDS = 0.1
"""How long one try waits for a lock. Readers of the same guild wait with it, so tries are short
and many rather than one and long."""

_PAUSE_SECONDS = 0.02


class Work:
    """Runs functions in a few threads: ``await work(function, …)`` gives what they return."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "robo-xp-work")

    async def __call__(self, function: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """What the function returns or raises; a busy vault is tried again for ten seconds."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(_patiently, function, *args, **kw))

    def close(self) -> None:
        """Return when all that was begun has ended."""
        self._pool.shutdown()


def _patiently(function: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
    """Call the function until the lock it needs is free, or patience ends with VaultBusy."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return function(*args, **kw)
        except VaultBusy:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
