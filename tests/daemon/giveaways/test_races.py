"""What happens to a giveaway in the very moment of its draw, with a client in this process."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from robo_xp.errors import Refused
from robo_xp.usecases.giveaways.draws import DrawCases
from robo_xp_daemon.giveaways import recheck, timer
from robo_xp_daemon.giveaways.card import enter_id
from tests.daemon.giveaways.scenes import MovedClock, a_client, a_fair, everybody
from tests.daemon.loopback import Member
from tests.daemon.stage import played

HOUR_MS = 3_600_000


@played
async def test_an_end_that_is_put_off_during_the_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved further away while members are looked at, a giveaway goes on, and ends at its time."""
    monkeypatch.setattr(timer, "LONGEST_NAP_SECONDS", 0.05)
    clock = MovedClock()
    async with (
        a_fair(tmp_path, clock=clock) as fair,
        a_client(fair, tmp_path, clock=clock) as stage,
    ):
        book = fair.start(duration="1h")
        fair.enter(book, everybody(fair))
        await stage.until(lambda: fair.is_posted(book))
        hold = fair.discord.hold_rest("GET */members/*")
        clock.moved_ms = HOUR_MS
        await stage.until(lambda: hold.waiting)
        fair.robo.giveaways.edit(fair.guild_id, book.id, ends="1h")
        hold.release()
        await stage.until(lambda: stage.session.giveaways.left == 0)
        assert fair.now(book).is_active
        clock.moved_ms = 2 * HOUR_MS
        await stage.until(lambda: not fair.now(book).is_active)

        assert fair.now(book).draws[0].rechecked


@played
async def test_entries_that_change_before_the_draw(tmp_path: Path) -> None:
    """An entry that is taken back after the look changes who wins; all who win were looked at."""
    async with a_fair(tmp_path, members=40) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start(winners=3)
        leaving = iter(everybody(fair)[:2])
        fair.enter(book, everybody(fair))
        to_check = DrawCases.to_check

        def then_one_leaves(cases: DrawCases, *args: Any, **more: Any) -> tuple[str, ...]:
            wanted = to_check(cases, *args, **more)
            if not wanted and (member := next(leaving, None)) is not None:
                fair.robo.giveaways.leave(fair.guild_id, book.id, str(member.id))
            return wanted

        with patch.object(DrawCases, "to_check", then_one_leaves):
            change = await stage.session.giveaways.end(fair.guild_id, book.id, by="discord:1")

        (draw,) = change.giveaway.draws
        assert (draw.candidates, len(change.winners), draw.rechecked) == (38, 3, True)


@played
async def test_a_crowd_that_clicks_during_the_look(tmp_path: Path) -> None:
    """However many enter meanwhile, everybody who wins was looked at, and each click is answered
    truly.
    """
    async with a_fair(tmp_path, members=60) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start(winners=5)
        members = everybody(fair)
        fair.enter(book, members[:10])
        await stage.until(lambda: fair.is_posted(book))
        fair.discord.delay_rest(0.1, matching="GET */members/*")

        async def click(member: Member, seconds: float) -> str:
            await asyncio.sleep(seconds)
            message, button = fair.message(book), enter_id(book.id)
            return (await fair.guild.click(member, message, button, anyway=True)).text

        clicks = [asyncio.create_task(click(one, 0.03 * n)) for n, one in enumerate(members[10:])]
        change = await stage.session.giveaways.end(fair.guild_id, book.id, by="discord:1")
        said = await asyncio.gather(*clicks)

        draw = change.giveaway.draws[0]
        assert draw.rechecked
        assert len(fair.discord.calls("GET", "*/members/*")) == 5
        assert sum("Good luck" in text for text in said) == draw.candidates - 10
        assert sum("has ended" in text for text in said) == 60 - draw.candidates


@played
async def test_an_end_of_what_has_ended_asks_nobody(tmp_path: Path) -> None:
    """It is refused at once, without a look at those whom a reroll would give."""
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start()
        fair.enter(book, everybody(fair))
        fair.end(book)
        await stage.until(lambda: fair.is_told(book))
        with pytest.raises(Refused):
            await stage.session.giveaways.end(fair.guild_id, book.id, by="discord:1")

        assert fair.discord.calls("GET", "*/members/*") == []


@played
async def test_a_command_does_not_wait_for_slow_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Discord says of some members in time counts; the draw is made without the others."""
    monkeypatch.setattr("robo_xp_daemon.giveaways.lifecycle.COMMAND_PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(recheck, "FIRST_PAUSE", 0.01)
    async with a_fair(tmp_path) as fair, a_client(fair, tmp_path) as stage:
        book = fair.start(winners=3)
        fair.enter(book, everybody(fair))
        gone, slow, quick = everybody(fair)
        fair.guild.leave(gone)
        # before the first answer the client asks for one member at a time
        await stage.client.http.get_member(fair.guild.id, quick.id)
        fair.discord.delay_rest(30.0, matching=f"GET */members/{slow.id}")
        began = time.monotonic()
        change = await stage.session.giveaways.end(fair.guild_id, book.id, by="discord:1")

        assert time.monotonic() - began < 15.0
        assert list(change.giveaway.draws[0].dropped) == [str(gone.id)]
        assert str(slow.id) in change.winners
        assert not change.giveaway.draws[0].rechecked
