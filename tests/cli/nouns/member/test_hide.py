"""``robo-xp member hide|show``: who stands on boards, by the words of the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program

ADA, BOB = "200000000000000001", "200000000000000002"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """Ada before Bob."""
    program = Program(data_dir)
    program.json("xp", "set", ADA, "900")
    program.json("xp", "set", BOB, "100")
    return program


def test_hide_and_show(program: Program) -> None:
    """The keys of the contract; the board closes up, lists mark who is hidden, undo shows them."""
    assert program.json("member", "hide", f"<@{ADA}>", BOB, "-n") == {
        "changed": [ADA, BOB],
        "seq": None,
        "dryRun": True,
    }
    assert program.json("member", "hide", ADA) == {"changed": [ADA], "seq": 3, "dryRun": False}
    board = program.json("leaderboard")
    assert [(one["rank"], one["userId"]) for one in board["entries"]] == [(1, BOB)]
    assert board["total"] == 1
    listed = {row["userId"]: row["hidden"] for row in program.json("xp", "list")}
    assert listed == {ADA: True, BOB: False}
    assert program("xp", "list", "--hidden", "-o", "ids").stdout.split() == [ADA]
    shown = program.json("xp", "show", ADA)
    assert (shown["hidden"], shown["rank"], shown["total"]) == (True, None, 1)
    assert program.json("history")[0]["what"] == f"{ADA} hidden"
    program.json("undo", "3")
    assert program.json("xp", "list", "--hidden") == []
    assert program.json("member", "show", ADA)["changed"] == []


def test_for_people(program: Program) -> None:
    """A line says who it was; a rank says why there is none; the list has a column more."""
    program("config", "set", "cooldownSeconds", "60")
    said = program("member", "hide", ADA, "-o", "table")
    assert said.stdout == f"hidden: {ADA}\n"
    assert "already" in program("member", "hide", ADA, "-o", "table").stdout
    assert "none while hidden, of 1" in program("rank", ADA, "-o", "table").stdout
    assert "hidden" in program("xp", "list", "-o", "table").stdout
    program("member", "show", ADA)
    assert "hidden" not in program("xp", "list", "-o", "table").stdout


def test_ids_from_stdin_and_what_is_wrong(program: Program) -> None:
    """- reads ids; nobody and no id are refused by exit code 2, an unknown name by 3."""
    done = program("member", "hide", "-", "--json", stdin=f"{ADA}\n{BOB}\n".encode())
    assert done.returncode == 0
    assert program.json("leaderboard")["entries"] == []
    assert program("member", "hide").returncode == 2
    assert program("member", "hide", "17").returncode in (2, 3)
    assert program("member", "hide", "nobody").returncode == 3


def test_export_and_import_keep_the_flag(program: Program, tmp_path: Path) -> None:
    """A file written by export hides the same members where it is read."""
    program.json("member", "hide", ADA)
    for form in ("json", "csv"):
        file = tmp_path / f"out.{form}"
        file.write_text(program("export", "--format", form).stdout)
        program.json("import", "auto", str(file), "--yes", "--store", f"copy_{form}")
        hidden = program("xp", "list", "--hidden", "-o", "ids", "--store", f"copy_{form}")
        assert hidden.stdout.split() == [ADA]
