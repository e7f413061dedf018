"""The timer of giveaways, with a clock that the test holds in its hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

import pytest

from robo_xp_daemon.giveaways import timer
from robo_xp_daemon.giveaways.timer import Key, Timer
from tests.daemon.stage import played

G = "guild"
HOUR_MS = 3_600_000


class Hand:
    """A clock that stands where it is put, and what the timer said by it."""

    def __init__(self) -> None:
        """Midnight, long ago; nothing said."""
        self.ms = 1_000_000
        self.due: list[Key] = []
        self.looks = 0

    def now_ms(self) -> int:
        """Where it stands."""
        self.looks += 1
        return self.ms

    async def put(self, ms: int) -> list[str]:
        """Move the clock, and wait until the timer has looked at it: what it said so far."""
        self.ms = ms
        before = self.looks
        async with asyncio.timeout(5.0):
            while self.looks < before + 2:
                await asyncio.sleep(0.001)
        return [giveaway_id for _, giveaway_id in self.due]


@asynccontextmanager
async def running(hand: Hand) -> AsyncIterator[Timer]:
    """A timer that looks at the clock all the time."""
    with patch.object(timer, "LONGEST_NAP_SECONDS", 0.005):
        made = Timer(hand.due.append, hand)
        made.start()
        try:
            yield made
        finally:
            await made.stop()


@played
async def test_each_is_said_once_in_its_order() -> None:
    """Ends come by their time, whatever the order in which they became known."""
    hand = Hand()
    async with running(hand) as made:
        made.set(G, {"late": 9 * HOUR_MS, "soon": HOUR_MS})
        made.set("other", {"between": 2 * HOUR_MS})

        assert await hand.put(HOUR_MS - 1) == []
        assert await hand.put(HOUR_MS) == ["soon"]
        assert await hand.put(100 * HOUR_MS) == ["soon", "between", "late"]
        assert await hand.put(200 * HOUR_MS) == ["soon", "between", "late"]


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ({"a": HOUR_MS}, ["a"]),
        ({"a": 2 * HOUR_MS}, []),
        ({"a": HOUR_MS // 2}, ["a"]),
        ({}, []),
        ({"b": HOUR_MS}, ["b"]),
    ],
)
@played
async def test_the_last_word_counts(then: dict[str, int], said: list[str]) -> None:
    """An end that was moved, or a giveaway that is over, counts as it stands last."""
    hand = Hand()
    async with running(hand) as made:
        made.set(G, {"a": HOUR_MS})
        made.set(G, then)

        assert await hand.put(HOUR_MS) == said


@played
async def test_what_is_years_away() -> None:
    """No end is too far away: one of three years comes in its time."""
    hand, years = Hand(), 3 * 365 * 24 * HOUR_MS
    async with running(hand) as made:
        made.set(G, {"a": years})

        assert await hand.put(years - 1) == []
        assert await hand.put(years) == ["a"]


@played
async def test_a_clock_that_is_put_back() -> None:
    """Put back before the end it waits again; asked to, it says once more what it has said."""
    hand = Hand()
    async with running(hand) as made:
        made.set(G, {"a": 2 * HOUR_MS})
        assert await hand.put(2 * HOUR_MS - 1) == []
        assert await hand.put(HOUR_MS) == []
        assert await hand.put(2 * HOUR_MS) == ["a"]
        hand.ms = HOUR_MS
        made.again((G, "a"), 2 * HOUR_MS)

        assert await hand.put(HOUR_MS + 1) == ["a"]
        assert await hand.put(2 * HOUR_MS) == ["a", "a"]
