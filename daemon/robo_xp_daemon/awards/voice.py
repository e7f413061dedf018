"""XP for time in voice channels: who earns is worked out at each change, and committed each minute.

What was counted since the last minute is lost with a process that is killed, and nothing else. A
connection that is lost ends the time of all, since nobody knows who stays.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError
from robo_xp.rules.terms import Settings
from robo_xp.rules.voice import refusals_in
from robo_xp.settings.xp import settings_of
from robo_xp_daemon.awards.voice_accounts import Place, VoiceAccounts
from robo_xp_daemon.awards.voice_people import VoicePeople
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.base.unfailing import unfailing
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.context import Context

log = logging.getLogger("robo_xp_daemon")

TICK_SECONDS = 60.0


class Voice:
    """Counts the time of members in voice, guild by guild."""

    def __init__(
        self, context: Context, port: Discord, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._context = context
        self._discord = port
        self._monotonic = monotonic
        self._people = VoicePeople(port, self.changed)
        self._accounts: dict[str, VoiceAccounts] = {}
        self._terms: dict[str, Settings] = {}
        self._beginning: dict[str, asyncio.Task[None]] = {}
        self._lost: set[str] = set()
        self._ending = asyncio.Event()
        self._ticking: asyncio.Task[None] | None = None
        self._throttle = Throttle(600.0)

    def start(self) -> None:
        """Begin to count, and to commit each minute."""
        self._ticking = asyncio.create_task(unfailing("counting time in voice", self._run))

    async def finish(self) -> None:
        """Commit what was counted, to the second; nothing counts after that."""
        ticking, self._ticking = self._ticking, None
        if ticking is None:
            return
        self._ending.set()
        self._people.finish()
        for task in self._beginning.values():
            task.cancel()
        # a commit that is under way must end before the next one
        await ticking
        await self._commit_all()

    def changed(self, guild_id: str, channel_ids: Collection[str] | None = None) -> None:
        """Who is in these channels of the guild, or in any, or what they may, has changed."""
        if self._ticking is None:
            return
        self._lost.discard(guild_id)
        if guild_id in self._terms:
            self._look(guild_id, channel_ids)
        elif guild_id not in self._beginning and self._discord.voice_rooms(guild_id):
            self._beginning[guild_id] = asyncio.create_task(self._begin(guild_id))

    def lost(self, guild_id: str) -> None:
        """Nobody knows any more who is in the channels of the guild, until it changes."""
        self._lost.add(guild_id)
        if (accounts := self._accounts.get(guild_id)) is not None:
            accounts.look(self._monotonic(), {})

    async def tick(self) -> None:
        """Commit what is due, and look again under the settings that hold now."""
        await self._commit_all()
        for guild_id in [one for one in self._terms if one not in self._lost]:
            if self._discord.voice_rooms(guild_id) or guild_id in self._accounts:
                await self._renew(guild_id)
            else:
                del self._terms[guild_id]
                self._people.forget(guild_id)

    async def _run(self) -> None:
        while not self._ending.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._ending.wait()
            if not self._ending.is_set():
                await self.tick()

    async def _begin(self, guild_id: str) -> None:
        """Look at a guild for the first time."""
        try:
            await self._renew(guild_id)
        finally:
            self._beginning.pop(guild_id, None)

    async def _renew(self, guild_id: str) -> None:
        """Look at a guild under the settings that hold now, where they can be read."""
        try:
            self._terms[guild_id] = await self._context.work(_terms, self._context.robo, guild_id)
        except RoboXPError as error:
            self._tell(guild_id, "settings for voice are not read", error)
        if guild_id in self._terms and guild_id not in self._lost:
            self._look(guild_id, None)

    def _look(self, guild_id: str, channel_ids: Collection[str] | None) -> None:
        """Work out who earns from now on."""
        settings, earning = self._terms[guild_id], dict[str, Place]()
        is_on = settings.voice.xp_per_minute > 0
        rooms = self._discord.voice_rooms(guild_id, channel_ids) if is_on else ()
        for room in self._people.completed(guild_id, rooms):
            refusals = refusals_in(room, settings)
            for one in room.occupants:
                if refusals[one.user_id] is None:
                    earning[one.user_id] = Place(room.channel_id, room.category_id, one.role_ids)
        if earning or guild_id in self._accounts:
            accounts = self._accounts.setdefault(guild_id, VoiceAccounts())
            accounts.look(self._monotonic(), earning, channel_ids)

    async def _commit_all(self) -> None:
        """Commit what is due in all guilds, each in one batch."""
        await asyncio.gather(*map(self._commit, list(self._accounts)))

    async def _commit(self, guild_id: str) -> None:
        """Commit what is due in a guild, or keep it for the next time."""
        accounts, counters = self._accounts[guild_id], self._context.counters
        spent = accounts.due(self._monotonic(), self._context.clock.now_ms())
        if not spent:
            if accounts.is_empty:
                del self._accounts[guild_id]
            return
        try:
            found = await self._context.work(self._context.robo.xp.award_voice, guild_id, spent)
        except RoboXPError as error:
            self._tell(guild_id, f"time of {len(spent)} members in voice is not counted", error)
            return
        accounts.settle(spent)
        counters.voice_seconds.add(by=sum(one.seconds for one in spent))
        counters.voice_xp.add(by=sum(one.new_xp - one.old_xp for one in found))

    def _tell(self, guild_id: str, what: str, error: RoboXPError) -> None:
        if self._throttle.lets((guild_id, error.code)):
            log.error(
                "%s in guild %s yet: %s (%s)", what, guild_id, error.message, error.advice,
                extra={"guild_id": guild_id},
            )  # fmt: skip


def _terms(robo: RoboXP, guild_id: str) -> Settings:
    return settings_of(robo.config.get(guild_id))
