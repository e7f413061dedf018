"""Faults of the connection: the daemon comes back by itself, or ends with a code of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from discord.state import AutoShardedConnectionState

from tests.daemon.loopback import Loopback
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played

Fault = Callable[[Loopback, Daemon], Awaitable[None]]


async def aborted(discord: Loopback, _run: Daemon) -> None:
    discord.abort_sockets()


async def closed(discord: Loopback, _run: Daemon) -> None:
    await discord.drop_sockets(4000)


async def asked_to_reconnect(discord: Loopback, _run: Daemon) -> None:
    discord.send_op7()


async def invalid_but_resumable(discord: Loopback, _run: Daemon) -> None:
    discord.send_op9(resumable=True)


async def invalid(discord: Loopback, _run: Daemon) -> None:
    discord.send_op9(resumable=False)


async def away(discord: Loopback, run: Daemon) -> None:
    await discord.vanish()
    await discord.until(lambda: "ConnectionRefusedError" in run.log)
    await discord.come_back()


async def counts_again(discord: Loopback, run: Daemon) -> None:
    """Return when a new message of a new member is in the vault."""
    guild = next(iter(discord.world.guilds.values()))
    member = guild.join("newcomer")
    with run.vault() as robo:
        for _ in range(40):
            guild.say(member, "general")
            try:
                await discord.until(lambda: run.counted(robo, guild, member)[0], 0.5)
                return
            except TimeoutError:
                continue
    raise AssertionError("no message was counted any more")


@pytest.mark.parametrize(
    "fault", [aborted, closed, asked_to_reconnect, invalid_but_resumable, invalid, away]
)
@played
async def test_it_recovers(tmp_path: Path, fault: Fault) -> None:
    """After each fault of a running connection messages are counted again."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        discord.add_guild("G")
        await run.start()
        await fault(discord, run)
        await counts_again(discord, run)

        assert await run.stop() == 0
    assert "Traceback" not in run.log
    assert max(map(len, run.log.splitlines())) < 250


@played
async def test_it_waits_for_discord_at_its_start(tmp_path: Path) -> None:
    """REST that is down at login, then a gateway that refuses, only delay the start."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        discord.add_guild("G")
        discord.refuse_rest(503, 2)
        discord.refuse_gateway(1)
        await run.start()
        await counts_again(discord, run)

        assert await run.stop() == 0
    assert run.log.count("a new try in") == 2
    assert "Traceback" not in run.log


@played
async def test_a_login_that_discord_wants_later(tmp_path: Path) -> None:
    """Told by Discord's outer wall to wait, it knocks no sooner, and starts then."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        discord.add_guild("G")
        discord.rate_limit("GET /users/@me", retry_after=1.5, via=False)
        await run.start()
        first, second = discord.calls("GET", "/users/@me")

        assert second.at - first.at >= 2.0
        assert await run.stop() == 0
    assert "a new try in 2.0 s" in run.log
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("token at login", 77, "Discord refused the token"),
        ("4004", 77, "Discord refused the token"),
        ("4014", 78, "Server Members Intent"),
    ],
)
@played
async def test_what_cannot_heal_ends_it(tmp_path: Path, fault: str, code: int, words: str) -> None:
    """A refused token and intents that were not granted end the daemon, and say what to do."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        if fault == "token at login":
            run.environ["ROBO_XP_TOKEN"] = "wrong.token.x"
        else:
            discord.close_with(int(fault))
        await run.start(connected=False)

        assert await run.ended() == code
    assert words in run.log
    assert "to mend it: " in run.log
    assert "wrong.token" not in run.log


EVENTS = sorted(
    name.removeprefix("parse_").upper()
    for name in dir(AutoShardedConnectionState)
    if name.startswith("parse_") and name not in ("parse_ready", "parse_resumed")
)


@played
async def test_events_that_cannot_be_read_cost_nothing(tmp_path: Path) -> None:
    """After a broken one of each kind the same session goes on, and no message is lost."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", members=["ann"])
        await run.start()
        for data in ({}, {"id": "no number", "guild_id": []}, {"guild_id": str(guild.id)}):
            for name in EVENTS:
                discord.sessions[0].tell(name, dict(data))
        with run.vault() as robo:
            guild.say("ann", "general")
            await discord.until(lambda: run.counted(robo, guild, guild.member("ann"))[0])

        assert len(discord.sessions) == 1
        assert len(discord.sessions[0].sockets) == 1
        assert await run.stop() == 0
    assert run.log.count("an event MESSAGE_CREATE cannot be read") <= 3
    assert "Traceback" not in run.log


@played
async def test_a_token_that_was_reset_ends_it(tmp_path: Path) -> None:
    """401 in mid-life is like a refused token, after a single request."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", roles=["One"], members=["ann", "bob"])
        await run.start()
        with run.vault() as robo:
            robo.rewards.add(str(guild.id), 1, str(guild.role("One").id))
            told = robo.vault.namespace("cursors").read
            await discord.until(lambda: told().records("starts") and told().records("commands"))
            discord.rest.token = "replaced"
            ids = [str(guild.member(name).id) for name in ("ann", "bob")]
            # one batch: of a second one the daemon may have read nothing when it ends
            robo.xp.apply(
                str(guild.id), [{"op": "give", "user": one, "amount": 155} for one in ids]
            )

            assert await run.ended() == 77
            assert robo.outbox.refused() == []
            assert robo.outbox.left(str(guild.id)) == 2
    assert "Discord refused the token" in run.log
    assert sum(call.status == 401 for call in discord.requests) <= 2
