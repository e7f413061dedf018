"""The life of giveaways on Discord: seen in the vault, timed, drawn, and told to members.

Everything is derived from the records, so a start needs nothing but the vault, and it does not
matter which process made a change.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import replace
from typing import Final

from robo_xp.errors import NotFound, RoboXPError
from robo_xp.model.giveaway import ENDED, Giveaway
from robo_xp.model.giveaway_results import GiveawayChange, Listed
from robo_xp.usecases.core import REASON_LIMIT
from robo_xp.vault import name_of
from robo_xp_daemon.base.following import Following
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.beacon_draws import BeaconDraws
from robo_xp_daemon.giveaways.deliver import Delivery
from robo_xp_daemon.giveaways.effects import GiveawayEffects
from robo_xp_daemon.giveaways.entry_counter import EntryCounter
from robo_xp_daemon.giveaways.guild_queue import GuildQueue
from robo_xp_daemon.giveaways.recheck import CheckedMembers, Question, Recheck
from robo_xp_daemon.giveaways.timer import Key, Timer
from robo_xp_daemon.outbox.retrying_rounds import RetryingRounds

log = logging.getLogger("robo_xp_daemon")

PATIENCE_SECONDS = 300.0
"""How long the end of a giveaway waits for a Discord that is out of reach."""

COMMAND_PATIENCE_SECONDS = 10.0
"""The same for a member who waits for the answer to a command."""

UNCLAIMED: Final = "not claimed in time"
TRIES: Final = 5
"""So often is looked anew at who is about to win, when entries change meanwhile."""

_Draw = Callable[[CheckedMembers, bool], Awaitable[GiveawayChange]]


class Lifecycle:
    """The giveaways of all guilds of one client. Clicks come to the vault by ``entrance``."""

    def __init__(self, context: Context, port: Discord) -> None:
        self._context = context
        self.entrance = GuildQueue(context.work)
        self._queue = GuildQueue(context.work)
        self._entry_counter = EntryCounter(context, port)
        delivery = Delivery(context, port, self._queue, self._entry_counter)
        self._effects = GiveawayEffects(context, self._queue, delivery)
        self._recheck = Recheck(context, port)
        self._timer = Timer(self._due, context.clock)
        self._looks: RetryingRounds[str] = RetryingRounds(self._look, self._look_failed)
        self._ends: RetryingRounds[Key] = RetryingRounds(self._end, self._end_failed)
        self._beacons = BeaconDraws(context, self._settle_waiting)
        self._active: dict[str, set[str]] = {}
        self._waiting: dict[Key, list[asyncio.Future[str]]] = {}
        self._watching: Following | None = None
        self._throttle = Throttle()

    def start(self) -> None:
        """Look at every guild that has giveaways, and from then on at each that changes."""
        loop = asyncio.get_running_loop()

        def look(names: Collection[str]) -> bool:
            for name in names:
                # the loop may have ended before the thread has
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self.look, name_of(name).guild_id)
            return False

        self._timer.start()
        watch = self._context.robo.vault.watch("giveaways")
        self._watching = Following(watch, look, "giveaways")
        self._watching.start()

    def look(self, guild_id: str) -> None:
        """See at once what changed in the guild's giveaways, and act on it.

        Nothing is done in guilds of other shards, whose daemon sees it by itself.
        """
        if self._context.shards.has(guild_id):
            self._looks.ask(guild_id)

    def retry(self, guild_id: str) -> None:
        """Try again what Discord refused in the guild: something there has changed."""
        self._entry_counter.drain.retry(guild_id)
        self._effects.drain.retry(guild_id)

    @property
    def refused_guilds(self) -> set[str]:
        """The guilds in which Discord refuses something about giveaways."""
        return self._entry_counter.drain.refused_guilds | self._effects.drain.refused_guilds

    @property
    def left(self) -> int:
        """How many ends and effects are in hand, or wait."""
        return self._effects.left + len(self._ends.keys)

    async def wait_for_message(self, guild_id: str, giveaway_id: str, seconds: float) -> str | None:
        """The id of the giveaway's message as soon as there is one; None if not in time."""
        key = (guild_id, giveaway_id)
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(told)
        self.look(guild_id)
        try:
            async with asyncio.timeout(seconds):
                return await told
        except TimeoutError:
            return None
        finally:
            self._waiting[key].remove(told)
            if not self._waiting[key]:
                del self._waiting[key]

    async def end(
        self, guild_id: str, giveaway: str, *, by: str, reason: str | None = None
    ) -> GiveawayChange:
        """End a giveaway now, by this member: the draw looks at members as they are now.

        Clicks wait for it. Raises Refused when it is not active, and what the vault raises.
        """
        # each entry that came meanwhile would have others looked at, for as long as they come
        async with self.entrance.shut(guild_id):
            return await self._end_now(guild_id, giveaway, by=by, reason=reason)

    async def reroll(
        self,
        guild_id: str,
        giveaway: str,
        *,
        count: int | None,
        by: str,
        reason: str | None = None,
    ) -> GiveawayChange:
        """Draw more winners, by this member, among members as they are now.

        Raises Refused when it has not ended or nobody is left, and what the vault raises.
        """
        robo = self._context.robo.acting_as(by, "giveaway reroll")
        question = Question(guild_id, giveaway, count, ENDED, COMMAND_PATIENCE_SECONDS)

        def draw(checked: CheckedMembers, complete: bool) -> Awaitable[GiveawayChange]:
            return self._queue(
                guild_id, robo.giveaways.reroll, guild_id, giveaway, count=count,
                members=checked.members, complete=complete,
                reason=_reason_with(reason, checked.note),
            )  # fmt: skip

        return await self._draw_checked(question, draw)

    async def settle(
        self,
        guild_id: str,
        giveaway: str,
        signature: str | None,
        *,
        by: str | None = None,
        reason: str | None = None,
    ) -> GiveawayChange:
        """Make the draw that waits for a round, with its signature, among members as they are now.

        None makes it without a round that was given up. Raises NothingWaits, WrongSignature, and
        what the vault raises.
        """
        robo = self._context.robo
        found = await self._context.work(robo.giveaways.get, guild_id, giveaway)
        question = Question(guild_id, giveaway, status=found.status, signature=signature)
        if by is not None:
            robo = robo.acting_as(by, "giveaway beacon")
            question = replace(question, seconds=COMMAND_PATIENCE_SECONDS)

        def draw(checked: CheckedMembers, complete: bool) -> Awaitable[GiveawayChange]:
            return self._queue(
                guild_id, robo.giveaways.beacon, guild_id, giveaway, signature,
                members=checked.members, complete=complete,
                reason=_reason_with(reason, checked.note),
            )  # fmt: skip

        return await self._draw_checked(question, draw)

    async def finish(self, seconds: float) -> None:
        """See nothing more; what is in hand is done, in so many seconds at most."""
        watching, self._watching = self._watching, None
        if watching is not None:
            await asyncio.to_thread(watching.stop)
        await self._timer.stop()
        parts = (
            self._looks,
            self._ends,
            self._beacons.rounds,
            self._entry_counter.drain.rounds,
            self._effects.drain.rounds,
        )
        await asyncio.gather(*(part.finish(seconds) for part in parts))

    async def _look(self, guild_id: str) -> None:
        """Take over what stands in the guild's records."""
        found = await self._context.work(self._context.robo.giveaways.unsettled, guild_id)
        active = {listed.giveaway.id for listed in found if listed.giveaway.is_active}
        for giveaway_id in self._active.get(guild_id, set()) - active:
            self._entry_counter.forget((guild_id, giveaway_id))
        self._active[guild_id] = active
        for listed in found:
            self._take(listed)
        dues = {one.giveaway.id: one.giveaway.due_at for one in found}
        self._timer.set(guild_id, {id_: at for id_, at in dues.items() if at is not None})

    def _take(self, listed: Listed) -> None:
        """Act on one giveaway."""
        giveaway = listed.giveaway
        self._effects.take(giveaway)
        self._beacons.take(giveaway)
        if giveaway.is_active:
            self._entry_counter.look(listed)
        if giveaway.message_id is not None:
            for told in self._waiting.get((giveaway.guild_id, giveaway.id), ()):
                if not told.done():
                    told.set_result(giveaway.message_id)

    async def _settle_waiting(self, key: Key, signature: str | None) -> None:
        """Make a draw whose round has come, or was given up."""
        await self.settle(*key, signature)

    def _due(self, key: Key) -> None:
        """The start or the end of a giveaway has come."""
        self._ends.ask(key)

    async def _end(self, key: Key) -> None:
        """Do what is due about a giveaway, unless that has changed."""
        guild_id, giveaway_id = key
        try:
            found = await self._context.work(
                self._context.robo.giveaways.get, guild_id, giveaway_id
            )
        except NotFound:
            return
        if found.due_at is None:
            return
        if found.due_at > self._context.clock.now_ms():
            self._timer.again(key, found.due_at)
            return
        change = await self._do_due(found)
        if change.giveaway.due_at is not None:
            self._timer.again(key, change.giveaway.due_at)
        self._log_done(found, change)

    async def _do_due(self, giveaway: Giveaway) -> GiveawayChange:
        """Do what is due: start what was planned, tell of an end or end, draw what is unclaimed."""
        guild_id, giveaway_id = giveaway.guild_id, giveaway.id
        giveaways = self._context.robo.giveaways
        if giveaway.is_active and giveaway.ends_at <= self._context.clock.now_ms():
            return await self._end_now(guild_id, giveaway_id)
        do = giveaways.begin if giveaway.is_scheduled else giveaways.expire
        if giveaway.is_active:
            do = giveaways.remind
        change = await self._queue(guild_id, do, guild_id, giveaway_id)
        if change.giveaway.owed:
            change = await self._replace(change.giveaway)
        self.look(guild_id)
        return change

    async def _replace(self, giveaway: Giveaway) -> GiveawayChange:
        """Draw in place of those who did not claim in time."""
        guild_id, reroll = giveaway.guild_id, self._context.robo.giveaways.reroll
        question = Question(guild_id, giveaway.id, giveaway.owed, ENDED, PATIENCE_SECONDS)

        def draw(checked: CheckedMembers, complete: bool) -> Awaitable[GiveawayChange]:
            return self._queue(
                guild_id, reroll, guild_id, giveaway.id, owed=True, members=checked.members,
                complete=complete, reason=_reason_with(UNCLAIMED, checked.note),
            )  # fmt: skip

        return await self._draw_checked(question, draw)

    def _log_done(self, before: Giveaway, change: GiveawayChange) -> None:
        """Log what was done in its time."""
        guild_id, giveaway_id = before.guild_id, before.id
        if change.changed and not before.is_active:
            done = "has started" if before.is_scheduled else "was looked at for unclaimed prizes"
            log.info("giveaway %s of guild %s %s", giveaway_id, guild_id, done,
                     extra={"guild_id": guild_id, "giveaway_id": giveaway_id})  # fmt: skip
            return
        if change.changed and change.giveaway.waiting is not None:
            log.info("giveaway %s of guild %s is closed, and waits for round %d of the beacon",
                     giveaway_id, guild_id, change.giveaway.waiting.round,
                     extra={"guild_id": guild_id, "giveaway_id": giveaway_id})  # fmt: skip
        elif change.changed and not change.giveaway.is_active:
            log.info("giveaway %s of guild %s has ended; %d winners",
                     giveaway_id, guild_id, len(change.winners),
                     extra={"guild_id": guild_id, "giveaway_id": giveaway_id})  # fmt: skip

    async def _end_now(
        self, guild_id: str, giveaway: str, *, by: str | None = None, reason: str | None = None
    ) -> GiveawayChange:
        """End a giveaway, for a member or because its time has come."""
        robo = (
            self._context.robo if by is None else self._context.robo.acting_as(by, "giveaway end")
        )
        seconds = PATIENCE_SECONDS if by is None else COMMAND_PATIENCE_SECONDS
        question = Question(guild_id, giveaway, seconds=seconds)

        def draw(checked: CheckedMembers, complete: bool) -> Awaitable[GiveawayChange]:
            return self._queue(
                guild_id, robo.giveaways.end, guild_id, giveaway, members=checked.members,
                complete=complete, only_due=by is None, strict=by is not None,
                reason=_reason_with(reason, checked.note),
            )  # fmt: skip

        return await self._draw_checked(question, draw)

    async def _draw_checked(self, question: Question, draw: _Draw) -> GiveawayChange:
        """A draw among members as they are now; each entry that changes meanwhile moves all."""
        checked = CheckedMembers()
        for tries_left in reversed(range(TRIES)):
            await self._recheck.look(question, checked)
            change = await draw(checked, checked.note is None and tries_left > 0)
            if change.changed or change.giveaway.status != question.status:
                break
        self.look(question.guild_id)
        return change

    def _look_failed(self, guild_id: str, error: Exception, pause: float) -> None:
        """Log why the giveaways of a guild are not seen."""
        self._log_failure("the giveaways of guild %s cannot be seen", (guild_id,), error, pause)

    def _end_failed(self, key: Key, error: Exception, pause: float) -> None:
        """Log why a giveaway has not ended."""
        said = "giveaway %s of guild %s cannot be ended"
        self._log_failure(said, (key[1], key[0]), error, pause)

    def _log_failure(
        self, said: str, names: tuple[str, ...], error: Exception, pause: float
    ) -> None:
        extra = {"guild_id": names[-1]}
        if isinstance(error, RoboXPError):
            if self._throttle.lets((said, names, error.code)):
                log.error(f"{said}: %s (%s); it is tried again", *names, error.message,
                          error.advice, extra=extra)  # fmt: skip
        elif self._throttle.lets((said, names, type(error))):
            log.error(f"{said}; next try in %.0f s", *names, pause, exc_info=error, extra=extra)


def _reason_with(reason: str | None, note: str | None) -> str | None:
    """What the history tells of why, with what there is to note about the draw."""
    if not reason or not note:
        return reason or note
    return f"{reason[: REASON_LIMIT - len(note) - 2]}; {note}"
