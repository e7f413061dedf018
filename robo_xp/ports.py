"""What the core asks of the world: the time, and chance. Both are passed in, so tests own them."""

from __future__ import annotations

import random
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now_ms(self) -> int:
        """The present instant in epoch milliseconds."""


class Chance(Protocol):
    """Rolls what must not be predictable."""

    def integer(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included, each equally likely."""


class SystemClock:
    """The clock of the machine."""

    def now_ms(self) -> int:
        """The present instant in epoch milliseconds."""
        return time.time_ns() // 1_000_000


class SystemChance:
    """The operating system's seeded generator; enough for XP rolls, never for draws."""

    def integer(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included, each equally likely."""
        return random.randint(low, high)
