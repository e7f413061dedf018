"""The loopback Discord, proven by the real client of discord.py: login, events, itself."""

from __future__ import annotations

import asyncio

import discord
import pytest

from tests.daemon.loopback import (
    ChannelType,
    Intent,
    Loopback,
    LoopbackThread,
    a_guild,
    aimed,
    live,
)
from tests.daemon.loopback.toy import Toy, running


@live
@pytest.mark.parametrize("zlib", [True, False])
async def test_a_client_logs_in_and_hears_messages(zlib: bool) -> None:
    """Author, roles and place of a message arrive; content only with its intent."""
    async with Loopback(zlib=zlib) as place:
        guild = a_guild(place)
        thread = guild.add_thread("general", "a thread")
        guild.change_roles("ann", add=["Bronze"])
        async with running(place) as bot:
            said = guild.say("ann", thread, "hello")
            await place.until(lambda: bot.heard)

            message = bot.heard[0]
            assert (message.id, message.content) == (said.id, "")
            assert isinstance(message.author, discord.Member)
            assert [role.name for role in message.author.roles] == ["@everyone", "Bronze"]
            assert isinstance(message.channel, discord.Thread)
            assert message.channel.parent_id == guild.channel("general").id


@live
async def test_content_comes_with_its_intent() -> None:
    """With the content intent approved and asked for, the text arrives."""
    async with Loopback(privileged=Intent.MESSAGE_CONTENT) as place:
        guild = a_guild(place)
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
        async with running(place, intents=intents) as bot:
            guild.say("ann", "general", "hello")
            await place.until(lambda: bot.heard)

            assert bot.heard[0].content == "hello"


@live
async def test_kinds_of_messages_can_be_told_apart() -> None:
    """Webhooks, replies, system messages, other bots and DMs look like themselves."""
    async with Loopback() as place:
        guild = a_guild(place)
        guild.join(place.add_user("another", bot=True))
        async with running(place) as bot:
            first = guild.say("ann", "general")
            guild.say("ann", "general", reply_to=first)
            guild.say("ann", "general", webhook=True)
            guild.say("ann", "general", type=7)
            guild.say("another", "general")
            place.whisper(guild.member("ann").user, "psst")
            await place.until(lambda: len(bot.heard) == 6)

            kinds = [(m.type.value, bool(m.webhook_id), m.author.bot) for m in bot.heard]
            assert kinds[:3] == [(0, False, False), (19, False, False), (0, True, False)]
            assert kinds[3:5] == [(7, False, False), (0, False, True)]
            assert (bot.heard[5].guild, bot.heard[5].content) == (None, "psst")


@live
async def test_the_guild_changes_before_the_bots_eyes() -> None:
    """Joining, leaving, new channels, lost roles and a dismissed bot all arrive."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            seen = bot.get_guild(guild.id)
            assert seen is not None
            assert [member.name for member in await seen.chunk()] == ["owner", "robo", "ann", "bob"]
            guild.join("eve", roles=["Silver"])
            guild.change_roles("eve", remove=["Silver"])
            guild.delete_role("Bronze")
            forum = guild.add_channel("forum", type=ChannelType.FORUM)
            guild.leave("bob")
            await place.until(lambda: seen.get_member(guild.member("ann").id) and bot.joined)
            await place.until(lambda: len(seen.members) == 4)

            assert [role.name for role in seen.roles] == ["@everyone", "Silver", "robo"]
            assert len(bot.joined[0].roles) == 1
            assert isinstance(seen.get_channel(forum.id), discord.ForumChannel)
            guild.dismiss_bot()
            await place.until(lambda: not bot.guilds)


@live
async def test_two_shards_get_their_own_guilds() -> None:
    """Each of two shards identifies and hears of its guilds only."""
    async with Loopback(shards=2) as place:
        guilds = [a_guild(place), a_guild(place)]
        async with running(place) as bot:
            for guild in guilds:
                guild.say("ann", "general")
            await place.until(lambda: len(bot.heard) == 2)

            assert {g.shard_id for g in bot.guilds} == {0, 1}
            assert sorted(session.shard for session in place.sessions) == [(0, 2), (1, 2)]
            assert {m.guild.shard_id for m in bot.heard if m.guild} == {0, 1}


@live
async def test_it_sends_500_messages_a_second() -> None:
    """A second of 500 messages arrives whole and in order, and takes about a second."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            said = await guild.chatter(["ann", "bob"], "general", rate=500, seconds=1)
            await place.until(lambda: len(bot.heard) == 500)

            assert [m.id for m in bot.heard] == [m.id for m in said]
            assert said[-1].sent_at - said[0].sent_at < 1.5


@live
async def test_an_unknown_route_fails_the_test() -> None:
    """A call that the loopback does not know is answered 404 and raised at the end."""
    with pytest.raises(AssertionError, match="/api/v10/voice/regions"):
        async with Loopback() as place:
            async with running(place) as bot:
                with pytest.raises(discord.NotFound):
                    await bot.http.request(discord.http.Route("GET", "/voice/regions"))


def test_a_thread_serves_tests_without_a_loop() -> None:
    """The same world is built, acted in and looked at from a plain test."""
    with LoopbackThread() as thread, aimed(thread):
        guild = thread.call(a_guild)

        async def scene() -> list[int]:
            bot = Toy()
            task = asyncio.create_task(bot.start(thread.token))
            await asyncio.to_thread(thread.run, lambda place: place.connected())
            said = thread.call(lambda _: guild.say("ann", "general"))
            message = await bot.wait_for("message", timeout=5)
            await bot.close()
            await task
            return [said.id, message.id]

        first, second = asyncio.run(scene())

    assert first == second
    assert thread.discord.commands.keys() == {"panel", "choices", "twice", "xp"}


@live
async def test_two_clients_hear_the_same() -> None:
    """Two sessions of one bot are told every event each."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as first, running(place) as second:
            guild.say("ann", "general")
            await place.until(lambda: first.heard and second.heard)

            assert first.heard[0].id == second.heard[0].id
            assert len(place.sessions) == 2


@live
async def test_chatter_ends_whatever_the_rate() -> None:
    """A number of messages that does not come out even is rounded."""
    async with Loopback() as place:
        guild = a_guild(place)
        said = await guild.chatter(["ann", "bob"], "general", rate=33.0, seconds=0.1)

        assert len(said) == 3


@live
async def test_voice_channels_can_be_read() -> None:
    """The client takes a voice channel over with what only such a channel has."""
    async with Loopback() as place:
        guild = a_guild(place)
        voice = guild.add_channel("voice", type=ChannelType.VOICE)
        async with running(place) as bot:
            found = bot.get_channel(voice.id)

            assert isinstance(found, discord.VoiceChannel)
            assert found.bitrate == 64_000
