"""Effects of one kind on their way to Discord, each again until it is done or refused.

What is to be done stands in the vault, and is read there in each round. Nothing here has to
outlive the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable
from typing import Final, Generic, Protocol, TypeVar

from robo_xp_daemon.context import Context
from robo_xp_daemon.outbox.retrying_rounds import RetryingRounds
from robo_xp_daemon.outbox.trouble import Trouble

K = TypeVar("K", bound=tuple[str, ...])

REFUSED_SECONDS: Final = 3600.0
"""How long after a refusal it is tried again, if nothing else says so before."""


class Drain(Generic[K]):
    """Rounds of work by key, the first part of which is the id of a guild.

    What Discord refuses is left alone until something changes in its guild. ``kind`` is one of
    ``counters``, and ``count`` counts outcomes of that kind.
    """

    def __init__(
        self, context: Context, kind: str, carry_out: Callable[[K], Awaitable[None]]
    ) -> None:
        trouble = Trouble(f"{kind.replace('_', ' ')} of guild %s")
        self._carry_out = carry_out
        self.rounds: RetryingRounds[K] = RetryingRounds(
            self._round, lambda key, error, pause: trouble.note(key[0], error, pause)
        )
        self.count = context.counters.effect_counter(kind)
        self._refused: dict[K, set[Hashable]] = {}
        # something changed in their guilds while their round went on
        self._outdated: set[K] = set()

    async def _round(self, key: K) -> None:
        if key in self._outdated:
            self._outdated.discard(key)
            self._refused.pop(key, None)
        await self._carry_out(key)

    def refused(self, key: K) -> Collection[Hashable]:
        """What Discord refuses of this key."""
        return self._refused.get(key, ())

    def refuse(self, key: K, request: Hashable) -> None:
        """Leave this alone until something changes; it may have since the round began."""
        self._refused.setdefault(key, set()).add(request)

    def allow(self, key: K, requests: Iterable[Hashable]) -> None:
        """Let these be tried again."""
        left = self._refused.pop(key, set()).difference(requests)
        if left:
            self._refused[key] = left

    def retry(self, guild_id: str) -> None:
        """Try again what was refused in the guild."""
        for key in [key for key in self._refused if key[0] == guild_id]:
            del self._refused[key]
            self.rounds.ask(key)
        for key in self.rounds.keys:
            if key[0] == guild_id:
                self._outdated.add(key)
                self.rounds.ask(key)

    def is_at_work(self, guild_id: str) -> bool:
        """Whether a round of the guild goes on, so that it may yet be refused something."""
        return any(key[0] == guild_id for key in self.rounds.keys)

    @property
    def refused_guilds(self) -> set[str]:
        """The guilds in which something is refused."""
        return {key[0] for key in self._refused}


class Retryable(Protocol):
    """What may be refused by Discord, and tried again."""

    @property
    def refused_guilds(self) -> set[str]:
        """The guilds in which something is refused."""

    def retry(self, guild_id: str) -> None:
        """Try again what was refused in the guild."""


async def try_again_hourly(*parts: Retryable) -> None:
    """Now and then try again what is refused, whether or not anything has changed."""
    while True:
        await asyncio.sleep(REFUSED_SECONDS)
        for part in parts:
            for guild_id in part.refused_guilds:
                part.retry(guild_id)
