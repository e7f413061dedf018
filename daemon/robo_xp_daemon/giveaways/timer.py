"""When giveaways end: by the time that stands in their records, however far away it is.

The wall clock is asked, not the event loop's: it is the one that records are written by, and it
may be put forward or back. So no wait is long, and each is followed by a look at the clock.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from contextlib import suppress

from robo_xp.ports import Clock

LONGEST_NAP_SECONDS = 60.0
_SHORTEST_NAP_SECONDS = 0.001

Key = tuple[str, str]
"""A guild and a giveaway of it, both by id."""


class Timer:
    """Says of each giveaway once that its end has come."""

    def __init__(self, due: Callable[[Key], None], clock: Clock) -> None:
        self._due = due
        self._clock = clock
        self._ends: dict[str, Mapping[str, int]] = {}
        self._heap: list[tuple[int, Key]] = []
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the clock."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Say no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def set(self, guild_id: str, ends: Mapping[str, int]) -> None:
        """The active giveaways of a guild and their ends (epoch ms), in place of earlier ones."""
        before = self._ends.get(guild_id, {})
        self._ends[guild_id] = dict(ends)
        for giveaway_id, at in ends.items():
            if before.get(giveaway_id) != at:
                heapq.heappush(self._heap, (at, (guild_id, giveaway_id)))
        self._moved.set()

    def again(self, key: Key, at: int) -> None:
        """Say of a giveaway once more that its end has come; for a clock that was put back."""
        heapq.heappush(self._heap, (at, key))
        self._moved.set()

    async def _run(self) -> None:
        while True:
            self._moved.clear()
            nap = self._tell_due()
            with suppress(TimeoutError):
                # wait_for could swallow a cancel that comes together with the event
                async with asyncio.timeout(nap):
                    await self._moved.wait()

    def _tell_due(self) -> float:
        """Say what is due; how many seconds nothing else will be."""
        now = self._clock.now_ms()
        while self._heap:
            at, key = self._heap[0]
            if self._ends.get(key[0], {}).get(key[1]) == at:
                if at > now:
                    seconds = (at - now) / 1000
                    return min(max(seconds, _SHORTEST_NAP_SECONDS), LONGEST_NAP_SECONDS)
                self._due(key)
            heapq.heappop(self._heap)
        return LONGEST_NAP_SECONDS
