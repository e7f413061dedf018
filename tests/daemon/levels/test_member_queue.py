"""Work that waits for Discord."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from robo_xp.usecases.history.pending_for_discord import MANY
from robo_xp_daemon.levels import member_queue as desks
from robo_xp_daemon.levels.cursor_progress import Ticket
from robo_xp_daemon.levels.member_queue import TRIES, Job, MemberQueue
from robo_xp_daemon.levels.moves import Move
from tests.daemon.stage import played


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other quickly."""
    monkeypatch.setattr(desks, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(desks, "LONGEST_PAUSE", 0.001)


def job(user_id: str, guild_id: str = "1", ticket: Ticket | None = None, **move: object) -> Job:
    """A job of one member."""
    made = Move(user_id, **move)  # type: ignore[arg-type]  # fields of a move
    return Job(guild_id, "default", made, [] if ticket is None else [ticket])


@played
async def test_what_waits_for_one_member_is_done_once() -> None:
    """Moves of a member that still wait become one, and all their tickets are done with it."""
    done: list[Job] = []
    ended: list[int] = []

    async def carry_out(one: Job) -> None:
        done.append(one)

    desk = MemberQueue("it", carry_out)
    for level in range(1, 4):
        ticket = Ticket(level, 1, lambda level=level: ended.append(level))  # type: ignore[misc]
        desk.add([job("7", ticket=ticket, level=level, rose=level == 1, fell=level == 3)])
    assert await desk.finish(1.0) == 0

    assert [one.move for one in done] == [Move("7", 3, 0, rose=True, fell=True)]
    assert ended == [1, 2, 3]


@played
async def test_a_few_go_before_many() -> None:
    """A single change does not wait for a crowd, and guilds do not wait for each other."""
    done: list[str] = []
    gate = asyncio.Event()

    async def carry_out(one: Job) -> None:
        if one.guild_id == "1":
            await gate.wait()
        done.append(one.move.user_id)

    desk = MemberQueue("it", carry_out)
    desk.add([job(f"crowd{n}") for n in range(MANY + 1)])
    desk.add([job("single")])
    desk.add([job("other", "2")])
    await asyncio.sleep(0.01)
    assert done == ["other"]
    gate.set()
    assert await desk.finish(1.0) == 0

    assert done[1] == "single"
    assert len(done) == MANY + 3


@pytest.mark.parametrize(("failures", "tries"), [(2, 3), (99, TRIES)])
@played
async def test_the_network_is_tried_again(failures: int, tries: int) -> None:
    """A job is repeated while the network fails, and given up in the end; the next one goes on."""
    seen: list[str] = []

    async def carry_out(one: Job) -> None:
        seen.append(one.move.user_id)
        if one.move.user_id == "1" and len(seen) <= failures:
            raise aiohttp.ClientError("gone")

    desk = MemberQueue("it", carry_out)
    desk.add([job("1")])
    await asyncio.sleep(0)
    desk.add([job("2")])
    assert await desk.finish(5.0) == 0

    assert (seen.count("1"), seen.count("2")) == (tries, 1)


@played
async def test_anything_else_ends_the_job(caplog: pytest.LogCaptureFixture) -> None:
    """An error that nobody foresaw is logged, and the job is not repeated."""
    tries: list[Job] = []

    async def carry_out(one: Job) -> None:
        tries.append(one)
        raise KeyError("x")

    desk = MemberQueue("it", carry_out)
    desk.add([job("1")])

    assert await desk.finish(1.0) == 0
    assert len(tries) == 1
    assert "it of member 1 in guild 1 failed" in caplog.text


@played
async def test_the_end_waits_so_long_and_no_longer() -> None:
    """What is not done in time stays undone, so its ticket does not end."""
    ended: list[bool] = []

    async def carry_out(one: Job) -> None:
        await asyncio.sleep(60)

    desk = MemberQueue("it", carry_out)
    desk.add([job("1", ticket=Ticket(1, 1, lambda: ended.append(True)))])
    desk.add([job("2")])
    assert desk.left == 2

    assert await desk.finish(0.05) == 2
    assert ended == []
