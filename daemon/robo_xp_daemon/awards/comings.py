"""Members who leave a guild and come back: the vault is told, and who is back gets its roles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from robo_xp.errors import RoboXPError
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.base.locks import Locks
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.context import Context

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("robo_xp_daemon")

_SECONDS = 5.0
_BANS = 1_000
"""So many bans wait for Discord's word that the member left; who was no member never leaves."""


class Comings:
    """Who is gone, by guild; also a message shows that somebody is back."""

    def __init__(self, context: Context, restore: Callable[[str, str], None]) -> None:
        self._context = context
        self._restore = restore
        self._gone: dict[str, set[str]] = {}
        self._loading: dict[str, set[str]] = {}
        self._banned: dict[tuple[str, str], None] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._locks = Locks()
        self._throttle = Throttle()

    def left(self, guild_id: str, user_id: str) -> None:
        """A member left; whoever was banned was dealt with already."""
        if (guild_id, user_id) in self._banned:
            del self._banned[guild_id, user_id]
            return
        self._run(self._leave(guild_id, user_id, banned=False))

    def banned(self, guild_id: str, user_id: str) -> None:
        """A member was banned; Discord tells that it left, too."""
        self._banned[guild_id, user_id] = None
        if len(self._banned) > _BANS:
            del self._banned[next(iter(self._banned))]
        self._run(self._leave(guild_id, user_id, banned=True))

    def came(self, guild_id: str, user_id: str) -> None:
        """A member came, or came back: it gets the roles of its level in either case."""
        self._banned.pop((guild_id, user_id), None)
        self._run(self._come_back(guild_id, user_id))
        self._restore(guild_id, user_id)

    def wrote(self, guild_id: str, user_id: str) -> None:
        """A member wrote, so it is there; costs nothing unless it was known to be gone."""
        gone = self._gone.get(guild_id)
        if gone is None:
            waiting = self._loading.get(guild_id)
            if waiting is not None:
                waiting.add(user_id)
                return
            self._loading[guild_id] = {user_id}
            self._run(self._load(guild_id))
        elif user_id in gone:
            gone.discard(user_id)
            self.came(guild_id, user_id)

    async def finish(self) -> None:
        """What is in hand is in the vault."""
        running = list(self._running)
        if running:
            await asyncio.wait(running, timeout=_SECONDS)
        for task in running:
            task.cancel()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("who left or came back could not be kept: %s", error, exc_info=error)

    async def _kept(
        self, guild_id: str, function: Callable[P, R], *args: P.args, **kw: P.kwargs
    ) -> R:
        """What the function returns, once the vault can take it; one of a guild after the other."""
        backoff = Backoff()
        async with self._locks.of(guild_id):
            while True:
                try:
                    return await self._context.work(function, *args, **kw)
                except RoboXPError as error:
                    if self._throttle.lets((guild_id, error.code)):
                        log.error("who left or came back is not kept yet: %s (%s)", error.message,
                                  error.advice, extra={"guild_id": guild_id})  # fmt: skip
                await asyncio.sleep(backoff.seconds())

    async def _leave(self, guild_id: str, user_id: str, *, banned: bool) -> None:
        leave = self._context.robo.acting_as("daemon").members.leaving.leave
        if await self._kept(guild_id, leave, guild_id, user_id, banned=banned):
            # of a guild where nobody wrote yet all are read with the first message
            self._gone.get(guild_id, set()).add(user_id)

    async def _come_back(self, guild_id: str, user_id: str) -> None:
        leaving = self._context.robo.acting_as("daemon").members.leaving
        await self._kept(guild_id, leaving.come_back, guild_id, user_id)
        self._gone.get(guild_id, set()).discard(user_id)

    async def _load(self, guild_id: str) -> None:
        gone = await self._kept(guild_id, self._context.robo.members.leaving.gone, guild_id)
        self._gone[guild_id] = set(gone)
        for user_id in self._loading.pop(guild_id):
            self.wrote(guild_id, user_id)
