"""Levels that move in a vault, and what a part of the pipeline makes of each of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from robo_xp.vault import Look
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.announcements import Announcements
from robo_xp_daemon.levels.journal_reader import Asked, JournalReader
from robo_xp_daemon.levels.roles import RoleRewards
from tests.daemon.fake_discord import GUILD

XP = {0: 0, 1: 155, 2: 375, 3: 670, 4: 1050, 5: 1525, 6: 2105}
ANN, BOB = "400000000000000001", "400000000000000002"


@dataclass
class Carrying:
    """Has ``part`` carry the moves of the guild, each batch once."""

    context: Context
    part: RoleRewards | Announcements
    _asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read from the first batch on."""
        self._reader = JournalReader(self.context.robo, {}, self._asked.append)
        self._seen: Look | None = None

    async def level(self, *levels: int, user_id: str = ANN, store: str = "default") -> None:
        """The member's levels, one after the other, each carried before the next."""
        for level in levels:
            self.context.robo.xp.set(GUILD, user_id, XP[level], store=store)
            await self.go_on()

    def begin(self) -> None:
        """Begin to carry what happened since."""
        self._seen = self.context.robo.vault.changes("xp", self._seen)
        self._reader.look(self._seen.changed)
        while self._asked:
            asked = self._asked.pop(0)
            if isinstance(self.part, RoleRewards):
                self.part.ask(asked.guild_id, asked.role_user_ids, asked.in_crowd)
            elif asked.told_user_ids:
                self.part.ask(asked.guild_id)

    async def go_on(self) -> None:
        """Carry what happened since."""
        self.begin()
        await self.settled()

    async def settled(self) -> None:
        """Return when nothing is in hand."""
        async with asyncio.timeout(10):
            while self.part.left:
                await asyncio.sleep(0.001)
