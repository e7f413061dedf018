"""What Discord has yet to be told about giveaways: each one's effects, in their order.

Its record holds what is pending, and each effect is marked there when it is done.
"""

from __future__ import annotations

from typing import Final

from robo_xp.errors import NotFound
from robo_xp.model.giveaway import ANNOUNCEMENT, CANCELLED, MESSAGE, Effect, Giveaway
from robo_xp_daemon.base import counters
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.deliver import Delivery, Outcome
from robo_xp_daemon.giveaways.guild_queue import GuildQueue
from robo_xp_daemon.giveaways.timer import Key
from robo_xp_daemon.outbox.drain import Drain

_Request = tuple[str, int]
_OUTCOMES: Final = {True: counters.FAILED, False: counters.REFUSED}


class GiveawayEffects:
    """Tells Discord, one giveaway beside the other."""

    def __init__(self, context: Context, queue: GuildQueue, delivery: Delivery) -> None:
        self.drain: Drain[Key] = Drain(context, counters.GIVEAWAYS, self._tell_all)
        self._context = context
        self._queue = queue
        self._delivery = delivery
        self._pending: dict[Key, int] = {}
        # told, and not marked yet: said again by nobody, however long the vault is out of reach
        self._told: set[tuple[Key, _Request]] = set()

    @property
    def left(self) -> int:
        """How many effects are in hand, or wait."""
        return sum(list(self._pending.values()))

    def take(self, giveaway: Giveaway) -> None:
        """Carry out what is pending for the giveaway, soon."""
        key, pending = (giveaway.guild_id, giveaway.id), giveaway.pending
        if not pending:
            return
        self._pending[key] = len(pending)
        if not {_request_of(effect) for effect in pending} <= set(self.drain.refused(key)):
            self.drain.rounds.ask(key)

    async def _tell_all(self, key: Key) -> None:
        """Carry out the giveaway's effects one by one, as its record has them each time."""
        guild_id, giveaway_id = key
        giveaways = self._context.robo.giveaways
        while True:
            try:
                giveaway = await self._context.work(giveaways.get, guild_id, giveaway_id)
            except NotFound:
                self._pending.pop(key, None)
                return
            pending, refused = giveaway.pending, self.drain.refused(key)
            self._pending[key] = len(pending)
            effect = next((one for one in pending if _request_of(one) not in refused), None)
            if effect is None:
                break
            if not await self._is_told(key, giveaway, effect):
                self.drain.refuse(key, _request_of(effect))
                continue
            await self._queue(guild_id, giveaways.mark_done, guild_id, giveaway_id, effect)
            self._told.discard((key, _request_of(effect)))
            if effect.kind == ANNOUNCEMENT:
                # words open an archived thread again, and then its message can be edited
                self.drain.allow(key, [_request_of(one) for one in pending if one.kind == MESSAGE])
        if not pending:
            self.drain.allow(key, list(refused))
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
            self.drain.count(counters.DONE)
            await work(outbox.giveaway_passed, *place)
        elif outcome.is_over and giveaway.status == CANCELLED:
            # nobody misses it, or what was refused before, so that nothing is left to mend
            self.drain.count(counters.FAILED)
            for key in giveaway.effects:
                await work(outbox.giveaway_passed, giveaway.guild_id, giveaway.id, key)
        elif await work(outbox.giveaway_refused, *place, outcome.why) or outcome.is_over:
            self.drain.count(_OUTCOMES[outcome.is_over])


def _request_of(effect: Effect) -> _Request:
    """What tells one request for an effect from a later one."""
    return effect.key, effect.revision
