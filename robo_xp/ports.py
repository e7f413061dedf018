"""What the core asks of the world: time, chance and secrets, passed in so that tests own them."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


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


class Along(Protocol):
    """Walks through what a long change works on, and may show how far it is."""

    def __call__(self, items: Collection[T], /) -> Iterable[T]:
        """The items, one by one."""


def unseen(items: Collection[T], /) -> Iterable[T]:
    """The items as they are: nobody watches."""
    return items


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
        import secrets  # only draws need it

        return secrets.token_bytes(count)
