"""What a daemon does while nothing happens, and how soon it acts; run with ``-m long -s``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from robo_xp.machine.daemon_lock import daemons_of
from robo_xp.machine.places import daemon_dir
from tests.daemon.loopback import Loopback
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played
from tests.daemon.test_load import Tail, percentile

pytestmark = pytest.mark.long

GUILDS, SECONDS, REWARDS = 10_000, 60, 200


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def idle_share(discord: Loopback, run: Daemon, folder: Path) -> float:
    """What a daemon of many guilds uses of a core, over a minute in which nothing happens."""
    guilds = [discord.add_guild(f"G{number}", roles=["One"]) for number in range(GUILDS)]
    with run.vault() as robo:
        for number, guild in enumerate(guilds):
            robo.xp.add(str(guild.id), str(10**17 + number), 200)
            if number % 100 == 0:
                channel_id = str(guild.channel("general").id)
                robo.giveaways.create(
                    str(guild.id), prize="Book", duration="7d", channel_id=channel_id
                )
    await run.start(connected=False)
    await discord.connected(timeout=300.0)
    (holder,) = daemons_of(folder)
    before, settled = cpu_seconds(holder.pid), False
    while not settled:  # its start: guilds arrive, and every namespace is looked at once
        await asyncio.sleep(10.0)
        now = cpu_seconds(holder.pid)
        settled, before = now - before < 0.5, now
    await asyncio.sleep(SECONDS)
    share = (cpu_seconds(holder.pid) - before) / SECONDS
    print(f"\nidle with {GUILDS:,} guilds: {share:.2%} of a core over {SECONDS} s")
    return share


@played
async def test_an_idle_daemon_of_10000_guilds(tmp_path: Path) -> None:
    """Where nothing happens a daemon uses less than 1 % of a core."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        assert await idle_share(discord, run, daemon_dir(str(run.data_dir), {})) < 0.01
        assert await run.stop() == 0


@played
async def test_an_idle_daemon_on_postgresql(tmp_path: Path, postgresql_address: str) -> None:
    """The same holds for a vault in PostgreSQL."""
    state = {"STATE_DIRECTORY": str(tmp_path / "state")}
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.address, run.environ = postgresql_address, state
        assert await idle_share(discord, run, daemon_dir(postgresql_address, state)) < 0.01
        assert await run.stop() == 0


@played
async def test_an_own_award_is_rewarded_at_once(tmp_path: Path) -> None:
    """A role for an award of the daemon itself is asked for within 20 ms of the commit."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        names = [f"member{number}" for number in range(REWARDS)]
        guild = discord.add_guild("G", roles=["One"], members=names)
        await run.start()
        with run.vault() as robo:
            for name in names:
                robo.xp.set(str(guild.id), str(guild.member(name).id), 150)
            robo.rewards.add(str(guild.id), 1, str(guild.role("One").id))
        tail = Tail(run.data_dir / f"xp/default/{guild.id}.journal")
        tail.start()
        starts, ends = list[float](), list[float]()
        for name in names:
            member, before = guild.member(name), len(discord.requests)
            message = guild.say(member, "general", "hello")
            path = f"/guilds/{guild.id}/members/{member.id}/roles/*"
            await discord.until(lambda p=path: discord.calls("PUT", p))  # type: ignore[misc]
            await discord.until(lambda m=message: m.id in tail.seen_at)  # type: ignore[misc]
            commit = tail.seen_at[message.id]
            starts.append(discord.requests[before].at - commit)
            ends.append(discord.calls("PUT", path)[0].at - commit)
            # two requests each: faster than this, the pace for Discord would be measured
            await asyncio.sleep(0.1)
        tail.ended.set()
        tail.join()
        assert await run.stop() == 0
        for what, waits in (("first request", starts), ("role", ends)):
            half, most = percentile(waits, 0.5), percentile(waits, 0.99)
            print(f"\n{REWARDS} {what}s after the commit: p50 {half:.1f} ms, p99 {most:.1f} ms")

        assert percentile(ends, 0.5) < 20.0
