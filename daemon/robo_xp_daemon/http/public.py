"""Pages for everybody: what ``publish`` writes, answered from the vault as it is now.

Nothing can be written here, nobody is asked who he is, and what is not shown is one and the same
answer, whatever the reason.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from robo_xp.errors import RoboXPError
from robo_xp.machine.site import Page, page_at
from robo_xp.pages.links import base_of
from robo_xp_daemon.context import Context
from robo_xp_daemon.http.doors.listening import listen_on_tcp, runner_of
from robo_xp_daemon.setup.http import Listen

_NOTHING: Final = b"<!DOCTYPE html>\n<title>Nothing here</title>\n<h1>Nothing here</h1>\n"
_NOTHING_SECONDS: Final = 0.05
"""How long the answer that there is nothing takes, whether or not there is something to hide."""
_MOST_AT_ONCE: Final = 2
"""How many pages are made at a time, so that members on Discord never wait for readers."""
_MINUTE: Final = "public, max-age=60"

log = logging.getLogger("robo_xp_daemon.http")


@asynccontextmanager
async def showing(context: Context, listen: Listen | None) -> AsyncIterator[tuple[str, ...]]:
    """Within the block pages are shown at this address; it gives the addresses as they came to be.

    Raises NotConfigured for an address that cannot be had.
    """
    if listen is None:
        yield ()
        return
    runner = runner_of(public_app(context))
    await runner.setup()
    try:
        server = await listen_on_tcp(runner, listen, table="pages")
        found = tuple(str(Listen(*one.getsockname()[:2])) for one in server.sockets)
        log.info("showing pages on %s", ", ".join(found))
        preparing = asyncio.create_task(_prepare(context))
        try:
            yield found
        finally:
            preparing.cancel()
            await asyncio.gather(preparing, return_exceptions=True)
            server.close()
    finally:
        await runner.cleanup()


async def _prepare(context: Context) -> None:
    """Work out what the pages of large stores are made from, so that no reader waits for it."""
    public = context.robo.public
    try:
        for guild_id, store in await context.work(public.large_stores):
            await context.work(public.prepare, guild_id, store)
            await context.work(page_at, context.robo, base_of(guild_id, store) + "index.html", "")
        log.info("the pages are prepared")
    except RoboXPError as error:
        log.warning("the pages could not be prepared: %s", error.message)


def public_app(context: Context) -> web.Application:
    """The application that shows pages."""
    turns = asyncio.Semaphore(_MOST_AT_ONCE)

    async def answer(request: web.Request) -> web.Response:
        began = time.monotonic()
        path = request.path.removeprefix("/")
        if path == "" or path.endswith("/"):
            path += "index.html"
        try:
            async with turns:
                page = await context.work(page_at, context.robo, path, request.query_string)
        except RoboXPError as error:
            log.warning("no page at %r: %s", request.path, error.message)
            page = None
        if page is None:
            await asyncio.sleep(max(0.0, _NOTHING_SECONDS - (time.monotonic() - began)))
            return _response(Page(_NOTHING), 404)
        tag = _tag(page)
        if tag in (one.strip() for one in request.headers.get("If-None-Match", "").split(",")):
            return web.Response(status=304, headers={"ETag": tag, "Cache-Control": _MINUTE})
        response = _response(page, 200)
        response.headers["ETag"] = tag
        return response

    app = web.Application(client_max_size=0)
    app.router.add_get("/{path:(?s:.*)}", answer)
    return app


def _response(page: Page, status: int) -> web.Response:
    return web.Response(
        body=page.content,
        status=status,
        content_type=page.content_type,
        charset="utf-8",
        headers={
            "Content-Security-Policy": page.policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": _MINUTE,
        },
    )


def _tag(page: Page) -> str:
    return f'"{hashlib.sha256(page.content).hexdigest()[:32]}"'
