"""What Discord refuses is tried again when something has changed, also in the middle of a round."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from robo_xp_daemon.context import Context
from robo_xp_daemon.outbox.drain import Drain
from tests.daemon.stage import played

KEY = ("1", "draw")


def made(carry_out: Any) -> Drain[tuple[str, ...]]:
    """A drain that counts nothing."""
    counters = SimpleNamespace(effect_counter=lambda _: lambda *_: None)
    return Drain(cast("Context", SimpleNamespace(counters=counters)), "announcements", carry_out)


@pytest.mark.parametrize(("guild_id", "rounds"), [("1", 2), ("2", 1)])
@played
async def test_a_change_during_a_round_is_not_missed(guild_id: str, rounds: int) -> None:
    """A refusal that a change of the guild may have overtaken is looked at once more, and once."""
    asked, answered = asyncio.Event(), asyncio.Event()
    tried: list[tuple[str, ...]] = []

    async def carry_out(key: tuple[str, ...]) -> None:
        if "news" in drain.refused(key):
            return
        tried.append(key)
        asked.set()
        await answered.wait()
        drain.refuse(key, "news")

    drain = made(carry_out)
    drain.rounds.ask(KEY)
    await asked.wait()
    drain.retry(guild_id)
    answered.set()
    while drain.rounds.keys:
        await asyncio.sleep(0)

    assert len(tried) == rounds
    assert drain.refused_guilds == {"1"}
    assert not drain.is_at_work("1")
