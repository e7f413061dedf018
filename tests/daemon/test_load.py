"""The daemon under load: minutes of work, so run by hand with ``-m long -s`` for the figures."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.daemon.loopback import Guild, Loopback, Message
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played

pytestmark = pytest.mark.long

_COUNTED = re.compile(rb'"lastMessageId":"(\d+)"')
SEED = 20


class Tail(threading.Thread):
    """Notes when the id of each message shows up in a journal, over compactions too."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path = path
        self.seen_at: dict[int, float] = {}
        self.ended = threading.Event()
        self._rest = b""

    def run(self) -> None:
        """Look every millisecond."""
        while not self.path.exists():
            time.sleep(0.001)
        file = self.path.open("rb")
        while not self.ended.is_set():
            self._note(file.read())
            if os.stat(self.path).st_ino != os.fstat(file.fileno()).st_ino:
                self._note(file.read())
                file.close()
                file = self.path.open("rb")
            time.sleep(0.001)
        self._note(file.read())
        file.close()

    def _note(self, data: bytes) -> None:
        now = time.monotonic()
        whole, newline, self._rest = (self._rest + data).rpartition(b"\n")
        for number in _COUNTED.findall(whole + newline):
            self.seen_at.setdefault(int(number), now)


def crowd(discord: Loopback, size: int) -> Guild:
    """A guild of so many members."""
    return discord.add_guild("G", members=[f"member{n}" for n in range(size)])


def speakers(guild: Guild) -> list[str]:
    """The names of those who talk."""
    return [one.user.name for one in guild.members.values() if one.user.name.startswith("member")]


def counts(run: Daemon, guild: Guild) -> Counter[int]:
    """How many messages of each member are in the vault."""
    with run.vault() as robo:
        return Counter({int(one.user_id): one.messages for one in robo.xp.records(str(guild.id))})


async def all_counted(
    discord: Loopback, run: Daemon, guild: Guild, said: list[Message], timeout: float = 30.0
) -> None:
    """Return when each message was counted, exactly once."""
    wanted = Counter(message.author.id for message in said)
    with run.vault() as robo:

        def total() -> int:
            return sum(one.messages for one in robo.xp.records(str(guild.id)))

        await discord.until(lambda: total() >= len(said), timeout, 0.1)
    assert counts(run, guild) == wanted


def percentile(waits: list[float], share: float) -> float:
    """The wait, in milliseconds, that so large a share stays below."""
    return sorted(waits)[min(int(len(waits) * share), len(waits) - 1)] * 1000


@contextmanager
def uncollected() -> Iterator[None]:
    """Without collections of garbage: those of the loopback are no part of what is measured."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@played
async def test_500_messages_a_second(tmp_path: Path) -> None:
    """20 seconds at 500 a second: none lost, and 99 of 100 committed within 20 ms."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.durability = "batch"
        guild = crowd(discord, 200)
        await run.start()
        with run.vault() as robo:
            robo.config.set(str(guild.id), {"cooldownSeconds": 0})
        tail = Tail(run.data_dir / f"xp/default/{guild.id}.journal")
        tail.start()
        with uncollected():
            said = await guild.chatter(speakers(guild), "general", rate=500, seconds=20)
            await all_counted(discord, run, guild, said)
            tail.ended.set()
            tail.join()
        assert await run.stop() == 0
        waits = [tail.seen_at[message.id] - message.sent_at for message in said]
        p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
        print(f"\n{len(said)} messages; sent to file: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        print(run.log.splitlines()[-1])

        own = re.search(r"([\d.]+) ms for 99 of 100", run.log)
        assert own is not None
        assert max(p99, float(own[1])) < 20.0


@played
async def test_killed_20_times_under_load(tmp_path: Path) -> None:
    """However often it is killed, a replay counts what was lost and nothing twice."""
    chance = random.Random(SEED)
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.durability = "batch"
        guild = crowd(discord, 20)
        said: list[Message] = []
        known: Counter[int] = Counter()
        for _ in range(20):
            await run.start()
            for message in said[-1000:]:
                member = guild.members[message.author.id]
                guild.say(member, "general", extra={"id": str(message.id)})
            count = chance.randint(100, 450)
            talk = asyncio.create_task(
                guild.chatter(speakers(guild), "general", rate=300, seconds=count / 300)
            )
            await asyncio.sleep(chance.uniform(0.05, 1.2))
            await run.kill()
            said += await talk
            now = counts(run, guild)
            assert all(now[user_id] >= count for user_id, count in known.items())
            known = now
        await run.start()
        for message in said[-1000:]:
            member = guild.members[message.author.id]
            guild.say(member, "general", extra={"id": str(message.id)})
        await all_counted(discord, run, guild, said)
        print(f"\n{len(said)} messages over 20 kills, each counted once")
        assert await run.stop() == 0


@played
async def test_a_large_apply_beside_messages(tmp_path: Path) -> None:
    """100,000 rows beside 100 messages a second: no message is lost, no heartbeat late."""
    async with (
        Loopback(heartbeat_interval=1.0) as discord,
        daemon(discord, tmp_path) as run,
    ):
        run.durability = "batch"
        guild = crowd(discord, 50)
        rows = tmp_path / "rows.csv"
        rows.write_text(
            "op,user,amount\n" + "".join(f"give,{10**17 + n},500\n" for n in range(100_000))
        )
        await run.start()
        talk = asyncio.create_task(guild.chatter(speakers(guild), "general", rate=100, seconds=20))
        await asyncio.sleep(2.0)
        began = time.monotonic()
        await run.cli(guild, "xp", "apply", str(rows))
        took = time.monotonic() - began
        said = await talk
        silence = discord.sessions[-1].longest_silence()
        with run.vault() as robo:
            applied = robo.xp.get(str(guild.id), str(10**17 + 99_999))
            wanted = Counter(message.author.id for message in said)
            ids = [str(user_id) for user_id in wanted]

            def total() -> int:
                found = [robo.xp.record(str(guild.id), user_id) for user_id in ids]
                return sum(one.messages for one in found if one is not None)

            await discord.until(lambda: total() >= len(said), 30.0, 0.1)
            assert (total(), applied) == (len(said), 500)
        assert len(discord.sessions) == 1
        print(f"\napply took {took:.1f} s; longest silence {silence:.2f} s; {len(said)} messages")
        assert await run.stop() == 0
        print(run.log.splitlines()[-1])
        assert silence < 1.25
