"""Announcements of new levels, as members of a whole Discord read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.model.outbox import MANY
from robo_xp.usecases.members.rows import Row
from tests.daemon.loopback import Channel, Guild, Loopback
from tests.daemon.stage import Stage, on_stage, played, warnings_in

XP = {1: 155, 2: 375, 3: 670, 5: 1525}


def announce(stage: Stage, guild: Guild, mode: str, channel: Channel | None = None) -> None:
    """Set the mode and, where given, the channel."""
    named = {} if channel is None else {"channelId": str(channel.id)}
    stage.set(guild, announcements={"mode": mode, **named})


def said(channel: Channel, discord: Loopback) -> list[str]:
    """What the bot wrote there."""
    return [message.content for message in channel.messages if message.author is discord.bot]


@played
async def test_a_message_that_lifts_is_answered_where_it_stood(tmp_path: Path) -> None:
    """Mode same speaks in the channel or thread of the message, and notifies its member only."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", channels=["general", "other"], members=["ann"])
        ann = guild.member("ann")
        thread = guild.add_thread("general", "talk")
        async with on_stage(discord, tmp_path) as stage:
            announce(stage, guild, "same", guild.channel("other"))
            stage.give(guild, ann, XP[1] - 1)
            guild.say(ann, thread, "hello")
            await stage.until(lambda: said(thread, discord))
            await stage.all_done()

            assert said(thread, discord) == [f"{ann.mention} has reached level 1!"]
            assert thread.messages[-1].pings == {ann.id}
            assert said(guild.channel("other"), discord) == []


@played
async def test_a_private_message(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Mode dm speaks to the member; one who takes no messages is no reason for a warning."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"])
        bob = guild.join(discord.add_user("bob", dms_closed=True))
        async with on_stage(discord, tmp_path) as stage:
            announce(stage, guild, "dm")
            for member in (guild.member("ann"), bob):
                stage.give(guild, member, XP[2])
            await stage.all_done()

            (message,) = discord.dms(guild.member("ann").user)
            assert message.content == f"{guild.member('ann').mention} has reached level 2!"
    assert warnings_in(caplog) == []


@played
async def test_the_words_are_the_guilds(tmp_path: Path) -> None:
    """Every placeholder is filled, and a guild's name or template can notify nobody else."""
    async with Loopback() as discord:
        guild = discord.add_guild("@everyone", members=["ann"])
        ann, place = guild.member("ann"), guild.channel("general")
        template = "@here {guild}: {member} {oldLevel}>{level} {xp} <@&1> <@2>"
        async with on_stage(discord, tmp_path) as stage:
            announce(stage, guild, "channel", place)
            stage.set(guild, announcements={"template": template})
            stage.give(guild, ann, XP[5])
            await stage.all_done()

            assert said(place, discord) == [f"@here @everyone: {ann.mention} 0>5 1,525 <@&1> <@2>"]
            assert place.messages[-1].pings == {ann.id}


@played
async def test_only_what_was_earned_is_told(tmp_path: Path) -> None:
    """A curve that moves levels, an undo, a fall and a change of many members are not announced."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"])
        ann, gid, place = str(guild.member("ann").id), str(guild.id), guild.channel("general")
        async with on_stage(discord, tmp_path) as stage:
            stage.robo.xp.set(gid, ann, XP[2])
            await stage.all_done()
            announce(stage, guild, "channel", place)
            stage.set(guild, levels={"type": "linear", "params": {"xpPerLevel": 10}})
            stage.robo.xp.set(gid, ann, 0)
            name = f"xp/default/{gid}"
            stage.robo.history.undo(name, stage.robo.vault.namespace(name).read().seq)
            crowd = [Row(n, "give", str(10**17 + n), 100) for n in range(MANY + 1)]
            stage.robo.xp.apply(gid, crowd, resolve=str)
            await stage.all_done()
            assert said(place, discord) == []
            stage.robo.xp.apply(gid, crowd[:MANY], resolve=str)
            await stage.all_done()

            assert len(said(place, discord)) == MANY


@played
async def test_a_lost_answer_is_not_said_twice(tmp_path: Path) -> None:
    """When Discord's answer is lost the message is sent again, and shown once."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"])
        place = guild.channel("general")
        async with on_stage(discord, tmp_path) as stage:
            announce(stage, guild, "channel", place)
            discord.lose_answers("POST */messages")
            stage.give(guild, guild.member("ann"), XP[1])
            await stage.all_done()

            assert len(said(place, discord)) == 1
            assert len(discord.calls("POST", "*/messages")) == 2
