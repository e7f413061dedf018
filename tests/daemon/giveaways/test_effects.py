"""What Discord has yet to be told about giveaways, on a Discord in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from robo_xp.errors import VaultUnavailable
from robo_xp_daemon.base.counters import GIVEAWAYS
from robo_xp_daemon.client import refusals
from robo_xp_daemon.context import Context
from robo_xp_daemon.outbox import retrying_rounds as rounds
from tests.daemon.fake_discord import CHANNEL, GUILD, refusal
from tests.daemon.giveaways.booth import Booth, Stuck
from tests.daemon.stage import played

FULL = VaultUnavailable("no space left on device")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses after trouble are short."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", 0.002)


async def until(is_true: Callable[[], object]) -> None:
    """Return when the condition is true."""
    async with asyncio.timeout(5.0):
        while not is_true():
            await asyncio.sleep(0.001)


@played
async def test_everything_is_told_and_marked(context: Context) -> None:
    """What binds the draw first, then message, announcement and each winner; nothing is left."""
    booth = Booth(context)
    book = booth.start(winners=3)
    booth.end(book)
    booth.effects.take(booth.now(book))
    assert booth.effects.left == 7
    await until(lambda: not booth.now(book).pending)
    await booth.effects.drain.rounds.finish(5.0)

    assert (len(booth.cards()), len(booth.said()), booth.dms()) == (1, 1, [1, 1, 1])
    assert booth.effects.left == 0
    assert context.counters.effects.read()[GIVEAWAYS, "done"] == 7
    first, second, *_ = booth.texts(CHANNEL)
    assert [first, second] == booth.binding()
    for part in (booth.effects, booth.effects.drain, booth.delivery):
        kept = list(vars(part).values())
        assert [one for one in kept if isinstance(one, dict | set) and one] == []


@pytest.mark.parametrize("status", [503, 429, 500])
@played
async def test_an_outage_is_waited_for(context: Context, status: int) -> None:
    """Discord is asked again until it answers, however often, and each is told once."""
    booth = Booth(context)
    book = booth.start(winners=3)
    booth.end(book)
    for operation in ("post", "say", "private_channel"):
        booth.discord.refuse(operation, refusal(status))
    booth.effects.take(booth.now(book))
    await until(lambda: booth.discord.calls["say"] > 15)
    assert booth.discord.messages == {}
    booth.discord.restore()
    await until(lambda: not booth.now(book).pending)

    assert (len(booth.cards()), len(booth.said()), booth.dms()) == (1, 1, [1, 1, 1])
    await booth.effects.drain.rounds.finish(5.0)


@played
async def test_what_is_refused_waits_for_a_change(context: Context) -> None:
    """Refused things stay pending and stop no other; a change elsewhere does not try them again,
    a change in the guild does.
    """
    booth = Booth(context)
    book = booth.start(winners=3)
    booth.end(book)
    booth.discord.refuse("post", refusal(403, 50013))
    booth.discord.refuse("say", refusal(403, 50013), of=CHANNEL)
    booth.effects.take(booth.now(book))
    await until(lambda: booth.effects.left == 4 and booth.dms() == [1, 1, 1])
    booth.effects.take(booth.now(book))
    booth.effects.drain.retry("100000000000000009")
    assert {one.kind for one in booth.now(book).pending} == {"message", "announcement"}
    assert booth.discord.calls["post"] == 1
    booth.discord.restore()
    booth.effects.drain.retry(GUILD)
    await until(lambda: not booth.now(book).pending)

    assert (len(booth.cards()), len(booth.said()), booth.dms()) == (1, 1, [1, 1, 1])
    await booth.effects.drain.rounds.finish(5.0)


@played
async def test_an_archived_thread_is_opened_by_the_announcement(context: Context) -> None:
    """Words open it, and then its giveaway's message loses the buttons, at once."""
    booth = Booth(context)
    book = booth.start()
    await booth.deliver(book, "message")
    booth.end(book)
    booth.discord.refuse("change", refusal(400, 50083), times=1)
    booth.effects.take(booth.now(book))
    await until(lambda: not booth.now(book).pending)

    assert len(booth.said()) == 1
    assert "Winners (1)" in booth.cards()[0]
    await booth.effects.drain.rounds.finish(5.0)


@pytest.mark.parametrize("name", ["attach_message", "mark_done"])
@played
async def test_a_vault_that_cannot_be_written(
    context: Context, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing can be marked, and the channel's past cannot be read, nothing is repeated,
    even when Discord has forgotten the nonces.
    """
    booth = Booth(context)
    book = booth.start()
    booth.end(book)
    booth.discord.refuse("own_messages", refusal(403, 50013))
    kind = type(context.robo.giveaways)
    stuck = Stuck(getattr(kind, name), FULL, times=4)

    def try_it(*args: Any) -> Any:
        return stuck(*args)

    monkeypatch.setattr(kind, name, try_it)
    booth.effects.take(booth.now(book))
    for left in (3, 2, 1, 0):
        await until(lambda left=left: stuck.left <= left)  # type: ignore[misc]
        booth.discord.forget_nonces()
    await until(lambda: not booth.now(book).pending)

    assert (len(booth.cards()), len(booth.said()), sum(booth.dms())) == (1, 1, 1)
    await booth.effects.drain.rounds.finish(5.0)


@played
async def test_an_outage_for_one_is_none_for_others(context: Context) -> None:
    """While one giveaway's channel cannot be reached, those of others go on."""
    booth = Booth(context)
    booth.discord.channels["200000000000000002"] = GUILD
    booth.discord.refuse("post", refusal(503), of=CHANNEL)
    stuck, other = booth.start(), booth.start(channel_id="200000000000000002")
    for book in (stuck, other):
        booth.effects.take(booth.now(book))
    await until(lambda: not booth.now(other).pending)

    assert booth.cards() == [booth.cards()[0]] and booth.said() == []
    await booth.effects.drain.rounds.finish(0.0)


@played
async def test_direct_messages_that_come_too_fast(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Discord wants them slower, they pause so long, and no winner is left out."""
    monkeypatch.setattr(refusals, "SLOWER_SECONDS", 0.1)
    began = time.monotonic()
    booth = Booth(context)
    book = booth.start(winners=3)
    booth.end(book)
    booth.discord.refuse("private_channel", refusal(400, 40003), times=2)
    booth.effects.take(booth.now(book))
    await until(lambda: not booth.now(book).pending)

    assert booth.dms() == [1, 1, 1]
    assert time.monotonic() - began >= 0.2
    await booth.effects.drain.rounds.finish(5.0)
