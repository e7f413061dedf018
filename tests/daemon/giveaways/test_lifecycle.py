"""Giveaways from their start to what winners are told, with a client in this process."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from robo_xp.model.giveaway import Giveaway
from robo_xp_daemon.giveaways import entry_counter as counting
from robo_xp_daemon.giveaways import timer
from robo_xp_daemon.giveaways.recheck import NOT_ASKED
from tests.daemon.giveaways.scenes import DAY_MS, Fair, MovedClock, a_client, a_fair, everybody
from tests.daemon.loopback import Member
from tests.daemon.stage import Stage, played, warnings_in


@played
async def test_what_another_process_starts_is_posted(tmp_path: Path) -> None:
    """A giveaway that was started beside the daemon is on Discord with its buttons, once."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        await stage.until(lambda: fair.is_posted(book), 1.0)
        await stage.until(lambda: not stage.session.giveaways.left)

        assert fair.now(book).message_id == str(fair.message(book).id)
        assert fair.has_buttons(book)
        assert fair.shown(book, "Entries") == "0"


@played
async def test_an_edit_by_another_process_is_shown(tmp_path: Path) -> None:
    """A changed prize stands on the message, which stays the same one."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        await stage.until(lambda: fair.is_posted(book))
        fair.robo.giveaways.edit(fair.guild_id, book.id, prize="Car")
        await stage.until(lambda: "Car" in fair.message(book).text, 1.0)

        assert "Book" not in fair.message(book).text


@played
async def test_winners_are_told_once(tmp_path: Path) -> None:
    """An end takes the buttons away, announces the winners and writes to each of them."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start(winners=2)
        fair.enter(book, everybody(fair))
        await stage.until(lambda: fair.is_posted(book))
        ended = fair.end(book)
        await stage.until(lambda: fair.is_told(book))
        await stage.session.finish(5.0)

        (announced,) = fair.announced(book)
        assert announced.pings == {int(user_id) for user_id in ended.winners}
        assert not fair.has_buttons(book)
        assert {len(fair.dms(one.id)) for one in everybody(fair)} == {0, 1}
        assert all(len(fair.dms(user_id)) == 1 for user_id in ended.winners)


@played
async def test_a_reroll_tells_the_new_winners_only(tmp_path: Path) -> None:
    """The second draw is announced with its own winners; the first ones hear nothing more."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start(winners=1)
        fair.enter(book, everybody(fair))
        (first,) = fair.end(book).winners
        await stage.until(lambda: fair.is_told(book))
        change = await stage.session.giveaways.reroll(
            fair.guild_id, book.id, count=1, by="discord:1", reason="no answer"
        )
        await stage.until(lambda: fair.is_told(book))

        (second,) = change.rerolled
        assert fair.announced(book)[-1].pings == {int(second)}
        assert len(fair.announced(book)) == 2
        assert [len(fair.dms(user_id)) for user_id in (first, second)] == [1, 1]
        assert fair.now(book).draws[1].rechecked
        assert (change.giveaway.draws[1].by, change.giveaway.draws[1].reason) == (
            "discord:1",
            "no answer",
        )


def shows(fair: Fair, giveaway: Giveaway, entries: int) -> bool:
    """Whether the message shows so many entries."""
    return fair.shown(giveaway, "Entries") == str(entries)


@played
async def test_entries_of_the_time_without_a_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next start shows their number."""
    monkeypatch.setattr(counting, "GATHER_SECONDS", 0.01)
    async with a_fair(tmp_path) as fair:
        async with a_client(fair, tmp_path) as stage:
            book = fair.start()
            await stage.until(lambda: fair.is_posted(book))
        fair.enter(book, everybody(fair))
        async with a_client(fair, tmp_path) as stage:
            await stage.until(partial(shows, fair, book, 3))
            assert fair.has_buttons(book)


@played
async def test_forty_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A giveaway of 40 days goes on until the clock has moved that far, and ends then."""
    monkeypatch.setattr(timer, "LONGEST_NAP_SECONDS", 0.05)
    clock = MovedClock()
    async with (
        a_fair(tmp_path, clock=clock) as fair,
        a_client(fair, tmp_path, clock=clock) as stage,
    ):
        longer = {"limits": {"maxDurationDays": 60}}
        fair.robo.giveaways.settings.set(fair.guild_id, longer)
        book = fair.start(duration="40d")
        fair.enter(book, everybody(fair))
        await stage.until(lambda: fair.is_posted(book))
        clock.moved_ms = 40 * DAY_MS - 2_000
        probe = fair.start("Probe", duration="10s")
        clock.moved_ms -= 60_000
        await stage.until(lambda: fair.is_posted(probe))
        assert fair.now(book).is_active
        clock.moved_ms += 62_000
        await stage.until(lambda: fair.is_told(book) and not fair.now(book).is_active)

        assert fair.now(probe).is_active
        ended = fair.now(book)
        assert 0 <= (ended.finalized_at or 0) - ended.ends_at < 5_000
        assert len(fair.announced(book)) == 1


@pytest.mark.parametrize("ends", ["10s", "12h"])
@played
async def test_a_moved_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    """The timer goes by the record as it is now, moved nearer or further by another process."""
    monkeypatch.setattr(timer, "LONGEST_NAP_SECONDS", 0.05)
    clock = MovedClock()
    async with (
        a_fair(tmp_path, clock=clock) as fair,
        a_client(fair, tmp_path, clock=clock) as stage,
    ):
        book, other = fair.start(duration="6h"), fair.start("Other", duration="6h")
        await stage.until(lambda: fair.is_posted(book) and fair.is_posted(other))
        fair.robo.giveaways.edit(fair.guild_id, book.id, ends=ends)
        await stage.until(lambda: fair.is_told(book))
        clock.moved_ms = DAY_MS // 24 if ends == "10s" else DAY_MS // 4
        moved, left = (book, other) if ends == "10s" else (other, book)
        await stage.until(lambda: not fair.now(moved).is_active)

        assert fair.now(left).is_active


@played
async def test_an_end_that_passed_without_a_daemon(tmp_path: Path) -> None:
    """It is made up for at the start: drawn, shown, announced."""
    clock = MovedClock()
    async with a_fair(tmp_path, clock=clock) as fair:
        book = fair.start(duration="1h")
        fair.enter(book, everybody(fair))
        clock.moved_ms = DAY_MS
        async with a_client(fair, tmp_path, clock=clock) as stage:
            await stage.until(lambda: not fair.now(book).is_active and fair.is_told(book))

            assert len(fair.announced(book)) == 1
            assert len(fair.messages(book)) == 1
            assert fair.robo.giveaways.verify(fair.guild_id, book.id).valid


def is_heard(stage: Stage, fair: Fair, member: Member) -> bool:
    """Whether the client has heard that the member has no role any more, if it hears of members."""
    if not stage.client.intents.members:
        return True
    guild = stage.client.get_guild(fair.guild.id)
    found = None if guild is None else guild.get_member(member.id)
    return found is None or len(found.roles) == 1


@pytest.mark.parametrize("members_intent", [False, True])
@played
async def test_members_are_looked_at_again(tmp_path: Path, members_intent: bool) -> None:
    """Who left or lost the role since cannot win, and the record says why."""
    clock = MovedClock()
    async with (
        a_fair(tmp_path, clock=clock) as fair,
        a_client(fair, tmp_path, clock=clock, members_intent=members_intent) as stage,
    ):
        fan = fair.guild.role("Fan")
        gone, lost, fit = everybody(fair)
        for member in (gone, fit, lost):
            fair.guild.change_roles(member, add=[fan])
        book = fair.start(winners=3, allow_role_ids=[str(fan.id)])
        fair.enter(book, everybody(fair))
        await stage.until(lambda: fair.is_posted(book))
        fair.guild.leave(gone)
        fair.guild.change_roles(lost, remove=[fan])
        await stage.until(lambda: is_heard(stage, fair, lost))
        change = await stage.session.giveaways.end(fair.guild_id, book.id, by="discord:1")

        (draw,) = change.giveaway.draws
        assert change.winners == (str(fit.id),)
        assert {
            user: [fault.where for fault in faults] for user, faults in draw.dropped.items()
        } == {
            str(gone.id): ["inGuild"],
            str(lost.id): ["allowedRole"],
        }
        assert draw.rechecked
        assert fair.robo.giveaways.verify(fair.guild_id, book.id).valid


@played
async def test_nobody_is_dropped_because_of_an_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Discord cannot say who is still there, all entries count, and the record says so."""
    monkeypatch.setattr("robo_xp_daemon.giveaways.lifecycle.COMMAND_PATIENCE_SECONDS", 0.2)
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start(winners=3)
        fair.enter(book, everybody(fair))
        fair.guild.leave(everybody(fair)[0])
        fair.discord.refuse_rest(503, matching="GET */members/*")
        change = await stage.session.giveaways.end(
            fair.guild_id, book.id, by="discord:1", reason="enough"
        )
        (draw,) = change.giveaway.draws

        assert len(change.winners) == 3
        assert (draw.dropped, draw.rechecked) == ({}, False)
        assert draw.reason == f"enough; {NOT_ASKED}"


@played
async def test_a_message_is_waited_for(tmp_path: Path) -> None:
    """Who starts a giveaway learns its message as soon as there is one, or that there is none."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        message_id = await stage.session.giveaways.wait_for_message(fair.guild_id, book.id, 2.0)
        assert message_id == str(fair.message(book).id)
        fair.discord.refuse_rest(503, matching="POST */messages")
        other = fair.start("Other")
        assert await stage.session.giveaways.wait_for_message(fair.guild_id, other.id, 0.3) is None


@played
async def test_a_damaged_guild_stops_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the guild that cannot be read; the others' giveaways go on."""
    async with a_fair(tmp_path) as fair:
        broken = tmp_path / "giveaways" / "100000000000000001.journal"
        broken.parent.mkdir(exist_ok=True)
        broken.write_text('{"seq":1}\n{"seq":2}\n')
        async with a_client(fair, tmp_path) as stage:
            book = fair.start()
            await stage.until(lambda: fair.is_posted(book))
            await stage.until(lambda: "100000000000000001" in caplog.text)
            fair.end(book)
            await stage.until(lambda: fair.is_told(book))

    errors = [one.getMessage() for one in warnings_in(caplog)]
    assert [bool(re.search("100000000000000001 cannot be seen", one)) for one in errors] == [True]
