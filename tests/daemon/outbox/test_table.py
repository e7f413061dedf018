"""Every trouble with every effect: each is seen once as soon as it can be, or named as refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest

from robo_xp_daemon.outbox import retrying_rounds as rounds
from tests.daemon.loopback import Guild, Loopback, Request
from tests.daemon.loopback.flags import Permission
from tests.daemon.stage import Stage, giveaways, on_stage, played

ALL = (
    "GET */members/*",
    "PUT */roles/*",
    "PATCH */members/*",
    "POST /users/@me/channels",
    "POST /channels/*/messages",
)
"""What role rewards of one and of two roles, announcements, giveaways and their DMs ask for."""

LATER, ON_THE_WAY = 0.4, 0.15
Trouble = Callable[[Loopback, str], object]
PASSING: dict[str, Trouble] = {
    "500": lambda discord, call: discord.refuse_rest(500, 1, matching=call),
    "502": lambda discord, call: discord.refuse_rest(502, 1, matching=call),
    "503": lambda discord, call: discord.refuse_rest(503, 4, matching=call),
    "429": lambda discord, call: discord.rate_limit(call, LATER),
    "429 shared": lambda discord, call: discord.rate_limit(call, LATER, scope="shared"),
    "429 global": lambda discord, call: discord.rate_limit(call, LATER, is_global=True),
    "429 of Cloudflare": lambda discord, call: discord.rate_limit(call, LATER, via=False),
    "HTML of a proxy": lambda discord, call: discord.answer_with(call, b"<p>no", "text/html", 2),
    "cut JSON": lambda discord, call: discord.answer_with(call, b'{"id', "application/json", 2),
    "no answer": lambda discord, call: discord.lose_answers(call, 2),
    "cut connection": lambda discord, call: discord.hold_rest(call, 2).drop(),
    "no answer in time": lambda discord, call: discord.hold_rest(call),
    "late answer": lambda discord, call: discord.hold_rest(call, after=True),
}
MENDABLE = [(403, 50013), (403, 50001), (403, 0), (403, 60003), (404, 10004)]
REFUSED = [*MENDABLE, *((404, code) for code in (0, 10003, 10007, 10008, 10011, 10013)), (400, 0)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses after trouble are short."""
    monkeypatch.setattr(rounds, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(rounds, "LONGEST_PAUSE", 0.2)
    monkeypatch.setattr(aiohttp.client, "DEFAULT_TIMEOUT", aiohttp.ClientTimeout(total=2.0))


@dataclass
class Effects:
    """One of each kind: ``ann`` gets a role, ``bob`` two, both are announced, ``eve`` has won."""

    discord: Loopback
    stage: Stage
    guild: Guild

    def ask(self) -> None:
        """All of them are asked for, in the vault alone."""
        robo, guild_id = self.stage.robo, str(self.guild.id)
        for name, xp in (("ann", 155), ("bob", 375)):
            self.stage.give(self.guild, self.guild.member(name), xp)
        draws = str(self.guild.channel("draws").id)
        book = robo.giveaways.create(guild_id, prize="Book", channel_id=draws, duration="1h")
        robo.giveaways.enter(guild_id, book.giveaway.id, [str(self.guild.member("eve").id)])
        robo.giveaways.end(guild_id, book.giveaway.id)

    def seen(self) -> dict[str, int]:
        """How often each is seen."""
        cards = self.guild.channel("draws").messages
        news = [one.content for one in self.guild.channel("news").messages]
        eve, names = self.guild.member("eve"), ("ann", "bob")
        return {
            "role": self.guild.member("ann").has("One"),
            "roles": self.guild.member("bob").has("One") + self.guild.member("bob").has("Two"),
            **{f"news of {name}": self._told(news, name) for name in names},
            "card": sum(bool(one.embeds) for one in cards),
            "winner": sum(eve.id in one.pings for one in cards),
            "dm": len(self.discord.dms(eve.user)),
        }

    def _told(self, news: Sequence[str], name: str) -> int:
        return sum(self.guild.member(name).mention in text for text in news)

    def refused(self) -> set[str]:
        """The kinds of what ``daemon status`` names as refused."""
        return {row.kind for row in self.stage.robo.outbox.refused()}


ONCE = {"role": 1, "roles": 2, "news of ann": 1, "news of bob": 1, "card": 1, "winner": 1, "dm": 1}
KINDS = {"roles", "announcement", "giveaway"}


@asynccontextmanager
async def process(discord: Loopback, guild: Guild, tmp_path: Path) -> AsyncIterator[Effects]:
    """A process that carries effects, until it ends."""
    async with on_stage(discord, tmp_path, begin=giveaways) as stage:
        yield Effects(discord, stage, guild)


@asynccontextmanager
async def scene() -> AsyncIterator[tuple[Loopback, Guild]]:
    """A Discord with the guild where effects will be."""
    async with Loopback() as discord:
        yield (
            discord,
            discord.add_guild(
                "G", roles=["One", "Two"], members=["ann", "bob", "eve"], channels=["news", "draws"]
            ),
        )


@asynccontextmanager
async def effects(tmp_path: Path) -> AsyncIterator[Effects]:
    """Nothing asked for yet."""
    async with scene() as (discord, guild), process(discord, guild, tmp_path) as at:
        set_up(at)
        yield at


def set_up(at: Effects) -> None:
    """Levels are announced, and rewarded by roles."""
    news = str(at.guild.channel("news").id)
    at.stage.set(at.guild, announcements={"mode": "channel", "channelId": news})
    for level, name in ((1, "One"), (2, "Two")):
        at.stage.reward(at.guild, level, at.guild.role(name))


def gaps_after_429(requests: Sequence[Request], *, is_global: bool) -> list[float]:
    """How long it took from each 429 to the next request of the same kind and path, or to any
    that was not on its way when it came.
    """
    groups = [[one for one in requests if one.name == name] for name in {r.name for r in requests}]
    pairs = [pair for same in groups for pair in pairwise(same)]
    if is_global:
        pairs += [(a, b) for a, b in pairwise(requests) if b.at - a.at > ON_THE_WAY]
    return [two.at - one.at for one, two in pairs if one.status == 429]


async def quiet(discord: Loopback) -> None:
    """Return when nothing was asked for since a while."""
    asked = -1
    while asked != len(discord.requests):
        asked = len(discord.requests)
        await asyncio.sleep(0.3)


@pytest.mark.parametrize("trouble", PASSING)
@played
async def test_what_passes(tmp_path: Path, trouble: str) -> None:
    """Each effect happens exactly once, and no sooner again than Discord allows."""
    async with effects(tmp_path) as at:
        for call in ALL:
            PASSING[trouble](at.discord, call)
        at.ask()
        await at.stage.until(lambda: at.seen() == ONCE, 60.0)
        await at.stage.until(lambda: not at.stage.session.giveaways.left)
        await at.stage.all_done()

        assert at.seen() == ONCE
        assert at.refused() == set()
        gaps = gaps_after_429(at.discord.requests, is_global=trouble == "429 global")
        assert all(gap >= LATER - 0.05 for gap in gaps)
        assert bool(gaps) == trouble.startswith("429")


@pytest.mark.parametrize(("status", "code"), REFUSED)
@played
async def test_what_is_refused(tmp_path: Path, status: int, code: int) -> None:
    """It is named, asked for no more until something changes, and then done once."""
    async with effects(tmp_path) as at:
        for call in ("PUT */roles/*", "PATCH */members/*", "POST /channels/*/messages"):
            at.discord.refuse_rest(status, matching=call, code=code)
        at.ask()
        await at.stage.until(lambda: at.refused() == KINDS, 30.0)
        await quiet(at.discord)
        asked = len(at.discord.requests)
        await asyncio.sleep(0.5)
        assert len(at.discord.requests) == asked
        at.discord.restore_rest()
        at.guild.add_role("New")
        levels = {key: ONCE[key] for key in ("role", "roles", "news of ann", "news of bob")}
        await at.stage.until(lambda: at.seen() | levels == at.seen(), 30.0)
        if (status, code) in MENDABLE:
            await at.stage.until(lambda: at.seen() | {"card": 1, "winner": 1} == at.seen(), 30.0)
        # what a winner refuses, or what is gone, is over, and still named
        await at.stage.until(lambda: at.refused() == {"giveaway"})


@played
async def test_ten_minutes_of_outage(tmp_path: Path) -> None:
    """However often it is asked for meanwhile, all is done when Discord is back, once."""
    async with effects(tmp_path) as at:
        at.discord.refuse_rest(503)
        at.ask()
        await at.stage.until(lambda: len(at.discord.requests) > 40, 30.0)
        assert at.refused() == set()
        at.discord.restore_rest()
        await at.stage.until(lambda: at.seen() == ONCE, 30.0)
        await at.stage.all_done()

        assert at.seen() == ONCE


@played
async def test_kicked_and_invited(tmp_path: Path) -> None:
    """What waits for the bot to come back is named, and done when it has."""
    async with effects(tmp_path) as at:
        at.guild.dismiss_bot()
        await at.stage.until(lambda: not at.stage.client.has_guild(str(at.guild.id)))
        at.ask()
        await at.stage.until(lambda: at.refused() == KINDS)
        at.guild.enter(at.discord.bot, [at.guild.role("robo")])
        at.guild.announce()
        await at.stage.until(lambda: at.seen() == ONCE, 30.0)
        await at.stage.until(lambda: at.refused() == set())


async def all_seen(at: Effects) -> None:
    """Each effect is seen once, and nothing is refused any more."""
    await at.stage.until(lambda: at.seen() == ONCE, 30.0)
    await at.stage.until(lambda: at.refused() == set())
    await at.stage.all_done()
    assert at.seen() == ONCE


@pytest.mark.parametrize("restarts", [False, True])
@played
async def test_permissions_mended_later(tmp_path: Path, restarts: bool) -> None:
    """What the bot may not do is named, and done when it may, by this process or the next."""
    nobody = Permission.SEND_MESSAGES | Permission.VIEW_CHANNEL
    async with scene() as (discord, guild):
        before = guild.role("robo").permissions
        async with process(discord, guild, tmp_path) as at:
            set_up(at)
            guild.change_role("robo", permissions=Permission(0))
            for name in ("news", "draws"):
                guild.set_overwrites(name, {guild.id: (0, nobody)})
            at.ask()
            await at.stage.until(lambda: at.refused() == KINDS, 30.0)
            if not restarts:
                mend(guild, before)
                await all_seen(at)
        if restarts:
            mend(guild, before)
            async with process(discord, guild, tmp_path) as at:
                await all_seen(at)


def mend(guild: Guild, permissions: Permission) -> None:
    """The bot may do all again."""
    guild.change_role("robo", permissions=permissions)
    for name in ("news", "draws"):
        guild.set_overwrites(name, {})


@played
async def test_hierarchy_mended_later(tmp_path: Path) -> None:
    """Roles above the bot's are named, and given when it is dragged above them."""
    async with effects(tmp_path) as at:
        top = at.guild.role("robo").position
        for number, name in enumerate(("One", "Two"), 1):
            at.guild.change_role(name, position=top + number)
        at.ask()
        others = {key: ONCE[key] for key in ONCE if key not in ("role", "roles")}
        await at.stage.until(lambda: at.seen() | others == at.seen(), 30.0)
        await at.stage.until(lambda: at.refused() == {"roles"})
        assert (at.seen()["role"], at.seen()["roles"]) == (0, 0)
        at.guild.change_role("robo", position=top + 9)

        await all_seen(at)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ALL)
@played
async def test_a_restart_at_each_call(tmp_path: Path, call: str, after: bool) -> None:
    """Ended before or after Discord does it, each is seen once when the next process is done."""
    async with scene() as (discord, guild):
        async with process(discord, guild, tmp_path) as at:
            set_up(at)
            hold = discord.hold_rest(call, None, after=after)
            at.ask()
            await at.stage.until(lambda: hold.waiting, 30.0)
            await at.stage.session.finish(0.0)
        hold.drop()
        async with process(discord, guild, tmp_path) as at:
            await all_seen(at)


@played
async def test_a_token_that_was_reset(tmp_path: Path) -> None:
    """While Discord knows the token no more nothing is refused; the next process does it all."""
    async with scene() as (discord, guild):
        token = discord.rest.token
        async with process(discord, guild, tmp_path) as at:
            set_up(at)
            discord.rest.token = "replaced"
            at.ask()
            await at.stage.until(at.stage.client.unauthorized.is_set, 30.0)
            assert at.refused() == set()
        discord.rest.token = token
        async with process(discord, guild, tmp_path) as at:
            await all_seen(at)
