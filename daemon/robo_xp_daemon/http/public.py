"""Pages for everybody: what ``publish`` writes, answered from the vault as it is now.

Nothing can be written here, nobody is asked who he is, and what is not shown is one and the same
answer, whatever the reason.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from robo_xp.errors import RoboXPError
from robo_xp.machine.site import Page, Parts, board_parts_at, index_of, page_at, store_at
from robo_xp_daemon.context import Context
from robo_xp_daemon.http.doors.listening import listen_on_tcp, runner_of
from robo_xp_daemon.http.shown import ShownStores
from robo_xp_daemon.setup.http import Listen

_NOTHING: Final = b"<!DOCTYPE html>\n<title>Nothing here</title>\n<h1>Nothing here</h1>\n"
_NO_PAGE: Final = Page(_NOTHING)
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
    shown = ShownStores(context.robo)
    runner = runner_of(PublicPages(context, shown).app())
    await runner.setup()
    try:
        server = await listen_on_tcp(runner, listen, table="pages")
        found = tuple(str(Listen(*one.getsockname()[:2])) for one in server.sockets)
        log.info("showing pages on %s", ", ".join(found))
        shown.start()
        try:
            yield found
        finally:
            await asyncio.to_thread(shown.stop)
            server.close()
    finally:
        await runner.cleanup()


class PublicPages:
    """Answers with pages; ``shown`` tells of which stores there are any."""

    def __init__(self, context: Context, shown: ShownStores) -> None:
        self._context = context
        self._shown = shown
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)

    def app(self) -> web.Application:
        """The application that shows them."""
        app = web.Application(client_max_size=0)
        app.router.add_get("/{path:(?s:.*)}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The page, that the reader has it already, or that there is none."""
        began = time.monotonic()
        path = request.path.removeprefix("/")
        if path == "" or path.endswith("/"):
            path += "index.html"
        found: Page | Parts | None = None
        try:
            async with self._turns:
                if await self._may_show(path):
                    found = await self._context.work(self._found, path, request.query_string)
        except RoboXPError as error:
            log.warning("no page at %r: %s", request.path, error.message)
        if found is None:
            await asyncio.sleep(max(0.0, _NOTHING_SECONDS - (time.monotonic() - began)))
            return web.Response(body=_NOTHING, status=404, headers=_headers(_NO_PAGE))
        tag = f'"{found.tag}"'
        if _is_known(tag, request.headers.get("If-None-Match", "")):
            return web.Response(status=304, headers={"ETag": tag, "Cache-Control": _MINUTE})
        headers = {**_headers(found), "ETag": tag}
        if isinstance(found, Parts):
            return await self._in_parts(request, found, headers)
        return web.Response(body=found.content, headers=headers)

    async def _may_show(self, path: str) -> bool:
        """Whether there may be a page; of a store that is not shown that is said in time."""
        store = store_at(path)
        if store is None or self._shown.has(*store):
            return True
        asked = asyncio.ensure_future(
            self._context.work(self._context.robo.public.is_public, *store)
        )
        done, _ = await asyncio.wait([asked], timeout=_NOTHING_SECONDS)
        if not done:
            # a large one is opened, which must not tell that it is there
            asked.add_done_callback(lambda one: one.cancelled() or one.exception())
            return False
        return asked.result()

    def _found(self, path: str, query: str) -> Page | Parts | None:
        robo = self._context.robo
        if path == "index.html" and (known := self._shown.guild_ids()) is not None:
            return index_of(robo, filter(robo.public.is_public, known))
        return board_parts_at(robo, path) or page_at(robo, path, query)

    async def _in_parts(
        self, request: web.Request, found: Parts, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        """Send what is made piece by piece; between two pieces others have their turn."""
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        while request.method != "HEAD":
            async with self._turns:
                part = await self._context.work(next, found.content, None)
            if part is None:
                break
            await response.write(part)
        await response.write_eof()
        return response


def _is_known(tag: str, known: str) -> bool:
    """Whether the reader has the page; a proxy that packs pages calls their tags weak."""
    return not {tag, "*"}.isdisjoint(one.strip().removeprefix("W/") for one in known.split(","))


def _headers(page: Page | Parts) -> dict[str, str]:
    return {
        "Content-Type": f"{page.content_type}; charset=utf-8",
        "Content-Security-Policy": page.policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": _MINUTE,
    }
