"""Work that is asked for by key: one round at a time for each key, many keys at once.

Asked for again while a round goes on, there is another one; after trouble too, a while later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from typing import Final, Generic, TypeVar

from robo_xp_daemon.base.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff
from robo_xp_daemon.client.refusals import pause_after

K = TypeVar("K", bound=Hashable)

FIRST_PAUSE: Final = FIRST_SECONDS
LONGEST_PAUSE: Final = LONGEST_SECONDS


class RetryingRounds(Generic[K]):
    """A task for each key that has something to do."""

    def __init__(
        self,
        work: Callable[[K], Awaitable[None]],
        failed: Callable[[K, Exception, float], None],
    ) -> None:
        self._work = work
        self._failed = failed
        self._asked: set[K] = set()
        self._tasks: dict[K, asyncio.Task[None]] = {}
        self._ending = asyncio.Event()

    @property
    def keys(self) -> list[K]:
        """Those that have something to do."""
        return list(self._tasks)

    @property
    def is_ending(self) -> bool:
        """Whether ``finish`` was called."""
        return self._ending.is_set()

    def ask(self, key: K) -> None:
        """Let there be a round for this key soon; costs nothing if it is asked for already."""
        if self._ending.is_set():
            return
        self._asked.add(key)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._run(key))

    async def finish(self, seconds: float) -> None:
        """Begin no round any more, and wait for those in hand so many seconds at most."""
        self._ending.set()
        running = list(self._tasks.values())
        if running and seconds > 0:
            await asyncio.wait(running, timeout=seconds)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def nap(self, seconds: float) -> None:
        """Wait so long, or until there is no time any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()

    async def _run(self, key: K) -> None:
        """Do rounds until none is asked for."""
        backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        try:
            while key in self._asked and not self._ending.is_set():
                self._asked.discard(key)
                try:
                    await self._work(key)
                    backoff.reset()
                except Exception as error:
                    pause = max(backoff.seconds(), pause_after(error))
                    self._asked.add(key)
                    self._failed(key, error, pause)
                    await self.nap(pause)
        finally:
            del self._tasks[key]
