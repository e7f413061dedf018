"""Two processes on one vault: one enters somebody at the moment the other draws."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.errors import Refused
from tests.usecases.small import ANN, BOB, CHANNEL, GUILD

ROUNDS = 200
WAIT_SECONDS = 60


def enter_each(path: str, giveaways: list[str], together: Barrier, out: Path) -> None:
    """Enter into each giveaway; note whether that was still possible."""
    results = []
    with RoboXP.open(path, durability="os") as robo:
        for giveaway in giveaways:
            together.wait(WAIT_SECONDS)
            try:
                results.append(str(robo.giveaways.enter(GUILD, giveaway, ANN).entered))
            except Refused as error:
                results.append(error.code)
    out.write_text("\n".join(results))


def end_each(path: str, giveaways: list[str], together: Barrier) -> None:
    """End each giveaway."""
    with RoboXP.open(path, durability="os") as robo:
        for giveaway in giveaways:
            together.wait(WAIT_SECONDS)
            robo.giveaways.end(GUILD, giveaway)


def test_an_entry_that_races_with_the_draw_is_in_it_or_refused(tmp_path: Path) -> None:
    """Over 200 rounds no entry is accepted and then left out, or refused and then drawn."""
    path = str(tmp_path / "data")
    with RoboXP.open(path, durability="os") as robo:
        giveaways = [
            robo.giveaways.create(GUILD, prize="x", channel_id=CHANNEL, duration="1h", winners=2).id
            for _ in range(ROUNDS)
        ]
        for giveaway in giveaways:
            robo.giveaways.enter(GUILD, giveaway, BOB)
    context = multiprocessing.get_context("spawn")
    together, out = context.Barrier(2), tmp_path / "results"
    processes = [
        context.Process(target=enter_each, args=(path, giveaways, together, out)),
        context.Process(target=end_each, args=(path, giveaways, together)),
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(WAIT_SECONDS * 2)

    assert [process.exitcode for process in processes] == [0, 0]
    results = out.read_text().split()
    with RoboXP.open(path) as robo:
        for giveaway, result in zip(giveaways, results, strict=True):
            found = robo.giveaways.get(GUILD, giveaway)
            expected = {"1": {ANN, BOB}, "GIVEAWAY_NOT_ACTIVE": {BOB}}[result]
            assert set(found.winners) == expected
            assert {e.user_id for e in robo.giveaways.entries(GUILD, giveaway)} == expected
            assert robo.giveaways.verify(GUILD, giveaway).valid
