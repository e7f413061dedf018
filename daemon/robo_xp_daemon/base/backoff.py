"""How long to wait before the next try of something that failed."""

from __future__ import annotations

import random

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0


class Backoff:
    """Waits that double up to a bound, each with chance in it so that many do not come at once."""

    def __init__(self, first: float = FIRST_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def reset(self) -> None:
        """Start with the first wait again."""
        self._next = self._first

    def seconds(self) -> float:
        """How long to wait now: half of the span at least."""
        span, self._next = self._next, min(self._next * 2, self._longest)
        return span * random.uniform(0.5, 1.0)
