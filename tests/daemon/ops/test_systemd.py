"""What systemd hears of the daemon, through a real socket from the real program."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from robo_xp_daemon.ops.systemd import Notifier
from tests.daemon.loopback import Loopback
from tests.daemon.process import Daemon, daemon
from tests.daemon.quick import PROGRAM
from tests.daemon.stage import played

WATCHDOG_SECONDS = 0.8
# the daemon with a part of its own: SIGUSR1 stops its event loop, and nothing else
HANGING = """
import asyncio, signal, sys, time
from contextlib import asynccontextmanager
from robo_xp_daemon import app, main
from tests.daemon.quick import hurried

begins = app.watching

@asynccontextmanager
async def watching(daemon):
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, time.sleep, 3600)
    async with begins(daemon):
        yield

app.watching = watching
with hurried():
    sys.exit(main.main())
"""


class Manager:
    """The end of the socket at which systemd would listen; ``heard`` is every datagram."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: list[dict[str, str]] = []
        self.heard_at: list[float] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    async def listen(self) -> None:
        """Go on until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            lines = (await loop.sock_recv(self._socket, 65536)).decode().split("\n")
            self.heard.append(dict(line.split("=", 1) for line in lines))
            self.heard_at.append(time.monotonic())

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def environment(self, **more: str) -> dict[str, str]:
        """What systemd would set."""
        return {"NOTIFY_SOCKET": self.address, **more}

    def count(self, name: str) -> int:
        """How often it was said."""
        return sum(name in heard for heard in self.heard)

    def said(self, name: str, value: str) -> bool:
        """Whether this was said."""
        return any(heard.get(name) == value for heard in self.heard)

    @property
    def status(self) -> str:
        """The last line of status."""
        return next((heard["STATUS"] for heard in self.heard[::-1] if "STATUS" in heard), "")


@asynccontextmanager
async def managing(address: str) -> AsyncIterator[Manager]:
    """A manager that listens."""
    manager = Manager(address)
    listening = asyncio.create_task(manager.listen())
    try:
        yield manager
    finally:
        listening.cancel()
        manager.close()


@asynccontextmanager
async def watched(
    folder: Path, discord: Loopback, **environ: str
) -> AsyncIterator[tuple[Manager, Daemon]]:
    """A daemon that was not started yet, and the manager that will watch it."""
    async with managing(str(folder / "notify")) as manager, daemon(discord, folder) as run:
        run.environ = manager.environment(**environ)
        run.program = PROGRAM
        yield manager, run


@played
async def test_ready_comes_with_the_gateway_and_not_before(tmp_path: Path) -> None:
    """READY=1 is said once all shards are connected, with a status that counts the guilds."""
    async with Loopback(shards=2) as discord, watched(tmp_path, discord) as (manager, run):
        discord.add_guild("G")
        discord.add_guild("H")
        await run.start()
        was_ready, status = manager.count("READY"), manager.status
        await discord.until(lambda: manager.said("READY", "1"), 15.0)

        assert (was_ready, status) == (0, "connecting to Discord")
        assert sum(session.is_connected for session in discord.sessions) == 2
        assert manager.count("EXTEND_TIMEOUT_USEC") >= 1
        assert manager.status.startswith("connected; 2 guilds, latency ")
        assert manager.status.endswith(" ms, 0 messages counted")


@played
async def test_the_status_goes_from_messages_to_the_end(tmp_path: Path) -> None:
    """The status counts what members wrote; SIGTERM brings STOPPING=1 and no other READY=1."""
    async with Loopback() as discord, watched(tmp_path, discord) as (manager, run):
        guild = discord.add_guild("G", members=["ann"])
        await run.start()
        await discord.until(lambda: manager.said("READY", "1"))
        guild.say(guild.member("ann"), guild.channel("general"), "hello")
        await discord.until(lambda: "1 message counted" in manager.status, 10.0)
        counted = manager.status
        code = await run.stop()
        await discord.until(lambda: manager.said("STOPPING", "1"))

        assert code == 0
        assert counted.startswith("connected; 1 guild, ")
        assert manager.status == "stopping: finishing what is in hand"
        assert manager.count("READY") == 1


@played
async def test_a_reload_is_told_from_its_begin_to_its_end(tmp_path: Path) -> None:
    """SIGHUP brings RELOADING=1 with the time of it, then READY=1, for faulty files too."""
    async with Loopback() as discord, watched(tmp_path, discord) as (manager, run):
        discord.add_guild("G")
        await run.start()
        await discord.until(lambda: manager.said("READY", "1"))
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        run.send(signal.SIGHUP)
        await discord.until(lambda: manager.count("READY") == 2)
        run.write_config(log_level='"loud"')
        run.send(signal.SIGHUP)
        await discord.until(lambda: manager.count("READY") == 3)
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

        reloads = [heard for heard in manager.heard if "RELOADING" in heard]
        assert [heard["RELOADING"] for heard in reloads] == ["1", "1"]
        times = [int(heard["MONOTONIC_USEC"]) for heard in reloads]
        assert before <= times[0] <= times[1] <= after
        order = [name for heard in manager.heard for name in heard if name != "STATUS"]
        assert order[-5:] == ["READY", *["RELOADING", "MONOTONIC_USEC", "READY"] * 2][-5:]


@played
async def test_what_ends_it_is_told(tmp_path: Path) -> None:
    """After a token that Discord refuses the status says so, and it never was ready."""
    async with Loopback() as discord, watched(tmp_path, discord) as (manager, run):
        discord.refuse_token()
        await run.start(connected=False)
        code = await run.ended()
        await discord.until(lambda: "refused" in manager.status)

        assert code == 77
        assert manager.status == "ended: Discord refused the token"
        assert manager.count("READY") == 0


@played
async def test_signs_of_life_end_when_the_loop_hangs(tmp_path: Path) -> None:
    """WATCHDOG=1 comes at half of the time that is given; with a loop that hangs, never again."""
    usec = str(int(WATCHDOG_SECONDS * 1_000_000))
    async with Loopback() as discord, watched(tmp_path, discord, WATCHDOG_USEC=usec) as seen:
        manager, run = seen
        run.program = ("-c", HANGING)
        discord.add_guild("G")
        await run.start()
        await discord.until(lambda: manager.count("READY"))
        begun = manager.count("WATCHDOG")
        await discord.until(lambda: manager.count("WATCHDOG") >= begun + 3)
        beats = [at for heard, at in zip(manager.heard, manager.heard_at, strict=True)
                 if "WATCHDOG" in heard][-3:]  # fmt: skip
        run.send(signal.SIGUSR1)
        hung_at = time.monotonic()
        await asyncio.sleep(2 * WATCHDOG_SECONDS)

        assert (beats[-1] - beats[0]) / 2 == pytest.approx(WATCHDOG_SECONDS / 2, rel=0.5)
        assert manager.heard_at[-1] - hung_at < WATCHDOG_SECONDS / 2
        assert run.process is not None and run.process.returncode is None


@played
async def test_signs_of_life_end_while_the_gateway_is_dead(tmp_path: Path) -> None:
    """With a socket that is open and nobody answering, they end; with answers they come again."""
    usec = str(int(WATCHDOG_SECONDS * 1_000_000))
    async with (
        Loopback(heartbeat_interval=0.2) as discord,
        watched(tmp_path, discord, WATCHDOG_USEC=usec) as (manager, run),
    ):
        discord.add_guild("G")
        await run.start()
        await discord.until(lambda: manager.count("WATCHDOG") >= 2)
        discord.acknowledges = False
        await discord.until(lambda: manager.status.startswith("Discord does not answer"), 15.0)
        held = manager.count("WATCHDOG")
        await asyncio.sleep(2 * WATCHDOG_SECONDS)
        dead = manager.count("WATCHDOG")
        discord.acknowledges = True
        await discord.until(lambda: manager.count("WATCHDOG") > dead)

        assert dead == held


@played
async def test_a_lost_connection_is_still_alive(tmp_path: Path) -> None:
    """While Discord is away for a moment the status says so, and signs of life go on."""
    usec = str(int(WATCHDOG_SECONDS * 1_000_000))
    async with Loopback() as discord, watched(tmp_path, discord, WATCHDOG_USEC=usec) as seen:
        manager, run = seen
        discord.add_guild("G")
        await run.start()
        await discord.until(lambda: manager.count("READY"))
        await discord.vanish()
        await discord.until(lambda: manager.status.startswith("reconnecting to Discord"))
        before = manager.count("WATCHDOG")
        await discord.until(lambda: manager.count("WATCHDOG") >= before + 3)


@played
async def test_nobody_watches_without_a_socket(tmp_path: Path) -> None:
    """Without NOTIFY_SOCKET the daemon says nothing, whatever else is set, and works."""
    async with (
        Loopback() as discord,
        managing(str(tmp_path / "notify")) as manager,
        daemon(discord, tmp_path) as run,
    ):
        run.environ = {"WATCHDOG_USEC": "100000"}
        guild = discord.add_guild("G", members=["ann"])
        await run.start()
        guild.say(guild.member("ann"), guild.channel("general"), "hello")
        with run.vault() as robo:
            await discord.until(lambda: run.counted(robo, guild, guild.member("ann"))[0] == 1)
        code = await run.stop()

        assert code == 0
        assert manager.heard == []


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "me"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
        ({"WATCHDOG_USEC": "-1"}, 0.0),
        ({}, 0.0),
    ],
)
def test_who_is_watched(environ: dict[str, str], seconds: float) -> None:
    """The time counts for the process that is named, or for any where none is."""
    named = {name: str(os.getpid()) if value == "me" else value for name, value in environ.items()}

    assert Notifier({"NOTIFY_SOCKET": "/run/notify", **named}).watchdog_seconds == seconds


@pytest.mark.parametrize("name", ["", "@"], ids=["file", "abstract"])
def test_a_line_break_begins_no_assignment(tmp_path: Path, name: str) -> None:
    """Text with line breaks in it arrives as one line of status, at either kind of address."""
    address = f"@robo-xp-test-{os.getpid()}" if name else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + address[1:] if name else address)
        manager.settimeout(1.0)

        told = Notifier({"NOTIFY_SOCKET": address}).tell(STATUS="a\nREADY=1\r\nb")

        assert told
        assert manager.recv(1000) == b"STATUS=a READY=1 b"


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative", "/nonexistent/notify"])
def test_who_cannot_be_told_is_not_told(address: str) -> None:
    """A kind of address that is not spoken, or a socket that is gone, is no error."""
    notifier = Notifier({"NOTIFY_SOCKET": address})
    tell: Callable[..., bool] = notifier.tell

    assert tell(READY=1) is False
