"""``/rank`` with a card: what comes where, and what happens when something does not come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from robo_xp_daemon.base import painter as painting
from robo_xp_daemon.base.painter import MOST_BYTES, Avatars, Painter, painter
from tests.daemon.scene import Scene, scene
from tests.daemon.stage import played
from tests.pictures.names import HOSTILE
from tests.pictures.test_studio import card, size_of

_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6300010000"
    "0005000100cd7d0b2e0000000049454e44ae426082"
)


@asynccontextmanager
async def pictures() -> AsyncIterator[str]:
    """A host of avatars: good, missing, huge, slow, broken and none at all; its address."""

    async def answer(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == "slow":
            await asyncio.sleep(30)
        body = {
            "good": _PIXEL,
            "huge": b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES),
            "broken": _PIXEL[:40],
            "text": b"hello",
        }.get(name)
        if name == "elsewhere":
            raise web.HTTPFound("/good")
        return web.Response(status=404) if body is None else web.Response(body=body)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await runner.cleanup()


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


@pytest.mark.parametrize("name", ["none", "huge", "slow", "broken", "text", "elsewhere"])
def test_an_avatar_that_does_not_come(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an avatar in time the card comes without it, and nobody waits for the avatar."""
    monkeypatch.setattr(painting, "AVATAR_SECONDS", 0.3)
    monkeypatch.setattr(painting, "DRAW_SECONDS", 20)
    monkeypatch.setattr(painting, "CARD_SECONDS", 30)

    async def run() -> tuple[bytes | None, bytes | None, float]:
        async with pictures() as host:
            made = Painter(avatars=Avatars(host))
            try:
                await made.card(card("first"), "")
                began = time.monotonic()
                with_avatar = await made.card(card(), f"http://{host}/{name}")
                took = time.monotonic() - began
                return with_avatar, await made.card(card(), ""), took
            finally:
                await asyncio.to_thread(made.close)

    found, bare, took = asyncio.run(run())

    assert found == bare is not None
    assert took < 10


def test_an_avatar_is_asked_for_once() -> None:
    """A good avatar is on the card, and kept; another host is never asked."""

    async def run() -> tuple[bytes, bytes, bytes]:
        async with pictures() as host:
            avatars = Avatars(host)
            first = await avatars.get(f"http://{host}/good")
            other = await avatars.get("http://localhost:1/good")
            usual = await Avatars().get(f"http://{host}/good")
        return first, await avatars.get(f"http://{host}/good"), other + usual

    first, again, elsewhere = asyncio.run(run())

    assert (first, again, elsewhere) == (_PIXEL, _PIXEL, b"")


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


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra nothing draws."""
    monkeypatch.setattr(painting, "is_installed", lambda: False)

    assert painter() is None
