"""``backup create``, ``backup list`` and ``backup restore``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.vault import Origin
from tests.cli.program import ANN, BOB, GUILD, XP, Program
from tests.vault.acts import HandClock


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with a member, folded once."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 1_000)
        robo.vault.namespace(XP).compact()
        robo.xp.add(GUILD, ANN, 5)
        robo.names.remember(GUILD, {ANN: "\x1b[31mZoë"})
    return Program(data_dir)


def test_create_and_list(program: Program, tmp_path: Path) -> None:
    """A backup goes into the usual folder, or the one that is given, and is listed there."""
    made = program.json("backup", "create")
    other = program.json("backup", "create", str(tmp_path / "mine.tar.gz"))
    (row,) = program.json("backup", "list")

    assert set(made) == {
        "file",
        "size",
        "namespaces",
        "batches",
        "startedAt",
        "createdAt",
        "damaged",
        "removed",
    }
    assert Path(made["file"]).parent == program.data_dir.with_name("data-backups")
    assert (made["namespaces"], made["batches"]) == (2, 3)
    assert row == {
        "file": made["file"],
        "createdAt": made["createdAt"],
        "size": Path(made["file"]).stat().st_size,
        "namespaces": 2,
        "batches": 3,
        "whole": True,
        "what": None,
    }
    assert Path(other["file"]).stat().st_mode & 0o777 == 0o600
    ids = program("backup", "list", str(tmp_path), "-o", "ids").stdout
    assert ids == f"{other['file']}\n"


def test_create_refusals(program: Program, data_dir: Path, tmp_path: Path) -> None:
    """A file that is there, an empty vault, and a place that cannot be made."""
    taken = tmp_path / "taken"
    taken.write_text("x")

    assert program.refused("backup", "create", str(taken))[:2] == (4, "FILE_EXISTS")
    assert program.refused("backup", "create", str(taken / "b"))[0] == 1
    assert Program(tmp_path / "none").refused("backup", "create")[0] == 4
    assert taken.read_text() == "x"


def test_list_of_nothing_and_of_cut_files(program: Program, tmp_path: Path) -> None:
    """No folder of backups yet is an empty list; a folder that is not there is not found; a file
    that was cut short is listed as such.
    """
    assert program.json("backup", "list") == []
    assert program.refused("backup", "list", str(tmp_path / "none"))[0] == 3
    made = Path(program.json("backup", "create")["file"])
    made.write_bytes(made.read_bytes()[:-3])
    done = program("backup", "list", "--json")
    row = json.loads(done.stdout)[0]
    assert (row["whole"], row["createdAt"]) == (False, None)
    assert row["what"] and made.name in done.stderr


def test_restore(program: Program) -> None:
    """The state of the backup is there again, what was is kept, and the history says who and
    why.
    """
    made = program.json("backup", "create")["file"]
    program("xp", "give", ANN, "100")
    program("xp", "give", BOB, "7")
    before = program.bytes()
    tried = program.json("backup", "restore", made, "--dry-run")
    assert program.bytes() == before and tried["dryRun"] and tried["kept"] is None
    done = program.json("backup", "restore", made, "--yes", "--reason", "wrong import")

    assert set(done) == {
        "file", "at", "namespaces", "giveaways", "kept", "damaged", "dryRun",
    }  # fmt: skip
    assert {row["namespace"]: row["fromSeq"] for row in done["namespaces"]} == {
        XP: 2,
        f"names/{GUILD}": 1,
    }
    assert [row["seq"] for row in tried["namespaces"]] == [None, None]
    assert program.json("xp", "show", ANN)["xp"] == 1_005
    assert program.refused("xp", "show", BOB)[0] == 3
    newest = program.json("history", "--limit", "1")[0]
    assert (newest["cmd"], newest["reason"]) == ("backup restore", "wrong import")
    assert Program(Path(done["kept"])).json("xp", "show", BOB)["xp"] == 7
    program.json("backup", "restore", done["kept"], "--yes")
    assert program.json("xp", "show", BOB)["xp"] == 7


@pytest.mark.parametrize("gifts", [1, 3])
def test_restore_of_another_life_over_and_over(data_dir: Path, tmp_path: Path, gifts: int) -> None:
    """A backup of another machine may be restored as often as one likes: the history goes on, and
    nothing is damaged.
    """
    program, elsewhere = Program(data_dir), Program(tmp_path / "elsewhere")
    elsewhere("xp", "give", BOB, "7")
    backup = str(tmp_path / "elsewhere.tar.gz")
    elsewhere("backup", "create", backup)
    for _ in range(gifts):
        program("xp", "give", ANN, "5")
    for times in range(1, 5):
        assert program("backup", "restore", backup, "--yes").returncode == 0
        checked = program("vault", "check")
        assert checked.returncode == 0, checked.stdout
        told = [row["cmd"] for row in program.json("history")]
        assert told == ["backup restore"] * times + ["xp give"]
    assert [row["userId"] for row in program.json("xp", "list")] == [BOB]


def test_restore_a_moment(data_dir: Path, tmp_path: Path) -> None:
    """``--at`` gives the state of that time, of the data folder, of another one, of a backup."""
    clock = HandClock()
    with RoboXP.open(data_dir, durability="os", clock=clock) as robo:
        for _ in range(3):
            robo.xp.add(GUILD, ANN, 10)
            robo.vault.namespace(XP).compact()
            clock.at += 60_000
    program = Program(data_dir)
    made = program.json("backup", "create", str(tmp_path / "b.tar.gz"))["file"]
    # an epoch number, and the same instant as a date in UTC
    for place, source, when in (
        (tmp_path / "x", [str(data_dir)], "2024-11-21T06:21:30Z"),
        (tmp_path / "y", [made], "1732170090000"),
        (data_dir, [], "1732170090"),
    ):
        done = Program(place).json("backup", "restore", *source, "--at", when, "--yes")
        assert done["at"] == 1_732_170_090_000
        assert [row["fromSeq"] for row in done["namespaces"]] == [2]
        assert Program(place).json("xp", "show", ANN)["xp"] == 20


def test_restore_refusals(program: Program, tmp_path: Path) -> None:
    """No yes, no source, no file, no backup, a moment before everything, and one to come."""
    made = program.json("backup", "create", str(tmp_path / "b.tar.gz"))["file"]
    text = tmp_path / "text"
    text.write_text("hello")
    before = program.bytes()

    assert program.refused("backup", "restore", made)[:2] == (4, "NEEDS_CONFIRMATION")
    assert program.refused("backup", "restore", "-y")[0] == 2
    assert program.refused("backup", "restore", "-y", "--at", "soon")[0] == 2
    assert program.refused("backup", "restore", "-y", "--at", "2199-01-01")[0] == 2
    assert program.refused("backup", "restore", "-y", str(tmp_path / "none"))[:2] == (
        3, "FILE_NOT_FOUND",
    )  # fmt: skip
    assert program.refused("backup", "restore", "-y", str(text))[:2] == (6, "VAULT_DAMAGED")
    assert program.refused("backup", "restore", "-y", "--at", "1970-01-02")[:2] == (
        4,
        "TOO_FAR_BACK",
    )
    assert program.bytes() == before


def test_restore_waits_for_a_writer(program: Program, tmp_path: Path) -> None:
    """A namespace that stays locked is busy, with the holder's name; nothing is changed."""
    made = program.json("backup", "create", str(tmp_path / "b.tar.gz"))["file"]
    with RoboXP.open(program.data_dir) as robo:
        with robo.vault.namespace(XP).transaction(Origin("t", "t")):
            before = program.bytes()
            code, name, message = program.refused("backup", "restore", "-y", made)
            assert program.bytes() == before

    assert (code, name) == (5, "VAULT_BUSY")
    assert "is locked by process" in message


@pytest.mark.parametrize("columns", [80, 200])
def test_on_a_terminal(columns: int, program: Program) -> None:
    """People see names that are never cut, times, and what was kept; they are asked first."""
    made = Path(program.json("backup", "create")["file"])
    listed = program.on_terminal("backup", "list", columns=columns)
    no = program.on_terminal("backup", "restore", str(made), columns=columns, answers=("n",))
    yes = program.on_terminal("backup", "restore", str(made), columns=columns, answers=("y",))

    assert any(made.name in line for line in listed.lines)
    assert max(map(len, listed.lines)) <= max(columns, len(str(made.parent)))
    assert (no.code, yes.code) == (4, 0)
    assert "restored  2 namespaces" in yes.lines
    # a long path goes on in the next line
    assert "/before-" in "".join(yes.lines).partition("kept ")[2]
    assert any(XP in line for line in yes.lines)


def test_a_quiet_backup_says_nothing(data_dir: Path) -> None:
    """With -q there is a file and not a word."""
    program = Program(data_dir)
    program("xp", "give", ANN, "5")
    done = program("backup", "create", "-q")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(program.json("backup", "list")) == 1
