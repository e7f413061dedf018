"""Faults of the gateway, and how discord.py comes through them."""

from __future__ import annotations

import discord
import pytest

from tests.daemon.loopback import (
    Intent,
    Loopback,
    a_guild,
    aimed,
    live,
)
from tests.daemon.loopback.toy import Toy, running


@live
@pytest.mark.parametrize("how", ["abort", "4000", "1000", "op 7", "op 9 true"])
async def test_a_resume_replays_exactly_what_was_missed(how: str) -> None:
    """After each way to lose a socket the client hears every message once, in one session."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            said = [guild.say("ann", "general")]
            await place.until(lambda: len(bot.heard) == 1)
            if how == "abort":
                place.abort_sockets()
            elif how == "op 7":
                place.send_op7()
            elif how == "op 9 true":
                place.send_op9(resumable=True)
            else:
                await place.drop_sockets(int(how))
            await place.until(lambda: not place.sessions[0].is_connected)
            said += [guild.say("bob", "general") for _ in range(3)]
            await place.until(lambda: bot.resumed)
            said += [guild.say("bob", "general")]
            await place.until(lambda: len(bot.heard) >= 5)

            assert [message.id for message in bot.heard] == [message.id for message in said]
            assert [session.resumes for session in place.sessions] == [[3]]


@live
async def test_a_forgotten_session_begins_anew() -> None:
    """Op 9 false in answer to a resume makes the client identify again; missed is missed."""
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            place.forget_sessions()
            place.abort_sockets()
            await place.until(lambda: not place.sessions[0].is_connected)
            guild.say("ann", "general")
            await place.connected(timeout=12)
            await place.until(lambda: bot.readied == 2)
            guild.say("bob", "general")
            await place.until(lambda: bot.heard)

            assert [message.author.name for message in bot.heard] == ["bob"]
            assert [session.resumes for session in place.sessions] == [[], []]


@live
async def test_heartbeats_are_noted_and_may_go_unanswered() -> None:
    """Heartbeats come at the interval; a client that gets no answers closes and resumes."""
    async with Loopback(heartbeat_interval=0.1) as place:
        a_guild(place)
        async with running(place, heartbeat_timeout=0.5) as bot:
            await place.until(lambda: len(place.sessions[0].heartbeats) > 5)
            silence = place.sessions[0].longest_silence()
            place.acknowledges = False
            await place.until(lambda: len(place.sessions[0].sockets) == 2)
            place.acknowledges = True
            await place.until(lambda: bot.resumed)

            assert 0.09 <= silence < 0.5


@live
async def test_a_server_that_was_away_is_found_again() -> None:
    """When a resume could not even connect, a sharded client begins a new session.

    What was missed stays missed then: this client only resumes at its first try.
    """
    async with Loopback() as place:
        guild = a_guild(place)
        async with running(place) as bot:
            await place.vanish()
            guild.say("ann", "general")
            place.refuse_gateway()
            await place.come_back()
            await place.connected()
            guild.say("bob", "general")
            await place.until(lambda: bot.heard)

            assert [message.author.name for message in bot.heard] == ["bob"]
            assert [session.resumes for session in place.sessions] == [[], []]


@live
async def test_fatal_ends() -> None:
    """A wrong token is a LoginFailure, 4014 asks for the intents, 4004 closes for good."""
    async with Loopback(privileged=Intent(0)) as place:
        a_guild(place)
        with aimed(place):
            async with Toy() as bot:
                with pytest.raises(discord.PrivilegedIntentsRequired):
                    await bot.start(place.token)
            place.close_with(4004)
            async with Toy(discord.Intents(guilds=True)) as bot:
                with pytest.raises(discord.ConnectionClosed) as closed:
                    await bot.start(place.token)
            place.refuse_token()
            async with Toy() as bot:
                with pytest.raises(discord.LoginFailure):
                    await bot.start(place.token)

        assert closed.value.code == 4004
