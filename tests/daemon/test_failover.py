"""A standby takes over from a primary that is killed, under writers and daemons."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from pathlib import Path

import pytest

from tests import postgres
from tests.conftest import NOT_TRIED
from tests.daemon.loopback import Loopback
from tests.daemon.process import daemon
from tests.daemon.stage import played
from tests.vault.postgres.test_kills import check, writers

MOST_SECONDS = 5.0


def free_ports() -> tuple[int, int]:
    """Two ports of loopback that nobody has."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]


@pytest.mark.long
@played
async def test_a_standby_takes_over_and_nothing_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As often as FAILOVERS says, 20 times unless: every acknowledged batch is there once, and
    commands, and the daemons of two shards, go on within 5 seconds of the promotion.
    """
    times = int(os.environ.get("FAILOVERS", "20"))
    with postgres.pair(free_ports()) as servers:
        if servers is None:
            pytest.skip(NOT_TRIED)
        address = f"{servers.base}&schema=failover"
        async with (
            Loopback(shards=2, max_concurrency=2) as discord,
            daemon(discord, tmp_path) as first,
            daemon(discord, tmp_path) as second,
        ):
            guilds = [discord.add_guild(f"G{number}", members=["ann"]) for number in range(2)]
            for number, run in enumerate((first, second)):
                run.address, run.shards, run.durability = address, f"{number}-{number}/2", "batch"
                run.environ = {"STATE_DIRECTORY": str(tmp_path / f"host{number}")}
                await run.start()
            waits: dict[str, list[float]] = {"command": [], "daemons": []}
            with first.vault() as robo, writers(address, str(tmp_path)) as notes:
                for guild in guilds:
                    robo.config.set(str(guild.id), {"cooldownSeconds": 0})

                async def command(since: float) -> None:
                    """How long a command takes that begins at the promotion."""
                    await first.cli(guilds[0], "xp", "give", str(guilds[0].member("ann").id), "1")
                    waits["command"].append(time.monotonic() - since)

                async def messages(since: float, turn: int) -> None:
                    """How long until messages of both shards are counted."""
                    for guild in guilds:
                        guild.say(guild.member("ann"), "general", f"turn {turn}")
                    await discord.until(
                        lambda: all(
                            first.counted(robo, guild, guild.member("ann"))[0] >= turn
                            for guild in guilds
                        ),
                        60.0,
                    )
                    waits["daemons"].append(time.monotonic() - since)

                for turn in range(1, times + 1):
                    await asyncio.to_thread(servers.fail_over)
                    now = time.monotonic()
                    await asyncio.gather(command(now), messages(now, turn))
                    await asyncio.to_thread(servers.join)
                counted = [first.counted(robo, guild, guild.member("ann"))[0] for guild in guilds]
            with first.vault() as robo:
                found = check(robo.vault, notes)  # type: ignore[arg-type]  # it is on PostgreSQL
        with capsys.disabled():
            longest = {what: round(max(of), 2) for what, of in waits.items()}
            print(f"{times} failovers:", json.dumps(found), "longest waits, s:", longest)
            print(sorted(round(one, 2) for of in waits.values() for one in of))

        assert counted == [times, times]
        assert max(longest.values()) < MOST_SECONDS
