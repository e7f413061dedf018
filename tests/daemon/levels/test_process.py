"""Levels with the real daemon, killed and stopped at calls to Discord."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.daemon.loopback import Guild, Loopback
from tests.daemon.process import daemon
from tests.daemon.stage import played

ROLE_CALLS, WORDS = "PUT */roles/*", "POST */messages"


async def ended_at(
    folder: Path, call: str, step: int, how: signal.Signals, *, after: bool, members: int
) -> None:
    """Members rise, the daemon ends at a call, and the next one makes up for it, once each."""
    async with Loopback() as discord, daemon(discord, folder) as run:
        names = [f"member{number}" for number in range(members)]
        guild = discord.add_guild("G", roles=["One"], members=names)
        await run.start()
        with run.vault() as robo:
            told = robo.vault.namespace("cursors").read
            await discord.until(lambda: told().records("starts") and told().records("commands"))
            channel = {"mode": "channel", "channelId": str(guild.channel("general").id)}
            robo.config.set(str(guild.id), {"announcements": channel})
            robo.rewards.add(str(guild.id), 1, str(guild.role("One").id))
            hold = discord.hold_rest(call, after=after, skip=step)
            for name in names:
                robo.xp.add(str(guild.id), str(guild.member(name).id), 155)
            await discord.until(lambda: hold.waiting)
            run.send(how)
            if how is signal.SIGKILL:
                hold.drop()
            else:
                hold.release()
            await run.ended()
            await run.start()
            await discord.until(lambda: robo.outbox.left(str(guild.id)) == 0, 90.0)
            await run.stop()
    check(discord, guild, names)


def check(discord: Loopback, guild: Guild, names: list[str]) -> None:
    """Everybody has the role, and reads its name once: alone, or with others in a summary."""
    said = [one.content for one in guild.channel("general").messages if one.author is discord.bot]
    times = Counter(name for name in names for text in said if guild.member(name).mention in text)
    assert times == Counter(dict.fromkeys(names, 1))
    assert all(guild.member(name).has("One") for name in names)
    assert not [call for call in discord.requests if call.status == 429]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("call", "step"), [(ROLE_CALLS, 0), (WORDS, 0), (WORDS, 4)])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@played
async def test_ended_at_a_call(
    tmp_path: Path, call: str, step: int, how: signal.Signals, after: bool
) -> None:
    """Killed or stopped before or after Discord does it, every member is told once."""
    await ended_at(tmp_path, call, step, how, after=after, members=6)


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(0, 25, 3))
@pytest.mark.parametrize("call", [ROLE_CALLS, WORDS])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@played
async def test_ended_at_any_call_of_many(
    tmp_path: Path, call: str, step: int, how: signal.Signals, after: bool
) -> None:
    """The same with as many as one summary still names."""
    await ended_at(tmp_path, call, step, how, after=after, members=90)
