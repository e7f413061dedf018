"""Ids that grow with time, and a bell that tests wait for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

EPOCH = 1_420_070_400_000  # ms; the first of January 2015, where Discord's ids begin
SETTLED = 1_577_836_800_000 - EPOCH  # 2020: people and places are older than any test


class Snowflakes:
    """Makes ids: new ones from the clock, and settled ones that are equal in each run."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0
        self._settled: Iterator[int] = count(SETTLED)

    def new(self) -> int:
        """An id of now, greater than each that came before."""
        self._last = max(self._last + 1, int(self._clock() * 1000 - EPOCH) << 22)
        return self._last

    def settled(self) -> int:
        """An id of the year 2020, a millisecond after the last: shards alternate over them."""
        return next(self._settled) << 22

    def at(self, when: datetime) -> int:
        """An id that was made at this time; like settled ones it is not taken twice."""
        low = next(self._settled) & 0x3FFFFF
        return (int(when.timestamp() * 1000) - EPOCH) << 22 | low

    def now(self) -> str:
        """The time as Discord writes it."""
        return datetime.fromtimestamp(self._clock(), UTC).isoformat()


class Bell:
    """Wakes those who wait for a condition each time that something happened."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Lets every waiter look at its condition again."""
        for event in self._waiting:
            event.set()

    async def until(self, condition: Callable[[], object], timeout: float, every: float) -> bool:
        """Whether the condition came true within the seconds; looked at least each ``every``."""
        ends = time.monotonic() + timeout
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while not condition():
                left = ends - time.monotonic()
                if left <= 0:
                    return False
                event.clear()
                try:
                    async with asyncio.timeout(min(left, every)):
                        await event.wait()
                except TimeoutError:
                    continue
            return True
        finally:
            self._waiting.discard(event)
