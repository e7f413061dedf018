"""The HTTP application: each request is authorised, read, carried out off the loop, answered."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Middleware

from robo_xp import RoboXP
from robo_xp.errors import (
    GuildNotFound,
    InternalError,
    MethodNotAllowed,
    NotFound,
    RoboXPError,
    StoreNotFound,
    Unhealthy,
)
from robo_xp.model.ids import check_snowflake
from robo_xp.usecases.core import DEFAULT_STORE
from robo_xp_daemon.http.answering import error_response, success
from robo_xp_daemon.http.cors import for_other_origins
from robo_xp_daemon.http.daemon import Daemon
from robo_xp_daemon.http.doors.doorkeeper import Doorkeeper
from robo_xp_daemon.http.doors.turns import Turns
from robo_xp_daemon.http.elsewhere import answer_of_other
from robo_xp_daemon.http.reading import MOST_BYTES, body_of, query_of
from robo_xp_daemon.http.route import Ask, Route
from robo_xp_daemon.http.scopes import check_scope

log = logging.getLogger("robo_xp_daemon.http")

_IDS = {"guild": "guild id", "user": "member id", "role": "role id", "channel": "channel id"}

_Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(daemon: Daemon, routes: Sequence[Route], doorkeeper: Doorkeeper) -> web.Application:
    """The application with these routes, for the sockets of one daemon."""
    app = web.Application(client_max_size=MOST_BYTES)
    turns = Turns(daemon.context.work)
    for route in routes:
        answer = _guarded_answer(_answer_of(daemon, route, turns, doorkeeper))
        for method in (route.method, *(["HEAD"] if route.method == "GET" else ())):
            app.router.add_route(method, route.path, answer, expect_handler=_expect_nothing)
    rest = _guarded_answer(_unknown(list(app.router.resources()), doorkeeper))
    app.middlewares.append(for_other_origins(lambda: daemon.options.rest.cors_origins))
    app.middlewares.append(_only_ours(rest))
    app.router.add_route("*", "/{path:(?s:.*)}", rest, expect_handler=_expect_nothing)
    return app


def _only_ours(rest: _Answer) -> Middleware:
    """What has ``rest`` answer where aiohttp would with a page of its own: for a path that does not
    begin with a slash.
    """

    @web.middleware
    async def answer(request: web.Request, handler: _Answer) -> web.StreamResponse:
        is_ours = request.match_info.http_exception is None
        return await (handler if is_ours else rest)(request)

    return answer


async def _expect_nothing(_request: web.Request) -> None:
    """Say nothing before it is known who asks; clients send their body without a word as well."""


def _guarded_answer(answer: _Answer) -> _Answer:
    """The same, with whatever goes wrong answered in our envelope."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await answer(request)
        except RoboXPError as error:
            return error_response(error)
        except ConnectionError:
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return error_response(InternalError("the daemon failed; its log says why"))

    return guarded


def _answer_of(daemon: Daemon, route: Route, turns: Turns, doorkeeper: Doorkeeper) -> _Answer:
    """What answers the requests of one route."""

    async def answer(request: web.Request) -> web.StreamResponse:
        caller = doorkeeper.caller_of(request)
        ids = dict(request.match_info)
        check_scope(caller, route, ids)
        _check_ids(ids)
        query, body = query_of(request, route), await body_of(request, route)
        guild_id = ids.get("guild", "")
        if (other := await answer_of_other(daemon, request, caller, guild_id)) is not None:
            return other
        await _check_guild(daemon, turns, ids)
        if route.reads_store and query.store != DEFAULT_STORE:
            await turns.work(None, _check_store, daemon.context.robo, guild_id, query.store)
        robo = daemon.context.robo.acting_as(caller.actor, route.cmd)
        # changes of one guild would wait for each other's lock in any case
        work = partial(turns.work, guild_id if route.writes else None)
        ask = Ask(daemon, caller, robo, ids, query, body, work)
        if inspect.iscoroutinefunction(route.call):
            data = await route.call(ask)
        else:
            data = await work(route.call, ask)
        if route.writes:
            log.info("%s %s by %s", request.method, request.path, caller.actor)
        return success(data, route.status)

    return answer


def _check_ids(ids: Mapping[str, str]) -> None:
    """Raise InvalidId for what is no id of Discord."""
    for name, what in _IDS.items():
        if name in ids:
            check_snowflake(ids[name], what)


async def _check_guild(daemon: Daemon, turns: Turns, ids: dict[str, str]) -> None:
    """Raise GuildNotFound for a guild that neither the bot nor the vault knows.

    Raises Unhealthy as long as nobody can say where the bot is.
    """
    guild_id = ids.get("guild")
    if guild_id is None:
        return
    connection = daemon.connection
    if connection is not None and connection.has_guild(guild_id):
        return
    if await turns.work(None, daemon.context.robo.stores.has_guild, guild_id):
        return
    if connection is None or not connection.is_ready():
        raise Unhealthy("the daemon is not connected yet")
    raise GuildNotFound(
        f"the bot is not in guild {guild_id}, and the vault has nothing of it",
        advice="invite the bot, or look at the id",
    )


def _check_store(robo: RoboXP, guild_id: str, store: str) -> None:
    """Raise StoreNotFound for a store that the vault has nothing of."""
    try:
        robo.stores.check_there(guild_id, store)
    except GuildNotFound:  # the bot is there, and nothing was stored yet
        raise StoreNotFound(f"guild {guild_id} has no store {store!r}") from None


def _unknown(known: Sequence[web.AbstractResource], doorkeeper: Doorkeeper) -> _Answer:
    """What answers requests that no route takes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        doorkeeper.caller_of(request)
        allowed: set[str] = set()
        for resource in known:
            allowed |= (await resource.resolve(request))[1]
        if allowed:
            methods = ", ".join(sorted(allowed))
            raise MethodNotAllowed(request.path, request.method, methods)
        raise NotFound(f"there is nothing at {request.path}", advice="see /api/openapi.json")

    return answer
