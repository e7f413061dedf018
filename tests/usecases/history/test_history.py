"""History and undo: what each kind of batch comes back to, and when undo refuses."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import AlreadyUndone, BatchNotFound, Refused, UndoUnclear
from robo_xp.usecases.history.history import WhichBatches
from robo_xp.usecases.members.rows import Row
from robo_xp.usecases.transfer.entry import Entry
from tests.usecases.small import (
    ANN,
    BOB,
    CARL,
    DORA,
    GUILD,
    MINUTE,
    XP,
    HandClock,
    held,
    memory,
    stored,
    write,
)

MEE6 = {"levels": {"type": "mee6"}}


def bulk(robo: RoboXP, *rows: tuple[str, str, int]) -> None:
    """Apply rows of op, member and amount as one batch."""
    made = [Row(line, op, user, amount) for line, (op, user, amount) in enumerate(rows, start=2)]
    robo.xp.apply(GUILD, made, resolve=lambda text: text)


# -- what comes back ------------------------------------------------------------------------


def with_some_members(robo: RoboXP) -> None:
    """Three members with XP and levels, two of them with messages."""
    bulk(robo, ("give", ANN, 5_000), ("give", BOB, 700), ("give", CARL, 40))
    write(robo, ANN, at=MINUTE)
    write(robo, BOB, at=MINUTE)
    robo.config.set(GUILD, {"xpRate": 2.0, "multipliers": {"server": 3}})


CHANGES: dict[str, Callable[[RoboXP], object]] = {
    "give": lambda robo: robo.xp.add(GUILD, ANN, 900),
    "give to a new member": lambda robo: robo.xp.add(GUILD, DORA, 900),
    "remove": lambda robo: robo.xp.remove(GUILD, ANN, 900),
    "remove more than there is": lambda robo: robo.xp.remove(GUILD, CARL, 900),
    "set": lambda robo: robo.xp.set(GUILD, ANN, 7),
    "delete": lambda robo: robo.xp.delete(GUILD, [ANN, CARL]),
    "delete all": lambda robo: robo.xp.delete_all(GUILD),
    "bulk": lambda robo: bulk(
        robo, ("give", ANN, 3_000), ("remove", ANN, 4_000), ("set", BOB, 5), ("give", DORA, 1)
    ),
    "bulk that deletes and begins anew": lambda robo: bulk(
        robo, ("give", ANN, 10), ("delete", ANN, 0), ("give", ANN, 5), ("delete", BOB, 0)
    ),
    "bulk that makes and deletes": lambda robo: bulk(
        robo, ("give", DORA, 10), ("delete", DORA, 0), ("give", ANN, 1)
    ),
    "import": lambda robo: robo.transfer.import_members(
        GUILD, [Entry(1, ANN, 9, messages=500, last_awarded_at=7), Entry(2, DORA, 90, messages=1)]
    ),
    "import that replaces": lambda robo: robo.transfer.import_members(
        GUILD, [Entry(1, ANN, 9, messages=3, xp_messages=2)], merge="replace"
    ),
    "setting": lambda robo: robo.config.set(GUILD, {"xpRate": 5.0, "cooldownSeconds": 0}),
    "unset": lambda robo: robo.config.unset(GUILD, "multipliers.server"),
    "curve": lambda robo: robo.config.set(GUILD, MEE6),
    "store delete": lambda robo: robo.stores.delete(GUILD, "default"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_undo_brings_everything_back(name: str) -> None:
    """After undo the records and settings are byte for byte what they were before the batch."""
    robo = memory()
    with_some_members(robo)
    before, settings = stored(robo), robo.config.own(GUILD)
    CHANGES[name](robo)
    assert (stored(robo), robo.config.own(GUILD)) != (before, settings)

    robo.history.undo(XP, 5)

    assert stored(robo) == before
    assert robo.config.own(GUILD) == settings


@pytest.mark.parametrize("name", CHANGES)
def test_an_undo_can_be_undone(name: str) -> None:
    """Undoing the undo brings the change back, and the change can then be undone again."""
    robo = memory()
    with_some_members(robo)
    before = stored(robo)
    CHANGES[name](robo)
    changed, settings = stored(robo), robo.config.own(GUILD)
    robo.history.undo(XP, 5)

    robo.history.undo(XP, 6)
    assert (stored(robo), robo.config.own(GUILD)) == (changed, settings)
    robo.history.undo(XP, 5)
    assert stored(robo) == before


@pytest.mark.parametrize("name", CHANGES)
def test_a_dry_run_says_the_same_and_changes_nothing(name: str) -> None:
    """The preview of an undo reports what the undo reports, without a batch."""
    robo = memory()
    with_some_members(robo)
    CHANGES[name](robo)
    changed = stored(robo)

    trial = robo.history.undo(XP, 5, dry_run=True)
    assert (stored(robo), trial.seq, trial.dry_run) == (changed, None, True)
    real = robo.history.undo(XP, 5)
    assert (real.seq, real.members, real.delta) == (6, trial.members, trial.delta)


def test_later_gains_stay() -> None:
    """What members earned or were given after the batch is still theirs after its undo."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    bulk(robo, ("give", ANN, 1_000), ("give", BOB, 1_000))
    robo.xp.add(GUILD, ANN, 55)
    write(robo, BOB, at=MINUTE)
    write(robo, CARL, at=MINUTE)

    robo.history.undo(XP, 2)

    assert held(robo) == {
        ANN: (55, 0, 0, 0, 0),
        BOB: (20, 0, 1, 1, MINUTE),
        CARL: (20, 0, 1, 1, MINUTE),
    }


def test_deleted_members_come_back_with_what_they_gained_since() -> None:
    """Undoing a delete adds the deleted record to the one that its member has made since."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    robo.xp.add(GUILD, ANN, 1_000)
    write(robo, ANN, at=MINUTE)
    robo.xp.delete_all(GUILD)
    write(robo, ANN, at=2 * MINUTE)

    robo.history.undo(XP, 4)

    assert held(robo) == {ANN: (1_040, 3, 2, 2, 2 * MINUTE)}


def test_messages_stay_counted() -> None:
    """Undoing an award takes its XP back; that the member wrote is a fact."""
    robo = memory()
    write(robo, ANN, at=MINUTE)

    robo.history.undo(XP, 1)

    assert held(robo) == {ANN: (0, 0, 1, 1, MINUTE)}


def test_levels_follow_a_curve_that_is_taken_back() -> None:
    """Undoing a curve recalculates also the members who came while it held."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 120)
    robo.config.set(GUILD, MEE6)
    robo.xp.add(GUILD, BOB, 120)
    assert [record["level"] for record in stored(robo).values()] == [1, 1]

    robo.history.undo(XP, 2)

    assert [record["level"] for record in stored(robo).values()] == [0, 0]


def test_stores_follow_a_global_curve_that_is_taken_back() -> None:
    """Undoing a global default recalculates every store that has no curve of its own."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 120)
    robo.xp.add(GUILD, ANN, 120, store="own")
    robo.config.set(GUILD, MEE6, store="own")
    robo.config.set_global(MEE6)
    assert stored(robo)[ANN]["level"] == stored(robo, "own")[ANN]["level"] == 1

    assert robo.history.undo("global", 1, dry_run=True).members == 1
    assert robo.history.undo("global", 1).members == 1
    assert robo.config.get_global() == {}
    assert stored(robo)[ANN]["level"] == 0
    assert stored(robo, "own")[ANN]["level"] == 1


def test_a_copied_store_goes_again() -> None:
    """Undoing a copy empties the new store."""
    robo = memory()
    with_some_members(robo)
    robo.stores.copy(GUILD, "default", "season", members=True)

    robo.history.undo(f"xp/season/{GUILD}", 1)

    assert [row.store_id for row in robo.stores.list(GUILD)] == ["default"]


def test_undo_is_told_to_listeners() -> None:
    """The batch of an undo carries events: levels that fell, and XP that moved."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 1_000)
    heard: list[Any] = []
    robo.events.on_level_down(heard.append)

    robo.history.undo(XP, 1, reason="by mistake")

    assert [(e["userId"], e["oldLevel"], e["newLevel"], e["reason"]) for e in heard] == [
        (ANN, 3, 0, "by mistake")
    ]


def test_a_store_is_taken_back_also_after_its_levels_moved() -> None:
    """A later curve moves levels only, so a copy can still be undone; a later gain forbids it."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 120)
    robo.stores.copy(GUILD, "default", "season", members=True)
    robo.config.set(GUILD, MEE6, store="season")

    robo.history.undo(f"xp/season/{GUILD}", 1)
    assert stored(robo, "season") == {}
    robo.history.undo(f"xp/season/{GUILD}", 3)
    robo.xp.add(GUILD, ANN, 1, store="season")
    with pytest.raises(UndoUnclear, match="batch 5 changed"):
        robo.history.undo(f"xp/season/{GUILD}", 1)


# -- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (lambda robo: robo.xp.set(GUILD, ANN, 5), "batch 2 set"),
        (lambda robo: robo.xp.delete(GUILD, ANN), "batch 2 deleted"),
        (lambda robo: robo.xp.remove(GUILD, ANN, 1), "batch 2 took some away"),
        (
            lambda robo: robo.transfer.import_members(GUILD, [Entry(1, ANN, 999)]),
            "batch 2 set",
        ),
    ],
    ids=["set", "deleted", "taken away", "imported"],
)
def test_undo_names_the_batch_that_makes_it_unclear(
    later: Callable[[RoboXP], object], said: str
) -> None:
    """A later batch that fixed the member is named; once that is undone the way is free."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 100)
    later(robo)
    before = stored(robo)

    with pytest.raises(UndoUnclear, match=said):
        robo.history.undo(XP, 1)
    assert stored(robo) == before
    robo.history.undo(XP, 2)
    robo.history.undo(XP, 1)
    assert held(robo) == {}


def test_undo_names_the_batch_that_set_a_setting_later() -> None:
    """A setting that was set again is not given its earlier value, even if it looks the same."""
    robo = memory()
    for rate in (2.0, 3.0, 2.0):
        robo.config.set(GUILD, {"xpRate": rate})

    with pytest.raises(UndoUnclear, match="batch 3 set xpRate"):
        robo.history.undo(XP, 1)
    robo.history.undo(XP, 3)
    robo.history.undo(XP, 2)
    robo.history.undo(XP, 1)
    assert robo.config.own(GUILD) == {}


def test_a_batch_is_undone_once() -> None:
    """A second undo is refused and says which batch to undo instead."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 100)
    robo.history.undo(XP, 1)

    with pytest.raises(AlreadyUndone, match="batch 1 was undone by batch 2") as refused:
        robo.history.undo(XP, 1)
    assert "robo-xp undo 2" in refused.value.advice


@pytest.mark.parametrize("seq", [0, 2, 99])
def test_an_unknown_number_is_not_found(seq: int) -> None:
    """A number that no batch has is an error of its own."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 100)

    with pytest.raises(BatchNotFound, match="the last one is 1"):
        robo.history.undo(XP, seq)


def test_a_batch_that_only_repaired_has_nothing_to_take_back() -> None:
    """Levels that were brought in line with the curve are no change to undo."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 100)
    robo.xp.recalc_many(GUILD)

    with pytest.raises(Refused, match="nothing to take back"):
        robo.history.undo(XP, 2)


# -- history --------------------------------------------------------------------------------


def test_history_tells_who_did_what() -> None:
    """The newest batch comes first, with the XP it moved and what became of it."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 100, reason="contest")
    bulk(robo, ("give", BOB, 10), ("delete", ANN, 0))
    robo.history.undo(XP, 2)

    rows = [
        (row.seq, row.cmd, row.reason, row.members, row.delta, row.undoes, row.undone_by)
        for row in robo.history.rows(XP)
    ]

    assert rows == [
        (3, "undo", None, 2, 90, 2, None),
        (2, "xp apply", None, 2, -90, None, 3),
        (1, "xp give", "contest", 1, 100, None, None),
    ]
    assert [row.seq for row in robo.history.rows(XP, WhichBatches(user_id=BOB))] == [3, 2]


def test_awards_are_shown_when_asked_for() -> None:
    """Messages would bury what operators did, so history leaves their awards out."""
    robo = memory()
    write(robo, ANN, at=MINUTE)
    robo.xp.add(GUILD, ANN, 1)

    assert [row.seq for row in robo.history.rows(XP)] == [2]
    assert [row.seq for row in robo.history.rows(XP, WhichBatches(awards=True))] == [2, 1]


def test_an_undo_is_not_had_twice() -> None:
    """Where another undo has done the same meanwhile, one that was taken back stays so."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 1)
    for target in (1, 2, 3, 2):
        robo.history.undo(XP, target)

    with pytest.raises(AlreadyUndone, match="batch 5 has done meanwhile"):
        robo.history.undo(XP, 4)
    assert robo.xp.get(GUILD, ANN) == 1


def test_no_change_makes_no_batch() -> None:
    """A total set to what it is, or lowered from 0, is no batch, so nothing waits for it."""
    robo = memory()
    bulk(robo, ("give", ANN, 100), ("set", BOB, 0))
    changes = [robo.xp.set(GUILD, ANN, 100), robo.xp.remove(GUILD, BOB, 5)]
    bulk(robo, ("set", ANN, 100))

    assert [change.seq for change in changes] == [None, None]
    assert robo.vault.namespace(XP).read().seq == 1
    robo.history.undo(XP, 1)
    assert without_empty(stored(robo)) == {}


@pytest.mark.parametrize(
    "rows",
    [
        (("give", ANN, 5), ("remove", ANN, 5)),
        (("set", ANN, 7), ("set", ANN, 100)),
    ],
)
def test_what_came_to_nothing_blocks_no_undo(rows: tuple[tuple[str, str, int], ...]) -> None:
    """A batch that leaves a member as it was does not make an undo of an earlier one unclear."""
    robo = memory()
    bulk(robo, ("give", ANN, 100))
    bulk(robo, *rows, ("give", BOB, 1))
    robo.history.undo(XP, 1)

    assert set(stored(robo)) == {BOB}


def test_a_member_given_and_deleted_in_one_batch_blocks_no_undo() -> None:
    """Who was there neither before a batch nor after it comes back by undo of a delete."""
    robo = memory()
    bulk(robo, ("give", ANN, 100))
    robo.xp.delete(GUILD, [ANN])
    bulk(robo, ("give", ANN, 5), ("delete", ANN, 0), ("give", BOB, 1))
    robo.history.undo(XP, 2)

    assert robo.xp.get(GUILD, ANN) == 100


# -- random histories -----------------------------------------------------------------------

RICH = (ANN, BOB, CARL)
AMOUNT = st.integers(1, 1_000)
MOVE = st.one_of(
    st.tuples(st.just("give"), st.sampled_from([*RICH, DORA]), AMOUNT),
    st.tuples(st.just("remove"), st.sampled_from(RICH), AMOUNT),
)
MOVES = st.lists(MOVE, min_size=1, max_size=5)
WRITE = st.tuples(st.just("write"), st.sampled_from([*RICH, DORA]))
CURVE = st.tuples(st.just("curve"), st.sampled_from(["mee6", "threshold"]))
UNDO = st.tuples(st.just("undo"), st.integers(0, 20))


def begun() -> RoboXP:
    """Two batches, and members with so much XP that no removal reaches the ground."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    bulk(robo, *(("give", user_id, 100_000) for user_id in RICH))
    return robo


def carry_out(robo: RoboXP, step: Any, *, place: int) -> int | None:
    """Carry out one step; the number of its batch, None where it changed nothing.

    ``place`` makes the instant of a message, so that it is the same in every replay.
    """
    before = robo.vault.namespace(XP).read().seq
    match step:
        case ("write", user_id):
            write(robo, user_id, at=(place + 1) * MINUTE)
        case ("curve", kind):
            robo.config.set(GUILD, {"levels": {"type": kind}})
        case moves:
            bulk(robo, *moves)
    after = robo.vault.namespace(XP).read().seq
    return after if after > before else None


@given(
    st.lists(st.one_of(MOVES, WRITE, CURVE), max_size=8),
    MOVES,
    st.lists(st.one_of(MOVES, WRITE, CURVE), max_size=8),
)
def test_undo_equals_a_history_without_the_batch(
    earlier: list[Any], undone: list[Any], later: list[Any]
) -> None:
    """Undoing gives and removes leaves exactly what all other batches make together."""
    robo, without = begun(), begun()
    seqs = [carry_out(robo, s, place=n) for n, s in enumerate([*earlier, undone, *later])]
    for place, step in enumerate([*earlier, [], *later]):
        if step:
            carry_out(without, step, place=place)

    chosen = seqs[len(earlier)]
    assert chosen is not None
    try:
        robo.history.undo(XP, chosen)
    except Refused as refusal:
        assert "nothing to take back" in refusal.message

    assert stored(robo) == stored(without)


@given(st.lists(st.one_of(MOVES, MOVES, WRITE, CURVE, UNDO, UNDO), max_size=20))
def test_what_is_held_is_what_the_standing_batches_make(steps: list[Any]) -> None:
    """However changes, undos and undos of undos follow each other, the members hold what a
    replay of the batches that still stand gives them.
    """
    robo, made = begun(), {}
    for place, step in enumerate(steps):
        if step[0] != "undo":
            made[carry_out(robo, step, place=place)] = (place, step)
        elif candidates := [seq for seq, (_, one) in made.items() if seq and one[0] != "write"]:
            target = candidates[step[1] % len(candidates)]
            try:
                undone = robo.history.undo(XP, target)
            except (AlreadyUndone, UndoUnclear):
                continue
            made[undone.seq] = (place, ("undo", target))
    made.pop(None, None)

    replayed = begun()
    for place, step in standing(made):
        carry_out(replayed, step, place=place)

    assert without_empty(stored(robo)) == without_empty(stored(replayed))
    assert robo.config.own(GUILD) == replayed.config.own(GUILD)


def standing(made: dict[int | None, tuple[int, Any]]) -> list[tuple[int, Any]]:
    """The steps, other than undos, that no standing undo took back."""
    gone: set[int] = set()
    kept = []
    for seq, (place, step) in sorted(made.items(), key=lambda item: -(item[0] or 0)):
        if seq in gone:
            continue
        if step[0] == "undo":
            gone.add(step[1])
        else:
            kept.append((place, step))
    return kept[::-1]


def without_empty(records: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """The records with anything in them: who made an empty one first is not kept for ever."""
    return {user_id: record for user_id, record in records.items() if any(record.values())}


# -- on disk --------------------------------------------------------------------------------


def test_a_large_bulk_is_undone_about_as_quickly_as_it_was_made(data_dir: Path) -> None:
    """A batch of 100,000 members goes back exactly, in a few times what it took to make."""
    ids = [str(10**17 + n) for n in range(100_000)]
    with RoboXP.open(data_dir, durability="os", clock=HandClock()) as robo:
        bulk(robo, *(("give", user_id, 1_000) for user_id in ids))
        before = stored(robo)
        begun_at = time.process_time()
        bulk(robo, *(("give", user_id, 777) for user_id in ids))
        made_at = time.process_time()
        undone = robo.history.undo(XP, 2)
        undone_at = time.process_time()

        assert undone.members == 100_000
        assert stored(robo) == before
        assert undone_at - made_at < 5 * (made_at - begun_at)


def test_a_batch_in_the_archive_is_undone_too(data_dir: Path) -> None:
    """Compaction folds batches away; undo still finds them, also from a new handle."""
    with RoboXP.open(data_dir, clock=HandClock()) as robo:
        robo.xp.add(GUILD, ANN, 100)
        robo.vault.namespace(XP).compact()
        robo.xp.add(GUILD, BOB, 50)
        robo.vault.namespace(XP).compact()

    with RoboXP.open(data_dir, clock=HandClock()) as robo:
        robo.history.undo(XP, 1)
        assert held(robo) == {BOB: (50, 0, 0, 0, 0)}
        assert [row.undone_by for row in robo.history.rows(XP)] == [None, None, 3]


def test_a_batch_that_is_no_longer_kept_says_so(data_dir: Path) -> None:
    """Without an archive a folded batch is gone, and undo tells it apart from a wrong number."""
    with RoboXP.open(data_dir, clock=HandClock(), archive_days=0) as robo:
        robo.xp.add(GUILD, ANN, 100)
        robo.vault.namespace(XP).compact()

        with pytest.raises(BatchNotFound, match="no longer kept"):
            robo.history.undo(XP, 1)


@pytest.mark.parametrize(
    ("archive_days", "seq", "says"), [(30, 9, "the last one is 2"), (0, 1, "no longer kept")]
)
def test_a_wrong_number_is_told_by_a_handle_that_has_read_nothing(
    data_dir: Path, archive_days: int, seq: int, says: str
) -> None:
    """The first thing that a handle is asked tells what there is, to look at or to undo."""
    with RoboXP.open(data_dir, archive_days=archive_days) as robo:
        robo.xp.add(GUILD, ANN, 100)
        robo.xp.add(GUILD, ANN, 100)
        robo.vault.namespace(XP).compact()

    with RoboXP.open(data_dir) as robo, pytest.raises(BatchNotFound, match=says):
        robo.history.show(XP, seq)
    with RoboXP.open(data_dir) as robo, pytest.raises(BatchNotFound, match=says):
        robo.history.undo(XP, seq)
