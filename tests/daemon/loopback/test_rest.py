"""REST of the loopback: hierarchy, permissions, limits, nonces, rate limits, outages."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable

import discord
import pytest

from tests.daemon.loopback import (
    Loopback,
    Permission,
    a_guild,
    live,
)
from tests.daemon.loopback.toy import running

Act = Callable[[], Awaitable[object]]


@live
async def test_roles_are_given_within_the_hierarchy() -> None:
    """A role below the bot's is given and logged; others are refused with Discord's codes."""
    async with Loopback() as place:
        guild = a_guild(place)
        guild.add_role("High", position=101)
        guild.add_role("Twitch", position=3, managed=True)
        gone = guild.add_role("Gone")
        async with running(place) as bot:
            seen = await bot.get_guild(guild.id).fetch_member(guild.member("ann").id)  # type: ignore[union-attr]
            roles = {role.name: role for role in seen.guild.roles}
            del guild.roles[gone.id]
            await seen.add_roles(roles["Bronze"], reason="level 5 ✓")
            codes = []
            for name in ("High", "Twitch", "Gone"):
                with pytest.raises(discord.HTTPException) as refused:
                    await seen.add_roles(roles[name])
                codes.append(refused.value.code)
            guild.leave("ann")
            with pytest.raises(discord.NotFound) as left:
                await seen.remove_roles(roles["Bronze"])

            assert codes == [50013, 50013, 10011]
            assert left.value.code == 10007
            call = place.calls("PUT", "/guilds/*/members/*/roles/*")[0]
            assert (call.reason, call.status) == ("level 5 ✓", 204)


@live
async def test_without_permission_nothing_is_given_or_said() -> None:
    """Missing permissions of guild and channel are refused with 50013 and 50001."""
    async with Loopback() as place:
        guild = place.add_guild(
            roles=["Bronze"], members=["ann"], bot_permissions=Permission.SEND_MESSAGES
        )
        view, send = Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES
        mute = guild.add_channel("mute", overwrites={guild.id: (0, send), guild.me.id: (0, send)})
        dark = guild.add_channel("dark", overwrites={guild.me.id: (0, view)})
        async with running(place) as bot:
            ann = await bot.get_guild(guild.id).fetch_member(guild.member("ann").id)  # type: ignore[union-attr]
            codes = []
            acts: list[Act] = [
                lambda: ann.add_roles(discord.Object(guild.role("Bronze").id)),
                lambda: bot.get_partial_messageable(mute.id).send("x"),
                lambda: bot.get_partial_messageable(dark.id).send("x"),
                lambda: bot.get_partial_messageable(1).send("x"),
            ]
            for act in acts:
                with pytest.raises(discord.HTTPException) as refused:
                    await act()
                codes.append(refused.value.code)

            assert codes == [50013, 50013, 50001, 10003]


@live
async def test_messages_are_checked_edited_and_notify_whom_they_may() -> None:
    """Limits of both layouts are enforced, pings follow allowed_mentions, others' stay."""
    async with Loopback() as place:
        guild = a_guild(place)
        ann = guild.member("ann")
        theirs = guild.say("ann", "general", "mine")
        async with running(place) as bot:
            channel = bot.get_partial_messageable(guild.channel("general").id)
            whom = [discord.Object(ann.id)]
            only = discord.AllowedMentions(everyone=False, roles=False, users=whom)
            text = f"@everyone {ann.mention} {guild.member('bob').mention}"
            sent = await channel.send(text, allowed_mentions=only)
            kept = guild.channel("general").last
            await sent.edit(content="other")
            view = discord.ui.LayoutView()
            for _ in range(2):
                view.add_item(discord.ui.TextDisplay("x" * 2001))
            wide = discord.Embed(description="d" * 4096)
            codes = []
            acts: list[Act] = [
                lambda: channel.send("x" * 2001),
                lambda: channel.send(embeds=[wide, wide]),
                lambda: channel.send(view=view),
                lambda: sent.edit(view=view),
                lambda: channel.send(""),
                lambda: channel.get_partial_message(theirs.id).edit(content="x"),
                lambda: channel.get_partial_message(1).delete(),
            ]
            for act in acts:
                with pytest.raises(discord.HTTPException) as refused:
                    await act()
                codes.append(refused.value.code)

            assert kept.pings == {ann.id}
            assert (kept.content, kept.edits) == ("other", 1)
            assert codes == [50035, 50035, 50035, 50035, 50006, 50005, 10008]


@live
async def test_files_and_fetching() -> None:
    """A file arrives with its bytes; messages can be fetched one by one and as history."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            channel = bot.get_partial_messageable(guild.channel("general").id)
            file = discord.File(io.BytesIO(b"a,b\n"), "top.csv")
            sent = await channel.send("see", file=file)
            await channel.send("later")
            fetched = await channel.fetch_message(sent.id)

            assert fetched.attachments[0].filename == "top.csv"
            assert place.calls("POST", "/channels/*/messages")[0].files[0].content == b"a,b\n"
            assert [m.content async for m in channel.history()] == ["later", "see"]


@live
async def test_direct_messages_may_be_closed() -> None:
    """An open DM is kept for the test to read, a closed one is refused with 50007."""
    async with Loopback() as place:
        guild = a_guild(place)
        ann, bob = guild.member("ann").user, guild.member("bob").user
        bob.dms_closed = True
        async with running(place) as bot:
            await (await bot.fetch_user(ann.id)).send("won")
            with pytest.raises(discord.Forbidden) as refused:
                await (await bot.fetch_user(bob.id)).send("won")

            assert [message.content for message in place.dms(ann)] == ["won"]
            assert refused.value.code == 50007


@live
async def test_a_lost_answer_posts_once() -> None:
    """The repeated nonce of a message whose answer was lost gives the same message."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            channel = guild.channel("general")
            place.lose_answers("POST */messages")
            body = {"content": "once", "nonce": "7", "enforce_nonce": True}
            params = discord.http.MultipartParameters(body, None, None)
            with pytest.raises(Exception, match="disconnected"):
                await bot.http.send_message(channel.id, params=params)
            again = await bot.http.send_message(channel.id, params=params)

            assert [str(message.id) for message in channel.messages] == [again["id"]]
            assert [call.status for call in place.calls("POST", "*/messages")] == [0, 200]


@live
async def test_rate_limits_are_waited_for() -> None:
    """A 429 is repeated after its time, an empty bucket is waited for, a ban is raised."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            channel = bot.get_partial_messageable(guild.channel("general").id)
            place.limit("POST */messages", requests=2, per=0.3)
            place.rate_limit("POST */messages", retry_after=0.2)
            await channel.send("after a 429")
            first, second = place.calls("POST", "*/messages")
            began = time.monotonic()
            await asyncio.gather(*(channel.send(str(n)) for n in range(4)))
            took = time.monotonic() - began
            place.rate_limit("POST */messages", retry_after=1.0, via=False)
            with pytest.raises(discord.HTTPException):
                await channel.send("banned")

            assert (first.status, second.status) == (429, 200)
            assert second.at - first.at >= 0.2
            assert took >= 0.25
            assert 429 not in [call.status for call in place.calls("POST", "*/messages")[2:-1]]


@live
async def test_outages_of_rest() -> None:
    """A 503 is raised, and the next call works again."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            place.refuse_rest(503, count=1, matching="GET /guilds/*")
            with pytest.raises(discord.DiscordServerError):
                await bot.fetch_guild(guild.id)

            assert (await bot.fetch_guild(guild.id)).name == "G"


@live
async def test_commands_one_by_one() -> None:
    """Commands can be listed, changed and deleted; a new sync keeps the ids of the same names."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            before = {name: command["id"] for name, command in place.commands.items()}
            listed = {command.name: command for command in await bot.tree.fetch_commands()}
            await listed["twice"].edit(description="Changed")
            await listed["panel"].delete()
            changed = dict(place.commands)
            await bot.tree.sync()
            bot.tree.copy_global_to(guild=discord.Object(guild.id))
            await bot.tree.sync(guild=discord.Object(guild.id))

            assert changed["twice"]["description"] == "Changed"
            assert before.keys() - changed.keys() == {"panel"}
            assert place.commands["twice"]["id"] == before["twice"]
            assert guild.commands.keys() == before.keys()


@live
async def test_roles_members_and_reactions() -> None:
    """Roles can be made, changed and deleted, lists of roles replaced, messages reacted to."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            seen = bot.get_guild(guild.id)
            assert seen is not None
            made = await seen.create_role(name="Gold")
            await made.edit(name="Golden")
            members = {member.name: member async for member in seen.fetch_members()}
            await members["ann"].edit(roles=[made])
            held = [role.name for role in guild.member("ann").roles]
            await made.delete()
            channel = bot.get_partial_messageable(guild.channel("general").id)
            sent = await channel.send("x")
            await sent.add_reaction("🎉")
            reactions = guild.channel("general").last.reactions
            await sent.delete()

            assert members.keys() == {"owner", "robo", "ann", "bob"}
            assert (held, guild.member("ann").roles) == (["Golden"], [])
            assert (reactions, guild.channel("general").messages) == ({"🎉"}, [])
