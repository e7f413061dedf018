"""What Discord has yet to be told about giveaways, in its order, until it was told.

The vault holds what is pending; nothing here has to outlive the process. Each effect is marked
when it is done. While Discord is out of reach it is tried again, however long that lasts; what an
operator has to mend first is left, and tried again when permissions change, and now and then.
"""

from __future__ import annotations

import asyncio
import logging

from robo_xp.errors import NotFound, RoboXPError
from robo_xp.model.giveaway import ANNOUNCEMENT, MESSAGE, Effect, Giveaway
from robo_xp_daemon.base import counters
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.client.refusals import is_passing
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.deliver import Delivery, Outcome
from robo_xp_daemon.giveaways.guild_queue import GuildQueue
from robo_xp_daemon.giveaways.timer import Key
from robo_xp_daemon.outbox.retrying_rounds import RetryingRounds

log = logging.getLogger("robo_xp_daemon")

REFUSED_SECONDS = 3600.0
"""How long after a refusal it is tried again, if nothing else says so before."""

_Request = tuple[str, int]


class Outbox:
    """Tells Discord, one giveaway beside the other."""

    def __init__(self, context: Context, queue: GuildQueue, delivery: Delivery) -> None:
        self._context = context
        self._queue = queue
        self._delivery = delivery
        self._ended = context.counters.effect_counter(counters.GIVEAWAYS)
        self._rounds: RetryingRounds[Key] = RetryingRounds(self._tell_all, self._failed)
        self._pending: dict[Key, int] = {}
        self._refused: dict[Key, set[_Request]] = {}
        # told, and not marked yet: said again by nobody, however long the vault is out of reach
        self._told: set[tuple[Key, _Request]] = set()
        self._retries: dict[str, asyncio.TimerHandle] = {}
        self._throttle = Throttle()

    @property
    def left(self) -> int:
        """How many effects are in hand, or wait."""
        return sum(list(self._pending.values()))

    def take(self, giveaway: Giveaway) -> None:
        """Carry out what is pending for the giveaway, soon."""
        key = (giveaway.guild_id, giveaway.id)
        pending = giveaway.pending
        if not pending:
            return
        self._pending[key] = len(pending)
        if any(_request_of(effect) not in self._refused.get(key, ()) for effect in pending):
            self._rounds.ask(key)

    def retry(self, guild_id: str) -> None:
        """Try again what was refused in the guild."""
        handle = self._retries.pop(guild_id, None)
        if handle is not None:
            handle.cancel()
        for key in [key for key in self._refused if key[0] == guild_id]:
            del self._refused[key]
            self._rounds.ask(key)

    async def finish(self, seconds: float) -> None:
        """Finish what is in hand, so many seconds at most; the rest is done by the next start."""
        for handle in self._retries.values():
            handle.cancel()
        self._retries.clear()
        await self._rounds.finish(seconds)

    async def _tell_all(self, key: Key) -> None:
        """Carry out the giveaway's effects one by one, as its record has them each time."""
        guild_id, giveaway_id = key
        giveaways = self._context.robo.giveaways
        refused = self._refused.setdefault(key, set())
        while True:
            try:
                giveaway = await self._context.work(giveaways.get, guild_id, giveaway_id)
            except NotFound:
                break
            pending = giveaway.pending
            self._pending[key] = len(pending)
            effect = next((one for one in pending if _request_of(one) not in refused), None)
            if effect is None:
                break
            if not await self._is_told(key, giveaway, effect):
                refused.add(_request_of(effect))
                continue
            await self._queue(guild_id, giveaways.mark_done, guild_id, giveaway_id, effect)
            self._told.discard((key, _request_of(effect)))
            if effect.kind == ANNOUNCEMENT:
                # words open an archived thread again, and then its message can be edited
                refused -= {asked for asked in refused if asked[0] == MESSAGE}
        if refused:
            self._try_later(guild_id)
        else:
            self._refused.pop(key, None)
            self._pending.pop(key, None)

    async def _is_told(self, key: Key, giveaway: Giveaway, effect: Effect) -> bool:
        """Whether the effect is carried out, or impossible for good, and only has to be marked."""
        if (key, _request_of(effect)) not in self._told:
            outcome = await self._delivery.deliver(giveaway, effect)
            await self._note(giveaway, effect, outcome)
            if not outcome.is_over:
                return False
            self._told.add((key, _request_of(effect)))
        return True

    async def _note(self, giveaway: Giveaway, effect: Effect, outcome: Outcome) -> None:
        """Keep why an effect is not done, or that nothing stands in its way any more."""
        outbox, work = self._context.robo.outbox, self._context.work
        place = (giveaway.guild_id, giveaway.id, effect.key)
        if outcome.why is None:
            self._ended(counters.DONE)
            await work(outbox.giveaway_passed, *place)
        else:
            self._ended(counters.FAILED if outcome.is_over else counters.REFUSED)
            await work(outbox.giveaway_refused, *place, outcome.why)

    def _try_later(self, guild_id: str) -> None:
        """Have refusals of the guild tried again in a while."""
        if guild_id not in self._retries:
            loop = asyncio.get_running_loop()
            self._retries[guild_id] = loop.call_later(REFUSED_SECONDS, self.retry, guild_id)

    def _failed(self, key: Key, error: Exception, pause: float) -> None:
        """Log why it goes on later."""
        guild_id, giveaway_id = key
        extra = {"guild_id": guild_id, "giveaway_id": giveaway_id}
        if is_passing(error):
            log.warning(
                "giveaway %s of guild %s: Discord is out of reach (%s), next try in %.0f s",
                giveaway_id, guild_id, error, pause, extra=extra,
            )  # fmt: skip
        elif isinstance(error, RoboXPError):
            if self._throttle.lets((key, error.code)):
                log.error("giveaway %s of guild %s waits: %s (%s)", giveaway_id, guild_id,
                          error.message, error.advice, extra=extra)  # fmt: skip
        elif self._throttle.lets((key, type(error))):
            log.error("giveaway %s of guild %s cannot be shown; next try in %.0f s",
                      giveaway_id, guild_id, pause, exc_info=error, extra=extra)  # fmt: skip


def _request_of(effect: Effect) -> _Request:
    """What tells one request for an effect from a later one."""
    return effect.key, effect.revision
