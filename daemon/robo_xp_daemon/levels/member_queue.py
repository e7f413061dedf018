"""Work that waits for Discord, one member after the other in each guild, many guilds at once.

What one member is still waiting for is merged, so however often a level moved, Discord hears of
the last state only. Trouble with the network is tried again; everything else ends the job.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from robo_xp.usecases.history.pending_for_discord import MANY
from robo_xp_daemon.base.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff
from robo_xp_daemon.client.refusals import is_passing
from robo_xp_daemon.levels.cursor_progress import Ticket
from robo_xp_daemon.levels.moves import Move

log = logging.getLogger("robo_xp_daemon")

TRIES = 10
FIRST_PAUSE, LONGEST_PAUSE = FIRST_SECONDS, LONGEST_SECONDS


@dataclass(slots=True)
class Job:
    """One member's moves in one store that Discord has yet to hear of."""

    guild_id: str
    store_id: str
    move: Move
    tickets: list[Ticket] = field(default_factory=list)

    def merge(self, later: Job) -> None:
        """Take over what came later for the same member."""
        self.move = self.move.then(later.move)
        self.tickets += later.tickets


Carry = Callable[[Job], Awaitable[None]]
Ended = Callable[[bool], None]
_Key = tuple[str, str]


class MemberQueue:
    """The jobs of one kind, and a task for each guild that has any."""

    def __init__(self, what: str, carry_out: Carry, ended: Ended = lambda _: None) -> None:
        """``carry_out`` does one job; ``what`` names it in the log.

        ``ended`` is called after each, with whether it was done; otherwise it was given up.
        """
        self._what = what
        self._carry_out = carry_out
        self._ended = ended
        self._waiting: dict[str, OrderedDict[_Key, Job]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._in_hand = 0

    def add(self, jobs: list[Job]) -> None:
        """Put jobs of one guild into the queue: a few go before many, which can wait."""
        urgent = len(jobs) <= MANY
        for job in jobs:
            waiting = self._waiting.setdefault(job.guild_id, OrderedDict())
            key = (job.store_id, job.move.user_id)
            if key in waiting:
                waiting[key].merge(job)
            else:
                waiting[key] = job
            if urgent:
                waiting.move_to_end(key, last=False)
        for guild_id in {job.guild_id for job in jobs}:
            if guild_id not in self._tasks:
                self._tasks[guild_id] = asyncio.create_task(self._work(guild_id))

    @property
    def left(self) -> int:
        """How many jobs are in hand or wait."""
        # a copy, since other threads may ask
        return sum(len(waiting) for waiting in list(self._waiting.values())) + self._in_hand

    async def finish(self, seconds: float) -> int:
        """Wait for what is in hand, so long at most, then stop; how many jobs are left undone."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)
        left, running = self.left, list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        return left

    async def _work(self, guild_id: str) -> None:
        """Do the jobs of one guild until there are none."""
        waiting = self._waiting[guild_id]
        while waiting:
            _, job = waiting.popitem(last=False)
            self._in_hand += 1
            self._ended(await self._persist(job))
            self._in_hand -= 1
            for ticket in job.tickets:
                ticket.done()
        del self._waiting[guild_id], self._tasks[guild_id]

    async def _persist(self, job: Job) -> bool:
        """Do a job, again and again while the network is at fault; whether it was not given up."""
        backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE)
        for left in reversed(range(TRIES)):
            try:
                await self._carry_out(job)
                return True
            except Exception as error:
                if not is_passing(error):
                    self._tell_failure(job)
                    return False
                pause = backoff.seconds()
                log.warning(
                    "%s of member %s in guild %s: Discord is out of reach (%s)%s",
                    self._what, job.move.user_id, job.guild_id, error,
                    f", next try in {pause:.0f} s" if left else "; given up",
                    extra={"guild_id": job.guild_id, "user_id": job.move.user_id},
                )  # fmt: skip
            if left:
                await asyncio.sleep(pause)
        return False

    def _tell_failure(self, job: Job) -> None:
        """Log what nobody foresaw."""
        log.exception(
            "%s of member %s in guild %s failed; given up",
            self._what, job.move.user_id, job.guild_id,
        )  # fmt: skip
