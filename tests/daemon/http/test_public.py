"""Pages in the daemon: what is shown, to whom, and what is said of all else."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from robo_xp import RoboXP
from robo_xp.machine.site import page_at
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.context import Context
from robo_xp_daemon.http.public import showing
from robo_xp_daemon.setup.http import Listen
from tests.daemon.stage import played
from tests.faces.public import GUILD, given_away, public_guild


class Shown:
    """A client of the pages of one vault."""

    def __init__(self, robo: RoboXP, address: str, session: aiohttp.ClientSession) -> None:
        self.robo = robo
        self._address = address
        self._session = session

    async def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers without the date, and body."""
        async with self._session.get(f"http://{self._address}/{path}", headers=headers) as answer:
            told = {name.title(): value for name, value in answer.headers.items() if name != "Date"}
            return answer.status, told, await answer.read()

    async def status_of(self, method: str, path: str = "index.html") -> int:
        """The status that another method gets."""
        async with self._session.request(method, f"http://{self._address}/{path}") as answer:
            return answer.status


@asynccontextmanager
async def shown(folder: Path) -> AsyncIterator[Shown]:
    """The pages of a guild of 120, on a port of the system's choice."""
    with public_guild(folder, 120) as robo:
        work = Work()
        context = Context(robo, work, Counters())
        async with (
            showing(context, Listen("127.0.0.1", 0)) as [address],
            aiohttp.ClientSession() as session,
        ):
            yield Shown(robo, address, session)
        work.close()


@played
async def test_what_is_written_is_what_is_shown(tmp_path: Path) -> None:
    """A page is that of ``publish``, with a policy; a folder is its index."""
    async with shown(tmp_path) as at:
        giveaway = given_away(at.robo)
        for path in ("style.css", f"{GUILD}/board/2.html", f"{GUILD}/giveaway/{giveaway}.html"):
            page = page_at(at.robo, path, "")
            status, headers, body = await at.get(path)
            assert page is not None
            assert (status, body) == (200, page.content)
            assert headers["Content-Security-Policy"] == page.policy
        assert (await at.get(""))[2] == (await at.get("index.html"))[2]
        assert (await at.get(f"{GUILD}/"))[2] == (await at.get(f"{GUILD}/index.html"))[2]


@played
async def test_a_page_that_did_not_change(tmp_path: Path) -> None:
    """Who has the page gets 304 without a body, until it changes; no cookie is ever set."""
    async with shown(tmp_path) as at:
        _, headers, _ = await at.get(f"{GUILD}/index.html")
        same = await at.get(f"{GUILD}/index.html", **{"If-None-Match": f'"x", {headers["Etag"]}'})
        at.robo.xp.add(GUILD, "200000000000000000", 5)
        changed = await at.get(f"{GUILD}/index.html", **{"If-None-Match": headers["Etag"]})
        packed = "W/" + changed[1]["Etag"]
        weak = await at.get(f"{GUILD}/index.html", **{"If-None-Match": packed})
        anything = await at.get(f"{GUILD}/index.html", **{"If-None-Match": "*"})

        assert (same[0], same[2]) == (weak[0], weak[2]) == (anything[0], anything[2]) == (304, b"")
        assert changed[0] == 200
        assert "Set-Cookie" not in headers


@played
async def test_the_board_for_programs_comes_in_parts(tmp_path: Path) -> None:
    """It is what is written, is not sent twice, and changes with XP, names and settings."""
    async with shown(tmp_path) as at:
        for number in range(1200):
            at.robo.xp.add(GUILD, str(300000000000000000 + number), 1 + number)
        at.robo.config.set(GUILD, {"leaderboard": {"page": "public"}}, store="art")
        path = f"{GUILD}/board.json"
        page = page_at(at.robo, path, "")
        status, headers, body = await at.get(path)
        same = await at.get(path, **{"If-None-Match": headers["Etag"]})
        tags = {headers["Etag"]}
        for change in (
            lambda: at.robo.xp.add(GUILD, "200000000000000000", 5),
            lambda: at.robo.names.remember(GUILD, {"200000000000000000": "Ada"}),
            lambda: at.robo.config.set(None, {"labels": {"xpDisplayName": "Suns"}}),
        ):
            change()
            tags.add((await at.get(path))[1]["Etag"])
        art = await at.get(f"{GUILD}/store/art/board.json")

        assert page is not None
        assert (status, body, headers["Content-Type"]) == (
            200, page.content, "application/json; charset=utf-8",
        )  # fmt: skip
        assert (same[0], same[2]) == (304, b"")
        assert len(tags) == 4
        assert art[2] == b'{"entries":[],"total":0,"offset":0,"limit":100000}'
        assert await at.status_of("HEAD", path) == 200


@played
async def test_who_opens_slowly_is_not_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guild without pages that takes a second to open is answered like one that is not there."""
    async with shown(tmp_path) as at:
        is_public = at.robo.public.is_public

        def slowly(guild_id: str, store: str = "default") -> bool:
            time.sleep(1)
            return is_public(guild_id, store)

        at.robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
        while (await at.get(f"{GUILD}/index.html"))[0] == 200:
            pass
        monkeypatch.setattr(at.robo.public, "is_public", slowly)
        began = time.monotonic()
        status, _, _ = await at.get(f"{GUILD}/index.html")

        assert status == 404
        assert time.monotonic() - began < 0.5


@played
async def test_nothing_is_one_answer(tmp_path: Path) -> None:
    """Off, an unknown guild, an id that cannot be and an unknown path: the same in all."""
    async with shown(tmp_path) as at:
        at.robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
        paths = (
            f"{GUILD}/index.html",
            f"{GUILD}/board.json",
            f"{GUILD}/find.html?q=a",
            f"{GUILD}/member/200000000000000000.html",
            "100000000000000010/index.html",
            "99999999999999999999/index.html",
            "nothing",
            "%2e%2e/etc/passwd",
        )
        answers: list[Any] = [await at.get(path) for path in paths]

        assert answers[0][0] == 404
        assert all(answer == answers[0] for answer in answers)

        at.robo.config.set(GUILD, {"leaderboard": {"page": "public"}})
        at.robo.members.hide(GUILD, ["200000000000000000"])
        hidden = await at.get(f"{GUILD}/member/200000000000000000.html")
        assert hidden == answers[0]


@pytest.mark.parametrize("rounds", [25, pytest.param(300, marks=pytest.mark.long)])
@played
async def test_nothing_takes_one_time(tmp_path: Path, rounds: int) -> None:
    """Off, an unknown guild, a hidden member and an unknown path are told apart by no clock."""
    async with shown(tmp_path) as at:
        off = "100000000000000011"
        at.robo.xp.add(off, "200000000000000000", 5)
        at.robo.members.hide(GUILD, ["200000000000000000"])
        hidden = f"{GUILD}/member/200000000000000000.html"
        paths = (f"{off}/index.html", "100000000000000010/index.html", hidden, "nothing")
        took: dict[str, list[float]] = {path: [] for path in paths}
        for _ in range(rounds):
            for path in paths:
                began = time.perf_counter()
                assert (await at.get(path))[0] == 404
                took[path].append((time.perf_counter() - began) * 1000)
        medians = {path: statistics.median(each) for path, each in took.items()}
        print({path: f"{median:.2f} ms" for path, median in medians.items()})

        assert max(medians.values()) - min(medians.values()) < 5


@played
async def test_a_member_is_found_live(tmp_path: Path) -> None:
    """The form of the board is answered with whoever is called so."""
    async with shown(tmp_path) as at:
        at.robo.names.remember(GUILD, {"200000000000000007": "Ada"})
        _, _, board = await at.get(f"{GUILD}/index.html")
        status, _, found = await at.get(f"{GUILD}/find.html?q=ada")

        assert b'action="find.html"' in board
        assert (status, found.count(b"<li>")) == (200, 1)
        assert b'href="member/200000000000000007.html"' in found


@pytest.mark.parametrize(
    "query", ["a=1&" * 500 + "q=ada", "q=%ff%fe&&=;%zz", "q=" + "%F0%9F%A6%8A" * 600, "q", ""]
)
@played
async def test_a_query_of_no_form(tmp_path: Path, query: str) -> None:
    """Whatever is asked for is answered, and is no fault in the log."""
    async with shown(tmp_path) as at:
        status, _, found = await at.get(f"{GUILD}/find.html?{query}")

    assert (status, b"Find a member" in found) == (200, True)


@played
async def test_nothing_can_be_written(tmp_path: Path) -> None:
    """Only GET and HEAD are answered."""
    async with shown(tmp_path) as at:
        assert [await at.status_of(one) for one in ("HEAD", "POST", "PUT", "DELETE")] == [
            200, 405, 405, 405,
        ]  # fmt: skip


@played
async def test_off_by_default() -> None:
    """Without an address nothing listens."""
    context: Any = None
    async with showing(context, None) as addresses:
        assert addresses == ()
