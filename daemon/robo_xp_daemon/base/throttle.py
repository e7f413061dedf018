"""How often the same warning is repeated."""

from __future__ import annotations

import time

_MOST_KEYS = 10_000


class Throttle:
    """Lets the same message through only so often."""

    def __init__(self, seconds: float = 60.0) -> None:
        self._seconds = seconds
        self._last: dict[object, float] = {}

    def lets(self, key: object) -> bool:
        """Whether it is time to say this again."""
        now = time.monotonic()
        if now - self._last.get(key, -self._seconds) < self._seconds:
            return False
        if len(self._last) > _MOST_KEYS:
            self._last.clear()
        self._last[key] = now
        return True
