"""``store`` and ``guild``: what exists, and seasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, CARL, GUILD, Program

SETTINGS = {"xpRate": 2.0}


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with settings and three members."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.config.set(GUILD, SETTINGS)
        robo.xp.add(GUILD, ANN, 1_000)
        robo.xp.add(GUILD, BOB, 400)
        robo.xp.set(GUILD, CARL, 0)
        robo.names.remember(GUILD, {ANN: "\x1b[31mZoë\u202e"})
    return Program(data_dir)


def test_looking_creates_nothing(data_dir: Path) -> None:
    """A data folder that is missing stays missing, and every list is empty."""
    program = Program(data_dir)

    assert program.json("guild", "list") == program.json("store", "list") == []
    assert program.refused("store", "stats")[:2] == (3, "STORE_NOT_FOUND")
    assert program.refused("store", "delete", "x", "--yes")[:2] == (3, "STORE_NOT_FOUND")
    assert not data_dir.exists()


def test_list(program: Program) -> None:
    """Stores and guilds come with their figures, and as ids for scripts."""
    [row] = program.json("store", "list")
    assert row == {
        "storeId": "default",
        "members": 3,
        "ranked": 2,
        "totalXp": 1_400,
        "messages": 0,
        "ownSettings": 1,
        "seq": 4,
    }
    assert program.json("guild", "list") == [
        {"guildId": GUILD, "stores": ["default"], "members": 3, "damaged": []}
    ]
    assert program("guild", "list", "-o", "ids").stdout == f"{GUILD}\n"


def test_stats(program: Program) -> None:
    """The figures of a store, its first member by name, and no name that harms a terminal."""
    data = program.json("store", "stats")
    assert data["averageXp"] == data["medianXp"] == 700
    assert data["levels"] == [{"level": 2, "members": 1}, {"level": 3, "members": 1}]
    assert (data["top"]["userId"], data["top"]["xp"], data["top"]["level"]) == (ANN, 1_000, 3)
    assert data["top"]["name"] == "\x1b[31mZoë\u202e"

    seen = program.on_terminal("store", "stats", "default", "--no-color")
    assert any(r"\x1b[31mZoë\u202e, level 3, 1,000 XP" in line for line in seen.lines)
    assert "\u202e".encode() not in seen.raw
    assert max(map(len, seen.lines)) <= 80


def test_a_season(program: Program) -> None:
    """Rename the old store, copy its settings back: the new season starts empty under its rules."""
    renamed = program.json("store", "rename", "default", "season-1", "--reason", "over")
    assert renamed == {
        "source": "default",
        "target": "season-1",
        "members": 3,
        "settings": 1,
        "seq": 1,
        "dryRun": False,
        "sourceSeq": 5,
    }
    copied = program.json("store", "copy", "season-1", "default")
    assert (copied["members"], copied["settings"], copied["seq"]) == (0, 1, 6)
    rows = {row["storeId"]: row for row in program.json("store", "list")}
    assert rows["season-1"]["members"] == 3
    assert (rows["default"]["members"], rows["default"]["ownSettings"]) == (0, 1)


def test_delete_asks_and_undo_brings_back(program: Program) -> None:
    """Without a yes nothing is deleted; the question says how much it is about."""
    before = program.bytes()
    code, name, message = program.refused("store", "delete", "default")
    assert (code, name) == (4, "NEEDS_CONFIRMATION")
    assert "3 members and 1 setting" in message
    seen = program.on_terminal("store", "delete", "default", answers=["n"])
    assert seen.code == 4
    trial = program.json("store", "delete", "default", "--dry-run")
    assert trial == {"storeId": "default", "members": 3, "settings": 1, "seq": None, "dryRun": True}
    assert program.bytes() == before

    assert program.json("store", "delete", "default", "--yes")["seq"] == 5
    assert program.json("store", "list") == []
    assert program.json("undo", "5")["members"] == 3
    [row] = program.json("store", "list")
    assert (row["members"], row["totalXp"], row["ownSettings"]) == (3, 1_400, 1)


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("copy", "default", "GLOBAL"), 2, "INVALID_ID"),
        (("copy", "default", "global"), 2, "INVALID_ID"),
        (("copy", "nowhere", "x"), 3, "STORE_NOT_FOUND"),
        (("rename", "default", "default"), 2, "INVALID_VALUE"),
        (("copy", "default", "default"), 4, "REFUSED"),
        (("delete", "\x1b[2J"), 2, "INVALID_ID"),
    ],
)
def test_refusals(program: Program, words: tuple[str, ...], code: int, name: str) -> None:
    """What cannot be is refused with its exit code, and changes nothing."""
    before = program.bytes()

    assert program.refused("store", *words)[:2] == (code, name)
    assert program.bytes() == before


def test_without_a_guild(data_dir: Path) -> None:
    """The stores of no guild in particular are an error of the configuration."""
    assert Program(data_dir, guild="").refused("store", "list")[:2] == (7, "NOT_CONFIGURED")


@pytest.mark.parametrize("columns", [80, 200])
def test_lists_fit_the_terminal(program: Program, columns: int) -> None:
    """No line is longer than the terminal is wide."""
    for noun in ("store", "guild"):
        seen = program.on_terminal(noun, "list", columns=columns)
        assert seen.lines[0].startswith("╭") and seen.lines[0].endswith("╮")
        assert len({len(line) for line in seen.lines}) == 1
