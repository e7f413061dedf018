"""How fast work of many members goes, so that what one member waits for is never held up."""

from __future__ import annotations

import asyncio
from typing import Final

BULK_PER_SECOND: Final = 30.0
"""So many members are dealt with where many wait: Discord takes 50 requests a second in all."""


class Pace:
    """Gives turns, so many a second, with a few at once after a rest."""

    def __init__(self, per_second: float = BULK_PER_SECOND, at_once: int = 5) -> None:
        """Give a first turn at once."""
        self._between = 1 / per_second
        self._slack = self._between * (at_once - 1)
        self._next = 0.0

    async def turn(self) -> None:
        """Return when it is this caller's turn."""
        now = asyncio.get_running_loop().time()
        at = max(self._next, now - self._slack)
        self._next = at + self._between
        if at > now:
            await asyncio.sleep(at - now)
