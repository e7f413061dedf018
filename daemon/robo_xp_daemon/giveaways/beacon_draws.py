"""Draws that wait for a round of the beacon: made once it has come, or given up when too late."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from robo_xp.errors import ExtraMissing, NotFound, NothingWaits, RoboXPError
from robo_xp.model.closing import Chain, WaitingDraw
from robo_xp.model.giveaway import CLOSE, Giveaway
from robo_xp.rules.giveaway.beacon import chain_of, is_signature
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.relays import Relays
from robo_xp_daemon.giveaways.timer import Key
from robo_xp_daemon.outbox.retrying_rounds import RetryingRounds

log = logging.getLogger("robo_xp_daemon")

NAP_SECONDS = 1.0
"""So often the clock is looked at while a round is still to come: it may be put forward or back."""

Settle = Callable[[Key, str | None], Awaitable[object]]
"""Makes a draw with the round's signature, or without one that was given up."""


class _NotYet(Exception):
    """No relay has the round."""


class BeaconDraws:
    """Waits for rounds, one giveaway beside the other."""

    def __init__(self, context: Context, settle: Settle) -> None:
        self.rounds: RetryingRounds[Key] = RetryingRounds(self._draw, self._log_waiting)
        self._context = context
        self._settle = settle
        self._relays = Relays(context.relays)
        self._throttle = Throttle()

    def take(self, giveaway: Giveaway) -> None:
        """See to the draw that waits, if one does."""
        if giveaway.waiting is not None:
            self.rounds.ask((giveaway.guild_id, giveaway.id))

    async def _draw(self, key: Key) -> None:
        """Wait for the round, get it, and draw. Raises _NotYet, and what the vault raises."""
        while not self.rounds.is_ending:
            giveaway, chain, waiting = await self._now(key)
            if waiting is None or chain is None or giveaway is None:
                return
            now, comes = self._context.clock.now_ms(), chain.time_of(waiting.round)
            is_late = giveaway.beacon is None or now >= comes + giveaway.beacon.wait_ms
            if not is_late and (now < comes or _has_to_be_told(giveaway, waiting)):
                await self.rounds.nap(NAP_SECONDS)
                continue
            try:
                signature = await self._signature(chain, waiting.round)
            except ExtraMissing:
                if not is_late:
                    raise
                signature = None
            if signature is None and not is_late:
                raise _NotYet
            await self._draw_once(key, signature)
            return

    async def _now(self, key: Key) -> tuple[Giveaway | None, Chain | None, WaitingDraw | None]:
        """The giveaway as it is in the vault, with the chain and the draw that waits."""
        try:
            found = await self._context.work(self._context.robo.giveaways.get, *key)
        except NotFound:
            return None, None, None
        chain = None if found.beacon is None else chain_of(found.beacon.chain)
        return found, chain, found.waiting

    async def _signature(self, chain: Chain, number: int) -> str | None:
        async def check(signature: str) -> bool:
            return await self._context.work(is_signature, chain, number, signature)

        return await self._relays.signature(chain, number, check)

    async def _draw_once(self, key: Key, signature: str | None) -> None:
        """Draw, unless somebody else did meanwhile."""
        if signature is None:
            log.warning("giveaway %s of guild %s is drawn without the beacon: no relay gave its"
                        " round in time, and the proof says so", key[1], key[0],
                        extra={"guild_id": key[0], "giveaway_id": key[1]})  # fmt: skip
        try:
            await self._settle(key, signature)
        except NothingWaits:
            return

    def _log_waiting(self, key: Key, error: Exception, pause: float) -> None:
        """Log why a draw still waits."""
        extra = {"guild_id": key[0], "giveaway_id": key[1]}
        if isinstance(error, _NotYet):
            if self._throttle.lets((key, "not yet")):
                log.warning("giveaway %s of guild %s waits for the beacon: no relay has the round"
                            " yet, next try in %.0f s", key[1], key[0], pause,
                            extra=extra)  # fmt: skip
        elif isinstance(error, RoboXPError):
            if self._throttle.lets((key, error.code)):
                log.error("giveaway %s of guild %s cannot be drawn: %s (%s)", key[1], key[0],
                          error.message, error.advice, extra=extra)  # fmt: skip
        elif self._throttle.lets((key, type(error))):
            log.error("giveaway %s of guild %s cannot be drawn; next try in %.0f s", key[1],
                      key[0], pause, exc_info=error, extra=extra)  # fmt: skip


def _has_to_be_told(giveaway: Giveaway, waiting: WaitingDraw) -> bool:
    """Whether the entries and the round were not told on Discord yet."""
    return any(
        effect.topic == CLOSE and effect.number == waiting.number for effect in giveaway.pending
    )
