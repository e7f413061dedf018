"""What the core asks of the world: time, chance and secrets, passed in so that tests own them."""

from __future__ import annotations

import random
import secrets
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


class Secrets(Protocol):
    """Makes what nobody may guess."""

    def token_bytes(self, count: int) -> bytes:
        """So many random bytes, fit for secrets."""


class SystemClock:
    """The clock of the machine."""

    def now_ms(self) -> int:
        """The present instant in epoch milliseconds."""
        return time.time_ns() // 1_000_000


class SystemChance:
    """The operating system's seeded generator; enough for XP rolls, never for draws."""

    def integer(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included, each equally likely."""
        # an award rolls each time: a third of what randint costs, and as even for small ranges
        return low + int(random.random() * (high - low + 1))


class SystemSecrets:
    """The operating system's source of secrets: what draws are made of."""

    def token_bytes(self, count: int) -> bytes:
        """So many random bytes, fit for secrets."""
        return secrets.token_bytes(count)
