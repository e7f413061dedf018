"""How fast requests go to Discord."""

from __future__ import annotations

import asyncio

import pytest

from robo_xp_daemon.base.pace import Pace, yielding
from tests.daemon.stage import played


@played
async def test_no_second_has_more() -> None:
    """Of 60 that come at once a few go at once, and never more than the rate in any span."""
    loop, pace = asyncio.get_running_loop(), Pace(200.0, at_once=3)
    went = list[float]()

    async def go() -> None:
        await pace.turn()
        went.append(loop.time())

    await asyncio.gather(*(go() for _ in range(60)))

    assert went[-1] - went[0] >= 57 / 200
    spans = [later - earlier for earlier, later in zip(went, went[23:], strict=False)]
    assert min(spans) >= 20 / 200 - 0.02


@played
async def test_what_is_fresh_goes_first() -> None:
    """However many wait in bulk, what is fresh takes the next turn, and bulk the rest."""
    pace, went = Pace(500.0, at_once=1), list[str]()

    async def go(name: str, is_bulk: bool) -> None:
        with yielding(is_bulk):
            await pace.turn()
        went.append(name)

    bulk = [asyncio.create_task(go("bulk", True)) for _ in range(20)]
    while len(went) < 5:
        await asyncio.sleep(0)
    before = len(went)
    await go("fresh", False)

    assert went.index("fresh") <= before + 1
    await asyncio.gather(*bulk)
    assert len(went) == 21


@played
async def test_who_gives_up_takes_no_turn() -> None:
    """A turn goes to the next one where the first waits no more."""
    pace = Pace(2.0, at_once=1)
    await pace.turn()
    first, second = (asyncio.create_task(pace.turn()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()

    async with asyncio.timeout(0.9):
        await second
    with pytest.raises(asyncio.CancelledError):
        await first
