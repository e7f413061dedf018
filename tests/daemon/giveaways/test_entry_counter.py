"""The number of entries on the messages of giveaways, on a Discord in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from unittest.mock import patch

import pytest

from robo_xp.model.giveaway import Giveaway
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways import entry_counter
from robo_xp_daemon.outbox import retrying_rounds as rounds
from tests.daemon.fake_discord import CHANNEL, GUILD, refusal
from tests.daemon.giveaways.booth import MEMBERS, Booth
from tests.daemon.stage import played, warnings_in

SPACING_SECONDS = 0.1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", 0.002)
    monkeypatch.setattr(entry_counter, "GATHER_SECONDS", 0.005)
    monkeypatch.setattr(entry_counter, "SPACING_SECONDS", SPACING_SECONDS)


async def until(is_true: Callable[[], object]) -> None:
    """Return when the condition is true."""
    async with asyncio.timeout(5.0):
        while not is_true():
            await asyncio.sleep(0.001)


def look(booth: Booth, book: Giveaway) -> None:
    """The daemon sees that the giveaway's records have changed."""
    booth.entry_counter.look(booth.robo.giveaways.counted(GUILD, book.id))


def enter(booth: Booth, book: Giveaway, *user_ids: str) -> None:
    """Members enter, and the daemon sees it."""
    booth.robo.giveaways.enter(GUILD, book.id, user_ids)
    look(booth, book)


def shows(booth: Booth, entries: int) -> bool:
    """Whether the message shows so many entries."""
    return booth.cards()[0]["Entries"] == str(entries)


@played
async def test_the_number_follows_in_few_edits(context: Context) -> None:
    """Who enters together is counted in one edit, and two edits are some time apart."""
    booth = Booth(context, members=0)
    book = booth.start()
    await booth.deliver(book, "message")
    loop = asyncio.get_running_loop()
    began = loop.time()
    for first in (0, 10, 20):
        for user_id in MEMBERS[first : first + 10]:
            enter(booth, book, user_id)
        await until(lambda first=first: shows(booth, first + 10))  # type: ignore[misc]
    assert loop.time() - began >= 2 * SPACING_SECONDS
    assert 3 <= booth.discord.calls["change"] <= 6
    booth.robo.giveaways.leave(GUILD, book.id, MEMBERS[0])
    look(booth, book)
    await until(lambda: shows(booth, 29))
    await booth.entry_counter.drain.rounds.finish(5.0)


@played
async def test_a_start_brings_each_message_up_to_date_once(context: Context) -> None:
    """What was shown before is not known, so one edit is made, with the buttons, and no second."""
    booth = Booth(context)
    book = booth.start()
    await booth.deliver(book, "message")
    booth.restart()
    booth.discord.calls.clear()
    look(booth, book)
    await until(lambda: booth.discord.calls["change"] == 1)
    await booth.entry_counter.drain.rounds.finish(5.0)
    look(booth, book)

    assert booth.discord.calls["change"] == 1
    [message] = booth.discord.said_in(CHANNEL)
    assert message.card is not None and message.card.view is not None


@played
async def test_a_deleted_message_is_noted_once(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    """That nobody can enter any more is noted, and what changes later is not tried."""
    booth = Booth(context, members=0)
    book = booth.start()
    await booth.deliver(book, "message")
    booth.discord.messages.clear()
    enter(booth, book, MEMBERS[0])
    await until(lambda: warnings_in(caplog))
    booth.entry_counter.drain.retry(GUILD)
    enter(booth, book, MEMBERS[1])
    await booth.entry_counter.drain.rounds.finish(5.0)

    assert booth.discord.calls["change"] == 1
    (told,) = warnings_in(caplog)
    assert "nobody can enter any more" in told.getMessage()


@played
async def test_a_number_that_could_not_be_shown(context: Context) -> None:
    """What is refused is tried again when the guild changes, and not when another does."""
    booth = Booth(context, members=0)
    book = booth.start()
    await booth.deliver(book, "message")
    booth.discord.refuse("change", refusal(403, 50001))
    enter(booth, book, MEMBERS[0])
    await until(lambda: booth.discord.calls["change"] == 1)
    await until(lambda: not booth.entry_counter.drain.rounds.keys)
    booth.entry_counter.drain.retry("100000000000000009")
    enter(booth, book, MEMBERS[1])
    assert booth.entry_counter.drain.rounds.keys == []
    booth.discord.restore()
    booth.entry_counter.drain.retry(GUILD)
    await until(lambda: shows(booth, 2))

    assert booth.discord.calls["change"] == 2
    await booth.entry_counter.drain.rounds.finish(5.0)


@played
async def test_a_change_while_it_is_refused(context: Context) -> None:
    """A refusal that the change of the guild has overtaken is no reason to wait for an hour."""
    booth = Booth(context, members=0)
    book = booth.start()
    await booth.deliver(book, "message")
    booth.discord.refuse("change", refusal(403, 50001))
    change = booth.discord.change

    async def mended_meanwhile(*words: str, **more: object) -> None:
        booth.entry_counter.drain.retry(GUILD)
        try:
            await change(*words, **more)  # type: ignore[arg-type]
        finally:
            booth.discord.restore()

    with patch.object(booth.discord, "change", mended_meanwhile):
        enter(booth, book, MEMBERS[0])
        await until(lambda: shows(booth, 1))
    await booth.entry_counter.drain.rounds.finish(5.0)


@played
async def test_an_outage_is_waited_for(context: Context) -> None:
    """An edit that Discord cannot take now is made later."""
    booth = Booth(context, members=0)
    book = booth.start()
    await booth.deliver(book, "message")
    booth.discord.refuse("change", refusal(503), times=2)
    enter(booth, book, MEMBERS[0])
    await until(lambda: shows(booth, 1))
    await booth.entry_counter.drain.rounds.finish(5.0)


@played
async def test_nothing_is_remembered_of_what_is_over(context: Context) -> None:
    """After its end nothing of a giveaway is left in memory."""
    booth = Booth(context)
    book = booth.start()
    await booth.deliver(book, "message")
    booth.end(book)
    await booth.deliver(book, "message")
    await booth.entry_counter.drain.rounds.finish(5.0)

    counter = booth.entry_counter
    kept = [*vars(counter).values(), *vars(counter.drain).values()]
    assert [one for one in kept if isinstance(one, dict | set) and one] == []
