"""The pause between two clicks of a member on one giveaway."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Final

SECONDS: Final = 3.0
MOST: Final = 100_000


class Cooldown:
    """Remembers who clicked in the last seconds: at most ``most`` members, the oldest go first."""

    def __init__(
        self,
        seconds: float = SECONDS,
        *,
        clock: Callable[[], float] = time.monotonic,
        most: int = MOST,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._most = most
        # in the order of the clicks, so that the first ones are over first
        self._until: dict[Hashable, float] = {}

    def __len__(self) -> int:
        """How many have to wait now, as far as it was looked."""
        return len(self._until)

    def wait(self, key: Hashable) -> float:
        """The seconds that are left; 0.0 counts as a click and begins the pause.

        A click within the pause does not make it longer, so the seconds told stay true.
        """
        now = self._clock()
        self._forget(now)
        if (until := self._until.get(key)) is not None:
            return until - now
        if len(self._until) >= self._most:
            del self._until[next(iter(self._until))]
        self._until[key] = now + self._seconds
        return 0.0

    def _forget(self, now: float) -> None:
        """Let go of all whose pause is over."""
        while self._until:
            first = next(iter(self._until))
            if self._until[first] > now:
                return
            del self._until[first]
