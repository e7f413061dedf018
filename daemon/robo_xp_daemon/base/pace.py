"""How fast requests go to Discord, so that none is too many and nothing fresh waits behind bulk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

GLOBAL_PER_SECOND: Final = 45.0
"""So many requests a second in all: from 50 on Discord answers nothing for a while."""

BULK_PER_SECOND: Final = 30.0
"""So many members of one guild are dealt with where many wait."""

_yields: ContextVar[bool] = ContextVar("yields", default=False)


@contextmanager
def yielding(is_bulk: bool = True) -> Iterator[None]:
    """Within the block turns come after those of everybody else, if it is bulk."""
    token = _yields.set(is_bulk)
    try:
        yield
    finally:
        _yields.reset(token)


class Pace:
    """Gives turns, so many a second, with a few at once after a rest."""

    def __init__(self, per_second: float = BULK_PER_SECOND, at_once: int = 3) -> None:
        """Give a first turn at once."""
        self._between = 1 / per_second
        self._slack = self._between * (at_once - 1)
        self._next = 0.0
        self._fresh: deque[asyncio.Future[None]] = deque()
        self._bulk: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self) -> None:
        """Return when it is this caller's turn."""
        loop = asyncio.get_running_loop()
        if self._timer is None and self._next <= loop.time():
            self._take(loop.time())
            return
        waiter: asyncio.Future[None] = loop.create_future()
        (self._bulk if _yields.get() else self._fresh).append(waiter)
        if self._timer is None:
            self._timer = loop.call_at(self._next, self._let_go)
        await waiter

    def _take(self, now: float) -> None:
        self._next = max(self._next, now - self._slack) + self._between

    def _let_go(self) -> None:
        """Give the turns that are due, and come again while somebody waits."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._fresh or self._bulk:
            if self._next > loop.time():
                self._timer = loop.call_at(self._next, self._let_go)
                return
            waiter = (self._fresh or self._bulk).popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._take(loop.time())
