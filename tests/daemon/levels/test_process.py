"""Levels with the real daemon, killed and stopped at calls to Discord."""

from __future__ import annotations

import asyncio
import re
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.daemon.loopback import Guild, Loopback
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played

ROLE_CALLS, WORDS = "PUT */roles/*", "POST */messages"
ROUNDS_AT_ONCE = 6
_MORE = re.compile(r" and ([\d,]+) more\.$")


@dataclass(frozen=True)
class End:
    """How the daemon ends: by a signal at a call, before or ``after`` Discord does it."""

    call: str
    how: signal.Signals
    after: bool
    step: int = 0


async def ended_at(end: End, folder: Path, *, members: int, guilds: int = 1) -> str:
    """Members rise in each guild, the daemon ends, and the next one makes up for it.

    What is wrong then; nothing if each has the role and was told of once.
    """
    async with Loopback() as discord, daemon(discord, folder) as run:
        names = [f"member{number}" for number in range(members)]
        risen = [discord.add_guild(roles=["One"], members=names) for _ in range(guilds)]
        await run.start()
        with run.vault() as robo:
            told = robo.vault.namespace("cursors").read
            await discord.until(lambda: told().records("starts") and told().records("commands"))
            for guild in risen:
                channel = {"mode": "channel", "channelId": str(guild.channel("general").id)}
                robo.config.set(str(guild.id), {"announcements": channel})
                robo.rewards.add(str(guild.id), 1, str(guild.role("One").id))
            await _end_while_they_rise(end, run, robo, risen)
            await run.start()
            await discord.until(lambda: all(_is_done(robo, str(guild.id)) for guild in risen), 90.0)
            await run.stop()
        return "; ".join(_wrongs(discord, risen))


def _is_done(robo: RoboXP, guild_id: str) -> bool:
    """Whether each rise of the guild was taken over, and nothing of them is left."""
    last = robo.vault.namespace(f"xp/default/{guild_id}").read().seq
    return robo.outbox.taken(guild_id).get("default", 0) >= last and not robo.outbox.left(guild_id)


async def _end_while_they_rise(end: End, run: Daemon, robo: RoboXP, risen: list[Guild]) -> None:
    hold = run.discord.hold_rest(end.call, after=end.after, skip=end.step)
    ids = [[str(one.id) for one in guild.members.values() if one.user.name.startswith("member")]
           for guild in risen]  # fmt: skip
    for user_ids in zip(*ids, strict=True):
        for guild, user_id in zip(risen, user_ids, strict=True):
            robo.xp.add(str(guild.id), user_id, 155)
    await run.discord.until(lambda: hold.waiting, 60.0)
    run.send(end.how)
    if end.how is signal.SIGKILL:
        hold.drop()
    else:
        hold.release()
    await run.ended()


def _wrongs(discord: Loopback, risen: list[Guild]) -> Iterator[str]:
    """Who has not the role, or is not told of once: alone, or with others in a summary."""
    for guild in risen:
        said = [one.content for one in guild.channel("general").messages
                if one.author is discord.bot]  # fmt: skip
        everybody = [one for one in guild.members.values() if one.user.name.startswith("member")]
        times = Counter(mention for text in said for mention in re.findall(r"<@\d+>", text))
        unnamed = sum(int(found[1]) for text in said if (found := _MORE.search(text)))
        if twice := [mention for mention, count in times.items() if count > 1]:
            yield f"told twice: {twice}"
        if len(times) + unnamed != len(everybody):
            yield f"{len(times)} were told of by name and {unnamed} without, of {len(everybody)}"
        if bare := [one.user.name for one in everybody if not one.has("One")]:
            yield f"without the role: {bare}"
    if limited := [call.name for call in discord.requests if call.status == 429]:
        yield f"too many: {limited}"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("call", "step"), [(ROLE_CALLS, 0), (WORDS, 0), (WORDS, 4)])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@played
async def test_ended_at_a_call(
    tmp_path: Path, call: str, step: int, how: signal.Signals, after: bool
) -> None:
    """Killed or stopped before or after Discord does it, every member is told once."""
    assert not await ended_at(End(call, how, after, step), tmp_path, members=6)


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize(
    ("guilds", "call", "calls"),
    [(4, ROLE_CALLS, 100), (4, WORDS, 100), (1, ROLE_CALLS, 100), (1, WORDS, 26)],
)
@played
async def test_ended_at_each_call_of_a_round(
    guilds: int, call: str, calls: int, how: signal.Signals, after: bool
) -> None:
    """The same at each call of 100 role changes and 100 announcements, which are one by one in
    four guilds, and 25 and a summary in one.
    """
    turns, wrongs = asyncio.Semaphore(ROUNDS_AT_ONCE), dict[int, str]()

    async def one(step: int) -> None:
        async with turns:
            with tempfile.TemporaryDirectory() as folder:
                end = End(call, how, after, step)
                try:
                    wrong = await ended_at(end, Path(folder), members=100 // guilds, guilds=guilds)
                except TimeoutError as error:
                    wrong = str(error)
        if wrong:
            wrongs[step] = wrong

    await asyncio.gather(*map(one, range(calls)))
    print(f"\n{call} {how.name} after={after} in {guilds} guilds: {calls} points, {wrongs or 0}")
    assert not wrongs
