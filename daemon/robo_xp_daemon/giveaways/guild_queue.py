"""The vault's door for giveaways: one change at a time for each guild.

A guild whose lock another process holds keeps one thread waiting then, and not all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from robo_xp_daemon.base.locks import Locks
from robo_xp_daemon.base.work import Work

P = ParamSpec("P")
R = TypeVar("R")


class GuildQueue:
    """``await door(guild_id, function, …)`` gives what the function returns or raises."""

    def __init__(self, work: Work) -> None:
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
