"""What a caller may ask for: the scope of the token, and the guilds that it is for."""

from __future__ import annotations

from collections.abc import Mapping

from robo_xp.errors import Forbidden
from robo_xp_daemon.http.doors.callers import Caller
from robo_xp_daemon.http.route import Route
from robo_xp_daemon.setup.http_tokens import METRICS, WRITE, ApiToken

METRICS_PATH = "/metrics"


def check_scope(caller: Caller, route: Route, ids: Mapping[str, str]) -> None:
    """Raise Forbidden where the caller may not ask for this."""
    if route.is_local and not caller.is_local:
        raise Forbidden(
            "the daemon itself is controlled over its Unix socket only",
            advice="ask on that machine: robo-xp daemon status",
        )
    if caller.token is not None:
        _check_token(caller.token, route, ids)


def _check_token(token: ApiToken, route: Route, ids: Mapping[str, str]) -> None:
    if token.scope == METRICS and route.path != METRICS_PATH:
        raise Forbidden(f"the token {token.name!r} is for {METRICS_PATH} only")
    if route.writes and token.scope != WRITE:
        raise Forbidden(
            f"the token {token.name!r} may only read", advice="use a token of scope write"
        )
    if token.guild_ids and route.of_guilds and ids.get("guild") not in token.guild_ids:
        raise Forbidden(f"the token {token.name!r} is for other guilds")
