"""Tests that are coroutines, and the guild that most of them begin with."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from tests.daemon.loopback.guild import Guild
from tests.daemon.loopback.server import Loopback

P = ParamSpec("P")


def live(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Runs a coroutine as a test, for 30 seconds at most."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(30):
                await test(*args, **kwargs)

        asyncio.run(bounded())

    return run


def a_guild(place: Loopback) -> Guild:
    """A guild with the roles Bronze and Silver and the members ann and bob."""
    return place.add_guild("G", roles=["Bronze", "Silver"], members=["ann", "bob"])
