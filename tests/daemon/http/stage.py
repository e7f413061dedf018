"""The daemon's HTTP side beside a test without an event loop: a service, its sockets, a client."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from robo_xp import RoboXP
from robo_xp_daemon.app import Service, open_vault
from robo_xp_daemon.http.part import answering
from robo_xp_daemon.setup import options
from robo_xp_daemon.setup.options import Given
from tests.daemon.loopback import Guild, Loopback, LoopbackThread, aimed
from tests.daemon.quick import hurried

READER, WRITER = "r" * 40, "w" * 40
TOKENS = f"# two of them\ndash read {READER}\npanel write {WRITER}\n"


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as a value."""
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        """What a success brought."""
        assert self.json["success"] is True, self.json
        return self.json["data"]

    @property
    def code(self) -> str:
        """What a failure is called."""
        assert self.json["success"] is False, self.json
        found: str = self.json["error"]["code"]
        return found


class _OverUnix(http.client.HTTPConnection):
    """A connection to a socket on this machine."""

    def __init__(self, path: str) -> None:
        super().__init__("daemon", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(20)
        self.sock.connect(self._path)


def ask_at(
    door: str,
    method: str,
    path: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask the daemon at a socket's path or at a HOST:PORT; bytes are sent as they are."""
    connection = _OverUnix(door) if "/" in door else http.client.HTTPConnection(door, timeout=20)
    sent: dict[str, str] = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body=body, headers=sent)
        got = connection.getresponse()
        return Answer(got.status, dict(got.getheaders()), got.read())
    finally:
        connection.close()


def bearer(token: str) -> dict[str, str]:
    """The header that names a token."""
    return {"Authorization": f"Bearer {token}"}


@dataclass
class Served:
    """A connected daemon that answers on a Unix socket and on TCP; ``stops`` is why it was asked to
    stop, which it does not.
    """

    service: Service
    guild: Guild
    thread: LoopbackThread
    stops: list[str] = field(default_factory=list)

    @property
    def robo(self) -> RoboXP:
        """The vault."""
        return self.service.context.robo

    @property
    def tcp(self) -> str:
        """Where it answers on TCP."""
        return self.service.doors.listen[0]

    @property
    def guild_id(self) -> str:
        """The guild that the bot is in."""
        return str(self.guild.id)

    @property
    def ids(self) -> dict[str, str]:
        """What stands for the ids in paths of routes."""
        return {
            "guild": self.guild_id,
            "user": str(self.guild.member("ann").id),
            "channel": str(self.guild.channel("general").id),
            "role": str(self.guild.role("One").id),
            "giveaway": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        }

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask over the Unix socket."""
        return ask_at(self.service.doors.socket, method, path, body, headers)

    def ask_tcp(self, method: str, path: str, body: Any = None, *, token: str = "") -> Answer:
        """Ask over TCP, with a token or without."""
        return ask_at(self.tcp, method, path, body, bearer(token) if token else {})


def configured(folder: Path, discord: Loopback) -> Given:
    """A configuration with its tokens, and with relays that nobody answers at."""
    tokens = folder / "tokens"
    tokens.touch(mode=0o600)
    tokens.write_text(TOKENS)
    (folder / "robo-xp.toml").write_text(
        f'data_dir = "data"\ndurability = "os"\n'
        f'[daemon]\napi_base = "{discord.api_base}"\ngateway = "{discord.gateway_url}"\n'
        f'[rest]\ntokens_file = "tokens"\nlisten = "127.0.0.1:0"\n'
        '[beacon]\nrelays = ["http://127.0.0.1:9"]\n'
    )
    return Given(config=str(folder / "robo-xp.toml"))


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """A service in a thread, connected to a loopback Discord with one guild."""
    with LoopbackThread() as thread:
        guild = thread.call(
            lambda discord: discord.add_guild("G", roles=["One", "Two"], members=["ann", "bob"])
        )
        given = configured(folder, thread.discord)
        environ = {"ROBO_XP_TOKEN": thread.token, "XDG_RUNTIME_DIR": str(folder)}
        found = options.load(given, environ)
        with aimed(thread.discord), hurried(), open_vault(found) as robo:
            life = AsyncExitStack()

            async def begin(discord: Loopback) -> Served:
                service = Service(robo, given, environ, found)
                made = Served(service, guild, thread)
                service.stop = made.stops.append  # type: ignore[assignment,method-assign]
                service.writer.start()
                await life.enter_async_context(answering(service, environ, service._publish))
                running = asyncio.create_task(service.supervisor.run())
                life.push_async_callback(_end, service, running)
                await discord.connected(1)
                await discord.until(lambda: service.pulse.feel(service.connection))
                return made

            async def end(_: Loopback) -> None:
                await life.aclose()

            try:
                yield thread.run(begin)
            finally:
                thread.run(end)


async def _end(service: Service, running: asyncio.Task[None]) -> None:
    service.supervisor.stop()
    await running
    await asyncio.to_thread(service.writer.stop, 5.0)
    service.context.work.close()


def path_of(pattern: str, ids: Mapping[str, str]) -> str:
    """A route's path with its ids in place."""
    for name, value in ids.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    assert "{" not in urlsplit(pattern).path
    return pattern
