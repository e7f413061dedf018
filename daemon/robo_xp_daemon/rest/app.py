"""The HTTP application: each request is authorised, read, carried out off the loop, answered."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from aiohttp import web

from robo_xp.errors import GuildNotFound, RoboXPError
from robo_xp.model import check_snowflake
from robo_xp_daemon.rest.answering import refused, success
from robo_xp_daemon.rest.callers import Caller, caller_of
from robo_xp_daemon.rest.reading import MOST_BYTES, body_of, query_of
from robo_xp_daemon.rest.route import Ask, Route
from robo_xp_daemon.rest.statuses import Failure, failure_of

if TYPE_CHECKING:
    from robo_xp_daemon.service import Service

log = logging.getLogger("robo_xp_daemon.rest")

AT_ONCE = 3
"""How many requests may work on the vault at once: Discord's commands need a thread as well."""

P = ParamSpec("P")
R = TypeVar("R")
_Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(service: Service, routes: Sequence[Route]) -> web.Application:
    """The application with these routes, for the sockets of one daemon."""
    app = web.Application(client_max_size=MOST_BYTES)
    work = _Worker(service)
    for route in routes:
        answer = _guarded(service, _answer_of(service, route, work))
        app.router.add_route(route.method, route.path, answer, expect_handler=_expect_nothing)
    known = list(app.router.resources())
    rest = _guarded(service, _unknown(service, known))
    app.router.add_route("*", "/{path:.*}", rest, expect_handler=_expect_nothing)
    return app


async def _expect_nothing(_request: web.Request) -> None:
    """Say nothing before it is known who asks; clients send their body without a word as well."""


def _guarded(service: Service, answer: _Answer) -> _Answer:
    """The same, with whatever goes wrong answered in our envelope."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await answer(request)
        except Failure as failure:
            return refused(failure)
        except RoboXPError as error:
            return refused(failure_of(error))
        except ConnectionError:
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return refused(Failure("INTERNAL_ERROR", "the daemon failed; its log says why"))

    return guarded


class _Worker:
    """Runs functions in the daemon's threads, a few at once."""

    def __init__(self, service: Service) -> None:
        self._work = service.work
        self._room = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, function: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        async with self._room:
            return await self._work(function, *args, **kw)


def _answer_of(service: Service, route: Route, work: _Worker) -> _Answer:
    """What answers the requests of one route."""

    async def answer(request: web.Request) -> web.StreamResponse:
        caller = caller_of(request, service.options.rest.tokens)
        _check_scope(caller, route)
        ids = dict(request.match_info)
        if "user" in ids:
            check_snowflake(ids["user"], "member id")
        query, body = query_of(request, route), await body_of(request, route)
        await _check_guild(service, work, ids)
        robo = service.robo.acting_as(caller.actor)
        ask = Ask(service, caller, robo, ids, query, body)
        if inspect.iscoroutinefunction(route.call):
            data = await route.call(ask)
        else:
            data = await work(route.call, ask)
        if route.writes:
            log.info("%s %s by %s", request.method, request.path, caller.actor)
        return success(data, route.status)

    return answer


def _check_scope(caller: Caller, route: Route) -> None:
    """Raise Failure where the caller may not ask for this."""
    if route.is_local and not caller.is_local:
        raise Failure(
            "FORBIDDEN",
            "the daemon itself is controlled over its Unix socket only",
            "ask on that machine: robo-xp daemon status",
        )
    if route.writes and not caller.may_write:
        raise Failure(
            "FORBIDDEN", f"the token {caller.name!r} may only read", "use a token of scope write"
        )


async def _check_guild(service: Service, work: _Worker, ids: dict[str, str]) -> None:
    """Raise GuildNotFound for a guild that neither the bot nor the vault knows."""
    guild_id = ids.get("guild")
    if guild_id is None:
        return
    check_snowflake(guild_id, "guild id")
    bot = service.bot
    if bot is not None and bot.get_guild(int(guild_id)) is not None:
        return
    if not await work(service.robo.stores.has_guild, guild_id):
        raise GuildNotFound(
            f"the bot is not in guild {guild_id}, and the vault has nothing of it",
            advice="invite the bot, or look at the id",
        )


def _unknown(service: Service, known: Sequence[web.AbstractResource]) -> _Answer:
    """What answers requests that no route takes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        caller_of(request, service.options.rest.tokens)
        allowed: set[str] = set()
        for resource in known:
            allowed |= (await resource.resolve(request))[1]
        if allowed:
            methods = ", ".join(sorted(allowed))
            raise Failure(
                "METHOD_NOT_ALLOWED",
                f"{request.path} does not take {request.method}",
                f"use {methods}",
                headers={"Allow": methods},
            )
        raise Failure("NOT_FOUND", f"there is nothing at {request.path}", "see /api/openapi.json")

    return answer
