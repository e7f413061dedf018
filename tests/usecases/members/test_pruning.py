"""Members who left, are quiet or have next to nothing: pruned, hidden, reset, and back again."""

from __future__ import annotations

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidId, InvalidValue
from robo_xp.usecases.persons.pruning import Which
from tests.usecases.small import (
    ANN,
    BOB,
    CARL,
    DORA,
    GUILD,
    XP,
    HandClock,
    held,
    memory,
    stored,
    write,
)

DAY = 86_400_000


def filled() -> tuple[RoboXP, HandClock]:
    """Ann earned today, Bob forty days ago, Carl and Dora never; Carl has 5 XP."""
    clock = HandClock()
    robo = memory(clock)
    write(robo, BOB, at=clock.at)
    for user_id, xp in ((ANN, 100), (CARL, 5), (DORA, 300)):
        robo.xp.add(GUILD, user_id, xp)
    clock.at += 40 * DAY
    write(robo, ANN, at=clock.at)
    return robo, clock


@pytest.mark.parametrize(
    ("which", "ids"),
    [
        (Which(inactive_days=30), {BOB}),
        (Which(inactive_days=41), set()),
        (Which(below=20), {CARL}),
        (Which(below=21), {BOB, CARL}),
        (Which(left_days=30), set()),
        (Which(left_days=30, ids=(ANN, BOB, "200000000000000009")), {BOB}),
        (Which(left_days=0, ids=(ANN,)), {ANN}),
    ],
)
def test_who_is_meant(which: Which, ids: set[str]) -> None:
    """A dry run counts, the change takes exactly these, and undo brings all of them back."""
    robo, _ = filled()
    before = stored(robo)
    trial = robo.members.prune(GUILD, which, dry_run=True)
    assert (trial.pruned, trial.seq, stored(robo)) == (len(ids), None, before)
    done = robo.members.prune(GUILD, which, reason="spring clean")

    assert set(before) - set(stored(robo)) == ids
    assert (done.pruned, done.xp) == (trial.pruned, trial.xp)
    assert {one.user_id for one in done.sample} == ids
    assert done.xp == sum(int(str(before[user_id]["xp"])) for user_id in ids)
    if done.seq is not None:
        robo.history.undo(XP, done.seq)
    assert stored(robo) == before


def test_who_left_as_the_daemon_saw_it() -> None:
    """It counts from when somebody left, and not for who came back."""
    robo, clock = filled()
    leaving = robo.members.leaving
    assert [leaving.leave(GUILD, one) for one in (ANN, DORA, ANN)] == [True, True, False]
    assert leaving.gone(GUILD) == {ANN, DORA}
    clock.at += 10 * DAY
    assert robo.members.prune(GUILD, Which(left_days=11), dry_run=True).pruned == 0
    assert leaving.come_back(GUILD, ANN) and not leaving.come_back(GUILD, ANN)
    robo.members.prune(GUILD, Which(left_days=10))

    assert set(stored(robo)) == {ANN, BOB, CARL}


def test_hidden_while_away() -> None:
    """Who leaves is hidden, and shown when it is back, unless it was hidden before."""
    robo, _ = filled()
    robo.config.set(GUILD, {"onLeave": "hide"})
    robo.members.hide(GUILD, [BOB])
    for user_id in (ANN, BOB):
        robo.members.leaving.leave(GUILD, user_id)
    assert [one.user_id for one in robo.leaderboard.page(GUILD).entries] == [DORA, CARL]
    for user_id in (ANN, BOB):
        robo.members.leaving.come_back(GUILD, user_id)

    assert [one.user_id for one in robo.leaderboard.page(GUILD).entries] == [DORA, ANN, CARL]


def test_reset_and_undo() -> None:
    """The record of who leaves goes as one change of the history, which undo takes back."""
    robo, _ = filled()
    robo.config.set(GUILD, {"onLeave": "reset"})
    before = held(robo)
    robo.members.leaving.leave(GUILD, ANN)
    assert ANN not in held(robo)
    seq = robo.vault.namespace(XP).read().seq
    robo.history.undo(XP, seq)

    assert held(robo) == before


@pytest.mark.parametrize("asked", [False, True])
def test_a_ban_counts_where_asked(asked: bool) -> None:
    """Else a banned member keeps its place."""
    robo, _ = filled()
    robo.config.set(GUILD, {"onLeave": "hide", "onBan": asked})

    assert robo.members.leaving.leave(GUILD, ANN, banned=True) is asked
    record = robo.xp.record(GUILD, ANN)
    assert record is not None and record.hidden is asked


def test_what_is_no_rule() -> None:
    """None, two, a list without left, a number out of range or no id are refused by name."""
    for wrong in (
        {},
        {"left_days": 1, "below": 2},
        {"inactive_days": 1, "ids": (ANN,)},
        {"left_days": -1},
    ):
        with pytest.raises(InvalidValue):
            Which(**wrong)
    with pytest.raises(InvalidId):
        Which(left_days=1, ids=("17",))
