"""Twenty minutes of mixed trouble with the real daemon, run by hand with ``-m long -s``."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.daemon import quick
from tests.daemon.loopback import Guild, Loopback
from tests.daemon.outbox.test_bulk import began, resident_mib
from tests.daemon.process import Daemon, daemon
from tests.daemon.stage import played

pytestmark = pytest.mark.long

MINUTES = 20
SEED = 12


@dataclass
class Soak:
    """A guild that lives on while everything around it fails now and then."""

    discord: Loopback
    run: Daemon
    robo: RoboXP
    guild: Guild
    chance: random.Random

    @property
    def guild_id(self) -> str:
        """As the vault knows it."""
        return str(self.guild.id)

    def names(self) -> list[str]:
        """Who talks and rises."""
        return [f"member{number}" for number in range(30)]

    async def live(self) -> None:
        """A second of messages, level-ups and giveaways."""
        for _ in range(4):
            self.guild.say(self.chance.choice(self.names()), "general")
            await asyncio.sleep(0.25)
        member = self.guild.member(self.chance.choice(self.names()))
        if self.chance.random() < 0.2:
            self.robo.xp.add(self.guild_id, str(member.id), 155)
        if self.chance.random() < 0.05:
            book = self.robo.giveaways.create(
                self.guild_id, prize="Book", duration="1h",
                channel_id=str(self.guild.channel("draws").id),
            ).giveaway  # fmt: skip
            self.robo.giveaways.enter(self.guild_id, book.id, [str(member.id)])
            self.robo.giveaways.end(self.guild_id, book.id)

    async def outage(self) -> None:
        """REST is away for a while."""
        self.discord.refuse_rest(503)
        await asyncio.sleep(self.chance.uniform(1, 8))
        self.discord.restore_rest()

    async def limits(self) -> None:
        """Too many requests, of one kind and in all."""
        self.discord.rate_limit("POST */messages", 1.0, count=2)
        self.discord.rate_limit("*", 1.0, is_global=True)

    async def losses(self) -> None:
        """Answers get lost, cut, or are those of a proxy."""
        self.discord.lose_answers("*", 2)
        self.discord.answer_with("PUT */roles/*", b"<p>", "text/html", 2)
        self.discord.answer_with("POST */messages", b"{", "application/json", 1)

    async def permission(self) -> None:
        """What the bot may do is taken, and given back a while later."""
        channel = self.guild.channel("general")
        self.discord.refuse_rest(403, matching="PUT */roles/*", code=50013)
        self.discord.refuse_rest(403, matching=f"POST /channels/{channel.id}/messages", code=50013)
        await asyncio.sleep(3.0)
        self.discord.restore_rest()
        self.guild.set_overwrites(channel, {})

    async def sockets(self) -> None:
        """The gateway breaks in some way."""
        broken = self.chance.choice(("abort", "op7", "op9", "events"))
        if broken == "abort":
            self.discord.abort_sockets()
        elif broken == "op7":
            self.discord.send_op7()
        elif broken == "op9":
            self.discord.send_op9(resumable=True)
        else:
            for name in ("MESSAGE_CREATE", "GUILD_ROLE_UPDATE", "THREAD_UPDATE"):
                self.discord.sessions[-1].tell(name, {"id": "no number"})

    def is_idle(self) -> bool:
        """Whether nothing is left to be told, or refused."""
        pending = self.robo.giveaways.pending(self.guild_id)
        return not pending and not self.robo.outbox.left(self.guild_id)


def open_files(run: Daemon) -> int:
    """How many descriptors the daemon holds."""
    assert run.process is not None
    return len(os.listdir(f"/proc/{run.process.pid}/fd"))


@played
async def test_mixed_trouble(tmp_path: Path) -> None:
    """No traceback, flat memory and descriptors, nothing pending that could be done, few lines."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        run.program = quick.PROGRAM
        names = [f"member{number}" for number in range(30)]
        channels = ["general", "draws"]
        guild = discord.add_guild("G", roles=["One"], members=names, channels=channels)
        await run.start()
        with run.vault() as robo:
            await began(discord, run, robo, guild)
            soak = Soak(discord, run, robo, guild, random.Random(SEED))
            troubles: list[Callable[[], Awaitable[None]]] = [
                soak.outage, soak.limits, soak.losses, soak.permission, soak.sockets
            ]  # fmt: skip
            started = time.monotonic()
            sizes = list[tuple[float, int]]()
            while time.monotonic() - started < MINUTES * 60:
                trouble = asyncio.create_task(_begun(soak.chance.choice(troubles)))
                for _ in range(12):
                    await soak.live()
                await trouble
                sizes.append((resident_mib(run), open_files(run)))
            discord.restore_rest()
            guild.add_role("New")
            await discord.until(soak.is_idle, 180.0, 0.5)
            refused = robo.outbox.refused()
        assert await run.stop() == 0

    lines = run.log.splitlines()
    early, late = sizes[len(sizes) // 4], sizes[-1]
    print(f"\n{MINUTES} minutes, {len(discord.requests)} requests, {len(lines)} lines of log")
    print(f"{early[0]:.0f} MiB and {early[1]} files early, {late[0]:.0f} and {late[1]} at the end")
    assert "Traceback" not in run.log
    assert refused == []
    assert late[0] <= early[0] * 1.2 and late[1] <= early[1] + 3
    assert len(lines) < 200


async def _begun(trouble: Callable[[], Awaitable[None]]) -> None:
    await trouble()
