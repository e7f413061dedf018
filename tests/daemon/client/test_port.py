"""``client.port.Discord``: the same of discord.py on a loopback, and of the fake of other tests."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest

from robo_xp_daemon.client.port import Card, Discord, Role
from tests.daemon.fake_discord import CHANNEL, GUILD, FakeDiscord
from tests.daemon.loopback import Loopback
from tests.daemon.quick import hurried
from tests.daemon.stage import on_stage, played

NOBODY, NOWHERE = "900000000000000001", "900000000000000002"
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Place:
    """A Discord with a guild, two channels, a member with one role of three, and another guild."""

    port: Discord
    guild_id: str
    channel_id: str
    foreign_channel_id: str
    member_id: str
    held: str
    free: str
    high: str


@asynccontextmanager
async def fake() -> AsyncIterator[Place]:
    """In memory."""
    made = FakeDiscord("501", "502")
    guild = made.guilds[GUILD]
    roles = {**guild.roles, "503": Role(is_below=False), GUILD: Role(is_own=True)}
    made.guilds[GUILD] = type(guild)(GUILD, "G", roles=roles)
    made.join("401", "501")
    made.channels["209"] = NOBODY
    yield Place(made, GUILD, CHANNEL, "209", "401", "501", "502", "503")


@asynccontextmanager
async def live(data_dir: Path, *, members_intent: bool) -> AsyncIterator[Place]:
    """By discord.py."""
    async with Loopback() as loopback:
        guild = loopback.add_guild(
            "G", roles=["Held", "Free"], members=["ann"], bot_role_position=50
        )
        high = guild.add_role("High", position=90)
        guild.change_roles("ann", add=["Held"])
        other = loopback.add_guild("other")
        with hurried():
            async with on_stage(loopback, data_dir, members_intent=members_intent) as stage:
                await stage.until(stage.client.is_ready)
                ids = [
                    guild.id, guild.channel("general").id, other.channel("general").id,
                    guild.member("ann").id, guild.role("Held").id, guild.role("Free").id, high.id,
                ]  # fmt: skip
                yield Place(stage.session.discord, *map(str, ids))


@asynccontextmanager
async def place(kind: str, data_dir: Path) -> AsyncIterator[Place]:
    """The Discord of this kind."""
    members_intent = kind == "live, members heard"
    made = fake() if kind == "fake" else live(data_dir, members_intent=members_intent)
    async with made as found:
        yield found


everywhere = pytest.mark.parametrize("kind", ["fake", "live", "live, members heard"])


@everywhere
@played
async def test_guilds_and_members(tmp_path: Path, kind: str) -> None:
    """What is there is told with its roles; what is not there is None."""
    async with place(kind, tmp_path) as at:
        guild = await at.port.guild(at.guild_id)
        member = await at.port.member(at.guild_id, at.member_id)

        assert guild is not None and guild.name == "G" and guild.may_manage_roles
        wanted = {at.held: Role(), at.free: Role(), at.high: Role(is_below=False)}
        assert {role_id: guild.roles[role_id] for role_id in wanted} == wanted
        assert guild.roles[at.guild_id].is_own
        assert guild.roles.get(NOBODY) is None
        assert set(wanted) < set(guild.roles) and len(guild.roles) >= 4
        assert member is not None
        assert (member.id, member.role_ids, member.is_bot) == (at.member_id, (at.held,), False)
        assert await at.port.guild(NOWHERE) is None
        assert await at.port.member(at.guild_id, NOBODY) is None


@everywhere
@played
async def test_roles_are_given_and_taken(tmp_path: Path, kind: str) -> None:
    """A role is there after it was given, and gone after it was taken; a high one is refused."""
    async with place(kind, tmp_path) as at:
        await at.port.give_role(at.guild_id, at.member_id, at.free, "test")
        await at.port.take_role(at.guild_id, at.member_id, at.held, "test")
        with pytest.raises(discord.Forbidden) as refused:
            await at.port.give_role(at.guild_id, at.member_id, at.high, "test")

        async def roles() -> tuple[str, ...]:
            member = await at.port.member(at.guild_id, at.member_id)
            return () if member is None else member.role_ids

        give_up_at = time.monotonic() + 5.0
        while await roles() != (at.free,) and time.monotonic() < give_up_at:
            pass
        assert await roles() == (at.free,)
        assert refused.value.code == 50013


@everywhere
@played
async def test_channels(tmp_path: Path, kind: str) -> None:
    """A channel of the guild is one; another guild's is none; one that is not there is refused."""
    async with place(kind, tmp_path) as at:
        assert await at.port.channel(at.guild_id, at.channel_id) == at.channel_id
        assert await at.port.channel(at.guild_id, at.foreign_channel_id) is None
        with pytest.raises(discord.NotFound) as refused:
            await at.port.channel(at.guild_id, NOWHERE)
        with pytest.raises(discord.NotFound) as unsaid:
            await at.port.say(NOWHERE, "hello", nonce="n")

        assert (refused.value.code, unsaid.value.code) == (10003, 10003)


@everywhere
@played
async def test_messages(tmp_path: Path, kind: str) -> None:
    """One nonce is one message; the bot's own are found again, oldest first, with what they say."""
    card = Card(discord.Embed(title="T").set_footer(text="last line"))
    since = time.time_ns() // 1_000_000 - HOUR_MS
    async with place(kind, tmp_path) as at:
        first = await at.port.post(at.channel_id, card, nonce="post")
        again = await at.port.post(at.channel_id, card, nonce="post")
        for _ in range(2):
            await at.port.say(at.channel_id, "hello", user_ids=[at.member_id], nonce="say")
        changed = Card(discord.Embed(title="U").set_footer(text="another"))
        await at.port.change(at.channel_id, first, changed)
        with pytest.raises(discord.NotFound) as refused:
            await at.port.change(at.channel_id, NOBODY, changed)
        own = [one async for one in at.port.own_messages(at.channel_id, since=since, limit=10)]
        later = [
            one
            async for one in at.port.own_messages(
                at.channel_id, since=since + 2 * HOUR_MS, limit=10
            )
        ]

        assert first == again
        assert [one.id for one in own][0] == first
        assert [one.content for one in own] == ["", "hello"]
        assert own[0].footers == ("another",)
        assert (later, refused.value.code) == ([], 10008)


@everywhere
@played
async def test_direct_messages(tmp_path: Path, kind: str) -> None:
    """A member has one channel of its own, in which the bot finds what it said."""
    async with place(kind, tmp_path) as at:
        channel_id = await at.port.private_channel(at.member_id)
        await at.port.say(channel_id, "psst", nonce="dm")
        own = [one.content async for one in at.port.own_messages(channel_id, since=0, limit=10)]

        assert await at.port.private_channel(at.member_id) == channel_id
        assert own == ["psst"]
