"""What is due at its time: periods are closed, members decay who are away, boosts are announced.

Each store of a guild is looked at when its next day has begun, and once an hour in case its
settings changed; at the start all are, so what was missed meanwhile is made up for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import discord

from robo_xp.errors import RoboXPError
from robo_xp.text import count_text
from robo_xp.vault import name_of
from robo_xp_daemon.awards.exempt import exempt_members
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.client.refusals import NETWORK
from robo_xp_daemon.context import Context

log = logging.getLogger("robo_xp_daemon")

LATE_MS = 60_000
"""How long a period stays open after its end, for messages that are still on their way."""

_LOOK_SECONDS = 60.0
_LONGEST_MS = 3_600_000


class Days:
    """Ends the days of all guilds, one store after the other."""

    def __init__(
        self, context: Context, port: Discord, announce: Callable[[str], None] = lambda _: None
    ) -> None:
        """``announce`` has a guild told what waits for it."""
        self._context = context
        self._announce = announce
        self._discord = port
        self._due: dict[str, int] = {}
        self._throttle = Throttle(3600.0)

    def again(self, guild_id: str) -> None:
        """Look at the guild with the next round: its settings have changed."""
        for name in [name for name in self._due if name_of(name).guild_id == guild_id]:
            del self._due[name]

    async def run(self) -> None:
        """Look each minute, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """End what is over."""
        robo, work = self._context.robo, self._context.work
        for name in await work(robo.vault.names, "xp"):
            place = name_of(name)
            is_due = self._context.clock.now_ms() >= self._due.get(name, 0)
            if is_due and self._context.shards.has(place.guild_id):
                self._due[name] = 0
                try:
                    await self._end(place.guild_id, place.store_id)
                    due = await self._next(place.guild_id, place.store_id)
                    # gone if its settings changed meanwhile
                    if name in self._due:
                        self._due[name] = due
                except Exception as error:
                    # tried again with the next look
                    if self._throttle.lets((name, type(error))):
                        is_known = isinstance(error, (RoboXPError, discord.HTTPException, *NETWORK))
                        log.warning("the day of guild %s cannot be ended yet: %s",
                                    place.guild_id, error, exc_info=None if is_known else error,
                                    extra={"guild_id": place.guild_id})  # fmt: skip

    async def _next(self, guild_id: str, store_id: str) -> int:
        """When to look again, at the latest in an hour."""
        robo, work = self._context.robo, self._context.work
        begins_at: int = await work(robo.periods.next_day, guild_id, store=store_id)
        now = self._context.clock.now_ms()
        boosts = await work(robo.boosts.edges, guild_id, now, now + _LONGEST_MS, store=store_id)
        return min(begins_at + LATE_MS, now + _LONGEST_MS, *(one.at for one in boosts))

    async def _end(self, guild_id: str, store_id: str) -> None:
        robo, work = self._context.robo, self._context.work
        found = await work(robo.periods.close, guild_id, store=store_id, late_ms=LATE_MS)
        if found:
            log.info("%s of guild %s closed", count_text(len(found), "period"), guild_id,
                     extra={"guild_id": guild_id})  # fmt: skip
        await self._decay(guild_id, store_id)
        if await self._context.work(self._note_boosts, guild_id, store_id):
            self._announce(guild_id)

    def _note_boosts(self, guild_id: str, store_id: str) -> bool:
        """Put the boosts that began or ended into the outbox; whether there are any.

        Nothing is told of the time before boosts were to be announced, nor what is no news.
        """
        robo, now = self._context.robo, self._context.clock.now_ms()
        if not robo.config.get(guild_id, store=store_id)["boosts"]["announce"]:
            return False
        told_to = robo.outbox.boosts_told_to(guild_id, store_id)
        since = now if told_to is None else max(told_to, now - _LONGEST_MS)
        edges = robo.boosts.edges(guild_id, since, now, store=store_id)
        if edges or told_to is None:
            robo.outbox.take_boosts(guild_id, store_id, edges, now)
        return bool(edges)

    async def _decay(self, guild_id: str, store_id: str) -> None:
        """Take what the day takes, from all but those who have an exempt role now."""
        robo, work = self._context.robo, self._context.work
        terms = (await work(robo.config.get, guild_id, store=store_id))["decay"]
        if not terms["afterDays"] or not (terms["percent"] or terms["amount"]):
            return
        exempt = await exempt_members(robo, work, self._discord, guild_id, store_id)
        done = await work(robo.decay.run, guild_id, exempt=exempt, store=store_id)
        if done.decayed:
            log.info("%s of guild %s lost %d XP by decay", count_text(done.decayed, "member"),
                     guild_id, done.xp, extra={"guild_id": guild_id})  # fmt: skip
