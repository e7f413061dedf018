"""``robo-xp member export|erase``: personal data, by the words of the terminal."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from robo_xp.vault.pseudonyms import is_pseudonym
from tests.cli.program import Program

ADA, BOB = "200000000000000001", "200000000000000002"
CHANNEL = "300000000000000001"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """Ada and Bob, and a giveaway that Ada won."""
    program = Program(data_dir)
    program.json("xp", "give", ADA, BOB, "100")
    program.json("xp", "give", ADA, "5", "--store", "season")
    return program


def drawn(program: Program) -> str:
    """A giveaway that both entered, and that is over."""
    words = ("giveaway", "start", "cup", "--channel", CHANNEL, "--duration", "2d")
    giveaway = str(program.json(*words)["id"])
    program.json("giveaway", "enter", giveaway, ADA, BOB)
    program.json("giveaway", "end", giveaway, "--yes")
    return giveaway


def test_export(program: Program) -> None:
    """One object of all stores and giveaways; nobody that is known is exit 3."""
    giveaway = drawn(program)
    data = program.json("member", "export", ADA)

    assert data["userId"] == ADA
    assert {one["storeId"]: one["xp"] for one in data["stores"]} == {"default": 100, "season": 5}
    assert [one["giveawayId"] for one in data["giveaways"]] == [giveaway]
    assert {one["cmd"] for one in data["history"]} >= {"xp give", "giveaway enter"}
    assert program.refused("member", "export", "200000000000000099")[:2] == (3, "USER_NOT_FOUND")


def test_erase(program: Program) -> None:
    """It asks, names what still has the id, and after a compaction no file has it."""
    giveaway = drawn(program)
    backup = program.json("backup", "create")["file"]
    refused = program("member", "erase", ADA)
    assert refused.returncode == 4
    trial = program.json("member", "erase", ADA, "--dry-run")
    assert (trial["erased"]["records"], trial["seq"]) == (2, None)
    asked = program.on_terminal("member", "erase", ADA, columns=250, answers=["y"])
    assert "Nothing undoes it." in asked.lines[0]
    assert any(line.startswith("still in ") for line in asked.lines)
    again = program.refused("member", "erase", "200000000000000099", "--yes")
    assert again[:2] == (3, "USER_NOT_FOUND")

    done = program.json("member", "erase", BOB, "--yes", "--reason", "asked for it")
    assert done["erased"] == {"records": 1, "names": 0, "entries": 1, "periods": 0}
    assert done["backups"] == [backup]
    assert program.refused("undo", str(done["seq"]))[0] == 4
    program.json("vault", "compact")
    for content in program.bytes().values():
        data = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        assert ADA.encode() not in data and BOB.encode() not in data
    assert program.json("giveaway", "verify", giveaway)["valid"]
    assert program("vault", "check").returncode == 0


def test_a_file_with_pseudonyms_verifies(program: Program, tmp_path: Path) -> None:
    """The export of a draw whose winner and entrant are erased proves it, but not another one."""
    giveaway = drawn(program)
    for user_id in (ADA, BOB):
        program.json("member", "erase", user_id, "--yes")
    text = program("giveaway", "export", giveaway).stdout
    file = tmp_path / "draw.json"
    file.write_text(text)
    found = program.json("giveaway", "verify", str(file))

    assert ADA not in text and BOB not in text
    assert found["valid"]
    assert len(found["winners"]) == 1 and all(map(is_pseudonym, found["winners"]))
    document = json.loads(text)
    (other,) = set(document["entries"]) - set(found["winners"])
    file.write_text(text.replace(other, "300000000000000003"))
    assert program("giveaway", "verify", str(file)).returncode == 4
