"""One effect of a giveaway, on a Discord in memory: seen once, and what a refusal means."""

from __future__ import annotations

import logging

import discord
import pytest

from robo_xp.model.giveaway import ANNOUNCEMENT, DM, MESSAGE, Giveaway
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways import proof_files
from robo_xp_daemon.giveaways.announcement_text import users_of
from robo_xp_daemon.giveaways.card import NOBODY
from tests.daemon.fake_discord import CHANNEL, GUILD, refusal
from tests.daemon.giveaways.booth import HOUR_MS, Booth
from tests.daemon.stage import played, warnings_in


async def deliver_all(booth: Booth, book: Giveaway) -> None:
    """Carry out everything that is pending."""
    for effect in booth.now(book).pending:
        assert await booth.delivery.deliver(booth.now(book), effect)


@played
async def test_a_message_is_posted_and_then_changed(context: Context) -> None:
    """The record learns its message's id, and what changes later stands on the same message."""
    booth = Booth(context)
    book = booth.start()
    await booth.deliver(book, MESSAGE)
    [message] = booth.discord.messages.values()
    assert booth.now(book).message_id == message.id
    booth.end(book)
    await booth.deliver(book, MESSAGE)

    assert len(booth.discord.messages) == 1
    assert message.card is not None and message.card.view is None


@played
async def test_winners_are_told_once(context: Context) -> None:
    """All winners are named and notified in the channel, and each is written to."""
    booth = Booth(context)
    book = booth.start(winners=2)
    winners = booth.end(book).winners
    await deliver_all(booth, book)

    [announced] = [one for one in booth.discord.said_in(CHANNEL) if one.content in booth.said()]
    assert announced.pings == set(winners)
    assert sorted(booth.dms()) == [0, 1, 1]


def attached(booth: Booth) -> dict[str, bytes]:
    """The files in the channel by name."""
    return {file.name: file.content for one in booth.discord.said_in(CHANNEL) for file in one.files}


@played
async def test_the_proof_is_there_for_everybody(context: Context) -> None:
    """The announcement carries the document that anybody can verify, and the page."""
    booth = Booth(context)
    book = booth.start(winners=2)
    booth.end(book)
    await deliver_all(booth, book)
    files = attached(booth)

    assert list(files) == [f"proof-{book.id}.json", f"proof-{book.id}.html"]
    assert booth.robo.giveaways.verify_document(files[f"proof-{book.id}.json"]).valid
    assert b"data-verdict" in files[f"proof-{book.id}.html"]


@pytest.mark.parametrize("error", [refusal(403, 50013), refusal(413, 40005)])
@played
async def test_winners_are_told_where_no_file_can_be(context: Context, error: Exception) -> None:
    """Where Discord takes no files, the announcement comes without them, once."""
    booth = Booth(context)
    book = booth.start(winners=2)
    booth.end(book)
    booth.discord.refuse("attach", error)
    await deliver_all(booth, book)

    assert len(booth.said()) == 1 and attached(booth) == {}


@played
async def test_a_proof_that_is_too_large_is_left_out(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many files are attached as Discord takes, the document first."""
    booth = Booth(context)
    book = booth.start()
    booth.end(book)
    monkeypatch.setattr(proof_files, "FILES_LIMIT", 5_000)
    await deliver_all(booth, book)

    assert list(attached(booth)) == [f"proof-{book.id}.json"]


@played
async def test_a_cancelled_giveaway_notifies_nobody(context: Context) -> None:
    """The channel is told, without a mention, and its message has no buttons any more."""
    booth = Booth(context)
    book = booth.start()
    booth.robo.giveaways.cancel(GUILD, book.id)
    await deliver_all(booth, book)

    assert len(booth.said()) == 1
    assert all(not one.pings for one in booth.discord.messages.values())
    assert booth.dms() == [0, 0, 0]


@played
async def test_nobody_won(context: Context) -> None:
    """Without entries the message says so, and nothing else is said."""
    booth = Booth(context, members=0)
    book = booth.start()
    booth.end(book)
    await deliver_all(booth, book)

    assert booth.said() == []
    assert NOBODY in booth.cards()[0].values()


@played
async def test_a_hundred_winners_of_a_long_prize(context: Context) -> None:
    """All are named and notified once, in messages that Discord takes."""
    booth = Booth(context, members=100)
    limits = {"defaults": {"dmWinners": False}, "limits": {"maxWinners": 100}}
    booth.robo.giveaways.settings.set(GUILD, limits)
    book = booth.start(prize="*" * 200, winners=100)
    winners = booth.end(book).winners
    await deliver_all(booth, book)

    said = [one for one in booth.discord.said_in(CHANNEL) if one.content]
    named = [user_id for one in said for user_id in users_of(one.content)]
    assert named == list(winners)
    assert set().union(*(one.pings for one in said)) == set(named)
    assert max(len(one.content) for one in said) <= 2000


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("is_attached", [True, False])
@played
async def test_what_was_told_is_known_again(context: Context, old: bool, is_attached: bool) -> None:
    """All effects repeated, minutes after Discord forgot their nonces or at once, are seen once."""
    booth = Booth(context, members=60)
    booth.robo.giveaways.settings.set(GUILD, {"limits": {"maxWinners": 60}})
    book = booth.start(winners=60)
    booth.end(book)
    await deliver_all(booth, book)
    booth.undone(book, is_attached=is_attached)
    booth.restart()
    if old:
        booth.clock.moved_ms = HOUR_MS // 12
        booth.discord.forget_nonces()
    booth.discord.calls.clear()
    await deliver_all(booth, book)

    assert (len(booth.cards()), len(booth.said()), set(booth.dms())) == (1, 2, {1})
    assert booth.discord.calls["say"] == (0 if old else 64)
    assert booth.now(book).message_id in booth.discord.messages


@played
async def test_half_an_announcement_is_completed(context: Context) -> None:
    """Of an announcement in parts, those that are there are not repeated minutes later."""
    booth = Booth(context, members=60)
    limits = {"limits": {"maxWinners": 60}, "defaults": {"dmWinners": False}}
    booth.robo.giveaways.settings.set(GUILD, limits)
    book = booth.start(winners=60)
    booth.end(book)
    await deliver_all(booth, book)
    first, last = [one for one in booth.discord.said_in(CHANNEL) if one.content in booth.said()]
    del booth.discord.messages[last.id]
    booth.undone(book)
    booth.restart()
    booth.clock.moved_ms = HOUR_MS // 12
    booth.discord.forget_nonces()
    await deliver_all(booth, book)

    assert booth.said() == [first.content, last.content]


@played
async def test_a_channel_whose_past_cannot_be_read(context: Context) -> None:
    """Without Read Message History winners are announced all the same."""
    booth = Booth(context)
    book = booth.start()
    booth.end(book)
    booth.clock.moved_ms = HOUR_MS
    booth.discord.refuse("own_messages", refusal(403, 50013))
    await deliver_all(booth, book)

    assert len(booth.said()) == 1


@pytest.mark.parametrize(
    ("operation", "status", "code", "kind", "is_over", "told"),
    [
        ("post", 403, 50013, MESSAGE, False, "Send Messages"),
        ("post", 403, 50001, MESSAGE, False, "Send Messages"),
        ("say", 403, 50013, ANNOUNCEMENT, False, "Send Messages"),
        ("channel", 403, 50001, ANNOUNCEMENT, False, "Send Messages"),
        ("channel", 404, 10003, MESSAGE, True, "the channel is gone"),
        ("say", 404, 10003, ANNOUNCEMENT, True, "the channel is gone"),
        ("post", 404, 10004, MESSAGE, False, "invite the bot again"),
        ("post", 400, 50083, MESSAGE, False, "open the thread again"),
        ("private_channel", 403, 50278, DM, True, ""),
        ("private_channel", 400, 50033, DM, True, ""),
        ("say", 403, 50007, DM, True, ""),
    ],
)
@played
async def test_what_a_refusal_means(
    context: Context,
    operation: str,
    status: int,
    code: int,
    kind: str,
    is_over: bool,
    told: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each is told with its fix, unless it is a winner's own choice; some end by themselves."""
    caplog.set_level(logging.INFO)
    booth = Booth(context)
    book = booth.start()
    booth.end(book)
    booth.discord.refuse(operation, refusal(status, code))

    assert await booth.deliver(book, kind) is is_over
    warnings = [record.getMessage() for record in warnings_in(caplog)]
    assert len(warnings) == bool(told)
    assert all(told in one and GUILD in one and book.id in one for one in warnings)
    assert kind != DM or "takes no direct messages" in caplog.text


@pytest.mark.parametrize(
    ("code", "told"),
    [(10008, "the message was deleted"), (50005, "another bot posted the message")],
)
@played
async def test_a_message_that_stays_as_it_is(
    context: Context, code: int, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A deleted message, or one of an earlier bot, is noted, and ends."""
    booth = Booth(context)
    book = booth.start()
    await booth.deliver(book, MESSAGE)
    booth.end(book)
    booth.discord.refuse("change", refusal(404 if code == 10008 else 403, code))

    assert await booth.deliver(book, MESSAGE)
    assert told in warnings_in(caplog)[0].getMessage()


@pytest.mark.parametrize(("gone", "is_over"), [("guild", False), ("channel", True)])
@played
async def test_no_place(
    context: Context, gone: str, is_over: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the bot in the guild nothing is over; a channel of another guild is no place."""
    booth = Booth(context)
    book = booth.start()
    if gone == "guild":
        booth.discord.guilds.clear()
    else:
        booth.discord.channels[CHANNEL] = "100000000000000009"

    assert await booth.deliver(book, MESSAGE) is is_over
    assert booth.discord.messages == {}
    assert GUILD in warnings_in(caplog)[0].getMessage()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (refusal(503), discord.DiscordServerError),
        (refusal(429), discord.HTTPException),
        (OSError("out of reach"), OSError),
        (refusal(400, 40003), discord.HTTPException),
    ],
)
@played
async def test_what_passes_is_raised(
    context: Context, error: Exception, raised: type[Exception]
) -> None:
    """An outage, and direct messages that come too fast, are for another try."""
    booth = Booth(context)
    book = booth.start()
    booth.end(book)
    booth.discord.refuse("private_channel", error)

    with pytest.raises(raised):
        await booth.deliver(book, DM)
