"""Connections: how many there may be, how long one may say nothing, and what is logged of them."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.test_utils import make_mocked_request

from robo_xp.errors import Unauthorized
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.http.doors import doorkeeper, listening
from robo_xp_daemon.http.doors.doorkeeper import Doorkeeper
from robo_xp_daemon.setup.http import Listen
from robo_xp_daemon.setup.http_tokens import ApiToken, Tokens
from tests.daemon.stage import played

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SECRET = "s3cret-" * 5
SHOWN = ASKED[:-2] + f"Authorization: Bearer {SECRET}\r\n\r\n".encode()
TOKENS = Tokens((ApiToken("dash", "read", sha256(SECRET.encode()).digest()),))
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Doors:
    """An application that answers on TCP and on a Unix socket, and who came in."""

    def __init__(self, port: int, path: Path) -> None:
        self._port = port
        self._path = path
        self.inside: list[Streams] = []

    async def tcp(self, said: bytes = b"") -> asyncio.StreamReader:
        """Come in over TCP."""
        return await self._in(await asyncio.open_connection("127.0.0.1", self._port), said)

    async def unix(self, said: bytes = b"") -> asyncio.StreamReader:
        """Come in over the Unix socket."""
        return await self._in(await asyncio.open_unix_connection(self._path), said)

    async def _in(self, streams: Streams, said: bytes) -> asyncio.StreamReader:
        self.inside.append(streams)
        streams[1].write(said)
        return streams[0]

    def close(self) -> None:
        """All go out."""
        for _, writer in self.inside:
            writer.close()


@asynccontextmanager
async def doors(folder: Path) -> AsyncIterator[Doors]:
    """Both doors of an application that answers to whoever has the token, and 401 to others."""
    keeper = Doorkeeper(lambda: TOKENS, Counters())

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.Response(text=keeper.caller_of(request).actor)
        except Unauthorized:
            return web.Response(status=401)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = listening.runner_of(app)
    await runner.setup()
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))
        unix.setblocking(False)
        servers = [
            await listening.listen_on_unix(runner, unix),
            await listening.listen_on_tcp(runner, Listen("127.0.0.1", 0), keeper),
        ]
        made = Doors(servers[1].sockets[0].getsockname()[1], path)
        try:
            yield made
        finally:
            made.close()
            for server in servers:
                server.close()
            await runner.cleanup()


async def is_answered(reader: asyncio.StreamReader) -> bool:
    """Whether a request is answered; otherwise the connection is closed without a word."""
    async with asyncio.timeout(5):
        try:
            return (await reader.read(9)).startswith(b"HTTP/1.1 ")
        except ConnectionError:
            return False


@pytest.mark.parametrize("said", [b"", b"GET / HT", ASKED[:-2]], ids=["none", "line", "headers"])
def test_who_does_not_say_a_whole_request_is_sent_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    """A connection that is opened and left alone, or half said, is closed after a while."""
    monkeypatch.setattr(listening, "IDLE_SECONDS", 0.1)

    async def story() -> bytes:
        async with doors(tmp_path) as open_doors, asyncio.timeout(5):
            return await (await open_doors.tcp(said)).read()

    assert asyncio.run(story()) == b""


def test_strangers_cannot_take_every_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When TCP is full the next there is turned away, with one warning; an operator comes in by the
    Unix socket all the same, and on TCP again when somebody went.
    """
    monkeypatch.setattr(listening, "MOST_ON_TCP", 5)
    monkeypatch.setattr(listening, "_throttle", Throttle())

    async def story() -> tuple[list[bool], bool, bool]:
        async with doors(tmp_path) as seen:
            knocking = [await seen.tcp(ASKED) for _ in range(4)]
            first = sorted([await is_answered(one) for one in knocking])
            operator = await is_answered(await seen.unix(ASKED))
            seen.close()
            async with asyncio.timeout(5):
                while not await is_answered(await seen.tcp(ASKED)):
                    await asyncio.sleep(0.01)
            return first, operator, True

    first, operator, again = asyncio.run(story())

    assert first == [False, False, True, True]
    assert operator and again
    assert [record.message for record in caplog.records] == [
        "2 connections have shown no token; others are turned away"
    ]


def test_who_has_shown_a_token_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers are sent away after a while, answered or not; who has shown a token is not."""
    monkeypatch.setattr(listening, "MOST_ON_TCP", 4)
    monkeypatch.setattr(doorkeeper, "STRANGER_SECONDS", 0.2)

    async def story() -> tuple[list[bytes], bytes]:
        async with doors(tmp_path) as seen, asyncio.timeout(5):
            known = await seen.tcp(SHOWN)
            await known.readuntil(b"rest:token:dash")
            strangers = [await seen.tcp(said) for said in (b"", ASKED)]
            gone = [await _until_gone(one) for one in strangers]
            seen.inside[0][1].write(SHOWN)
            return gone, await known.readexactly(12)

    gone, again = asyncio.run(story())

    assert [one[:12] for one in gone] == [b"", b"HTTP/1.1 401"]
    assert again == b"HTTP/1.1 200"


async def _until_gone(reader: asyncio.StreamReader) -> bytes:
    """What came before the connection was closed, however that was."""
    said = b""
    with suppress(ConnectionError):
        while more := await reader.read(100):
            said += more
    return said


def test_without_tokens_tcp_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no token holds nobody is let in there."""
    monkeypatch.setitem(globals(), "TOKENS", Tokens())

    async def story() -> tuple[bool, bool]:
        async with doors(tmp_path) as seen:
            over_tcp = await is_answered(await seen.tcp(SHOWN))
            return over_tcp, await is_answered(await seen.unix(ASKED))

    assert asyncio.run(story()) == (False, True)


def test_wrong_tokens_are_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """One line a minute names the address; requests without any token are only counted."""
    counters = Counters()
    keeper = Doorkeeper(lambda: TOKENS, counters)
    wrong = [{"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {SECRET}"}]
    for headers in [*wrong, {}] * 9:
        with pytest.raises(Unauthorized):
            keeper.caller_of(make_mocked_request("GET", "/", headers=headers))

    assert counters.logins_refused.read() == {("missing",): 9, ("wrong",): 18}
    (line,) = caplog.messages
    assert line.startswith("a token that is not known came from ") and SECRET not in line


@played
async def test_what_is_no_http_is_not_logged(tmp_path: Path) -> None:
    """Somebody's false header may hold a token: it is answered with 400, and no log shows it."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        async with doors(tmp_path) as seen, asyncio.timeout(5):
            said = ASKED[:-2] + b"Authorization: Bearer s3cret\x00\r\n\r\n"
            answer = await (await seen.tcp(said)).read()
    finally:
        logging.getLogger().removeHandler(handler)

    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"Server: robo-xp\r\n" in answer
    assert lines == []


PACKED = b"Content-Encoding: %s\r\nContent-Length: 9\r\n\r\nnot a zip"
NONSENSE = {
    "gzip": PACKED % b"gzip",
    "deflate": PACKED % b"deflate",
    "zstd": PACKED % b"zstd",
    "br": PACKED % b"br",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nnothing\r\n",
    "chunk": b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "length": b"Content-Length: 5\r\n\r\nab",
    "lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nab",
    "both": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nab",
    "nul": b"X: \x00\r\n\r\n",
    "name": b"X y: z\r\n\r\n",
    "long": b"X: " + b"y" * 20_000 + b"\r\n\r\n",
    "many": b"X: y\r\n" * 20_000 + b"\r\n",
}


@pytest.mark.parametrize("token", [b"", b"Authorization: Bearer wrong\r\n"], ids=["none", "wrong"])
@pytest.mark.parametrize("kind", NONSENSE)
@played
async def test_strangers_cannot_fill_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, token: bytes
) -> None:
    """Whatever somebody without a token sends, however often, there is at most one line of it."""
    async with doors(tmp_path) as seen, asyncio.timeout(20):
        for _ in range(5):
            reader = await seen.tcp(b"POST / HTTP/1.1\r\nHost: x\r\n" + token + NONSENSE[kind])
            seen.inside[-1][1].write_eof()
            await _until_gone(reader)

    assert len(caplog.records) <= len(token[:1])
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    ("error", "is_logged"),
    [
        (BadHttpMessage("Bearer s3cret"), False),
        (ConnectionResetError("gone"), False),
        (KeyError("x"), True),
    ],
)
def test_faults_of_ours_are_logged(
    caplog: pytest.LogCaptureFixture, error: Exception, is_logged: bool
) -> None:
    """That a client hung up or sent nonsense is no error of the daemon; all else is."""
    try:
        raise error
    except Exception:
        logging.getLogger("robo_xp_daemon.http.http").error("failed", exc_info=sys.exc_info())

    assert bool(caplog.records) == is_logged
