"""HTTP at its edges: methods, types, sizes, encodings, a busy vault, a fault in the daemon."""

from __future__ import annotations

import gzip
import logging
import os
import pwd
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from robo_xp import RoboXP
from robo_xp.errors import (
    MethodNotAllowed,
    RoboXPError,
    TooSlow,
    Unauthorized,
    Unhealthy,
    VaultBusy,
    VaultDamaged,
)
from robo_xp_daemon.base.counters import ANNOUNCEMENTS, ROLE_REWARDS
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.http.answering import error_response
from robo_xp_daemon.http.doors.callers import _user_of
from robo_xp_daemon.http.reading import MOST_BYTES
from robo_xp_daemon.levels.pipeline import Pipeline
from tests.daemon.http.stage import READER, WRITER, Served, bearer, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One daemon for all of these."""
    with serving(tmp_path_factory.mktemp("edges")) as found:
        yield found


def user(served: Served) -> str:
    return "/api/xp/users/{guild}/{user}".format(**served.ids)


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (Unauthorized("x"), {"WWW-Authenticate": 'Bearer realm="robo-xp"'}),
        (MethodNotAllowed("/x", "PUT", "GET, POST"), {"Allow": "GET, POST"}),
        (TooSlow("x"), {"Connection": "close"}),
        (VaultBusy("x"), {"Retry-After": "2"}),
        (Unhealthy("x"), {"Retry-After": "2"}),
        (VaultDamaged("x", path="p"), {}),
    ],
)
def test_headers_follow_from_the_class(error: RoboXPError, headers: dict[str, str]) -> None:
    """A client is told what it can do about an error, where a header can say it."""
    answer = error_response(error)

    assert answer.status == error.http_status
    assert {name: answer.headers.get(name) for name in headers} == headers
    assert ("Retry-After" in answer.headers) == (answer.status == 503)


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE"])
def test_a_method_that_a_path_does_not_take(served: Served, method: str) -> None:
    """405 names the methods that are taken."""
    answer = served.ask(method, user(served))

    assert answer.status == 405
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, POST, PUT"


def test_a_path_that_is_none(served: Served) -> None:
    """404, and over TCP 401 to who has no token: they do not learn what there is."""
    assert served.ask("GET", "/api/nope").code == "NOT_FOUND"
    assert served.ask_tcp("GET", "/api/nope").status == 401
    assert served.ask_tcp("OPTIONS", user(served)).status == 401


def said_on_tcp(served: Served, request: bytes) -> bytes:
    """What comes back when these very bytes are sent over TCP, until the other side is done."""
    host, _, port = served.tcp.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as asking:
        asking.sendall(request)
        said = b""
        while b"}" not in said and (more := asking.recv(4096)):
            said += more
    return said


@pytest.mark.parametrize(
    "line",
    ["CONNECT 127.0.0.1:22", "OPTIONS *", "GET /metrics%0A", "GET //metrics", "GET /a/%2e%2e/b",
     "GET /metrics%00", "GET http://elsewhere/metrics", "GET http://a:b@elsewhere/metrics"],
)  # fmt: skip
def test_no_way_of_writing_a_path_gets_around_the_token(served: Served, line: str) -> None:
    """Whatever the path, 401 in our own words comes first; with a token it is an answer of ours."""
    request = f"{line} HTTP/1.1\r\nHost: x\r\n"
    without = said_on_tcp(served, f"{request}\r\n".encode())
    token = said_on_tcp(served, f"{request}Authorization: Bearer {READER}\r\n\r\n".encode())

    assert without.startswith(b"HTTP/1.1 401 ")
    assert b'"UNAUTHORIZED"' in without
    assert b"Server: robo-xp" in token


def test_a_body_that_does_not_come_is_408(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who announces more than they send is not waited for without end, and changes nothing."""
    monkeypatch.setattr("robo_xp_daemon.http.reading.BODY_SECONDS", 0.1)
    request = [
        f"POST {user(served)}?store=slow HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {WRITER}",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
        "",
        'd\r\n{"amount": 5}',
    ]
    said = said_on_tcp(served, "\r\n".join(request).encode())

    assert said.startswith(b"HTTP/1.1 408 ")
    assert b'"TOO_SLOW"' in said and b"Connection: close" in said
    assert served.robo.xp.get(served.guild_id, served.ids["user"], store="slow") == 0


def test_bodies_that_are_not_read(served: Served) -> None:
    """Another type and any packing are 415, too much is 413, endless nesting is 400."""
    path, whole = user(served), b'{"amount": 5}'
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    plain = {"Content-Encoding": "identity"}

    assert served.ask("POST", path, whole, form).code == "UNSUPPORTED_MEDIA_TYPE"
    assert served.ask("POST", path, b" " * (MOST_BYTES + 1)).code == "TOO_LARGE"
    for how in ("gzip", "deflate", "br", "zstd", "x-none", "gzip, identity"):
        packed = served.ask("POST", path, gzip.compress(whole), {"Content-Encoding": how})
        assert (packed.status, packed.code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert served.ask("POST", path, whole, plain).status == 200
    assert served.ask("POST", path, whole, {**plain, "content-encoding": "gzip"}).status == 415
    for twice in (b'{"amount": 5, "amount": 6}', b'{"amount": 5, "reason": {"a": 1, "a": 1}}'):
        answer = served.ask("POST", path, twice)
        assert (answer.status, "given twice" in answer.json["error"]["message"]) == (400, True)
    assert served.ask("POST", path, b"[" * 100_000).code == "INVALID_REQUEST"
    assert served.ask("POST", path, b'{"amount": 5, "reason": "\\ud800"}').status == 400
    assert served.ask("POST", path, b'{"amount": 5, "reason": "\xff"}').status == 400
    assert served.ask("PUT", path, b'{"xp": 1e999}').code in ("INVALID_AMOUNT", "INVALID_REQUEST")


def test_all_faults_of_a_body_are_named(served: Served) -> None:
    """Unknown, missing and wrong fields come in one answer, each with its place."""
    answer = served.ask("PUT", user(served), {"amount": 1, "reason": 7})
    named = {fault["where"]: fault["message"] for fault in answer.json["error"]["faults"]}

    assert set(named) == {"amount", "xp", "reason"}
    assert named["xp"] == "is missing"
    twice = served.ask("GET", f"{user(served)}?store=a&store=a&store=a").json["error"]["faults"]
    assert [fault["message"] for fault in twice] == ["is given twice"]
    rewards = user(served).replace("users", "config").rpartition("/")[0] + "/rewards"
    deep = served.ask("PUT", rewards, {"rewards": [{"level": 1, "roleId": "1"}]})
    assert deep.json["error"]["faults"][0]["where"] == "rewards[0].roleId"


def test_all_faults_of_settings_are_named(served: Served) -> None:
    """What the core says of settings comes whole: code, faults and advice."""
    answer = served.ask(
        "PUT", "/api/xp/config/global", {"xpRate": 11, "cooldown": 5, "levels": {"type": "x"}}
    )

    assert answer.code == "INVALID_CONFIG"
    assert len(answer.json["error"]["faults"]) == 3
    assert answer.json["error"]["advice"]


def test_a_token_counts_on_the_socket_as_well(served: Served) -> None:
    """Who sends one is who it says, with its scope; a wrong one is nobody."""
    path, body = f"{user(served)}?store=who", {"amount": 1}

    assert served.ask("POST", path, body, bearer(READER)).code == "FORBIDDEN"
    assert served.ask("POST", path, body, bearer("no")).code == "UNAUTHORIZED"
    assert served.ask("POST", path, body, {"Authorization": "Basic eDp5"}).status == 401
    assert served.ask("POST", path, body, {"Authorization": f"bearer {WRITER}"}).status == 200
    assert served.ask("POST", path, body).status == 200


def test_a_guild_that_the_bot_left_can_be_looked_at(served: Served) -> None:
    """What the vault knows is answered for, whether or not the bot is there."""
    left = "100000000000000055"
    assert served.ask("GET", f"/api/xp/leaderboard/{left}").code == "GUILD_NOT_FOUND"
    served.robo.xp.add(left, served.ids["user"], 5)
    giveaways = "100000000000000056"
    served.robo.giveaways.settings.set(giveaways, {"defaults": {"winners": 2}})

    assert served.ask("GET", f"/api/xp/leaderboard/{left}").data["pagination"]["total"] == 1
    assert served.ask("GET", f"/api/giveaways/{giveaways}/settings").status == 200


def test_before_the_connection_no_guild_is_denied(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody can say where the bot is, a guild without data is 503, others are there."""
    known = "100000000000000058"
    served.robo.xp.add(known, served.ids["user"], 5)
    monkeypatch.setattr(served.service.supervisor, "client", None)
    unknown = served.ask("GET", "/api/xp/leaderboard/100000000000000059")

    assert (unknown.status, unknown.code) == (503, "UNHEALTHY")
    assert unknown.headers["Retry-After"].isdigit()
    assert served.ask("GET", f"/api/xp/leaderboard/{known}").status == 200
    assert served.ask("GET", "/api/daemon").data["state"] == "reconnecting"


def test_a_busy_vault_is_503(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process holds the lock the client is told when to come again."""
    monkeypatch.setattr("robo_xp_daemon.base.work.PATIENCE_SECONDS", 0.2)
    path = f"{user(served)}?store=busy"
    with RoboXP.open(served.service.options.data_dir, by="other") as other:
        name = f"xp/busy/{served.guild_id}"
        with other.vault.namespace(name).transaction(other._core.origin_for("test")):
            answer = served.ask("POST", path, {"amount": 1})

    assert (answer.status, answer.code) == (503, "VAULT_BUSY")
    assert answer.headers["Retry-After"].isdigit()
    assert served.ask("POST", path, {"amount": 1}).data["newXp"] == 1


def test_a_busy_guild_stops_no_others(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """While many changes wait for the lock of one store, all else is answered: metrics, health,
    another guild's changes.
    """
    monkeypatch.setattr("robo_xp_daemon.base.work.PATIENCE_SECONDS", 3.0)
    other_guild = user(served).replace(served.guild_id, "100000000000000057")
    served.robo.xp.add("100000000000000057", served.ids["user"], 1)
    name = f"xp/crowd/{served.guild_id}"
    with ThreadPoolExecutor(5) as crowd:
        with served.robo.vault.namespace(name).transaction(served.robo._core.origin_for("test")):
            waiting = [
                crowd.submit(served.ask, "POST", f"{user(served)}?store=crowd", {"amount": 1})
                for _ in range(5)
            ]
            asked = [("GET", "/metrics"), ("GET", "/api/xp/health"), ("GET", other_guild)]
            found = [served.ask(*one).status for one in asked]
            found.append(served.ask("POST", other_guild, {"amount": 1}).status)
            are_waiting = not any(one.done() for one in waiting)
        changes = [one.result().status for one in waiting]

    assert are_waiting
    assert found == [200] * 4
    assert changes == [200] * 5


def test_effects_that_are_left_are_of_all_kinds(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roles, announcements and giveaways that Discord has yet to be told of are added up."""
    left = {ROLE_REWARDS: 1, ANNOUNCEMENTS: 1}
    monkeypatch.setattr(Pipeline, "left_by_kind", lambda _: left)
    monkeypatch.setattr(Lifecycle, "left", 3)

    assert served.ask("GET", "/api/daemon").data["effectsLeft"] == 5


def test_a_user_id_has_no_sign() -> None:
    """Ids of users go up to 2^32 - 2, in containers as well; who has no name is told by number."""

    class Peer:
        def getsockopt(self, *_: int) -> bytes:
            return struct.pack("iII", 1, 2**32 - 2, 0)

    assert _user_of(cast("socket.socket", Peer())) == f"uid{2**32 - 2}"


def test_a_fault_of_ours_is_500_and_logged(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer says nothing of the inside; the log has it all."""

    def broken(*_: object, **__: object) -> None:
        raise KeyError("secret inside")

    monkeypatch.setattr("robo_xp.usecases.members.board.Leaderboard.standing", broken)
    answer = served.ask("GET", user(served))

    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert b"secret" not in answer.body
    assert "secret inside" in caplog.text


def test_tokens_are_never_logged(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a right nor a wrong token stands in the log, whatever is logged."""
    caplog.set_level(logging.DEBUG)
    served.ask_tcp("POST", f"{user(served)}?store=log", {"amount": 1}, token=WRITER)
    served.ask_tcp("POST", user(served), {"amount": 1}, token=WRITER[:-1])

    assert "by rest:token:panel" in caplog.text
    assert WRITER[:-1] not in caplog.text


def test_nothing_is_said_before_it_is_known_who_asks(served: Served) -> None:
    """A client that waits to be told to go on gets its refusal, and no word before it."""
    host, _, port = served.tcp.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as asking:
        asking.sendall(
            b"POST /api/xp/config/global HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"
        )
        said = asking.recv(4096)

    assert said.startswith(b"HTTP/1.1 401 ")


def test_a_patch_can_take_back(served: Served) -> None:
    """Null in a PUT of settings is the default again, also in giveaways."""
    config = f"/api/xp/config/{served.guild_id}?store=null"
    served.ask("PUT", config, {"xpRate": 3, "multipliers": {"server": 2}})
    after = served.ask("PUT", config, {"xpRate": None, "multipliers": {"server": None}}).data
    assert after["xpRate"] == 1 and "server" not in after.get("multipliers", {})
    assert served.robo.config.own(served.guild_id, store="null") == {}
    giveaways = f"/api/giveaways/{served.guild_id}/settings"
    served.ask("PATCH", giveaways, {"limits": {"maxWinners": 50}})

    reset = served.ask("PATCH", giveaways, {"limits": {"maxWinners": None}}).data
    assert reset["limits"]["maxWinners"] == 20


def test_pages(served: Served) -> None:
    """Offset and page cut the same list; the pagination says where the cut lies."""
    for number in range(5):
        served.robo.xp.add(served.guild_id, f"10000000000000010{number}", number + 1, store="page")
    board = f"/api/xp/leaderboard/{served.guild_id}?store=page&limit=2"
    second = served.ask("GET", f"{board}&page=2").data

    assert second == served.ask("GET", f"{board}&offset=2").data
    assert [entry["rank"] for entry in second["entries"]] == [3, 4]
    assert second["pagination"] == {
        "total": 5,
        "offset": 2,
        "limit": 2,
        "totalPages": 3,
        "currentPage": 2,
        "hasNext": True,
        "hasPrev": True,
        "hasMore": True,
    }


def test_a_giveaway_from_start_to_reroll(served: Served) -> None:
    """It is posted, ends with a draw among members as they are now, and cannot end twice."""
    guild, ids = served.guild, served.ids
    bob = str(guild.member("bob").id)
    start = {"prize": "a boat", "channelId": str(guild.channel("general").id), "host": ids["user"]}
    made = served.ask("POST", f"/api/giveaways/{served.guild_id}", start)
    assert made.status == 201
    one = f"/api/giveaways/{served.guild_id}/giveaway/{made.data['giveaway']['id']}"
    served.robo.giveaways.enter(served.guild_id, made.data["giveaway"]["id"], [ids["user"], bob])
    ended = served.ask("PATCH", one, {"action": "end", "reason": "early"}).data
    rerolled = served.ask("PATCH", one, {"action": "reroll", "count": 1}).data

    assert {*ended["winners"], *rerolled["winners"]} == {ids["user"], bob}
    me = f"rest:unix:{pwd.getpwuid(os.geteuid()).pw_name}"
    assert [draw["by"] for draw in rerolled["giveaway"]["draws"]] == [me, me]
    assert served.ask("PATCH", one, {"action": "end"}).code == "GIVEAWAY_NOT_ACTIVE"
    assert served.ask("PATCH", one, {"action": "cancel"}).status == 409
    assert served.ask("PATCH", one, {"action": "reroll"}).code == "NO_ENTRIES_LEFT"


def test_a_giveaway_goes_on_without_discord(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two connections it starts, ends and is drawn again all the same; Discord is told
    later.
    """
    served.robo.xp.add(served.guild_id, served.ids["user"], 1)  # so that the guild is known
    monkeypatch.setattr(served.service.supervisor, "client", None)
    all_of_them = f"/api/giveaways/{served.guild_id}"
    bob = str(served.guild.member("bob").id)
    start = {"prize": "tea", "channelId": str(served.guild.channel("general").id)}
    giveaway = served.ask("POST", all_of_them, start).data["giveaway"]["id"]
    served.robo.giveaways.enter(served.guild_id, giveaway, [served.ids["user"], bob])
    one = f"{all_of_them}/giveaway/{giveaway}"
    ended = served.ask("PATCH", one, {"action": "end"}).data
    rerolled = served.ask("PATCH", one, {"action": "reroll"}).data

    assert {*ended["winners"], *rerolled["winners"]} == {served.ids["user"], bob}
    assert rerolled["giveaway"]["pending"]
    assert served.ask("PATCH", one, {"action": "end"}).code == "GIVEAWAY_NOT_ACTIVE"
