"""Messages of members become XP in the vault: the real process, seen from Discord and the files."""

from __future__ import annotations

import signal
from pathlib import Path

from robo_xp.vault import Origin
from tests.daemon.loopback import Channel, ChannelType, Guild, Loopback
from tests.daemon.process import daemon
from tests.daemon.stage import Stage, on_stage, played


@played
async def test_a_message_earns_xp_and_the_next_is_only_counted(tmp_path: Path) -> None:
    """The real process awards a message within a second, and keeps to the cooldown."""
    async with Loopback() as discord, daemon(discord, tmp_path, log_level='"debug"') as run:
        guild = discord.add_guild("G", members=["ann", "bob"])
        ann, bob = guild.member("ann"), guild.member("bob")
        await run.start()
        guild.say(ann, "general")
        guild.say(ann, "general")
        guild.say(bob, "general", reply_to=guild.say(ann, "general"))
        with run.vault() as robo:
            await discord.until(lambda: run.counted(robo, guild, ann) == (3, 1), 3.0)
            await discord.until(lambda: run.counted(robo, guild, bob) == (1, 1), 3.0)
            assert 15 <= robo.xp.get(str(guild.id), str(ann.id)) <= 25
            assert await run.stop() == 0
            assert robo.names.name(str(guild.id), str(ann.id)) == "ann"
        assert "4 messages counted" in run.log
        assert discord.token not in run.log


@played
async def test_who_counts_and_where(tmp_path: Path) -> None:
    """Members count in channels, threads and posts of forums; nobody and nothing else does."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"])
        ann = guild.member("ann")
        robot = guild.join(discord.add_user("robot", bot=True))
        forum = guild.add_channel("forum", type=ChannelType.FORUM)
        places = [
            guild.channel("general"),
            guild.add_channel("news", type=ChannelType.NEWS),
            guild.add_thread("general", "thread"),
            guild.add_thread(forum, "post"),
        ]
        async with on_stage(discord, tmp_path) as stage:
            guild.say(robot, "general")
            guild.say(ann, "general", webhook=True)
            guild.say(ann, "general", type=7)
            guild.say(ann, "general", type=20)
            discord.whisper(ann.user, "hi")
            for place in places:
                guild.say(ann, place)
            await stage.until(lambda: stage.messages(guild, ann) >= len(places))

            assert stage.messages(guild, ann) == len(places)
            assert [member.user_id for member in stage.robo.xp.records(str(guild.id))] == [
                str(ann.id)
            ]


@played
async def test_no_xp_in_places_and_for_roles(tmp_path: Path) -> None:
    """A channel, the channel of a thread, a category above either, and a role, give no XP."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["Muted"], members=["a", "b", "c", "d", "e", "f"])
        category = guild.add_channel("top", type=ChannelType.CATEGORY)
        below = guild.add_channel("below", parent=category)
        quiet = guild.add_channel("quiet")
        guild.change_roles("f", add=["Muted"])
        async with on_stage(discord, tmp_path) as stage:
            stage.set(guild, noXpChannelIds=[str(quiet.id), str(category.id)],
                      noXpRoleIds=[str(guild.role("Muted").id)])  # fmt: skip
            guild.say("a", quiet)
            guild.say("b", guild.add_thread(quiet, "in quiet"))
            guild.say("c", below)
            guild.say("d", guild.add_thread(below, "in below"))
            guild.say("e", "general")
            guild.say("f", "general")
            await stage.until(lambda: all(stage.messages(guild, guild.member(n)) for n in "abcdef"))

            earned = [name for name in "abcdef" if stage.xp(guild, guild.member(name))]
            assert earned == ["e"]


@played
async def test_roles_of_the_author_multiply(tmp_path: Path) -> None:
    """The multiplier of a role counts for members that hold it, without the members intent."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", roles=["Boost"], members=["ann"])
        guild.change_roles("ann", add=["Boost"])
        async with on_stage(discord, tmp_path) as stage:
            stage.set(guild, multipliers={"role": {str(guild.role("Boost").id): 10}})
            guild.say("ann", "general")
            await stage.until(lambda: stage.xp(guild, guild.member("ann")) >= 150)


@played
async def test_a_resumed_session_counts_nothing_twice(tmp_path: Path) -> None:
    """After a dropped socket what was missed is counted, and what is replayed is not again."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", members=["ann"])
        ann = guild.member("ann")
        await run.start()
        messages = [guild.say(ann, "general") for _ in range(3)]
        with run.vault() as robo:
            await discord.until(lambda: run.counted(robo, guild, ann)[0] == 3)
            discord.abort_sockets()
            messages += [guild.say(ann, "general") for _ in range(2)]
            await discord.until(lambda: discord.sessions[-1].resumes, 10.0)
            for message in messages:
                guild.say(ann, "general", extra={"id": str(message.id)})
            messages.append(guild.say(ann, "general"))
            await discord.until(lambda: run.counted(robo, guild, ann)[0] >= len(messages))

            assert run.counted(robo, guild, ann)[0] == len(messages)
        assert len(discord.sessions) == 1
        assert await run.stop() == 0


@played
async def test_a_held_lock_delays_and_loses_nothing(tmp_path: Path) -> None:
    """While another process holds a guild, its messages wait and those of others are counted."""
    async with Loopback(heartbeat_interval=0.2) as discord, daemon(discord, tmp_path) as run:
        held, free = (discord.add_guild(name, members=["ann"]) for name in "AB")
        await run.start()
        with run.vault() as robo:
            namespace = robo.vault.namespace(f"xp/default/{held.id}")
            with namespace.transaction(Origin("test", "hold")):
                for guild in (held, free):
                    guild.say("ann", "general")
                with run.vault() as other:
                    ann = free.member("ann")
                    await discord.until(lambda: run.counted(other, free, ann) == (1, 1))
                session = discord.sessions[-1]
                before = len(session.heartbeats)
                await discord.until(lambda: len(session.heartbeats) >= before + 4)
                assert session.longest_silence() < 0.8
            await discord.until(lambda: run.counted(robo, held, held.member("ann")) == (1, 1))


@played
async def test_sigterm_commits_what_is_in_hand(tmp_path: Path) -> None:
    """Messages that a lock kept waiting are committed before the daemon ends with 0."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", members=["ann"])
        free = discord.add_guild("Free", members=["bob"])
        await run.start()
        with run.vault() as robo, run.vault() as other:
            namespace = robo.vault.namespace(f"xp/default/{guild.id}")
            with namespace.transaction(Origin("test", "hold")):
                for _ in range(10):
                    guild.say("ann", "general")
                free.say("bob", "general")  # heard after the others
                await discord.until(lambda: run.counted(other, free, free.member("bob"))[0] == 1)
                run.send(signal.SIGTERM)
                await discord.until(lambda: "finishing what is in hand" in run.log)
            assert await run.ended() == 0
            assert run.counted(robo, guild, guild.member("ann"))[0] == 10


@played
async def test_roles_and_channels_have_names(tmp_path: Path) -> None:
    """The daemon's start, a new channel and a role renamed teach names that commands then take."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", roles=["Regular"], members=["ann"])
        role, gid = guild.role("Regular"), str(guild.id)
        await run.start()
        news = guild.add_channel("news")
        guild.change_role(role, name="Elder")
        guild.say("ann", "general")
        with run.vault() as robo:
            await discord.until(
                lambda: robo.names.of(gid, "roles").get(str(role.id)) == "Elder", 10.0
            )
            assert await run.stop() == 0
            channels = robo.names.of(gid, "channels")
            assert channels[str(news.id)] == "news"
            assert channels[str(guild.channel("general").id)] == "general"
            assert robo.names.resolve(gid, "elder", "roles") == str(role.id)


@played
async def test_messages_in_a_channel_that_is_looked_up(tmp_path: Path) -> None:
    """While Discord is asked about a thread, what its writer says elsewhere waits its turn, and
    nobody else does; an outage is waited for.
    """
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann", "bob"])
        thread = guild.add_thread("general", "unknown")
        ann, bob = guild.member("ann"), guild.member("bob")
        async with on_stage(discord, tmp_path) as stage:
            await forget(stage, guild, thread)
            discord.refuse_rest(503, 1, matching=f"GET /channels/{thread.id}")
            hold = discord.hold_rest(f"GET /channels/{thread.id}")
            guild.say(ann, thread)
            await stage.until(lambda: hold.waiting)
            guild.say(ann, "general")
            guild.say(bob, "general")
            await stage.until(lambda: stage.messages(guild, bob) == 1)
            assert stage.messages(guild, ann) == 0
            hold.release()
            await stage.until(lambda: stage.messages(guild, ann) == 2)


@played
async def test_a_look_that_is_refused_is_no_guess(tmp_path: Path) -> None:
    """What cannot be known to give XP gives none, and is looked at again with the next message."""
    async with Loopback() as discord:
        guild = discord.add_guild("G", members=["ann"], channels=["quiet"])
        thread = guild.add_thread("quiet", "unknown")
        ann = guild.member("ann")
        async with on_stage(discord, tmp_path) as stage:
            stage.set(guild, noXpChannelIds=[str(guild.channel("quiet").id)])
            await forget(stage, guild, thread)
            discord.refuse_rest(403, 1, matching=f"GET /channels/{thread.id}", code=50001)
            guild.say(ann, thread)
            await stage.until(lambda: discord.calls("GET", f"/channels/{thread.id}"))
            guild.say(ann, thread)
            await stage.until(lambda: stage.messages(guild, ann) == 1)

            assert stage.xp(guild, ann) == 0
            assert len(discord.calls("GET", f"/channels/{thread.id}")) == 2


async def forget(stage: Stage, guild: Guild, thread: Channel) -> None:
    """The client was never told of the thread, as of one that was archived when it connected."""
    await stage.until(lambda: stage.client.has_guild(str(guild.id)))
    found = stage.client.get_guild(guild.id)
    assert found is not None
    del found._threads[thread.id]
