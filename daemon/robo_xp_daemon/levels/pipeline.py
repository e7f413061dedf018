"""Ties the parts together that carry changes of the vault to Discord, for the life of a client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from robo_xp.errors import RoboXPError
from robo_xp.model.outbox import RolesDue
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.base.counters import ANNOUNCEMENTS, ROLE_REWARDS
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.announcements import Announcements
from robo_xp_daemon.levels.cursors import Cursor, Cursors
from robo_xp_daemon.levels.journal_reader import Asked, JournalReader
from robo_xp_daemon.levels.roles import RoleRewards
from robo_xp_daemon.outbox.gauge import Progress

log = logging.getLogger("robo_xp_daemon")

SAVE_SECONDS = 30.0
_DEFAULT_STORE = "default"


class Pipeline:
    """Reads the vault from the stored cursors on, and carries what waits to Discord."""

    def __init__(self, context: Context, port: Discord) -> None:
        """Prepare; nothing is read before ``start``. ``settings_changed`` is called with guilds."""
        self.settings_changed: Callable[[str], None] = lambda guild_id: None
        self._context = context
        self._cursors = Cursors(context.robo)
        self._roles = RoleRewards(context, port)
        self._announcements = Announcements(context, port)
        self._stored: dict[str, Cursor] = {}
        self._reader: JournalReader | None = None
        self._running: list[asyncio.Task[None]] = []
        self._restoring: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin with what happened since the cursors; a vault's very first start skips its past."""
        self._running = [asyncio.create_task(self._run())]

    async def _run(self) -> None:
        """Begin, however often that has to be tried: messages are counted meanwhile."""
        backoff = Backoff()
        while self._reader is None:
            try:
                await self._begin()
                continue
            except RoboXPError as error:
                log.error("the vault cannot be followed yet: %s (%s)", error.message, error.advice)
            except Exception:
                log.exception("the vault cannot be followed yet")
            await asyncio.sleep(backoff.seconds())
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            await self._save()

    async def _begin(self) -> None:
        """Read the cursors, start the thread, and go on with what waits in the vault."""
        work = self._context.work
        if await work(self._cursors.begin):
            log.info(
                "this vault was never followed: what happens from now on reaches Discord;"
                " 'robo-xp xp recalc --all' has the roles of all members looked at"
            )
        self._stored = await work(self._cursors.load)
        for guild_id in filter(
            self._context.shards.has, await work(self._context.robo.outbox.guilds)
        ):
            self._roles.retry(guild_id)
            self._announcements.ask(guild_id)
        loop = asyncio.get_running_loop()

        def tell(asked: Asked) -> None:
            # the loop may have ended before the thread has
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._take, asked)

        self._reader = JournalReader(
            self._context.robo, self._stored, tell, shards=self._context.shards
        )
        self._reader.start()

    def cursors(self) -> dict[str, Cursor]:
        """How far each namespace was read."""
        return self._stored if self._reader is None else self._reader.cursors()

    @property
    def left(self) -> int:
        """How many changes for Discord are in hand or wait, without what is refused."""
        return sum(self.left_by_kind().values())

    def left_by_kind(self) -> dict[str, int]:
        """The same for each kind of ``counters``."""
        return {ROLE_REWARDS: self._roles.left, ANNOUNCEMENTS: self._announcements.left}

    def progress(self) -> list[Progress]:
        """How far it is where many members of a guild wait."""
        return self._roles.progress()

    def restore(self, guild_id: str, user_id: str) -> None:
        """Give a member that came back the roles of its level."""
        if not self._running:
            return
        task = asyncio.create_task(self._restore(guild_id, user_id))
        self._restoring.add(task)
        task.add_done_callback(self._note_end)

    def announce(self, guild_id: str) -> None:
        """Tell what waits to be announced in the guild."""
        self._announcements.ask(guild_id)

    def retry(self, guild_id: str) -> None:
        """Try again what Discord refused in the guild: something there has changed."""
        drain = self._roles.drain
        if guild_id in drain.refused_guilds or drain.is_at_work(guild_id):
            self._roles.retry(guild_id)
        self._announcements.drain.retry(guild_id)

    @property
    def refused_guilds(self) -> set[str]:
        """The guilds in which Discord refuses role rewards or announcements."""
        return self._roles.drain.refused_guilds | self._announcements.drain.refused_guilds

    async def finish(self, seconds: float) -> None:
        """Read no more: what is in hand is done, in so many seconds, and the cursors stored."""
        running, self._running = self._running, []
        if not running:
            return
        if self._reader is not None:
            await asyncio.to_thread(self._reader.stop)
        parts = (self._roles.drain.rounds, self._announcements.drain.rounds)
        await asyncio.gather(*(part.finish(seconds) for part in parts))
        for task in (*running, *self._restoring):
            task.cancel()
        await asyncio.wait(running)
        await self._save()
        if self.left:
            log.info("%d changes for Discord are left for the next start", self.left)

    def _take(self, asked: Asked) -> None:
        """Begin with what was put into the outbox, and with what other settings may allow."""
        if asked.has_settings:
            self.retry(asked.guild_id)
            self.settings_changed(asked.guild_id)
        self._roles.ask(asked.guild_id, asked.role_user_ids, asked.in_crowd)
        if asked.told_user_ids:
            self._announcements.ask(asked.guild_id)

    async def _restore(self, guild_id: str, user_id: str) -> None:
        due = RolesDue(user_id, True, False, self._context.clock.now_ms())
        await self._context.work(self._ask_for, guild_id, due)
        self._roles.ask(guild_id, [user_id])

    def _ask_for(self, guild_id: str, due: RolesDue) -> None:
        outbox = self._context.robo.outbox
        seq = outbox.taken(guild_id).get(_DEFAULT_STORE, 0)
        outbox.take(guild_id, _DEFAULT_STORE, seq, roles=[due])

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._restoring.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a member that came back waits for its roles: %s", error, exc_info=error)

    async def _save(self) -> None:
        """Store the cursors that moved; those that cannot be are stored with the next ones."""
        cursors = self.cursors()
        moved = {name: one for name, one in cursors.items() if self._stored.get(name) != one}
        try:
            await self._context.work(self._cursors.save, moved)
            self._stored = cursors
        except RoboXPError as error:
            log.warning("how far the vault was read is not stored yet: %s", error.message)
