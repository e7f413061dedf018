"""What stands in the way of giveaways on Discord: a clear line of the log, and nothing lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from robo_xp.vault import Origin
from robo_xp_daemon.outbox import retrying_rounds as rounds
from robo_xp_daemon.outbox.retrying_rounds import RetryingRounds
from tests.daemon.giveaways.scenes import DAY_MS, Fair, MovedClock, a_client, a_fair, everybody
from tests.daemon.loopback import Permission
from tests.daemon.stage import played, warnings_in


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Pauses after trouble are short."""
    with patch.object(rounds, "FIRST_PAUSE", 0.01), patch.object(rounds, "LONGEST_PAUSE", 0.05):
        yield


def denied(fair: Fair, *permissions: Permission) -> dict[int, tuple[int, int]]:
    """Overwrites by which nobody has these."""
    return {fair.guild.id: (0, sum(map(int, permissions)))}


def one_warning(caplog: pytest.LogCaptureFixture, *words: str) -> None:
    """There is one warning, and it names all of these."""
    told = [record.getMessage() for record in warnings_in(caplog)]
    assert len(told) == 1, told
    assert [word for word in words if word not in told[0]] == []


@pytest.mark.parametrize("permission", [Permission.SEND_MESSAGES, Permission.VIEW_CHANNEL])
@played
async def test_a_missing_permission(
    tmp_path: Path, permission: Permission, caplog: pytest.LogCaptureFixture
) -> None:
    """What is refused stays pending and is told once; given the permission, it is made up for."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        fair.guild.set_overwrites(fair.channel, denied(fair, permission))
        book = fair.start(winners=3)
        fair.enter(book, everybody(fair))
        fair.end(book)
        await stage.until(
            lambda: {one.kind for one in fair.now(book).pending} == {"message", "announcement"}
        )
        assert [len(fair.dms(member.id)) for member in everybody(fair)] == [1, 1, 1]
        await stage.until(lambda: stage.session.giveaways.left == 4)
        fair.guild.set_overwrites(fair.channel, {})
        await stage.until(lambda: fair.is_told(book))

        assert (len(fair.messages(book)), len(fair.announced(book))) == (1, 1)
        assert not fair.has_buttons(book)
        assert [len(fair.dms(member.id)) for member in everybody(fair)] == [1, 1, 1]
        assert len(fair.binding(book)) == 2
    one_warning(caplog, fair.guild_id, str(fair.channel.id), book.id, "Send Messages")


@played
async def test_a_missing_permission_over_a_restart(tmp_path: Path) -> None:
    """What was refused is tried again by the next start."""
    async with a_fair(tmp_path) as fair:
        fair.guild.set_overwrites(fair.channel, denied(fair, Permission.SEND_MESSAGES))
        async with a_client(fair, tmp_path) as stage:
            book = fair.start()
            await stage.until(lambda: fair.discord.calls("POST", "*/messages"))
        fair.guild.set_overwrites(fair.channel, {})
        async with a_client(fair, tmp_path) as stage:
            await stage.until(lambda: fair.is_posted(book))


@played
async def test_a_guild_without_the_bot(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is lost while the bot is not in the guild: invited again, it tells."""
    async with a_fair(tmp_path) as fair:
        fair.guild.dismiss_bot()
        async with a_client(fair, tmp_path) as stage:
            book = fair.start(winners=3)
            fair.enter(book, everybody(fair))
            fair.end(book)
            await stage.until(lambda: "not in the guild" in caplog.text)
            assert len(fair.now(book).pending) == 7
        fair.guild.enter(fair.discord.bot, [fair.guild.role("robo")])
        async with a_client(fair, tmp_path) as stage:
            await stage.until(lambda: fair.is_told(book))
            assert len(fair.announced(book)) == 1
    assert fair.guild_id in warnings_in(caplog)[0].getMessage()


async def _no_sleep(_seconds: float) -> None:
    """Let others run, and go on."""
    await _sleep(0)


_sleep = asyncio.sleep


@played
async def test_pauses_grow_to_a_minute_for_ever() -> None:
    """Five minutes of trouble, and more, are tried through: after 1, 2, 4 … 60, 60 seconds."""
    pauses: list[float] = []
    done = asyncio.Event()

    async def work(_key: str) -> None:
        if sum(pauses) < 400:
            raise OSError("out of reach")
        done.set()

    at_work: RetryingRounds[str] = RetryingRounds(
        work, lambda _key, _error, pause: pauses.append(pause)
    )
    with (
        patch.object(rounds, "FIRST_PAUSE", 1.0),
        patch.object(rounds, "LONGEST_PAUSE", 60.0),
        patch.object(at_work, "nap", _no_sleep),
    ):
        at_work.ask("a")
        async with asyncio.timeout(2.0):
            await done.wait()

    spans = (1, 2, 4, 8, 16, 32, 60, 60)
    assert all(span / 2 <= pause <= span for span, pause in zip(spans, pauses, strict=False))
    assert sum(pauses) > 300


@played
async def test_a_locked_guild_stops_no_other(tmp_path: Path) -> None:
    """While another process holds a guild's lock, other guilds' giveaways go on."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        other = fair.discord.add_guild("other", members=["eve"])
        books = [fair.start(f"Book {number}") for number in range(6)]
        with fair.robo.vault.namespace(f"giveaways/{fair.guild_id}").transaction(
            Origin("test", "hold")
        ):
            await stage.until(lambda: fair.channel.messages)
            there = fair.robo.giveaways.create(
                str(other.id), prize="Car", channel_id=str(other.channel("general").id),
                duration="1h",
            ).giveaway  # fmt: skip
            await stage.until(lambda: not fair.robo.giveaways.get(str(other.id), there.id).pending)
        await stage.until(lambda: all(fair.is_posted(book) for book in books))

        assert all(len(fair.messages(book)) == 1 for book in books)


def undone(fair: Fair, *, is_attached: bool = False) -> None:
    """Let all effects be pending again: no mark was stored, and a message's id only on request."""
    namespace = fair.robo.vault.namespace(f"giveaways/{fair.guild_id}")
    with namespace.transaction(Origin("test", "crash")) as transaction:
        for doc_id, record in transaction.records("giveaways").items():
            effects = {key: {**marks, "done": 0} for key, marks in record["effects"].items()}
            message_id = record["messageId"] if is_attached else None
            after = {**record, "effects": effects, "messageId": message_id}
            transaction.put("giveaways", doc_id, after)


@played
async def test_what_was_told_is_known_again(tmp_path: Path) -> None:
    """All effects repeated, minutes after Discord forgot their nonces, are seen once."""
    clock = MovedClock()
    async with a_fair(tmp_path, members=60, clock=clock) as fair:
        fair.robo.giveaways.settings.set(fair.guild_id, {"limits": {"maxWinners": 60}})
        book = fair.start(winners=60)
        fair.enter(book, everybody(fair))
        async with a_client(fair, tmp_path, clock=clock) as stage:
            await stage.until(lambda: fair.is_posted(book))
            fair.end(book)
            await stage.until(lambda: fair.is_told(book), 20.0)
        undone(fair)
        fair.guild.say("m0", "general", "in between")
        clock.moved_ms = DAY_MS // 24 // 12
        fair.discord.forget_nonces()
        sent = len(fair.discord.calls("POST", "*/messages"))
        async with a_client(fair, tmp_path, clock=clock) as stage:
            await stage.until(lambda: fair.is_told(book), 20.0)

        repeated = len(fair.discord.calls("POST", "*/messages")) - sent
        assert repeated == 0
        assert len(fair.messages(book)) == 1
        assert len(fair.announced(book)) == 2
        assert {len(fair.dms(member.id)) for member in everybody(fair)} == {1}
        assert fair.now(book).message_id == str(fair.message(book).id)


@played
async def test_the_end_of_the_daemon_does_not_wait_for_discord(tmp_path: Path) -> None:
    """During an outage it ends at once; during a slow answer it waits for that answer."""
    async with a_fair(tmp_path) as fair:
        async with a_client(fair, tmp_path) as stage:
            hold = fair.discord.hold_rest("POST */messages", after=True)
            book = fair.start()
            await stage.until(lambda: hold.waiting)
            ending = asyncio.create_task(stage.session.finish(5.0))
            await asyncio.sleep(0.05)
            assert not ending.done()
            hold.release()
            await ending
            assert fair.is_posted(book)
        with patch.object(rounds, "FIRST_PAUSE", 60.0):
            async with a_client(fair, tmp_path) as stage:
                fair.discord.refuse_rest(503, matching="POST */messages")
                other = fair.start("Other")
                await stage.until(lambda: any(r.status == 503 for r in fair.discord.requests))
                began = time.monotonic()
                await stage.session.finish(5.0)
                assert time.monotonic() - began < 2.0
        assert not fair.is_told(other)


@played
async def test_a_thread_that_is_opened_again(tmp_path: Path) -> None:
    """What an archived thread did not take, an opened one shows without waiting."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        thread = fair.guild.add_thread("general", "draws")
        book = fair.start(channel_id=str(thread.id))
        await stage.until(lambda: fair.is_posted(book))
        fair.discord.refuse_rest(400, 1, matching="PATCH */messages/*", code=50083)
        fair.robo.giveaways.edit(fair.guild_id, book.id, prize="Car")
        await stage.until(lambda: fair.guild_id in stage.session.giveaways.refused_guilds)
        fair.guild.reopen_thread(thread)
        await stage.until(lambda: fair.is_told(book))

        assert "Car" in thread.last.text


@played
async def test_winners_after_files_were_put_back(tmp_path: Path) -> None:
    """A draw that is made anew on restored files, of other entries, is announced with its own
    winners; what was announced with the same ones is not repeated.
    """
    clock = MovedClock()
    async with a_fair(tmp_path, members=40, clock=clock) as fair:
        book = fair.start(winners=2)
        fair.enter(book, everybody(fair))
        async with a_client(fair, tmp_path, clock=clock) as stage:
            await stage.until(lambda: fair.is_posted(book))
            first = fair.end(book).winners
            await stage.until(lambda: fair.is_told(book))
        others = [str(one.id) for one in everybody(fair) if str(one.id) not in first][:2]
        for winners in (list(first), others):
            drawn_as(fair, winners)
            fair.discord.forget_nonces()
            clock.moved_ms += DAY_MS
            async with a_client(fair, tmp_path, clock=clock) as stage:
                await stage.until(lambda: fair.is_told(book))

        pinged = [announced.pings for announced in fair.announced(book)]
        assert pinged == [set(map(int, first)), set(map(int, others))]


def drawn_as(fair: Fair, winners: list[str]) -> None:
    """Let the one giveaway have these winners, of whom nobody was told yet."""
    namespace = fair.robo.vault.namespace(f"giveaways/{fair.guild_id}")
    with namespace.transaction(Origin("test", "restore")) as transaction:
        ((doc_id, record),) = transaction.records("giveaways").items()
        effects = {"message": {"asked": 9, "done": 0}, "announcement:0": {"asked": 9, "done": 0}}
        transaction.put(
            "giveaways", doc_id, {**record, "winners": winners, "effects": effects, "revision": 9}
        )
