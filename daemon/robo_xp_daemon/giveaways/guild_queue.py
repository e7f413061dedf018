"""The vault's door for giveaways: one change at a time for each guild.

A guild whose lock another process holds keeps one thread waiting then, and not all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from weakref import WeakValueDictionary

from robo_xp_daemon.base.work import Work

P = ParamSpec("P")
R = TypeVar("R")


class Locks:
    """A lock for each name, as long as somebody holds or wants it."""

    def __init__(self) -> None:
        """None yet."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        """The lock of this name."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock


class Door:
    """``await door(guild_id, function, …)`` gives what the function returns or raises."""

    def __init__(self, work: Work) -> None:
        """Run functions in these threads."""
        self._work = work
        self._locks = Locks()

    def shut(self, guild_id: str) -> asyncio.Lock:
        """What keeps the guild's changes waiting for as long as it is held."""
        return self._locks.of(guild_id)

    async def __call__(
        self, guild_id: str, function: Callable[P, R], *args: P.args, **kw: P.kwargs
    ) -> R:
        """Run it when the guild's earlier ones are done."""
        async with self.shut(guild_id):
            return await self._work(function, *args, **kw)
