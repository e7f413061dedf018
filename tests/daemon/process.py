"""The real programs as processes: the daemon against a loopback Discord, and the command line."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from robo_xp import RoboXP
from tests.daemon.loopback import Guild, Loopback, Member
from tests.daemon.warm import Forked, server

ROOT = Path(__file__).parents[2]
CONFIG, LOG, DATA = "robo-xp.toml", "log", "data"


def environment(**more: str) -> dict[str, str]:
    """A small environment: the project's packages, and nothing of whoever runs the tests."""
    path = os.pathsep.join(str(ROOT / part) for part in ("", "cli", "daemon"))
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "HOME": "/nonexistent"}
    return {**base, "LANG": "C.UTF-8", "TZ": "UTC", **more}


@dataclass
class Daemon:
    """``robo-xpd`` in a folder with its configuration, data and log; not running at first."""

    discord: Loopback
    folder: Path
    durability: str = "os"
    address: str = ""  # of a vault that is no folder
    table: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    process: Forked | asyncio.subprocess.Process | None = None
    program: tuple[str, ...] = ()  # another than the daemon itself
    rest: dict[str, str] = field(default_factory=dict)
    shards: str = ""
    pages: str = ""  # the address of its pages

    @property
    def data_dir(self) -> Path:
        """The vault."""
        return self.folder / DATA

    @property
    def log(self) -> str:
        """What all runs wrote so far."""
        path = self.folder / LOG
        return path.read_text() if path.exists() else ""

    def write_config(self, **table: str) -> None:
        """Write the configuration; values are TOML."""
        self.table |= table
        known = {
            "api_base": f'"{self.discord.api_base}"',
            "gateway": f'"{self.discord.gateway_url}"',
            **self.table,
        }
        lines = [
            f'data_dir = "{self.address or DATA}"',
            f'durability = "{self.durability}"',
            "[daemon]",
        ]
        lines += [f"{key} = {value}" for key, value in known.items()]
        lines += ["[rest]", *(f"{key} = {value}" for key, value in self.rest.items())]
        lines += ["[pages]", f'listen = "{self.pages}"'] if self.pages else []
        # another daemon of the folder may read it now
        whole = self.folder / f"{CONFIG}.new"
        whole.write_text("\n".join(lines) + "\n")
        whole.replace(self.folder / CONFIG)

    async def start(self, *, connected: bool = True) -> None:
        """Start it; when this returns it is connected, if that is wanted."""
        self.write_config()
        before = len(self.discord.sessions)
        with (self.folder / LOG).open("ab") as log:
            words = ["--config", str(self.folder / CONFIG)]
            words += ["--shards", self.shards] if self.shards else []
            environ = environment(**{"ROBO_XP_TOKEN": self.discord.token, **self.environ})
            if self.program:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, *self.program, *words, env=environ, stderr=log
                )
            else:
                warm = server(tuple(environment().items()))
                self.process = warm.start(words, environ, log.fileno())
        if connected:
            sessions = self.discord.sessions
            await self.discord.until(
                lambda: len(sessions) > before and sessions[-1].is_connected, 15.0
            )

    async def ended(self, timeout: float = 15.0) -> int:
        """Its exit code, once it has ended."""
        assert self.process is not None
        async with asyncio.timeout(timeout):
            return await self.process.wait()

    async def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.send(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """End it without a word."""
        self.send(signal.SIGKILL)
        await self.ended()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    async def cli(self, guild: Guild, *words: str) -> None:
        """Run a command of ``robo-xp`` on the same vault; it has to succeed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "robo_xp_cli", *words, "-g", str(guild.id),
            "--config", str(self.folder / CONFIG),
            env=environment(**self.environ),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()

    def vault(self) -> RoboXP:
        """The same vault, opened by the test."""
        return RoboXP.open(self.address or self.data_dir, durability="os", by="test")

    def counted(self, robo: RoboXP, guild: Guild, member: Member) -> tuple[int, int]:
        """Messages of the member that were counted, and those of them that earned XP."""
        record = robo.xp.record(str(guild.id), str(member.id))
        return (0, 0) if record is None else (record.messages, record.xp_messages)


@asynccontextmanager
async def daemon(discord: Loopback, folder: Path, **options: str) -> AsyncIterator[Daemon]:
    """A daemon that was not started yet; whatever becomes of it, it is gone afterwards."""
    made = Daemon(discord, folder, table=options)
    made.write_config()
    try:
        yield made
    finally:
        if made.process is not None and made.process.returncode is None:
            await made.kill()
