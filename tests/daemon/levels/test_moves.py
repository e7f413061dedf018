"""What batches mean for Discord."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp.model.events import LevelMoved
from robo_xp.model.outbox import MANY
from robo_xp.vault import Batch
from robo_xp_daemon.levels.moves import Move, Moves

UP: dict[str, Any] = {"type": "levelUp", "userId": "1", "oldLevel": 1, "newLevel": 2, "totalXp": 9}
DOWN = {**UP, "type": "levelDown", "oldLevel": 2, "newLevel": 1}
GOT = {"type": "xpChange", "userId": "1", "oldXp": 1, "newXp": 9, "delta": 8, "how": "add"}


def batch(*events: dict[str, Any], cmd: str = "xp give", seq: int = 1) -> Batch:
    """A batch with these events."""
    return Batch(seq=seq, ts=1, by="test", cmd=cmd, ops=[], events=list(events))


def moves(*batches: Batch) -> dict[str, Move]:
    """The moves of these batches."""
    found = Moves()
    for one in batches:
        found.add(one)
    return found.by_user


@pytest.mark.parametrize(
    ("events", "rose", "fell", "told"),
    [
        ([GOT, UP], True, False, True),
        ([UP, {**GOT, "how": "award"}], True, False, True),
        ([{**GOT, "how": "set"}, UP], True, False, True),
        ([UP], True, False, False),
        ([{**GOT, "how": "undo"}, UP], True, False, False),
        ([{**GOT, "how": "replace"}, UP], True, False, False),
        ([{**GOT, "userId": "2"}, UP], True, False, False),
        ([{**GOT, "delta": -8}, DOWN], False, True, False),
        ([{"type": "memberDelete", "userId": "1", "record": {"level": 2}}], False, True, False),
        ([{"type": "memberRestore", "userId": "1", "xp": 9}], True, False, False),
        ([{"type": "recalc", "userId": "1"}], True, True, False),
    ],
)
def test_what_one_batch_means(
    events: list[dict[str, Any]], rose: bool, fell: bool, told: bool
) -> None:
    """Each event moves a level one way, or both; only what a member earned is worth telling."""
    move = moves(batch(*events))["1"]

    assert (move.rose, move.fell, move.is_worth_telling) == (rose, fell, told)


@pytest.mark.parametrize(
    "event",
    [
        GOT,
        {"type": "configChange", "key": "xpRate"},
        {"type": "memberDelete", "userId": "1", "record": {"level": 0}},
        {"type": "of a later version", "userId": "1"},
    ],
)
def test_what_means_nothing(event: dict[str, Any]) -> None:
    """XP without a new level, settings, and events that nobody knows yet move nothing."""
    assert moves(batch(event)) == {}


def test_many_batches_are_one_move() -> None:
    """The move goes from the first level to the last, and keeps where the last rise was."""
    second = {**UP, "oldLevel": 2, "newLevel": 5, "totalXp": 99, "channelId": "7"}

    move = moves(batch(GOT, UP), batch(GOT, second, cmd="award", seq=9))["1"]

    assert move == Move("1", 5, 99, True, False, 1, 9, "7", 1)


def test_a_rise_that_was_lost_again_is_not_told() -> None:
    """Who ends no higher than before has nothing to be told."""
    assert not moves(batch(GOT, UP), batch(DOWN))["1"].is_worth_telling


def test_a_repair_after_a_rise_keeps_what_is_told() -> None:
    """A look at the roles does not hide the level that was reached."""
    move = moves(batch(GOT, UP), batch({"type": "recalc", "userId": "1"}))["1"]

    assert (move.level, move.is_worth_telling, move.fell) == (2, True, True)


def test_who_moved_in_a_bulk_change_alone_is_not_fresh() -> None:
    """An operator's change of many can wait; one of a few, or messages, cannot."""
    found, other = Moves(), {**UP, "userId": "2"}
    many: list[Any] = [("users", str(number), {}) for number in range(MANY + 1)]
    found.add(Batch(seq=1, ts=1, by="test", cmd="xp apply", ops=many, events=[UP, other]))
    assert found.fresh == set()
    found.add(batch(UP))
    assert found.fresh == {"1"}
    found.add(Batch(seq=2, ts=1, by="test", cmd="award", ops=many, events=[other]))

    assert found.fresh == {"1", "2"}


def test_only_the_kinds_that_are_asked_for_are_told() -> None:
    """A kind stands for all its types, in the order of the batch, read or made here."""
    made = batch(GOT, UP, DOWN, {"type": "of a later version"})
    told = [*made.told(LevelMoved)]
    again = Batch(seq=1, ts=1, by="test", cmd="", ops=[], events=[*made.told()])

    assert [event.type for event in told] == ["levelUp", "levelDown"]
    assert [*again.told(LevelMoved)] == told


@pytest.mark.parametrize(
    ("count", "cmd", "told"),
    [(MANY, "xp apply", True), (MANY + 1, "xp apply", False), (MANY + 1, "award", True)],
)
def test_a_crowd_is_not_told(count: int, cmd: str, told: bool) -> None:
    """Many rises in one change of an operator are not told; those of messages always are."""
    events = [{**event, "userId": str(n)} for n in range(count) for event in (GOT, UP)]

    found = moves(batch(*events, cmd=cmd))

    assert {move.is_worth_telling for move in found.values()} == {told}


def test_nothing_is_told_of_who_was_erased_since() -> None:
    """Neither by id nor by pseudonym; what a new member of that id did later counts."""
    top = [{"userId": "1", "xp": 9}, {"userId": "2", "xp": 3}]
    closed = {"type": "periodClose", "kind": "day", "beginsAt": 0, "endsAt": 9, "members": 2,
              "top": top, "announced": True}  # fmt: skip
    pseudonym = {"userId": str(2**63)}
    found = Moves({"1": 2})
    for seq in (1, 2):
        found.add(batch(GOT, UP, {**GOT, **pseudonym}, {**UP, **pseudonym}, closed, seq=seq))
    assert found.by_user == {} and found.fresh == set()
    assert [one.top for one in found.boards] == [(("2", 3),)] * 2
    found.add(batch(GOT, UP, seq=3))

    assert set(found.by_user) == {"1"}
