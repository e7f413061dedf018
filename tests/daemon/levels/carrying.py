"""Levels that move in a vault, and what a part of the pipeline makes of each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.member_queue import Job
from robo_xp_daemon.levels.moves import Moves
from tests.daemon.fake_discord import GUILD

XP = {0: 0, 1: 155, 2: 375, 3: 670, 4: 1050, 5: 1525, 6: 2105}
ANN, BOB = "400000000000000001", "400000000000000002"


@dataclass
class Carrying:
    """Hands the moves of the guild to ``carry``, each batch once."""

    context: Context
    carry: Callable[[Job], Awaitable[None]]
    _read: dict[str, int] = field(default_factory=dict)

    async def level(self, *levels: int, user_id: str = ANN, store: str = "default") -> None:
        """The member's levels, one after the other, each carried before the next."""
        for level in levels:
            self.context.robo.xp.set(GUILD, user_id, XP[level], store=store)
            await self.go_on(store)

    async def go_on(self, store: str = "default") -> None:
        """Carry what happened since."""
        namespace, moves = self.context.robo.vault.namespace(f"xp/{store}/{GUILD}"), Moves()
        for batch in namespace.batches(self._read.get(store, 0)):
            moves.add(batch)
            self._read[store] = batch.seq
        for move in moves.by_user.values():
            await self.carry(Job(GUILD, store, move))
