"""The work on Robo XP itself, through the public library."""

from __future__ import annotations

import os
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.model import Message, Post
from robo_xp.vault import Origin
from tests.benchmarks.peers import CHANNEL, GUILD, ROLES, mark_of, member_id, record_of


class Ours:
    """A vault with made-up members; each award is a message after the cooldown."""

    def __init__(self, folder: Path, members: int, durability: str, address: str = "") -> None:
        """Fill the vault, in the folder or at an address, in one batch; fold it into a snapshot."""
        self.name = f"Robo XP, {durability}"
        self.folder = folder / f"ours-{durability}"
        self._robo = RoboXP.open(address or self.folder, durability=durability, by="benchmark")
        self._namespace = self._robo.vault.namespace(f"xp/default/{GUILD}")
        with self._namespace.transaction(Origin("benchmark", "fill")) as transaction:
            for number in range(members):
                transaction.put("users", member_id(number), record_of(number))
                transaction.put("marks", member_id(number), mark_of(number))
        self._namespace.compact()

    @property
    def robo(self) -> RoboXP:
        """The open handle."""
        return self._robo

    def award(self, numbers: list[int], at: int) -> None:
        """Award one member, or several in one batch."""
        if len(numbers) == 1:
            self._robo.xp.award(
                GUILD, member_id(numbers[0]), channel_id=CHANNEL, role_ids=ROLES, at=at
            )
            return
        message = Message(CHANNEL, None, None, ROLES, at)
        self._robo.xp.award_many(GUILD, [Post(member_id(number), message) for number in numbers])

    def journal_bytes(self) -> int:
        """The size of the journal."""
        return os.path.getsize(self.folder / f"xp/default/{GUILD}.journal")

    def compact(self) -> None:
        """Fold the journal into the snapshot."""
        self._namespace.compact()

    def close(self) -> None:
        """Close the vault."""
        self._robo.close()
