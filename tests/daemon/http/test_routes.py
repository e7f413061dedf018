"""Every route of the daemon: success, bad input, no token, the wrong scope; and its document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from robo_xp.errors import StoreNotFound
from robo_xp_daemon.http import openapi
from robo_xp_daemon.http.openapi import ALL_ROUTES
from robo_xp_daemon.http.route import Json, Route, Text
from robo_xp_daemon.http.routes.shapes import InStore
from robo_xp_daemon.http.statuses import ERRORS
from tests.daemon.http.cases import CASES, Bad, Case
from tests.daemon.http.stage import READER, WRITER, Answer, Served, bearer, path_of, serving

ROOT = Path(__file__).parents[3]
STATUS = {kind.code: kind.http_status for kind in ERRORS}
by_name = pytest.mark.parametrize("route", ALL_ROUTES, ids=lambda route: route.name)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One daemon for all routes; each case brings what it needs."""
    with pytest.MonkeyPatch.context() as patch:
        # reload would set up the log of this process anew
        patch.setattr("robo_xp_daemon.setup.logs.set_up", lambda *_: None)
        with serving(tmp_path_factory.mktemp("rest")) as found:
            yield found


def test_every_route_has_a_case() -> None:
    """A route without a case, and a case without a route, is found."""
    assert {route.name for route in ALL_ROUTES} == set(CASES)
    assert len({(route.method, route.path) for route in ALL_ROUTES}) == len(ALL_ROUTES)


def ask(served: Served, route: Route, case: Case, bad: Bad | None = None) -> Answer:
    """What the route answers to a case, with the token that may write."""
    ids = {**served.ids, **case.prepare(served), **(bad.ids if bad else {})}
    query = case.query if bad is None or bad.query is None else bad.query
    body = case.body if bad is None or bad.body is None else bad.body
    path = path_of(route.path, ids) + query
    return served.ask(route.method, path, body, bearer(WRITER))


@by_name
def test_success(served: Served, route: Route) -> None:
    """Asked rightly, the route answers its status and data of the documented shape."""
    case = CASES[route.name]
    answer = ask(served, route, case)

    assert answer.status == route.status, answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    if route.data in (Text, Json):
        assert answer.body
        return
    assert list(answer.json) == ["success", "data"]
    msgspec.convert(answer.data, route.data)
    assert case.shows(answer.data), answer.data


@pytest.mark.parametrize("name", [one.name for one in ALL_ROUTES if one.reads_store])
def test_a_store_that_is_not_there_is_not_found(served: Served, name: str) -> None:
    """Whoever looks at a store that nothing was ever stored of is told so, as by the terminal."""
    [route] = [one for one in ALL_ROUTES if one.name == name]
    answer = ask(served, route, CASES[name], Bad("STORE_NOT_FOUND", query="?store=nowhere"))

    assert (answer.status, answer.json["error"]["code"]) == (404, "STORE_NOT_FOUND")
    assert StoreNotFound in route.all_errors


@pytest.mark.parametrize("name", [one.name for one in ALL_ROUTES if one.cmd])
def test_the_history_has_the_words_of_the_terminal(served: Served, name: str) -> None:
    """A change over HTTP is in the history under the command that makes it, and says 2 times."""
    [route] = [one for one in ALL_ROUTES if one.name == name]
    assert ask(served, route, CASES[name]).status == route.status
    row = next(served.robo.history.rows(f"xp/cases/{served.guild_id}"))

    assert row.cmd == route.cmd
    assert ".0 times" not in row.what


def test_who_is_changed_has_a_name(served: Served) -> None:
    """Answers to changes of a member's XP carry the name, where it is known."""
    served.robo.names.remember(served.guild_id, {served.ids["user"]: "Ann"})
    for name in ("addXp", "setXp", "removeXp", "recalcUser"):
        [route] = [one for one in ALL_ROUTES if one.name == name]
        assert ask(served, route, CASES[name]).data["name"] == "Ann"


@by_name
def test_what_is_not_for_it_is_left_alone(served: Served, route: Route) -> None:
    """A query key that a route does not know, and an empty object where it takes no body, pass."""
    case = CASES[route.name]
    path = path_of(route.path, {**served.ids, **case.prepare(served)})
    body = b"{}" if route.body is None else case.body
    answer = served.ask(route.method, f"{path}{case.query or '?'}&utm=x", body, bearer(WRITER))

    assert answer.status == route.status, answer.body


@by_name
def test_bad_input(served: Served, route: Route) -> None:
    """Each wrong request is refused with its code and status, a message, and no data."""
    case = CASES[route.name]
    for bad in case.bad:
        answer = ask(served, route, case, bad)
        assert (answer.code, answer.status) == (bad.code, STATUS[bad.code]), (bad, answer.body)
        assert set(answer.json) == {"success", "error"}
        assert answer.json["error"]["message"]
        assert bad.code in {kind.code for kind in route.all_errors}


@by_name
def test_no_token(served: Served, route: Route) -> None:
    """Over TCP nobody gets anything without a token, nor with one that is not known."""
    path = path_of(route.path, served.ids)
    for token in ("", "x" * 40, f"{READER}x"):
        answer = served.ask_tcp(route.method, path, CASES[route.name].body, token=token)
        assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert READER not in answer.body.decode()


@by_name
def test_wrong_scope(served: Served, route: Route) -> None:
    """A token of scope read changes nothing, and no token controls the daemon over TCP."""
    case = CASES[route.name]
    path = path_of(route.path, {**served.ids, **case.prepare(served)}) + case.query
    reader = served.ask_tcp(route.method, path, case.body, token=READER)
    if route.writes or route.is_local:
        assert (reader.status, reader.code) == (403, "FORBIDDEN")
    else:
        assert reader.status == route.status
    if route.is_local:
        writer = served.ask_tcp(route.method, path, case.body, token=WRITER)
        assert (writer.status, writer.code) == (403, "FORBIDDEN")
        over_unix = served.ask(route.method, path, case.body, bearer(READER))
        assert over_unix.status == (403 if route.writes else route.status)


def test_the_committed_document_is_what_the_routes_say() -> None:
    """docs/openapi.json was written after the last change of a route, and is served as it is."""
    committed = (ROOT / "docs/openapi.json").read_bytes()

    assert committed == openapi.document_bytes(ALL_ROUTES), (
        "run: ./dev python -m robo_xp_daemon.http.openapi docs/openapi.json"
    )


def test_the_page_for_people_has_every_route_and_code() -> None:
    """docs/rest.md names each route, with a star where it takes a store, and each code."""
    page = (ROOT / "docs/rest.md").read_text()
    told = set(re.findall(r"^\| `([A-Z]+ /[^`]*)`( \*)? \|", page, re.MULTILINE))
    routes = {
        (f"{route.method} {route.path}", " *" * issubclass(route.query, InStore))
        for route in ALL_ROUTES
    }

    assert told == routes
    assert {code for code in STATUS if f"`{code}`" not in page} == set()


def test_the_document_has_every_route(served: Served) -> None:
    """Each route stands in the document with its success, its errors, and no other operation."""
    paths = served.ask("GET", "/api/openapi.json").json["paths"]
    told = {(method.upper(), path) for path, methods in paths.items() for method in methods}

    assert told == {(route.method, route.path) for route in ALL_ROUTES}
    for route in ALL_ROUTES:
        statuses = {route.status, *(kind.http_status for kind in route.all_errors)}
        operation = paths[route.path][route.method.lower()]
        assert set(operation["responses"]) == {str(status) for status in statuses}
