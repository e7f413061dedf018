"""``robo-xp member prune``: counts first, then one change, by the words of the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import GUILD, Program

ADA, BOB = "200000000000000001", "200000000000000002"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """Ada has 900 XP, Bob 5."""
    program = Program(data_dir)
    program.json("xp", "set", ADA, "900")
    program.json("xp", "set", BOB, "5")
    return program


def test_counting_and_pruning(program: Program) -> None:
    """The keys of the contract; it asks before it deletes, and undo brings all back."""
    trial = program.json("member", "prune", "--below", "10", "-n")
    row = {"userId": BOB, "xp": 5, "lastAwardedAt": 0}
    assert trial == {"pruned": 1, "xp": 5, "sample": [row], "seq": None, "dryRun": True}
    assert program("member", "prune", "--below", "10").returncode == 4
    done = program.json("member", "prune", "--below", "10", "--yes")
    assert (done["pruned"], done["seq"]) == (1, 3)
    assert program("xp", "list", "-o", "ids").stdout.split() == [ADA]
    program.json("undo", "3")
    assert program("xp", "list", "-o", "ids").stdout.split() == [ADA, BOB]


def test_who_left_from_stdin(program: Program) -> None:
    """Ids on stdin are who left; nobody to prune is no question."""
    assert program.json("member", "prune", "--left", "30")["pruned"] == 0
    done = program("member", "prune", "--left", "30", "-", "--yes", "--json", stdin=ADA.encode())
    assert done.returncode == 0
    assert program("xp", "list", "-o", "ids").stdout.split() == [BOB]
    for wrong in ((), ("--left", "1", "--below", "2"), ("--below", "5", ADA)):
        assert program("member", "prune", *wrong).returncode == 2


@pytest.mark.parametrize("output", ["csv", "tsv", "ids"])
@pytest.mark.parametrize("words", ["member prune --below 10000", "curve set linear xpPerLevel=7"])
def test_rows_that_are_only_the_first_say_so(words: str, output: str, data_dir: Path) -> None:
    """Formats of rows say of how many members theirs are the first, have the same columns where
    there are none, and say nothing where all are there.
    """
    counts = {}
    with RoboXP.open(data_dir, durability="os") as robo:
        for count in (0, 10, 11):
            store = f"s{count}"
            robo.config.set(GUILD, {"cooldownSeconds": 5}, store=store)
            for number in range(count):
                robo.xp.set(GUILD, str(int(ADA) + number), 800, store=store)
            done = Program(data_dir)(*words.split(), "-s", store, "-n", "-o", output)
            assert done.returncode == 0
            counts[count] = done.stdout.splitlines(), done.stderr.splitlines()

    head = output != "ids"
    assert {count: len(rows) - head for count, (rows, _) in counts.items()} == {
        0: 0,
        10: 10,
        11: 10,
    }
    assert len({tuple(rows[:head]) for rows, _ in counts.values()}) == 1
    told = "these are only the first of 11"
    assert [told in notes for _, notes in counts.values()] == [False, False, True]
