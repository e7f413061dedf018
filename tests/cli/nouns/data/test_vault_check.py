"""``vault check`` and ``vault repair``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, XP, Program


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with a snapshot of two members and three batches after it."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 1_000)
        robo.xp.add(GUILD, BOB, 400)
        robo.vault.namespace(XP).compact()
        for amount in (1, 2, 3):
            robo.xp.add(GUILD, BOB, amount)
    return Program(data_dir)


def break_second_line(program: Program) -> tuple[Path, int]:
    """Damage the first batch after the head; the file and the byte of the line."""
    journal = program.data_dir / f"{XP}.journal"
    data = journal.read_bytes()
    start = data.index(b"\n") + 1
    journal.write_bytes(data[: start + 9] + b"?" + data[start + 10 :])
    return journal, start


def test_check_of_a_whole_vault(program: Program) -> None:
    """Everything is counted, nothing is listed, nothing is changed, and the exit code is 0."""
    before = program.bytes()

    assert program.json("vault", "check") == {
        "namespaces": 1,
        "batches": 5,
        "members": 2,
        "damaged": [],
        "warnings": [],
        "unread": [],
    }
    assert program.bytes() == before


def test_check_of_no_vault(data_dir: Path) -> None:
    """A folder that is missing has nothing wrong, and stays missing."""
    assert Program(data_dir).json("vault", "check")["namespaces"] == 0
    assert not data_dir.exists()


def test_check_of_damage(program: Program) -> None:
    """Damage is listed with file and byte, with exit code 6; warnings beside it."""
    journal, start = break_second_line(program)
    (program.data_dir / "format.json").chmod(0o644)
    done = program("vault", "check", XP, "--json")
    rows = program("vault", "check", "-o", "jsonl", "--fields", "damaged,warnings")
    table = program("vault", "check").stdout.splitlines()

    assert done.returncode == rows.returncode == 6
    assert f'"file": "{journal}", "byte": {start}, "what": "a line is not' in done.stdout
    assert '"warnings": [{"file"' in rows.stdout
    assert table[0] == "kind\tfile\tbyte\twhat"
    assert [line.split("\t")[0] for line in table[1:]] == ["damaged", "warning"]


def test_check_of_names(program: Program) -> None:
    """A name that is none is wrong usage; one without files is not found."""
    assert program.refused("vault", "check", "../x")[0] == 2
    assert program.refused("vault", "check", "xp/default/111111111111111111")[0] == 3


@pytest.mark.parametrize("columns", [80, 200])
def test_check_on_a_terminal(columns: int, program: Program) -> None:
    """People see a verdict, a table of places below the folder, and what to do next."""
    whole = program.on_terminal("vault", "check", columns=columns)
    break_second_line(program)
    seen = program.on_terminal("vault", "check", columns=columns)

    # below each other where the folder's path is too long for one line
    assert re.search(r"result\s+everything is whole", "\n".join(whole.lines))
    assert (whole.code, seen.code) == (0, 6)
    assert re.search(r"result\s+1 damaged place", "\n".join(seen.lines))
    assert any("damaged │ xp/default/" in line for line in seen.lines)
    assert "robo-xp vault repair --dry-run shows what can be kept" in seen.lines
    assert max(map(len, seen.lines)) <= columns


def test_repair(program: Program) -> None:
    """What is kept and lost is told; originals are kept; then the check is clean and the reason
    stands in the history.
    """
    journal, _ = break_second_line(program)
    original = journal.read_bytes()
    tried = program("vault", "repair", "--dry-run", "--json")
    assert journal.read_bytes() == original and '"dryRun": true' in tried.stdout
    data = program.json("vault", "repair", "--yes", "--reason", "bad disk")
    (done,) = data["repaired"]

    assert set(data) == {
        "repaired", "refused", "records", "removed", "formatCopy", "intentCopy", "dryRun",
    }  # fmt: skip
    assert (done["namespace"], done["lost"]) == (XP, [{"first": 3, "last": 3}])
    assert original in [Path(copy).read_bytes() for copy in done["copies"]]
    assert program.json("vault", "check")["damaged"] == []
    assert program.json("xp", "show", BOB)["xp"] == 406
    newest = program.json("history", "--limit", "1")[0]
    assert (newest["cmd"], newest["reason"], newest["seq"]) == (
        "vault repair", "bad disk", done["seq"],
    )  # fmt: skip


def test_repair_of_a_whole_vault(program: Program) -> None:
    """Nothing to do asks nothing and changes nothing."""
    before = program.bytes()

    assert program.json("vault", "repair")["repaired"] == []
    assert program.bytes() == before


def test_repair_asks(program: Program) -> None:
    """Without a terminal and a yes it refuses; on a terminal no means no."""
    break_second_line(program)
    before = program.bytes()

    assert program.refused("vault", "repair")[:2] == (4, "NEEDS_CONFIRMATION")
    assert program.on_terminal("vault", "repair", answers=("n",)).code == 4
    assert program.bytes() == before
    seen = program.on_terminal("vault", "repair", answers=("y",))
    assert seen.code == 0
    assert any("1 batch lost. [y/N]" in line for line in seen.lines)


def test_repair_that_cannot(program: Program) -> None:
    """A snapshot that nothing replaces is refused with exit code 6; with --salvage it is read."""
    snapshot = program.data_dir / f"{XP}.json"
    snapshot.write_bytes(snapshot.read_bytes().replace(b'"crc":"', b'"crc":"f'))
    for path in (program.data_dir / "archive" / XP).iterdir():
        path.unlink()
    before = program.bytes()
    done = program("vault", "repair", "--yes", "--json")

    assert done.returncode == 6 and f'"refused": [{{"namespace": "{XP}"' in done.stdout
    assert program.bytes() == before
    assert program.refused("xp", "show", ANN)[:2] == (6, "VAULT_DAMAGED")
    program.json("vault", "repair", "--yes", "--salvage")
    assert program.json("xp", "show", ANN)["xp"] == 1_000


def test_repair_of_the_format(program: Program) -> None:
    """A format that cannot be read stops every other command, and is checked and repaired."""
    (program.data_dir / "format.json").write_text("?")

    assert program.refused("xp", "show", ANN)[0] == 6
    assert program("vault", "check").returncode == 6
    assert program.json("vault", "repair", "--yes")["formatCopy"]
    assert program.json("xp", "show", ANN)["xp"] == 1_000


def test_a_change_of_several_stores_that_cannot_be_read(program: Program, data_dir: Path) -> None:
    """A check names the file; a repair keeps it beside and says what to look at."""
    path = data_dir / "intent.json"
    path.write_text("{")
    looked = program("vault", "check", "--json")
    done = program("vault", "repair", "--yes", "-o", "table")

    assert (looked.returncode, str(path) in looked.stdout) == (6, True)
    assert done.returncode == 0
    assert f"kept {path}.damaged-" in done.stderr
    assert "may be made in some of them only: look at 'robo-xp store list'" in done.stderr
    assert program("vault", "check").returncode == 0
