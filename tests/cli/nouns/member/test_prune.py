"""``robo-xp member prune``: counts first, then one change, by the words of the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program

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
