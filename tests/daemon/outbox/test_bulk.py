"""Bulk work for Discord with the real daemon: minutes of it, so run by hand with ``-m long -s``."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.usecases.members.rows import Row
from tests.daemon import hasty
from tests.daemon.giveaways.scenes import DAY_MS, MovedClock
from tests.daemon.loopback import Guild, Loopback, Member, Request
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played

pytestmark = pytest.mark.long

MINUTE_MS = 60_000
CROWD = 100_000


def most_in_a_second(requests: Sequence[Request]) -> int:
    """How many requests at most the server got within any second."""
    times, most, first = sorted(one.at for one in requests), 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def rows_of(ids: Iterable[str], amount: int) -> list[Row]:
    """Each member gets so much."""
    return [Row(number, "give", user_id, amount) for number, user_id in enumerate(ids, 1)]


def ids_of(guild: Guild) -> list[str]:
    """The ids of the crowd."""
    everybody = guild.members.values()
    return [str(one.id) for one in everybody if one.user.name.startswith("member")]


def with_role(guild: Guild) -> set[str]:
    """The ids of those who have a role beside the one that everybody has."""
    return {str(one.id) for one in guild.members.values() if one.roles}


def resident_mib(run: Daemon) -> float:
    """How much memory the daemon holds."""
    assert run.process is not None
    text = Path(f"/proc/{run.process.pid}/status").read_text()
    line = next(one for one in text.splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def began(discord: Loopback, run: Daemon, robo: RoboXP, guild: Guild) -> None:
    """The daemon follows the vault; from now on levels are announced and rewarded."""
    told = robo.vault.namespace("cursors").read
    await discord.until(lambda: told().records("starts") and told().records("commands"))
    channel = {"mode": "channel", "channelId": str(guild.channel("general").id)}
    robo.config.set(str(guild.id), {"announcements": channel})
    robo.rewards.add(str(guild.id), 1, str(guild.role("One").id))


@played
async def test_a_week_of_downtime(tmp_path: Path) -> None:
    """5,000 rose meanwhile, 100 of them lately: 25 are told one by one, the others together; all
    have the role, with under 50 requests in any second.
    """
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        names = [f"member{number}" for number in range(5_000)]
        guild = discord.add_guild("G", roles=["One"], members=names)
        ids = ids_of(guild)
        await run.start()
        with run.vault() as robo:
            await began(discord, run, robo, guild)
        await run.stop()
        clock = MovedClock()
        with RoboXP.open(run.data_dir, durability="os", clock=clock) as robo:
            for first in range(0, 5_000, 25):
                is_late = first >= 4_900
                clock.moved_ms = -10 * MINUTE_MS if is_late else -7 * DAY_MS
                rows = rows_of(ids[first : first + 25], 155)
                robo.xp.apply(str(guild.id), rows, resolve=str)
        before, began_at = len(discord.requests), time.monotonic()
        await run.start()
        with run.vault() as robo:
            await discord.until(lambda: robo.outbox.left(str(guild.id)), 30.0)
            await discord.until(lambda: robo.outbox.left(str(guild.id)) == 0, 600.0, 0.5)
        assert await run.stop() == 0

    requests = discord.requests[before:]
    said = [one for one in guild.channel("general").messages if one.author is discord.bot]
    singles = [one for one in said if one.pings]
    most = most_in_a_second(requests)
    print(f"\n{time.monotonic() - began_at:.0f} s, {len(requests)} requests, {most} in a second at"
          f" most; {len(singles)} announcements, {len(said) - len(singles)} summaries")  # fmt: skip
    assert len(singles) <= 25 and len(said) - len(singles) <= 2
    assert with_role(guild) >= set(ids)
    assert most < 50
    assert not [one for one in requests if one.status == 429]


@pytest.mark.parametrize("restarts", [True, False])
@played
async def test_100_000_level_ups(tmp_path: Path, restarts: bool) -> None:
    """1.2 requests a member at most; who rises meanwhile is served within two seconds; a restart
    goes on where it was, and memory is given back with it and without.
    """
    count = CROWD
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.program = hasty.PROGRAM
        names = [f"member{number}" for number in range(count)]
        guild = discord.add_guild("G", roles=["One"], members=[*names, "ann", "bob"])
        # looked up once: a look at so many names holds up the server of this process
        ids, ann, bob = ids_of(guild), guild.member("ann"), guild.member("bob")
        with run.vault() as robo:
            robo.xp.apply(str(guild.id), rows_of(ids, 100), resolve=str)
        await run.start()
        with run.vault() as robo:
            told = robo.vault.namespace("cursors").read
            await discord.until(lambda: told().records("starts") and told().records("commands"))
            robo.rewards.add(str(guild.id), 1, str(guild.role("One").id))
            guild.say("ann", "general")
            await discord.until(lambda: run.counted(robo, guild, ann)[0])
            await asyncio.sleep(3.0)
            idle, before, began_at = resident_mib(run), len(discord.requests), time.monotonic()
            robo.xp.apply(str(guild.id), rows_of(ids, 100), resolve=str)

            def changed() -> int:
                return len(discord.requests) - before

            async def served(member: Member) -> float:
                given_at = time.monotonic()
                robo.xp.add(str(guild.id), str(member.id), 155)
                await discord.until(lambda: member.has("One"), 30.0, 0.01)
                return time.monotonic() - given_at

            # while the daemon reads what was applied
            early = await served(bob)
            await discord.until(lambda: changed() > count // 5, 600.0, 0.5)
            late = await served(ann)
            await discord.until(lambda: changed() > count // 2, 900.0, 0.5)
            if restarts:
                run.send(signal.SIGTERM)
                assert await run.ended() == 0
                await run.start()
            await discord.until(lambda: robo.outbox.left(str(guild.id)) == 0, 1_800.0, 1.0)
            took, most = time.monotonic() - began_at, resident_mib(run)
            await asyncio.sleep(20.0)
            after = resident_mib(run)
        assert await run.stop() == 0

    each = changed() / count
    print(f"\n{took:.0f} s, {each:.3f} requests a member; bob served in {early:.2f} s, ann in"
          f" {late:.2f} s;"
          f" RSS {idle:.0f} MiB idle, {most:.0f} at the end, {after:.0f} later")  # fmt: skip
    assert with_role(guild) >= set(ids)
    assert each <= 1.2
    assert max(early, late) < 2.0
    assert after <= idle * 1.2
