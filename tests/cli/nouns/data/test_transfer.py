"""``import`` and ``export``."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, CARL, GUILD, XP, Program

PAGES = str(files("robo_xp").joinpath("demo/mee6_leaderboard_pages.json"))
MEMBERS = f"userId,name,xp,messages\n{ANN},=Zoë,700,9\n{BOB},[red]\x1b[2J,5,1\n12,x,5,0\n"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with one member."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 300)
    return Program(data_dir)


@pytest.fixture
def members(tmp_path: Path) -> str:
    """A CSV file with a changed member, a new one, and a row that cannot be used."""
    path = tmp_path / "members.csv"
    path.write_text(MEMBERS)
    return str(path)


def test_a_leaderboard_of_mee6(data_dir: Path) -> None:
    """300 members come over in one batch; under the same curve all keep their level."""
    program = Program(data_dir)
    done = program.json("import", "mee6", PAGES, "--from-guild", "746807687960896580", "--yes")
    assert (done["read"], done["added"], done["changed"], done["skipped"]) == (300, 300, 0, [])
    assert (done["seq"], done["dryRun"]) == (1, False)
    with RoboXP.open(data_dir) as robo:
        robo.config.set(GUILD, {"levels": {"type": "mee6"}})
        levels = {one.user_id: one.level for one in robo.xp.records(GUILD)}
    listed = {
        p["id"]: p["level"] for page in json.loads(Path(PAGES).read_text()) for p in page["players"]
    }
    assert levels == listed


def test_a_dry_run_changes_nothing(program: Program, members: str) -> None:
    """The result is that of the import, marked, and every byte stays."""
    before = program.bytes()
    done = program.json("import", "csv", members, "--dry-run", "--merge", "add", "--skip-bad")

    assert (done["added"], done["changed"], done["seq"], done["dryRun"]) == (1, 1, None, True)
    assert [(one["line"], "17 to 20 digits" in one["error"]) for one in done["skipped"]] == [
        (4, True)
    ]
    assert program.bytes() == before


def test_without_a_terminal_a_yes_is_needed(program: Program, members: str) -> None:
    """A script has to say that it means it."""
    before = program.bytes()

    assert program.refused("import", "csv", members)[:2] == (4, "NEEDS_CONFIRMATION")
    assert program.bytes() == before


@pytest.mark.parametrize("columns", [80, 200])
def test_a_terminal_shows_what_would_change_and_asks(
    program: Program, members: str, columns: int
) -> None:
    """The table fits, shows names harmlessly, and no means no."""
    before = program.bytes()
    seen = program.on_terminal("import", "csv", members, columns=columns, answers=["n"])
    text = "\n".join(seen.lines)

    assert seen.code == 4
    assert program.bytes() == before
    for shown in ("members added    1", "=Zoë", "300 │", "700 │", "1 -> 3", "skipped line 4"):
        assert shown in text
    assert b"\x1b[2J" not in seen.raw
    assert all(line[-1] in "╮│┤╯" for line in seen.lines if line[0] in "╭│├╰")


def test_a_yes_on_the_terminal_imports(program: Program, members: str) -> None:
    """What was shown is stored, and the result says how to take it back."""
    seen = program.on_terminal("import", "csv", members, "--skip-bad", answers=["y"])

    assert seen.code == 0
    assert seen.lines[-1] == "to take it back: robo-xp undo 2"
    with RoboXP.open(program.data_dir) as robo:
        assert robo.xp.get(GUILD, ANN) == 700
        assert robo.names.resolve(GUILD, "=zoë") == ANN


def test_several_files_are_one_batch(program: Program, members: str, tmp_path: Path) -> None:
    """Skipped rows name their file, stdin is a file too, and one undo takes all of it back."""
    words = ("import", "csv", members, "-", "--yes", "--reason", "two bots", "--skip-bad")
    done = program.json(*words, stdin=f"id;xp\n{CARL};8\n{BOB};x\n".encode())
    assert (done["read"], done["added"], done["changed"], done["seq"]) == (5, 2, 1, 2)
    assert [(one["file"], one["line"]) for one in done["skipped"]] == [(members, 4), ("stdin", 3)]
    program.json("undo", "2")
    with RoboXP.open(program.data_dir) as robo:
        assert [(one.user_id, one.xp) for one in robo.xp.records(GUILD)] == [(ANN, 300)]
        assert next(robo.history.rows(XP)).cmd == "undo"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 2),
        (b"[NaN]", 2),
        (b"[" * 50_000, 2),
        (b"\xff\xfe\x00", 2),
        (b'[{"players": [{"id":', 2),
        (b'[{"id": 1e999}]', 2),
        (b"<html>", 2),
        (None, 3),
    ],
)
def test_files_that_are_none(
    program: Program, tmp_path: Path, content: bytes | None, code: int
) -> None:
    """Every such file is a clear error that names it, and changes nothing."""
    path = tmp_path / "file.json"
    if content is not None:
        path.write_bytes(content)
    before = program.bytes()
    found, _, message = program.refused("import", "json", str(path), "--yes")

    assert found == code
    assert str(path) in message
    assert program.bytes() == before


def test_export_and_import(program: Program, members: str) -> None:
    """What is exported, as JSON or CSV, comes back as the same members."""
    program.json("import", "csv", members, "--yes", "--skip-bad")
    for kind in ("json", "csv"):
        exported = program("export", "--format", kind)
        assert exported.returncode == 0
        words = ("import", kind, "-", "--yes", "--store", kind)
        assert program.json(*words, stdin=exported.stdout.encode())["added"] == 2
    with RoboXP.open(program.data_dir) as robo:
        first, *others = (robo.xp.records(GUILD, store=s) for s in ("default", "json", "csv"))
    assert all(sorted(one, key=str) == sorted(first, key=str) for one in others)


def test_an_export_for_spreadsheets(program: Program, members: str) -> None:
    """Names cannot be formulas; numbers and ids are as they are; the order is the board's."""
    program.json("import", "csv", members, "--yes", "--skip-bad")
    rows = list(csv.DictReader(io.StringIO(program("export", "--format", "csv").stdout)))

    assert [(row["userId"], row["name"], row["xp"], row["level"]) for row in rows] == [
        (ANN, "'=Zoë", "700", "3"),
        (BOB, "[red]\\x1b[2J", "5", "0"),
    ]


def test_an_export_to_a_file(program: Program, tmp_path: Path) -> None:
    """The file is written whole; one that is there is only replaced by force."""
    path = tmp_path / "out.json"
    done = program.json("export", str(path))
    document = json.loads(path.read_text())
    assert (done["members"], done["format"], done["bytes"]) == (1, "json", path.stat().st_size)
    assert (document["guildId"], document["storeId"], document["seq"]) == (GUILD, "default", 1)
    assert program.refused("export", str(path))[:2] == (4, "FILE_EXISTS")
    table = path.with_name("members.CSV")
    assert program("export", str(table), "-q").stdout == ""
    assert table.read_text().startswith("userId,")
    assert program("export", str(path), "--force").returncode == 0
    assert list(tmp_path.glob("*.new")) == []


def test_nothing_to_export(data_dir: Path) -> None:
    """A store that holds nothing is not found, and looking for it creates nothing."""
    assert Program(data_dir).refused("export")[:2] == (3, "STORE_NOT_FOUND")
    assert not data_dir.exists()
