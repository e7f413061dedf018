"""Draws that wait for the beacon, with a client in this process and relays on this machine."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from robo_xp.model.closing import Chain
from robo_xp.model.giveaway import DRAWING, ENDED, Giveaway
from robo_xp_daemon.giveaways import beacon_draws
from robo_xp_daemon.outbox import retrying_rounds
from tests.daemon.giveaways.scenes import Fair, MovedClock, a_client, a_fair, everybody
from tests.daemon.giveaways.test_relays import a_relay, honest, lying
from tests.daemon.stage import Stage, played
from tests.rules.giveaway.own_chain import own_chain

HOUR_MS = 3_600_000


@pytest.fixture
def chain() -> Iterator[Chain]:
    """The chain whose key the tests have."""
    with own_chain() as chain:
        yield chain


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is looked at often, and pauses are short."""
    monkeypatch.setattr(beacon_draws, "NAP_SECONDS", 0.02)
    monkeypatch.setattr(retrying_rounds, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(retrying_rounds, "FIRST_PAUSE", 0.02)


@asynccontextmanager
async def a_daemon(
    fair: Fair, data_dir: Path, clock: MovedClock, *relays: str
) -> AsyncIterator[Stage]:
    """A client that asks these relays."""
    async with a_client(fair, data_dir, clock=clock, relays=relays) as stage:
        yield stage


def round_of(fair: Fair, book: Giveaway) -> int:
    """The round that the draw waits for."""
    waiting = fair.now(book).waiting
    assert waiting is not None
    return waiting.round


@played
async def test_a_draw_with_the_beacon_from_its_start_to_its_proof(
    tmp_path: Path, chain: Chain
) -> None:
    """Closed at the end, told with digest and round, and drawn when the round has come."""
    clock = MovedClock()
    async with a_relay(honest) as relay, a_fair(tmp_path, clock=clock) as fair:
        async with a_daemon(fair, tmp_path, clock, relay) as stage:
            book = fair.start(winners=2, beacon="drand")
            fair.enter(book, everybody(fair))
            await stage.until(lambda: fair.is_posted(book))
            change = await stage.session.giveaways.end(fair.guild_id, book.id, by="discord:1")
            closed = change.giveaway
            await stage.until(lambda: fair.is_told(book))
            assert closed.status == DRAWING and closed.closing is not None
            assert not fair.has_buttons(book)
            committed, told = fair.binding(book)
            number = round_of(fair, book)
            for part in (closed.closing.digest, closed.closing.root, str(number), chain.hash):
                assert part in told.content
            assert book.commitment in committed.content
            clock.moved_ms += 40_000
            await stage.until(lambda: fair.now(book).status == ENDED)
            await stage.until(lambda: fair.is_told(book))

            ended = fair.now(book)
            assert len(ended.winners) == 2 and ended.draws[0].rechecked
            [announced] = fair.announced(book)
            assert announced.pings == {int(user_id) for user_id in ended.winners}
            assert fair.binding(book) == [committed, told]
            assert (committed.edited_at, told.edited_at) == (None, None)
            assert fair.robo.giveaways.verify(fair.guild_id, book.id).valid
            again = await stage.session.giveaways.reroll(
                fair.guild_id, book.id, count=1, by="discord:1"
            )
            assert again.giveaway.waiting is not None and again.rerolled == ()
            await stage.until(lambda: fair.is_told(book))
            clock.moved_ms += 40_000
            await stage.until(lambda: len(fair.now(book).rerolls) == 1)
            assert len(fair.binding(book)) == 3
            assert fair.robo.giveaways.verify(fair.guild_id, book.id).valid


@played
async def test_relays_that_lie_or_are_away(tmp_path: Path, chain: Chain) -> None:
    """The draw waits as long as asked, then it is made without the round, and its proof says so."""
    clock, asked = MovedClock(), list[str]()

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.match_info["round"])
        return await lying(request)

    async with a_relay(answer) as relay, a_fair(tmp_path, clock=clock) as fair:
        async with a_daemon(fair, tmp_path, clock, relay, "http://127.0.0.1:9") as stage:
            book = fair.start(beacon="drand")
            fair.enter(book, everybody(fair))
            fair.end(book)
            await stage.until(lambda: fair.is_told(book))
            number = round_of(fair, book)
            clock.moved_ms += HOUR_MS - 60_000
            await stage.until(lambda: asked.count(str(number)) > 2)
            assert fair.now(book).status == DRAWING
            clock.moved_ms += 2 * 60_000
            await stage.until(lambda: fair.now(book).status == ENDED)

            found = fair.robo.giveaways.verify(fair.guild_id, book.id)
            assert found.valid and "secret alone" in found.notes[0]


@played
async def test_a_close_that_is_told_late_takes_a_later_round(tmp_path: Path, chain: Chain) -> None:
    """What was closed while no daemon ran is told with a round that is still to come."""
    clock = MovedClock()
    async with a_relay(honest) as relay, a_fair(tmp_path, clock=clock) as fair:
        book = fair.start(beacon="drand")
        fair.enter(book, everybody(fair))
        fair.end(book)
        first = round_of(fair, book)
        clock.moved_ms += HOUR_MS // 2
        async with a_daemon(fair, tmp_path, clock, relay) as stage:
            await stage.until(lambda: fair.is_told(book))
            later = round_of(fair, book)
            assert later > first and str(later) in fair.binding(book)[1].content
            clock.moved_ms += 40_000
            await stage.until(lambda: fair.now(book).status == ENDED)

        assert fair.robo.giveaways.verify(fair.guild_id, book.id).valid


@played
async def test_a_round_that_came_while_no_daemon_ran(tmp_path: Path, chain: Chain) -> None:
    """A draw that waited when the daemon stopped is made by the next one."""
    clock = MovedClock()
    async with a_relay(honest) as relay, a_fair(tmp_path, clock=clock) as fair:
        async with a_daemon(fair, tmp_path, clock, relay) as stage:
            book = fair.start(beacon="drand")
            fair.enter(book, everybody(fair))
            fair.end(book)
            await stage.until(lambda: fair.is_told(book))
        number = round_of(fair, book)
        clock.moved_ms += 60_000
        async with a_daemon(fair, tmp_path, clock, relay) as stage:
            await stage.until(lambda: fair.now(book).status == ENDED)

        taken = fair.now(book).draws[0].beacon
        assert taken is not None and taken.round == number
        assert len(fair.binding(book)) == 2


@played
async def test_a_machine_that_cannot_check_signatures(
    tmp_path: Path, chain: Chain, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the extra the log says what to install, and the draw falls back in its time."""
    clock = MovedClock()
    async with a_relay(honest) as relay, a_fair(tmp_path, clock=clock) as fair:
        async with a_daemon(fair, tmp_path, clock, relay) as stage:
            book = fair.start(beacon="drand")
            fair.enter(book, everybody(fair))
            fair.end(book)
            await stage.until(lambda: fair.is_told(book))
            monkeypatch.setitem(sys.modules, "py_ecc", None)
            clock.moved_ms += 60_000
            await stage.until(lambda: "robo-xp[beacon]" in caplog.text)
            assert fair.now(book).status == DRAWING
            clock.moved_ms += HOUR_MS
            await stage.until(lambda: fair.now(book).status == ENDED)

        taken = fair.now(book).draws[0].beacon
        assert taken is not None and taken.signature is None
