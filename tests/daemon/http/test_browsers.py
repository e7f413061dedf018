"""What dashboards and browsers ask: only the headers, from another origin, own settings alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.daemon.http.stage import READER, Served, ask_at, bearer, serving

DASH, OTHER = "https://dash.example.org", "https://evil.example.org"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A daemon that lets pages of one origin ask."""
    folder: Path = tmp_path_factory.mktemp("browsers")
    with serving(folder) as found:
        rest = replace(found.service.options.rest, cors_origins=frozenset({DASH}))
        found.service.options = replace(found.service.options, rest=rest)
        yield found


def test_only_the_headers(served: Served) -> None:
    """HEAD answers as GET does, without the body."""
    path = f"/api/xp/leaderboard/{served.guild_id}"
    whole, head = (served.ask(method, path) for method in ("GET", "HEAD"))

    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.body))
    assert served.ask_tcp("HEAD", path).status == 401
    assert served.ask("HEAD", f"{path}/recalc").status == 400


def test_a_page_of_a_named_origin(served: Served) -> None:
    """A browser may ask for it, with a token like everybody; preflights need none."""
    path = f"/api/xp/stats/{served.guild_id}"
    asks = {"Origin": DASH, "Access-Control-Request-Method": "PUT"}
    before = ask_at(served.tcp, "OPTIONS", path, headers=asks)
    answer = ask_at(served.tcp, "GET", path, headers={"Origin": DASH, **bearer(READER)})
    refused = ask_at(served.tcp, "GET", path, headers={"Origin": DASH})

    assert (before.status, before.body) == (204, b"")
    assert "PUT" in before.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    for one in (before, answer, refused):
        assert one.headers["Access-Control-Allow-Origin"] == DASH
        assert one.headers["Vary"] == "Origin"
    assert refused.status == 401


@pytest.mark.parametrize("origin", [OTHER, "null", ""])
def test_a_page_of_any_other_origin(served: Served, origin: str) -> None:
    """It gets no leave to read an answer, and its preflight is a request without a token."""
    path = f"/api/xp/stats/{served.guild_id}"
    asks = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    before = ask_at(served.tcp, "OPTIONS", path, headers=asks)
    answer = ask_at(served.tcp, "GET", path, headers={"Origin": origin, **bearer(READER)})

    assert before.status == 401
    assert not [one for one in (before, answer) if "Access-Control-Allow-Origin" in one.headers]


def test_reading_and_sending_back_freezes_nothing(served: Served) -> None:
    """GET, one edit, PUT: only the edit is stored; a default that is changed later still holds."""
    path = f"/api/xp/config/{served.guild_id}?store=dash"
    served.robo.xp.set(served.guild_id, served.ids["user"], 1, store="dash")
    config = served.ask("GET", path).data
    served.ask("PUT", path, {**config, "cooldownSeconds": 30})
    own = served.ask("GET", f"{path}&own=true").data
    served.ask("PUT", path, {"cooldownSeconds": 60})

    assert own == {"cooldownSeconds": 30}
    assert served.ask("GET", f"{path}&own=true").data == {"cooldownSeconds": 60}
    giveaways = f"/api/giveaways/{served.guild_id}/settings"
    served.ask("PATCH", giveaways, served.ask("GET", giveaways).data)
    assert served.ask("GET", f"{giveaways}?own=true").data == {}
