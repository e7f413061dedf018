"""What a token may: its scope, and the guilds that it is for."""

from __future__ import annotations

import pytest

from robo_xp.errors import Forbidden
from robo_xp_daemon.http.doors.callers import Caller
from robo_xp_daemon.http.openapi import ALL_ROUTES
from robo_xp_daemon.http.route import Route
from robo_xp_daemon.http.scopes import check_scope
from robo_xp_daemon.setup.http_tokens import ApiToken

GUILD, OTHER = "100000000000000009", "100000000000000008"
ROUTES = pytest.mark.parametrize("route", ALL_ROUTES, ids=lambda route: route.name)


def may(route: Route, scope: str, *guilds: str, guild: str = GUILD, local: bool = False) -> bool:
    """Whether a token of this scope may ask for the route in that guild."""
    token = ApiToken("t", scope, b"", frozenset(guilds))
    try:
        check_scope(Caller("t", local, token), route, dict.fromkeys(route.id_names, guild))
    except Forbidden:
        return False
    return True


@ROUTES
def test_scopes(route: Route) -> None:
    """Readers change nothing, metrics are the only thing for who has that scope, and what is for
    the socket is not for TCP.
    """
    assert may(route, "write") == (not route.is_local)
    assert may(route, "write", local=True)
    assert may(route, "read") == (not route.writes and not route.is_local)
    assert may(route, "metrics") == may(route, "metrics", local=True) == (route.path == "/metrics")


@ROUTES
def test_guilds(route: Route) -> None:
    """A token for a guild does nothing in others, and sees nothing that is of all guilds."""
    tells_nothing = route.name in ("getHealth", "getOpenapi")
    is_here = "guild" in route.id_names and not route.is_local

    assert may(route, "write", GUILD) == (is_here or tells_nothing)
    assert may(route, "write", GUILD, OTHER, guild=OTHER) == (is_here or tells_nothing)
    assert may(route, "write", GUILD, guild=OTHER) == tells_nothing
    assert may(route, "write", GUILD, guild=f"0{GUILD}") == tells_nothing


@ROUTES
def test_users_of_the_machine(route: Route) -> None:
    """Whoever may open the socket may do everything, and is told apart from tokens."""
    caller = Caller("panel", is_local=True)
    check_scope(caller, route, dict.fromkeys(route.id_names, OTHER))

    token = ApiToken("panel", "read", b"")
    assert (caller.actor, Caller("panel", True, token).actor) == (
        "rest:unix:panel",
        "rest:token:panel",
    )
