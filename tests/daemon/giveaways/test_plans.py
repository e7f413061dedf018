"""Planned giveaways, series and drops, with a client in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from robo_xp.model.draws import Entrant
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways import timer
from robo_xp_daemon.giveaways.card import CLAIM
from robo_xp_daemon.giveaways.entering import claiming
from robo_xp_daemon.giveaways.entering.answers import TOO_LATE, WON, Place
from robo_xp_daemon.giveaways.entering.buttons import Buttons, Wish
from robo_xp_daemon.giveaways.entering.cooldown import Cooldown
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from tests.daemon.fake_discord import GUILD
from tests.daemon.giveaways.booth import Booth
from tests.daemon.giveaways.scenes import MovedClock, a_client, a_fair, everybody
from tests.daemon.stage import played

HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _short_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timer, "LONGEST_NAP_SECONDS", 0.05)


@played
async def test_a_series_from_its_plan_on(tmp_path: Path) -> None:
    """Nothing is shown before the start; each end starts the next one, and the last one none."""
    clock = MovedClock()
    async with (
        a_fair(tmp_path, clock=clock) as fair,
        a_client(fair, tmp_path, clock=clock) as stage,
    ):
        first = fair.start(at="1h", duration="1h", every="2h", times=2)
        await stage.until(lambda: stage.session.giveaways.left == 0)
        assert fair.messages(first) == []
        clock.moved_ms = HOUR_MS
        await stage.until(lambda: fair.is_posted(first))
        fair.enter(first, everybody(fair))
        clock.moved_ms = 2 * HOUR_MS
        await stage.until(lambda: fair.now(first).status == "ended" and fair.is_told(first))
        (second,) = [
            one.giveaway for one in fair.robo.giveaways.list(fair.guild_id)
            if one.giveaway.is_scheduled
        ]  # fmt: skip
        assert len(fair.announced(first)) == 1
        assert fair.messages(second) == []
        clock.moved_ms = 3 * HOUR_MS
        await stage.until(lambda: fair.is_posted(second))
        clock.moved_ms = 4 * HOUR_MS
        await stage.until(lambda: fair.now(second).status == "ended" and fair.is_told(second))

        assert len(fair.robo.giveaways.list(fair.guild_id, which="all")) == 2


@played
async def test_a_thousand_clicks_on_a_drop_of_three(context: Context) -> None:
    """Exactly three win, in the order in which they came, and everybody is answered."""
    booth = Booth(context)
    drop = booth.robo.giveaways.create(
        GUILD, prize="Key", channel_id="1" * 18, duration="1h", winners=3, drop=True
    )
    buttons = Buttons(booth.context, Lifecycle(booth.context, booth.discord), Cooldown())
    ids = [str(10**17 + (7919 * number) % 10_007) for number in range(1000)]
    place = Place(GUILD, drop.id)

    asked = [buttons._batches.ask(place, Wish(Entrant(one, frozenset()), True)) for one in ids]
    answers = await asyncio.gather(*asked)

    assert answers == [WON] * 3 + [TOO_LATE] * 997
    found = booth.now(drop.giveaway)
    assert (found.status, found.winners) == ("ended", tuple(ids[:3]))


@played
async def test_prizes_that_have_to_be_claimed(tmp_path: Path) -> None:
    """One winner presses Claim; the place of the other goes to somebody else, told once."""
    clock = MovedClock()
    async with (
        a_fair(tmp_path, members=5, clock=clock) as fair,
        a_client(fair, tmp_path, clock=clock) as stage,
    ):
        book = fair.start(winners=2, claim="1h", claim_rounds=1)
        await stage.until(lambda: fair.is_posted(book))
        fair.enter(book, everybody(fair))
        fair.end(book)
        await stage.until(lambda: fair.is_told(book))
        first, second = fair.now(book).winners
        message, button = fair.message(book), f"{CLAIM}:{book.id}"
        won = {str(one.id): one for one in everybody(fair)}
        loser = next(one for id_, one in won.items() if id_ not in (first, second))
        assert "Press Claim" in fair.announced(book)[0].content

        assert (
            await fair.guild.click(won[first], message, button, anyway=True)
        ).text == claiming.CLAIMED
        assert (
            await fair.guild.click(won[first], message, button, anyway=True)
        ).text == claiming.ALREADY
        assert (
            await fair.guild.click(loser, message, button, anyway=True)
        ).text == claiming.NO_WINNER
        clock.moved_ms = HOUR_MS + 60_000
        await stage.until(lambda: len(fair.now(book).rerolls) == 1 and fair.is_told(book))
        clock.moved_ms = 3 * HOUR_MS
        await stage.until(lambda: fair.now(book).due_at is None and fair.is_told(book))

        found = fair.now(book)
        (third,) = found.rerolls[0]
        states = {user_id: claim.state for user_id, claim in found.claims.items()}
        assert states == {first: "claimed", second: "expired", third: "expired"}
        assert len(fair.announced(book)) == 2
        assert fair.message(book).find(button) is None


@played
async def test_a_call_and_a_last_chance(context: Context) -> None:
    """The role is notified at the start, nobody by the last chance; neither after the end."""
    booth = Booth(context)
    role = "5" * 18
    book = booth.start(ping_role_id=role, last_chance="50m", colour=255, image_url="https://a.b/c")
    for kind in ("announcement", "message", "announcement"):
        assert await booth.deliver(book, kind)
        booth.robo.giveaways.mark_done(GUILD, book.id, booth.effect(book, kind))
    booth.robo.giveaways.edit(GUILD, book.id, ends="50m")
    booth.robo.giveaways.remind(GUILD, book.id)
    assert await booth.deliver(book, "announcement")

    _, call, last = (one for one in booth.discord.messages.values() if one.card is None)
    assert call.pings == {role} and call.content.startswith(f"<@&{role}> A giveaway")
    assert last.pings == frozenset() and last.content.startswith("Last chance")
    (shown,) = (one.card for one in booth.discord.messages.values() if one.card is not None)
    assert shown.embed.colour is not None and shown.embed.colour.value == 255
    assert shown.embed.image.url == "https://a.b/c"

    late = booth.start(ping_role_id=role)
    effect = booth.now(late).pending[-1]
    booth.end(late)
    await booth.delivery.deliver(booth.now(late), effect)
    assert len(booth.said()) == 2
