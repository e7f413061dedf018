"""The REST server: reads calls, logs them, lets faults happen, and answers from the table."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

# the route modules fill the table when they are imported
from tests.daemon.loopback import (  # noqa: F401
    routes_application,
    routes_channels,
    routes_guilds,
    routes_interactions,
)
from tests.daemon.loopback.errors import ApiError, api_error
from tests.daemon.loopback.faults import Faults, Limited
from tests.daemon.loopback.flags import Json
from tests.daemon.loopback.routing import ROUTES, Body, Call, Entry, File
from tests.daemon.loopback.world import World

PREFIX = "/api/v10"
_MAJOR = ("guild", "channel", "app", "token", "interaction")


@dataclass(slots=True)
class Request:
    """One REST call as it came, and the status that it got (0: the connection broke)."""

    method: str
    path: str
    at: float
    reason: str | None = None
    body: Body = None
    files: list[File] = field(default_factory=list)
    status: int = 0

    @property
    def name(self) -> str:
        """What patterns are compared with."""
        return f"{self.method} {self.path}"


class Rest:
    """Answers calls below /api/v10."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.faults = Faults()
        self.requests: list[Request] = []
        self.unknown: list[str] = []
        self.gateway_bot: Callable[[], Json] = dict

    def add_to(self, app: web.Application) -> None:
        """Adds the routes to a server."""
        for entry in ROUTES:
            app.router.add_route(entry.method, PREFIX + entry.template, self._served(entry))
        gateway = Entry("GET", "/gateway/bot", lambda _: self.gateway_bot())
        app.router.add_route("GET", PREFIX + gateway.template, self._served(gateway))
        app.router.add_route("*", "/{path:.*}", self._unknown)

    def _served(self, entry: Entry) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            return await self._serve(entry, request)

        return serve

    async def _serve(self, entry: Entry, request: web.Request) -> web.Response:
        path = request.path.removeprefix(PREFIX)
        reason = request.headers.get("X-Audit-Log-Reason")
        log = Request(request.method, path, time.monotonic(), unquote(reason) if reason else None)
        self.requests.append(log)
        try:
            return await self._answer(entry, request, log)
        finally:
            self.world.bell.ring()

    async def _answer(self, entry: Entry, request: web.Request, log: Request) -> web.Response:
        major = ":".join(request.match_info.get(name, "") for name in _MAJOR)
        name, bucket = self.faults.bucket(log.name, f"{entry.method} {entry.template}", major)
        headers: dict[str, str] = {}
        try:
            log.body, log.files = await _read(request)
            await asyncio.sleep(self.faults.before(log.name))
            self._check_token(entry, request)
            allowed = bucket.take()
            headers = dict(bucket.headers(name))
            if not allowed:
                raise Limited(bucket.fault())
            if not await self._goes_on(request, log):
                return web.Response()
            call = Call(self.world, request.match_info, request.query, log.body, log.files)
            response = _json(entry.answer(call), headers)
            if (other := self.faults.body_of(log.name)) is not None:
                response = web.Response(body=other[0], content_type=other[1])
            if not await self._goes_on(request, log, after=True):
                return response
        except ApiError as error:
            response = _json(error.body, headers, status=error.status)
        except Limited as limited:
            response = _json(limited.body, {**headers, **limited.headers}, status=429)
        if self.faults.loses_answer(log.name):
            _break(request)
            return response
        log.status = response.status
        return response

    async def _goes_on(self, request: web.Request, log: Request, *, after: bool = False) -> bool:
        """Whether the call goes on; the connection of one that does not is broken."""
        self.world.bell.ring()
        goes_on = await self.faults.goes_on(log.name, after=after)
        if not goes_on:
            _break(request)
        return goes_on

    def _check_token(self, entry: Entry, request: web.Request) -> None:
        if entry.needs_token and request.headers.get("Authorization") != f"Bot {self.token}":
            raise ApiError(401, 0, "401: Unauthorized")

    async def _unknown(self, request: web.Request) -> web.Response:
        self.unknown.append(f"{request.method} {request.path}")
        self.world.bell.ring()
        return _json({"message": "404: Not Found", "code": 0}, {}, status=404)


async def _read(request: web.Request) -> tuple[Body, list[File]]:
    """The JSON of a call and its files."""
    if request.content_type.startswith("multipart/"):
        return await _read_parts(request)
    raw = await request.read()
    return (_parsed(raw) if raw else None), []


async def _read_parts(request: web.Request) -> tuple[Body, list[File]]:
    body: Body = {}
    files: list[File] = []
    for name, part in (await request.post()).items():
        if name == "payload_json":
            body = _parsed(part.file.read() if isinstance(part, web.FileField) else part)
        elif isinstance(part, web.FileField):
            files.append(File(part.filename, part.file.read(), part.content_type))
    return body, files


def _parsed(raw: Any) -> Body:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise api_error(50109) from error


def _json(body: Body, headers: Mapping[str, str], *, status: int = 200) -> web.Response:
    """An answer whose content type has no charset: discord.py compares the whole header."""
    if body is None:
        return web.Response(status=204, headers=headers)
    raw = json.dumps(body).encode()
    return web.Response(body=raw, status=status, headers=headers, content_type="application/json")


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
