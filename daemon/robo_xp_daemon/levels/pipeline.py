"""Ties the parts together that carry changes of the vault to Discord, for the life of a client."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from robo_xp.errors import RoboXPError
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.base.counters import ANNOUNCEMENTS, ROLE_REWARDS
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.announcements import Announcements
from robo_xp_daemon.levels.cursor_progress import CursorProgress, Round
from robo_xp_daemon.levels.cursors import Cursor, Cursors, Kind
from robo_xp_daemon.levels.journal_reader import JournalReader
from robo_xp_daemon.levels.member_queue import Job, MemberQueue
from robo_xp_daemon.levels.moves import Move
from robo_xp_daemon.levels.roles import RoleRewards

log = logging.getLogger("robo_xp_daemon")

SAVE_SECONDS = 30.0
_DEFAULT_STORE = "default"
_EFFECTS = {Kind.REWARDED: ROLE_REWARDS, Kind.ANNOUNCED: ANNOUNCEMENTS}


class Pipeline:
    """Reads the vault from the stored cursors on, and stores how far Discord was told."""

    def __init__(self, context: Context, port: Discord) -> None:
        self._context = context
        self._cursors = Cursors(context.robo)
        counters = context.counters
        self._queues = {
            Kind.REWARDED: MemberQueue(
                "the role rewards",
                RoleRewards(context, port).settle,
                counters.effect_counter(ROLE_REWARDS),
            ),
            Kind.ANNOUNCED: MemberQueue(
                "the announcement",
                Announcements(context, port).tell,
                counters.effect_counter(ANNOUNCEMENTS),
            ),
        }
        self._moved = asyncio.Event()
        self._progress = CursorProgress({}, self._moved.set)
        self._reader: JournalReader | None = None
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with what happened since the cursors; a vault's very first start skips its past."""
        self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        """Begin, however often that has to be tried: messages are counted meanwhile."""
        backoff = Backoff()
        while self._reader is None:
            try:
                await self._begin()
            except RoboXPError as error:
                log.error("the vault cannot be followed yet: %s (%s)", error.message, error.advice)
                await asyncio.sleep(backoff.seconds())
        await self._save_when_moved()

    async def _begin(self) -> None:
        """Read the cursors and start the thread."""
        work = self._context.work
        if await work(self._cursors.begin):
            log.info(
                "this vault was never followed: what happens from now on reaches Discord;"
                " 'robo-xp xp recalc --all' has the roles of all members looked at"
            )
        cursors = await work(self._cursors.load)
        self._progress = CursorProgress(cursors, self._moved.set)
        loop = asyncio.get_running_loop()

        def hand_over(found: Round) -> None:
            loop.call_soon_threadsafe(self._take, found)

        self._reader = JournalReader(self._context.robo, cursors, hand_over)
        self._reader.start()

    def cursors(self) -> dict[str, Cursor]:
        """How far Discord was told, by namespace."""
        return dict(self._progress.cursors)

    @property
    def left(self) -> int:
        """How many changes for Discord are in hand or wait."""
        return sum(self.left_by_kind().values())

    def left_by_kind(self) -> dict[str, int]:
        """The same for each kind of ``counters``."""
        return {_EFFECTS[kind]: queue.left for kind, queue in self._queues.items()}

    def restore(self, guild_id: str, user_id: str) -> None:
        """Give a member that came back the roles of its level."""
        job = Job(guild_id, _DEFAULT_STORE, Move(user_id, rose=True))
        self._queues[Kind.REWARDED].add([job])

    async def finish(self, seconds: float) -> None:
        """Read no more: what is in hand is done, in so many seconds, and the cursors stored."""
        running, self._running = self._running, None
        if running is None:
            return
        if self._reader is not None:
            await asyncio.to_thread(self._reader.stop)
        left = await asyncio.gather(*(queue.finish(seconds) for queue in self._queues.values()))
        running.cancel()
        await asyncio.wait([running])
        await self._save()
        if any(left):
            log.info("%d changes for Discord are left for the next start", sum(left))

    def _take(self, found: Round) -> None:
        """Put the moves of a round in their queue."""
        ticket = self._progress.begin(found)
        jobs = [Job(found.guild_id, found.store_id, move, [ticket]) for move in found.moves]
        self._queues[found.kind].add(jobs)

    async def _save_when_moved(self) -> None:
        """Store cursors soon after effects were done, and now and then in any case."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SAVE_SECONDS):
                    await self._moved.wait()
            self._moved.clear()
            await self._save()

    async def _save(self) -> None:
        """Store the cursors that moved; those that cannot be are stored with the next ones."""
        moved = self._progress.take_unsaved()
        try:
            await self._context.work(self._cursors.save, moved)
        except asyncio.CancelledError:
            self._progress.give_back(moved)
            raise
        except RoboXPError as error:
            self._progress.give_back(moved)
            log.warning("how far Discord was told is not stored yet: %s", error.message)
