"""``leaderboard``: pages, as JSON, as rows, and drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, CARL, GUILD, Program


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a board of three, and a fourth member without XP."""
    with RoboXP.open(data_dir, durability="os") as robo:
        for user_id, xp in {ANN: 12_345, BOB: 700, CARL: 50, "200000000000000009": 0}.items():
            robo.xp.set(GUILD, user_id, xp)
        robo.names.remember(GUILD, {BOB: "\x1b[31m[b]Bob"})
    return Program(data_dir)


def test_a_page(program: Program) -> None:
    """Entries with ranks, and where they were cut; a name only where it is known."""
    assert program.json("leaderboard", "--limit", "2") == {
        "entries": [
            {"rank": 1, "userId": ANN, "xp": 12_345, "level": 14},
            {"rank": 2, "userId": BOB, "name": "\x1b[31m[b]Bob", "xp": 700, "level": 3},
        ],
        "total": 3,
        "offset": 0,
        "limit": 2,
    }
    second = program.json("lb", "--limit", "2", "--page", "2")
    assert ([entry["rank"] for entry in second["entries"]], second["offset"]) == ([3], 2)
    around = program.json("lb", "--limit", "1", "--around", CARL)
    assert [entry["userId"] for entry in around["entries"]] == [CARL]


def test_beyond_the_end(program: Program) -> None:
    """A page that is not there is empty and says so; a store that is not there is an error."""
    beyond = program("lb", "--page", "9", "--json")
    assert '"entries": []' in beyond.stdout
    assert beyond.stderr == "that is beyond the end of 3 members with XP\n"
    assert program.refused("lb", "--store", "empty")[:2] == (3, "STORE_NOT_FOUND")


def test_what_is_refused(program: Program) -> None:
    """Two ways to say where to start, numbers that cannot be, and members without a place."""
    assert program.refused("lb", "--page", "1", "--offset", "0")[:2] == (2, "USAGE")
    assert program.refused("lb", "--page", "0")[0] == 2
    assert program.refused("lb", "--limit", "100001")[0] == 2
    nowhere = program.refused("lb", "--around", "200000000000000009")
    assert nowhere[:2] == (3, "NOT_RANKED")


def test_rows_for_scripts(program: Program) -> None:
    """csv and ids print the entries."""
    csv = program("lb", "-o", "csv").stdout.splitlines()
    assert csv[0] == "rank,name,userId,xp,level"
    assert csv[1] == f"1,,{ANN},12345,14"
    assert program("lb", "-o", "ids").stdout.split() == [ANN, BOB, CARL]


@pytest.mark.parametrize("columns", [80, 200])
def test_drawn(program: Program, columns: int) -> None:
    """The table fits, names cannot act, and where there is room each level has a bar."""
    seen = program.on_terminal("lb", columns=columns)
    text = "\n".join(seen.lines)

    assert b"\x1b[31m" not in seen.raw
    assert all(len(line) <= columns for line in seen.lines)
    assert "\\x1b[31m[b]Bob" in text
    assert "12,345" in text
    assert ("\u2591" in text) == (columns == 200)
    assert seen.lines[-1] != ""
