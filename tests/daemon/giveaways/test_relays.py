"""Relays of the beacon: one that lies, is slow, or is away costs nothing but its answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from robo_xp_daemon.giveaways.relays import Relays
from tests.daemon.stage import played
from tests.rules.giveaway.own_chain import OWN, signature_of

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
NUMBER = 41


@asynccontextmanager
async def a_relay(answer: Answer) -> AsyncIterator[str]:
    """The address of a relay on this machine, which answers so."""
    app = web.Application()
    app.router.add_get("/{chain}/public/{round}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def honest(request: web.Request) -> web.StreamResponse:
    assert request.match_info["chain"] == OWN.hash
    number = int(request.match_info["round"])
    return web.json_response({"round": number, "signature": signature_of(number)})


async def lying(request: web.Request) -> web.StreamResponse:
    return web.json_response({"round": NUMBER, "signature": signature_of(NUMBER + 1)})


async def slow(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def early(request: web.Request) -> web.StreamResponse:
    return web.Response(status=425)


async def broken(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>sign in first</html>")


async def failing(request: web.Request) -> web.StreamResponse:
    raise web.HTTPInternalServerError


async def endless(request: web.Request) -> web.StreamResponse:
    return web.Response(text=json.dumps({"signature": "a" * 10**6}))


async def of_another_kind(request: web.Request) -> web.StreamResponse:
    return web.json_response({"round": NUMBER, "signature": 7})


async def sending_elsewhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("http://127.0.0.1:9/elsewhere")


async def check(signature: str) -> bool:
    return signature == signature_of(NUMBER)


@pytest.mark.parametrize(
    "bad",
    [lying, slow, early, broken, failing, endless, of_another_kind, sending_elsewhere],
    ids=lambda one: one.__name__,
)
@played
async def test_one_honest_relay_is_enough(bad: Answer) -> None:
    """Whatever another relay does, and one that is away, the round comes from the honest one."""
    async with a_relay(bad) as first, a_relay(honest) as second:
        relays = Relays(("http://127.0.0.1:9", first, second), seconds=5.0)

        assert await relays.signature(OWN, NUMBER, check) == signature_of(NUMBER)


@pytest.mark.parametrize(
    "bad",
    [lying, slow, early, broken, failing, endless, of_another_kind, sending_elsewhere],
    ids=lambda one: one.__name__,
)
@played
async def test_without_an_honest_relay_there_is_no_round(bad: Answer) -> None:
    """Nobody is believed, and nobody is waited for longer than relays may take."""
    async with a_relay(bad) as relay:
        relays = Relays((relay, "http://127.0.0.1:9"), seconds=0.3)

        assert await relays.signature(OWN, NUMBER, check) is None
