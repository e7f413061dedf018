"""Whose turn it is to work on the vault: a lock that is held stops its own guild only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from robo_xp.errors import VaultBusy
from robo_xp_daemon.http.doors.turns import AT_ONCE, Turns
from tests.daemon.stage import played


class Works:
    """Work that lasts until it is let go; ``begun`` is what began so far."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.let_go = asyncio.Event()

    async def __call__(self, function: Callable[[], str]) -> str:
        """Begin at once, and wait where the name says so."""
        name = function()
        self.begun.append(name)
        if name.startswith("held"):
            await self.let_go.wait()
        return name


async def settled() -> None:
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


def asked(turns: Turns, queue: str | None, name: str) -> asyncio.Task[str]:
    """One piece of work, under way."""
    return asyncio.create_task(turns.work(queue, lambda: name))


@played
async def test_changes_of_one_guild_take_one_place() -> None:
    """However many wait for the lock of a guild, other guilds and reads go on; then each has its
    turn.
    """
    works = Works()
    turns = Turns(works)
    held = [asked(turns, "g", f"held {number}") for number in range(5)]
    await settled()
    others = [await asked(turns, "h", "other"), await asked(turns, None, "read")]
    before = list(works.begun)
    works.let_go.set()

    assert others == ["other", "read"]
    assert before == ["held 0", "other", "read"]
    assert await asyncio.gather(*held) == [f"held {number}" for number in range(5)]


@played
async def test_so_many_at_once() -> None:
    """No more than three are at work, so that a thread is left for Discord."""
    works = Works()
    turns = Turns(works)
    held = [asked(turns, None, f"held {number}") for number in range(AT_ONCE + 1)]
    await settled()
    begun = len(works.begun)
    works.let_go.set()
    await asyncio.gather(*held)

    assert (begun, len(works.begun)) == (AT_ONCE, AT_ONCE + 1)


@pytest.mark.parametrize("queue", [None, "g"], ids=["room", "queue"])
def test_who_waits_too_long_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch, queue: str | None
) -> None:
    """A request does not stand behind the others for ever, and leaves its place to the next."""
    monkeypatch.setattr("robo_xp_daemon.http.doors.turns.PATIENCE_SECONDS", 0.05)

    async def story() -> Any:
        works = Works()
        turns = Turns(works)
        held = [asked(turns, queue, f"held {number}") for number in range(AT_ONCE)]
        await settled()
        late: Awaitable[str] = turns.work(queue, lambda: "late")
        with pytest.raises(VaultBusy) as caught:
            await late
        works.let_go.set()
        await asyncio.gather(*held, return_exceptions=True)
        return caught.value, await turns.work(queue, lambda: "after")

    failure, after = asyncio.run(story())

    assert (failure.code, failure.http_status) == ("VAULT_BUSY", 503)
    assert after == "after"
