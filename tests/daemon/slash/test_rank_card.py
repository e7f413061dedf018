"""``/rank`` with a card: what comes where, and what happens when something does not come."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web

from robo_xp_daemon.base import painter as painting
from robo_xp_daemon.base import pictures as fetching
from robo_xp_daemon.base.painter import Painter, painter
from robo_xp_daemon.base.pictures import (
    MOST_BYTES,
    Pictures,
    avatars,
    is_encrypted,
    is_public,
    public_socket,
)
from tests.daemon.loopback import Loopback
from tests.daemon.process import daemon
from tests.daemon.scene import Scene, scene
from tests.daemon.stage import played
from tests.pictures.names import HOSTILE
from tests.pictures.test_studio import card, png, size_of

_PIXEL = png(1, bytes.fromhex("00ffc020"))
_HEAD = _PIXEL[:8]
_PACKED = gzip.compress(_HEAD + bytes(1 << 24))


@asynccontextmanager
async def pictures() -> AsyncIterator[tuple[str, Counter[str]]]:
    """A host of pictures: good, missing, huge, slow, broken and none at all.

    Its address, and how often each was asked for.
    """
    asked: Counter[str] = Counter()

    async def answer(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        asked[name] += 1
        if name == "slow":
            await asyncio.sleep(30)
        body = {
            "good": _PIXEL,
            "huge": _HEAD + bytes(MOST_BYTES),
            "broken": _PIXEL[:40],
            "text": b"hello",
            "packed": _PACKED,
        }.get(name)
        if name == "elsewhere":
            raise web.HTTPFound("/good")
        packed = {"Content-Encoding": "gzip"} if name == "packed" else {}
        status = 404 if body is None else 200
        return web.Response(status=status, body=body, headers=packed)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    await runner.cleanup()


def here() -> Pictures:
    """Pictures of any address, also on this machine."""
    return Pictures(lambda url: True, 4)


@asynccontextmanager
async def painted(at: Scene, made: Painter) -> AsyncIterator[None]:
    """The scene with a painter."""
    client = at.stage.session.client
    client.context = replace(client.context, painter=made)
    try:
        yield
    finally:
        await asyncio.to_thread(made.close)


@played
async def test_a_card_in_place_of_the_embed(tmp_path: Path) -> None:
    """Where cards can be drawn the answer is a picture, told in words to who does not see it."""
    async with scene(tmp_path) as at, painted(at, Painter()):
        at.give("bob", 400)
        answer = await at.slash("bob", "rank")

        assert answer.embeds == []
        [file] = answer.message.attachments if answer.message else []
        assert file["filename"] == "card.png"


@played
async def test_a_template_that_is_wrong(tmp_path: Path) -> None:
    """A template with a fault is told in the log, and members get the embed."""
    (tmp_path / "own.typ").write_text("#nothing()")
    async with scene(tmp_path / "vault") as at, painted(at, Painter(str(tmp_path / "own.typ"))):
        at.give("bob", 400)

        assert (await at.slash("bob", "rank")).embeds[0]["title"] == "bob"


@pytest.mark.parametrize("name", ["none", "huge", "slow", "broken", "text", "elsewhere", "packed"])
@pytest.mark.parametrize("what", ["avatar", "background"])
def test_a_picture_that_does_not_come(
    name: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a picture in time the card comes without it, and it is not asked for again."""
    monkeypatch.setattr(fetching, "PICTURE_SECONDS", 0.3)
    monkeypatch.setattr(painting, "DRAW_SECONDS", 20)
    monkeypatch.setattr(painting, "CARD_SECONDS", 30)

    async def run() -> tuple[list[bytes | None], int, float]:
        async with pictures() as (host, asked):
            made = Painter(faces=here(), scenes=here())
            try:
                bare = await made.card(card(), "")
                began = time.monotonic()
                bad = {what: f"{host}/{name}"}
                drawn = [await made.card(card(), **{"avatar": "", **bad}) for _ in range(2)]
                return [bare, *drawn], asked[name], time.monotonic() - began
            finally:
                await asyncio.to_thread(made.close)

    [bare, *drawn], times, took = asyncio.run(run())

    assert bare is not None
    assert drawn == [bare, bare]
    assert times == 1
    assert took < 10


def test_what_takes_too_long_is_waited_for_once() -> None:
    """With a host of pictures that never answers, the card comes after two seconds of all."""

    async def run() -> tuple[bytes | None, float]:
        async with pictures() as (host, _):
            made = Painter(faces=here(), scenes=here())
            try:
                await made.card(card("first"), "")
                began = time.monotonic()
                found = await made.card(card(), f"{host}/slow", f"{host}/slow")
                return found, time.monotonic() - began
            finally:
                await asyncio.to_thread(made.close)

    found, took = asyncio.run(run())
    print(f"{took:.2f} s")

    assert found is not None
    assert took < 2.5


def test_a_picture_is_asked_for_once() -> None:
    """However many want it; a good one is kept."""

    async def run() -> tuple[set[bytes], int]:
        async with pictures() as (host, asked):
            found = here()
            many = await asyncio.gather(*(found.get(f"{host}/good") for _ in range(50)))
            return {*many, await found.get(f"{host}/good")}, asked["good"]

    assert asyncio.run(run()) == ({_PIXEL}, 1)


def test_a_background_of_the_guild(tmp_path: Path) -> None:
    """It goes before the operator's; one that cannot be drawn leaves the operator's."""
    own = tmp_path / "own.png"
    own.write_bytes(_PIXEL)

    async def run() -> list[bytes | None]:
        async with pictures() as (host, _):
            made, plain = Painter("", str(own), scenes=here()), Painter(scenes=here())
            try:
                return [
                    await plain.card(card(), ""),
                    await plain.card(card(), "", f"{host}/good"),
                    await made.card(card(), "", f"{host}/broken"),
                    await made.card(card(), ""),
                ]
            finally:
                await asyncio.to_thread(made.close)
                await asyncio.to_thread(plain.close)

    bare, with_guilds, with_broken, with_own = asyncio.run(run())

    assert None not in (bare, with_guilds, with_broken, with_own)
    assert bare != with_guilds
    assert with_broken == with_own != bare


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "fe80::1",
        "fd00::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "fe80::1%lo",
    ],
)  # fmt: skip
def test_no_address_of_a_network_of_its_own(address: str) -> None:
    """No socket is made for what is not public, in whatever form it comes."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(OSError, match="no public address"):
        public_socket((family, socket.SOCK_STREAM, 0, "", (address, 443)))

    assert is_public("1.1.1.1")
    assert is_public("2606:4700::1111")


def test_nobody_is_asked_who_is_not_public() -> None:
    """A server on this machine hears nothing, by whatever name; without TLS nobody does."""

    async def run() -> tuple[list[bytes], int]:
        async with pictures() as (host, asked):
            port = host.rpartition(":")[2]
            guarded = Pictures(lambda url: True, 9, public_socket)
            names = ("127.0.0.1", "localhost", "2130706433", "127.1", "[::1]", "[::ffff:7f00:1]")
            hidden = [await guarded.get(f"http://{one}:{port}/good") for one in names]
            plain = [
                await Pictures(is_encrypted, 9).get(f"{host}/good"),
                await avatars().get("https://localhost/good"),
            ]
            return hidden + plain, asked["good"]

    found, times = asyncio.run(run())

    assert found == [b""] * 8
    assert times == 0


def test_many_at_once_hold_nothing_up() -> None:
    """Fifty cards at once leave the event loop free: nothing waits for a tenth of a second."""

    async def run() -> tuple[list[bytes | None], float]:
        made = Painter()
        worst = 0.0
        try:
            await made.card(card("first"), "")
            asked = [
                asyncio.create_task(made.card(card(HOSTILE[n % 20], xp=n), "")) for n in range(50)
            ]
            while not all(one.done() for one in asked):
                began = time.monotonic()
                await asyncio.sleep(0.01)
                worst = max(worst, time.monotonic() - began - 0.01)
            return [one.result() for one in asked], worst
        finally:
            await asyncio.to_thread(made.close)

    drawn, worst = asyncio.run(run())
    print(f"{worst * 1000:.0f} ms at worst")

    assert worst < 0.5
    assert {size_of(one) for one in drawn if one} == {(934, 282)}


@played
async def test_fifty_ranks_at_once_delay_no_heartbeat(tmp_path: Path) -> None:
    """While fifty members ask for their cards at once the daemon's heart beats as before."""
    beat = 0.2
    async with Loopback(heartbeat_interval=beat) as discord, daemon(discord, tmp_path) as run:
        guild = discord.add_guild("G", members=[f"m{number}" for number in range(50)])
        members = [guild.member(f"m{number}") for number in range(50)]
        with run.vault() as robo:
            for number, member in enumerate(members):
                robo.xp.add(str(guild.id), str(member.id), 400 + number)
        await run.start()
        await discord.until(lambda: "rank" in discord.commands)
        await guild.slash(members[0], "rank")
        before = len(discord.sessions[-1].heartbeats)
        answers = await asyncio.gather(*(guild.slash(one, "rank") for one in members))
        during = len(discord.sessions[-1].heartbeats)
        await discord.until(lambda: len(discord.sessions[-1].heartbeats) > during + 1)
        beats = discord.sessions[-1].heartbeats[before - 1 :]
        assert await run.stop() == 0

    latest = max(b - a for a, b in pairwise(beats)) - beat
    cards = sum(bool(one.message and one.message.attachments) for one in answers)
    print(f"{cards} cards, {during - before} beats meanwhile, {latest * 1000:.0f} ms late at most")
    assert cards + sum(bool(one.embeds) for one in answers) == 50
    assert latest < 0.5


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra nothing draws."""
    monkeypatch.setattr(painting, "is_installed", lambda: False)

    assert painter() is None
