"""Lets requests work on the vault a few at a time, so that one lock that is held stops no others.

A change waits for the lock of its guild in a thread. Those of the same guild take turns, so that
they hold one thread together, and what does not need that lock goes on beside them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from robo_xp.errors import VaultBusy
from robo_xp_daemon.base.work import PATIENCE_SECONDS

R = TypeVar("R")

AT_ONCE: Final = 3
"""How many requests may work on the vault at once: Discord's commands need a thread as well."""


class Turns:
    """Runs functions in the daemon's threads, each when it is its turn."""

    def __init__(self, work: Callable[..., Awaitable[Any]]) -> None:
        self._work = work
        self._room = asyncio.Semaphore(AT_ONCE)
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def work(self, queue: str | None, function: Callable[..., R], *args: Any, **kw: Any) -> R:
        """What the function returns or raises.

        Of one queue only one runs at a time; None stands in none. Raises VaultBusy where its turn
        does not come within the time that a held lock is waited for.
        """
        async with self._turn(queue):
            found: R = await self._work(function, *args, **kw)
        return found

    @asynccontextmanager
    async def _turn(self, queue: str | None) -> AsyncIterator[None]:
        """A place among those that work."""
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    if queue is not None:
                        await held.enter_async_context(self._queue(queue))
                    await held.enter_async_context(self._room)
            except TimeoutError:
                raise VaultBusy(
                    "too many requests wait for the vault", advice="try again in a moment"
                ) from None
            yield

    def _queue(self, name: str) -> asyncio.Lock:
        """The lock of a queue, which is forgotten when nobody stands in it."""
        return self._queues.setdefault(name, asyncio.Lock())
