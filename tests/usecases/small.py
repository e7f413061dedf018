"""A handle on a new vault with a clock and dice that a test owns, and some ids.

It is in memory unless ``conftest`` says that the test runs on another engine.
"""

from __future__ import annotations

from collections.abc import Callable

from robo_xp import RoboXP
from robo_xp.ports import Clock
from robo_xp.usecases.core import Core
from robo_xp.vault import Origin, Vault
from robo_xp.vault.engines import open_vault
from robo_xp.vault.port import VaultOptions

GUILD = "100000000000000009"
OTHER_GUILD = "100000000000000010"
ANN, BOB, CARL, DORA = (f"20000000000000000{n}" for n in range(1, 5))
CHANNEL = "300000000000000001"
XP = f"xp/default/{GUILD}"
MINUTE = 60_000
_OPEN_AT_ONCE = 8


class HandClock:
    """A clock that moves one second each time somebody looks, and further when told to."""

    def __init__(self) -> None:
        """Start at an instant in 2025."""
        self.at = 1_750_000_000_000

    def now_ms(self) -> int:
        """One second later than before."""
        self.at += 1_000
        return self.at


class Twenty:
    """Dice that always show 20, the middle of a roll for a message."""

    def integer(self, low: int, high: int) -> int:
        """20."""
        assert low <= 20 <= high
        return 20


class Place:
    """Where new vaults are; ``next_address`` is of another one each time."""

    def __init__(self, next_address: Callable[[], str]) -> None:
        """Open nothing yet."""
        self._next_address = next_address
        self._opened: list[Vault] = []

    def new_vault(self, clock: Clock) -> Vault:
        """An empty vault."""
        vault = open_vault(self._next_address(), VaultOptions(clock=clock, durability="os"))
        self._opened.append(vault)
        for old in self._opened[:-_OPEN_AT_ONCE]:
            old.close()  # it would go on at the next use
        del self._opened[:-_OPEN_AT_ONCE]
        return vault

    def close(self) -> None:
        """Give up what was opened."""
        for vault in self._opened:
            vault.close()


places = [Place(lambda: "memory:")]
"""The place of the test that runs now is the last one."""


def new_vault(clock: Clock) -> Vault:
    """An empty vault of the engine that this test runs on."""
    return places[-1].new_vault(clock)


def memory(clock: HandClock | None = None) -> RoboXP:
    """A handle on a new vault: in memory, unless the test runs on another engine."""
    time = clock or HandClock()
    return RoboXP(Core(new_vault(time), time, Twenty(), Origin("test", "")))


def write(robo: RoboXP, user_id: str, *, at: int) -> None:
    """Let a member write one message at an instant."""
    robo.xp.award(GUILD, user_id, channel_id=CHANNEL, at=at)


def held(robo: RoboXP, store: str = "default") -> dict[str, tuple[int, ...]]:
    """XP, level and counters of all members of a store."""
    return {
        one.user_id: (one.xp, one.level, one.messages, one.xp_messages, one.last_awarded_at)
        for one in robo.xp.records(GUILD, store=store)
    }


def stored(robo: RoboXP, store: str = "default") -> dict[str, dict[str, object]]:
    """The records of all members of a store as they are kept, stored levels included."""
    state = robo.vault.namespace(f"xp/{store}/{GUILD}").read()
    return {user_id: dict(record) for user_id, record in state.records("users").items()}
