"""One damaged and one unreadable guild among fifty stop nobody else's work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, Program

GUILDS = [str(100000000000000100 + number) for number in range(50)]
DAMAGED, UNREADABLE = GUILDS[7], GUILDS[31]


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on fifty guilds: a journal with a broken line, and one that is only a link."""
    with RoboXP.open(data_dir, durability="os") as robo:
        for guild_id in GUILDS:
            for xp in (5, 6):
                robo.xp.add(guild_id, ANN, xp)
    broken = data_dir / "xp" / "default" / f"{DAMAGED}.journal"
    first, second, third = broken.read_bytes().splitlines(keepends=True)
    broken.write_bytes(first + second.replace(b"5", b"7") + third)
    linked = data_dir / "xp" / "default" / f"{UNREADABLE}.journal"
    linked.rename(data_dir.parent / "elsewhere")
    os.symlink(data_dir.parent / "elsewhere", linked)
    return Program(data_dir)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("backup", "create"), "namespaces"),
        (("guild", "list"), ""),
        (("vault", "compact"), "compacted"),
        (("vault", "check"), "namespaces"),
    ],
)
def test_the_other_48_are_done(words: tuple[str, ...], key: str, program: Program) -> None:
    """The work is done for all others, both are named, and the exit code is 6."""
    done = program(*words, "--json")

    assert done.returncode == 6, done.stderr
    said = done.stdout + done.stderr
    assert DAMAGED in said and UNREADABLE in said
    found = json.loads(done.stdout)
    if key == "compacted":
        assert len(found[key]) == 48
    elif key:
        assert found[key] == (50 if words[0] == "vault" else 48)
    else:
        assert sum(row["members"] for row in found) == 48


@pytest.mark.parametrize("content", [b"", b"{", bytes(100)], ids=["empty", "cut", "zeros"])
def test_damaged_defaults_stop_no_look_at_guilds(data_dir: Path, content: bytes) -> None:
    """Where the settings for all guilds are damaged the guilds are looked at, copied and listed,
    and a repair that may lose something mends it.
    """
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.config.set_global({"xpRate": 2})
        for guild_id in GUILDS[:3]:
            robo.xp.add(guild_id, ANN, 5)
    (data_dir / "global.journal").write_bytes(content)
    program = Program(data_dir)
    checked, made = program("vault", "check", "--json"), program("backup", "create", "--json")
    compacted = program("vault", "compact", "--json")
    listed = program("guild", "list", "-o", "ids")
    mended = program("vault", "repair", "--salvage", "--yes")
    again = program("vault", "check", "--json")

    assert [one.returncode for one in (checked, made, compacted)] == [6, 6, 6]
    assert json.loads(checked.stdout)["namespaces"] == 4 and "global.journal" in checked.stdout
    assert json.loads(made.stdout)["damaged"] == ["global"]
    assert len(json.loads(compacted.stdout)["compacted"]) == 3
    assert listed.stdout.split() == GUILDS[:3]
    assert (mended.returncode, again.returncode) == (0, 0), mended.stderr


def test_one_that_cannot_be_compacted_stops_no_other(program: Program) -> None:
    """Where the disk refuses a compaction all others are made, and it is named."""
    stuck = program.data_dir / "archive" / "xp" / "default" / GUILDS[3]
    stuck.parent.mkdir(parents=True)
    stuck.touch()
    done = program("vault", "compact", "--json")

    assert done.returncode == 6
    assert f"xp/default/{GUILDS[3]} is left as it is: cannot" in done.stderr
    assert len(json.loads(done.stdout)["compacted"]) == 47


def test_a_backup_of_the_rest_is_restored(program: Program, tmp_path: Path) -> None:
    """What is bad is left alone and named; 48 come back, from the file and from the folder."""
    told = program("backup", "create", "--json")
    made = json.loads(told.stdout)
    assert f"{UNREADABLE} is kept as it is, as far as its files can be read" in told.stderr
    assert sorted(made["damaged"]) == sorted(f"xp/default/{one}" for one in (DAMAGED, UNREADABLE))

    for number, source in enumerate((made["file"], str(program.data_dir))):
        fresh = Program(tmp_path / str(number))
        done = fresh("backup", "restore", source, "--yes", "--json")

        assert done.returncode == 6, done.stderr
        found = json.loads(done.stdout)
        assert len(found["namespaces"]) == 48 and len(found["damaged"]) == 2
        assert len(fresh.json("guild", "list")) == 48


def test_a_store_that_cannot_be_read_hides_no_other(program: Program) -> None:
    """``store list`` shows the others, names it and exits with 6."""
    with RoboXP.open(program.data_dir) as robo:
        robo.xp.add(DAMAGED, ANN, 3, store="season")

    done = program("store", "list", "-g", DAMAGED, "--json")

    assert done.returncode == 6 and "store default: " in done.stderr
    assert [row["storeId"] for row in json.loads(done.stdout)] == ["season"]
