"""Connections: how many there may be, how long one may say nothing, and what is logged of them."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.http.doors import listening
from robo_xp_daemon.setup.http import Listen
from tests.daemon.stage import played

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
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
    """Both doors of an application that answers 404 to everything."""
    runner = listening.runner_of(web.Application())
    await runner.setup()
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))
        unix.setblocking(False)
        servers = [
            await listening.listen_on_unix(runner, unix),
            await listening.listen_on_tcp(runner, Listen("127.0.0.1", 0)),
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
    monkeypatch.setattr(listening, "MOST_ON_TCP", 2)
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
        "there are 2 connections; others are turned away"
    ]


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
    assert lines == []


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
