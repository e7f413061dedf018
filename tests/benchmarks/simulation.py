"""A bot of many guilds over several daemons, as processes, against a loopback Discord.

``./dev bench --simulation`` takes about ten minutes with files and PostgreSQL: 20,000 guilds,
4 daemons, 2,000 messages a second for two minutes each, of which ``--rate`` and others make less.
Guilds, and who speaks in them, follow a power law. The loopback is one process and may take a core
by itself: what it sent, and what was counted of that in the time, is told.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path

from tests import postgres
from tests.daemon.loopback import Guild, Loopback
from tests.daemon.process import CONFIG, Daemon, daemon, environment

GUILDS_A_SHARD = 2_500
IDLE_SECONDS = 20.0
_MOST_MEMBERS = 1_000
_START_SECONDS = 600.0
_WAITS = re.compile(r"([\d.]+) ms in the median, ([\d.]+) ms for 99 of 100")


@dataclass(frozen=True)
class Load:
    """How large the bot is, and how much is said."""

    guilds: int = 20_000
    daemons: int = 4
    rate: float = 2_000.0
    seconds: float = 120.0
    durability: str = "batch"

    @property
    def shards(self) -> int:
        """As few as Discord allows, the same number for each daemon."""
        return self.daemons * max(1, -(-self.guilds // (GUILDS_A_SHARD * self.daemons)))

    @property
    def ranges(self) -> list[str]:
        """The shards of each daemon."""
        each = self.shards // self.daemons
        return [
            f"{first}-{first + each - 1}/{self.shards}" for first in range(0, self.shards, each)
        ]


class Crowd:
    """Guilds of which few are large, and in which few speak often."""

    def __init__(self, discord: Loopback, guilds: int) -> None:
        """Make them, the same ones each time."""
        self._choose = random.Random(7)
        self._guilds: list[tuple[Guild, list[str]]] = []
        for number in range(guilds):
            size = min(_MOST_MEMBERS, int(self._choose.paretovariate(1.2)))
            names = [f"{number}-{one}" for one in range(size)]
            self._guilds.append((discord.add_guild(f"G{number}", members=names), names))
        self.members = sum(len(names) for _, names in self._guilds)
        self._weights = list(accumulate(len(names) for _, names in self._guilds))

    def say(self, times: int) -> None:
        """Let so many members write, one message each."""
        for guild, names in self._choose.choices(self._guilds, cum_weights=self._weights, k=times):
            guild.say(names[int(len(names) * self._choose.random() ** 3)], "general", "hello")

    async def talk(self, load: Load) -> int:
        """How many messages were written in the time, at most at the rate."""
        began, said = time.monotonic(), 0
        while (passed := time.monotonic() - began) < load.seconds:
            # more at once would only wait in the loopback
            due = min(int(passed * load.rate) - said, int(load.rate / 10) + 1)
            self.say(due)
            said += due
            await asyncio.sleep(0.002)
        return said


def tree_of(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from tree_of(int(child))


def cpu_of(pids: Iterable[int]) -> float:
    """Seconds of the processors that these and what they started have used, ended ones too."""
    ticks = 0
    for pid in chain.from_iterable(map(tree_of, pids)):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_of(pids: Iterable[int]) -> float:
    """MiB that these have for themselves, and their shares of what several have."""
    found = 0
    for pid in chain.from_iterable(map(tree_of, pids)):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0])
    return found / 1024


class Simulation:
    """The daemons of one engine, and what they and the server use."""

    def __init__(self, load: Load, folder: Path, server: postgres.Server | None) -> None:
        """Start nothing yet."""
        self.load, self._folder = load, folder
        self._address = "" if server is None else server.address("simulation")
        self._server = [] if server is None or server.process is None else [server.process.pid]
        self._runs: list[Daemon] = []

    async def run(self) -> list[str]:
        """What was measured, in lines."""
        load = self.load
        async with (
            Loopback(shards=load.shards, max_concurrency=load.shards) as discord,
            AsyncExitStack() as stack,
        ):
            crowd = Crowd(discord, load.guilds)
            print(f"{load.guilds:,} guilds, {crowd.members:,} members", file=sys.stderr)
            for text in load.ranges:
                run = await stack.enter_async_context(daemon(discord, self._folder))
                run.shards, run.address, run.durability = text, self._address, load.durability
                run.program = ("-m", "robo_xp_daemon.main")  # each with memory of its own
                run.environ = {"STATE_DIRECTORY": str(self._folder / "state")}
                await run.start(connected=False)
                self._runs.append(run)
            await discord.connected(load.shards, timeout=_START_SECONDS)
            await self._settled()
            lines = [self._spent("idle", *await self._used(asyncio.sleep(IDLE_SECONDS)))]
            talking = asyncio.create_task(crowd.talk(load))
            used = await self._used(talking)
            said = talking.result()
            ended = time.monotonic()
            while await self._counted() < said:
                await asyncio.sleep(0.2)
            late = time.monotonic() - ended
            lines += [
                f"{said / load.seconds:,.0f} messages a second were sent, and"
                f" {said / (load.seconds + late):,.0f} counted; the last after {late:.1f} s",
                self._spent("busy", *used),
                f"memory: {memory_of(self._pids) / load.daemons:,.0f} MiB a daemon"
                + (f", {memory_of(self._server):,.0f} MiB the server" if self._server else ""),
            ]
            for run in self._runs:
                await run.stop()
            waits = [tuple(map(float, found)) for found in _WAITS.findall(self._runs[0].log)]
            half, most = (max(column) for column in zip(*waits, strict=True))
            lines.append(f"gateway to commit, the slowest daemon: {half} ms, p99 {most} ms")
            return lines

    @property
    def _pids(self) -> list[int]:
        """The processes of the daemons."""
        return [run.process.pid for run in self._runs if run.process is not None]

    async def _settled(self) -> None:
        """Return when the start is over: guilds have arrived, and each was looked at once."""
        before = cpu_of(self._pids)
        while True:
            await asyncio.sleep(5.0)
            now = cpu_of(self._pids)
            if now - before < 0.25:
                return
            before = now

    async def _used(self, work: Awaitable[object]) -> tuple[float, float, float, float]:
        """Seconds that a work took, and CPU of daemons, server and loopback meanwhile."""
        before = cpu_of(self._pids), cpu_of(self._server), time.process_time()
        began = time.monotonic()
        await work
        took = time.monotonic() - began
        return (
            took,
            cpu_of(self._pids) - before[0],
            cpu_of(self._server) - before[1],
            time.process_time() - before[2],
        )

    def _spent(self, what: str, took: float, daemons: float, server: float, own: float) -> str:
        """Shares of a core."""
        return (
            f"{what}: {daemons / took / self.load.daemons:.2%} of a core each daemon,"
            f" {server / took:.2%} the server, {own / took:.2%} the loopback"
        )

    async def _counted(self) -> int:
        """How many messages the daemons have counted."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "robo_xp_cli", "daemon", "status", "--json"),
            *("--config", str(self._folder / CONFIG)),
            env=environment(STATE_DIRECTORY=str(self._folder / "state")),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        return sum(one["messages"] for one in json.loads(said)["daemons"])


def main(load: Load) -> None:
    """Measure and print, files first."""
    with postgres.server(careless=False) as server:
        for engine, where in (("files", None), ("PostgreSQL", server)):
            if engine == "PostgreSQL" and where is None:
                print("PostgreSQL is not installed: NOT MEASURED")
                continue
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "data").mkdir()
                for line in asyncio.run(Simulation(load, Path(folder), where).run()):
                    print(f"{engine}: {line}", flush=True)
