"""``xp apply``: many changes from a file, as one or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, CARL, GUILD, Program

GOOD = f"op,user,amount,reason\ngive,{ANN},700,first\ngive,bob,5,\nset,<@{CARL}>,1_000,\n"
BAD = f"user,amount\n{ANN},5\nnobody,5\n{BOB},x\n12,5\n"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with one member whose name is known."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, BOB, 10)
        robo.names.remember(GUILD, {BOB: "Bob"})
    return Program(data_dir)


def test_a_file(program: Program, tmp_path: Path) -> None:
    """All rows in one change, with names, mentions and ids; ``undo`` takes it back whole."""
    path = tmp_path / "rows.csv"
    path.write_text(GOOD)
    trial = program.json("xp", "apply", str(path), "--dry-run")
    done = program.json("xp", "apply", str(path), "--reason", "contest")

    assert done == {
        "guildId": GUILD,
        "storeId": "default",
        "applied": 3,
        "skipped": 0,
        "failed": [],
        "levelUps": 2,
        "levelDowns": 0,
        "seq": 2,
        "dryRun": False,
    }
    assert trial == {**done, "seq": None, "dryRun": True}
    program.json("undo", "2")
    assert {row["xp"] for row in program.json("xp", "list", "--min-xp", "1")} == {10}


def test_stdin(program: Program) -> None:
    """JSON Lines from stdin, the op from the command line."""
    lines = json.dumps({"user": ANN, "amount": 5}) + "\n" + json.dumps({"user": "bob"})
    done = program.json("xp", "apply", "-", "--op", "recalc", stdin=f"\ufeffuser\n{BOB}".encode())
    assert (done["applied"], done["skipped"]) == (0, 1)
    code, kind, message = program.refused("xp", "apply", "-", "--op", "give", stdin=lines.encode())
    assert (code, kind, message[:7]) == (2, "INVALID_ROWS", "line 2:")


def test_bad_rows(program: Program, tmp_path: Path) -> None:
    """Every fault with its line and nothing changed; or the good rows, and exit code 4."""
    path = tmp_path / "rows.csv"
    path.write_text(BAD)
    words = ("xp", "apply", str(path), "--op", "give", "--json")
    before = program.bytes()
    refused = program(*words)
    faults = json.loads(refused.stderr)["error"]["faults"]

    assert refused.returncode == 2
    assert [fault["where"] for fault in faults] == ["line 3", "line 4", "line 5"]
    assert program.bytes() == before

    done = program(*words, "--keep-going")
    data = json.loads(done.stdout)
    assert done.returncode == 4
    assert [fault["line"] for fault in data["failed"]] == [3, 4, 5]
    assert data["failed"][0]["error"].startswith("no member called 'nobody'")
    assert (data["applied"], data["seq"]) == (1, 2)


def test_many_faults_on_a_terminal(program: Program, tmp_path: Path) -> None:
    """Fifty are shown and the rest counted, with the way to see them all."""
    path = tmp_path / "rows.csv"
    path.write_text("user,amount\n" + "\x1b[2J,5\n" * 60)
    seen = program.on_terminal("xp", "apply", str(path), "--op", "give", columns=120)

    assert seen.code == 2
    assert b"\x1b[2J" not in seen.raw
    assert seen.raw.count(b"line ") == 50
    assert b"and 10 more; -o json lists them all" in seen.raw


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, 3),
        (b"", 2),
        (b"\n", 2),
        (b"user\n", 0),
        (b"user\n\xff\xfe\n", 2),
        (b"name,xp\nx,1\n", 2),
        (b"\x00\x01", 2),
    ],
)
def test_files_that_are_none(
    program: Program, tmp_path: Path, content: bytes | None, code: int
) -> None:
    """A missing file, an empty one, and bytes that are no rows each end as they should."""
    path = tmp_path / "rows.csv"
    if content is not None:
        path.write_bytes(content)
    before = program.bytes()

    assert program("xp", "apply", str(path), "--op", "recalc").returncode == code
    assert program.bytes() == before


def test_an_interruption_changes_nothing(program: Program) -> None:
    """Ctrl-C while rows are still coming in: exit code 130, every byte as it was."""
    before = program.bytes()
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "robo_xp_cli", "xp", "apply", "-"],
        env=program.environment(),
        stdin=reading,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as rows:
        # more than a pipe holds: when this returns, the program has begun to read
        rows.write(GOOD.encode() + f"give,{ANN},1,\n".encode() * 10_000)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)

    assert (child.returncode, out, err) == (130, b"", b"")
    assert program.bytes() == before
