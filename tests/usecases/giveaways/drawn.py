"""What the tests of giveaways share: a vault in memory whose secrets are known, and entrants."""

from __future__ import annotations

import hashlib
from typing import Any

from robo_xp import RoboXP
from robo_xp.model.giveaway_results import GiveawayChange
from robo_xp.usecases.core import Core
from robo_xp.vault import Origin
from tests.usecases.small import CHANNEL, GUILD, HandClock, Twenty, new_vault

ROLE, OTHER_ROLE = "400000000000000001", "400000000000000002"
NAMESPACE = f"giveaways/{GUILD}"
MANY = [str(300000000000000000 + 7919 * n) for n in range(10)]


class KnownSecrets:
    """Bytes that look random and are the same in each run."""

    def __init__(self) -> None:
        """Start at the first ones."""
        self.count = 0

    def token_bytes(self, count: int) -> bytes:
        """The next ones."""
        self.count += 1
        return hashlib.sha256(str(self.count).encode()).digest()[:count]


def memory(clock: HandClock | None = None) -> RoboXP:
    """A handle on a new vault, with secrets that are known."""
    time = clock or HandClock()
    return RoboXP(Core(new_vault(time), time, Twenty(), Origin("test", ""), secrets=KnownSecrets()))


def started(robo: RoboXP, *, entrants: int = 0, guild: str = GUILD, **more: Any) -> str:
    """The id of a new giveaway with so many entries."""
    terms = {"prize": "Nitro", "channel_id": CHANNEL, "duration": "1d", "winners": 2, **more}
    change: GiveawayChange = robo.giveaways.create(guild, **terms)
    if entrants:
        robo.giveaways.enter(guild, change.id, MANY[:entrants])
    return change.id


def tables(robo: RoboXP, namespace: str = NAMESPACE) -> dict[str, dict[str, Any]]:
    """All that is stored about giveaways."""
    state = robo.vault.namespace(namespace).read()
    return {name: dict(records) for name, records in state.tables.items() if records}
