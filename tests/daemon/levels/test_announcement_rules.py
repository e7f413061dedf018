"""Whom a new level is told, where, and what is said when that cannot be, on a Discord in memory."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultUnavailable
from robo_xp.model.outbox import MANY
from robo_xp.rules.giveaway.duration import DAY_MS
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.client import refusals
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels import announcements
from robo_xp_daemon.levels.announcements import Announcements
from robo_xp_daemon.outbox import retrying_rounds as rounds
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord, refusal
from tests.daemon.giveaways.scenes import MovedClock
from tests.daemon.levels.carrying import ANN, XP, Carrying
from tests.daemon.stage import played, warnings_in

NEWS, FOREIGN = "200000000000000002", "200000000000000003"
LEVEL_5 = f"<@{ANN}> has reached level 5!"


class Guild:
    """The guild with two channels; ``FOREIGN`` is one of another guild."""

    def __init__(self, context: Context, mode: str, channel_id: str | None = None) -> None:
        self.robo = context.robo
        self.discord = FakeDiscord()
        self.discord.channels |= {NEWS: GUILD, FOREIGN: "100000000000000009"}
        self.levels = Carrying(context, Announcements(context, self.discord))
        named = {} if channel_id is None else {"channelId": channel_id}
        self.robo.config.set(GUILD, {"announcements": {"mode": mode, **named}})

    async def gift(self, level: int = 5) -> None:
        """An operator gives XP, which was earned in no channel."""
        self.robo.xp.add(GUILD, ANN, XP[level])
        await self.levels.go_on()

    def said(self) -> dict[str, list[str]]:
        """What was said, by channel."""
        places = dict.fromkeys(one.channel_id for one in self.discord.messages.values())
        return {place: [one.content for one in self.discord.said_in(place)] for place in places}


@pytest.mark.parametrize(
    ("mode", "channel_id", "said"),
    [
        ("off", NEWS, {}),
        ("channel", NEWS, {NEWS: [LEVEL_5]}),
        ("same", NEWS, {NEWS: [LEVEL_5]}),
        ("same", None, {}),
        ("dm", NEWS, {f"9{ANN}": [LEVEL_5]}),
    ],
)
@played
async def test_where_a_gift_is_announced(
    context: Context, mode: str, channel_id: str | None, said: dict[str, list[str]]
) -> None:
    """XP that was earned in no channel is told in the one that is set, privately, or nowhere."""
    guild = Guild(context, mode, channel_id)
    await guild.gift()

    assert guild.said() == said
    assert all(one.pings == {ANN} for one in guild.discord.messages.values())


@pytest.mark.parametrize(
    ("channel_id", "status", "code"),
    [
        (None, 0, 0),
        (FOREIGN, 0, 0),
        ("200000000000000009", 0, 0),
        (CHANNEL, 403, 50001),
        (CHANNEL, 403, 50013),
    ],
)
@played
async def test_a_channel_that_cannot_be_used_is_told(
    context: Context,
    channel_id: str | None,
    status: int,
    code: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """None, a foreign, a deleted or a closed channel is one warning with the ids."""
    guild = Guild(context, "channel", channel_id)
    if code:
        guild.discord.refuse("say", refusal(status, code))
    await guild.gift()

    assert guild.said() == {}
    (warning,) = warnings_in(caplog)
    assert GUILD in warning.getMessage()
    assert channel_id is None or channel_id in warning.getMessage()


@pytest.mark.parametrize("code", [50007, 10013])
@played
async def test_a_member_who_takes_no_messages(
    context: Context, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """That is the member's choice and no reason for a warning."""
    guild = Guild(context, "dm")
    guild.discord.refuse("say", refusal(403, code))
    await guild.gift()

    assert warnings_in(caplog) == []


@played
async def test_an_outage_is_waited_for(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Discord is out of reach it is tried again, however often, and then said once."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", 0.001)
    guild = Guild(context, "channel", NEWS)
    for error in (refusal(503), refusal(401), refusal(429), OSError("gone")):
        guild.discord.refuse("say", error, times=10)
    await guild.gift()

    assert guild.said() == {NEWS: [LEVEL_5]}
    assert guild.discord.calls["say"] == 41


@played
async def test_each_store_has_its_own_settings(context: Context) -> None:
    """A level of another store is announced where that store asks for it."""
    guild = Guild(context, "off")
    chosen = {"announcements": {"mode": "channel", "channelId": NEWS}}
    context.robo.config.set(GUILD, chosen, store="season-2")
    await guild.gift(1)
    context.robo.xp.add(GUILD, ANN, XP[5], store="season-2")
    await guild.levels.go_on()

    assert guild.said() == {NEWS: [LEVEL_5]}


@played
async def test_a_long_text_is_cut(context: Context) -> None:
    """A guild's name that makes the text too long for Discord costs its end only."""
    guild = Guild(context, "channel", NEWS)
    template = "{member} " + "{guild}" * 60
    context.robo.config.set(GUILD, {"announcements": {"template": template}})
    guild.discord.guilds[GUILD] = type(guild.discord.guilds[GUILD])(GUILD, "long" * 20)
    await guild.gift()

    [[text]] = guild.said().values()
    assert len(text) == 2000


class Crowd:
    """A guild whose members rise in numbers; the clock is the test's."""

    def __init__(self, tmp_path: Path, clock: MovedClock) -> None:
        self.clock = clock
        self.robo = RoboXP.open(tmp_path, durability="os", clock=clock)
        self.robo.config.set(GUILD, {"announcements": {"mode": "channel", "channelId": NEWS}})
        self.discord = FakeDiscord(clock=clock)
        self.discord.channels |= {NEWS: GUILD}
        self.next_id = 410_000_000_000_000_000

    def start(self) -> Carrying:
        """A daemon begins; Discord has forgotten all nonces."""
        self.discord.forget_nonces()
        context = Context(self.robo, Work(), Counters(), self.clock)
        carrying = Carrying(context, Announcements(context, self.discord))
        carrying.part.ask(GUILD)  # type: ignore[call-arg]  # that of announcements
        return carrying

    def rise(self, count: int) -> None:
        """So many members rise, each in a batch."""
        for _ in range(count):
            self.next_id += 1
            self.robo.xp.add(GUILD, str(self.next_id), XP[1])

    def pinged(self) -> list[str]:
        """Who was notified, in this order."""
        return [next(iter(one.pings)) for one in self.discord.said_in(NEWS) if one.pings]

    def summaries(self) -> list[str]:
        """What was said that notified nobody."""
        return [one.content for one in self.discord.said_in(NEWS) if not one.pings]


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Crowd]:
    """A guild at a fixed moment."""
    made = Crowd(tmp_path, MovedClock())
    yield made
    made.robo.close()


@played
async def test_after_a_week_nobody_is_flooded(crowd: Crowd) -> None:
    """Of 300 rises in a week's downtime the last 25 of the last hour ping; one summary has all."""
    crowd.rise(250)
    crowd.clock.moved_ms += 7 * DAY_MS
    crowd.rise(50)
    await crowd.start().go_on()

    assert crowd.pinged() == [str(410_000_000_000_000_000 + n) for n in range(276, 301)]
    (summary,) = crowd.summaries()
    assert summary.startswith("Meanwhile 275 members reached new levels")
    assert crowd.robo.outbox.left(GUILD) == 0


@played
async def test_a_loop_of_single_gifts_is_a_crowd_too(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Members who rise one batch after the other are told 25 a round, however they are counted."""
    monkeypatch.setattr(announcements, "ROUND_SECONDS", 0.2)
    levels = crowd.start()
    for count in (10, 10, 10, 80):
        crowd.rise(count)
        levels.begin()
        await asyncio.sleep(0.01)
    await levels.settled()

    assert len(crowd.pinged()) == 50
    assert [one.split(" ")[1] for one in crowd.summaries()] == ["60"]
    assert len(set(crowd.pinged())) == 50


async def died(crowd: Crowd, told: int) -> None:
    """A daemon told three rises, and died when it had noted so many of them."""
    crowd.rise(3)
    first = crowd.start()
    outbox, note = crowd.robo.outbox, crowd.robo.outbox.levels_done
    left = [told]

    def dies(*args: Any) -> None:
        if not left[0]:
            raise VaultUnavailable("the disk is gone")
        left[0] -= 1
        note(*args)

    crowd.robo.outbox.levels_done = dies  # type: ignore[method-assign,assignment]
    first.begin()
    while crowd.discord.calls["say"] < min(told + 1, 3) or outbox.left(GUILD) > 3 - told:
        await asyncio.sleep(0.001)
    await first.part.drain.rounds.finish(0.0)
    crowd.robo.outbox.levels_done = note  # type: ignore[method-assign]


@pytest.mark.parametrize("age_ms", [0, 5 * 60_000])
@pytest.mark.parametrize("told", range(4))
@played
async def test_killed_at_any_point_everybody_is_told_once(
    crowd: Crowd, told: int, age_ms: int
) -> None:
    """A daemon that dies after saying it, before noting it, says it no second time at its start."""
    await died(crowd, told)
    crowd.clock.moved_ms += age_ms
    if not age_ms:
        kept = dict(crowd.discord._nonces)
    again = crowd.start()
    if not age_ms:
        crowd.discord._nonces.update(kept)
    await again.settled()

    assert sorted(crowd.pinged()) == [str(410_000_000_000_000_000 + n) for n in (1, 2, 3)]
    assert crowd.robo.outbox.left(GUILD) == 0


@pytest.mark.parametrize("told", range(4))
@played
async def test_who_was_told_alone_is_in_no_summary(crowd: Crowd, told: int) -> None:
    """Those who are too many at the next start are summed up without who was told before."""
    await died(crowd, told)
    crowd.rise(MANY)
    await crowd.start().go_on()

    everybody = [str(410_000_000_000_000_000 + n) for n in range(1, MANY + 4)]
    assert (
        sorted([*crowd.pinged(), *re.findall(r"<@(\d+)>", "".join(crowd.summaries()))]) == everybody
    )
    assert crowd.robo.outbox.left(GUILD) == 0


@played
async def test_private_messages_that_come_too_fast(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Discord wants them slower they pause so long, and the member is told all the same."""
    monkeypatch.setattr(refusals, "SLOWER_SECONDS", 0.2)
    guild = Guild(context, "dm")
    guild.discord.refuse("private_channel", refusal(400, 40003), times=2)
    began = time.monotonic()
    await guild.gift()

    assert guild.said() == {f"9{ANN}": [LEVEL_5]}
    assert time.monotonic() - began >= 0.4
    assert context.robo.outbox.refused() == []
