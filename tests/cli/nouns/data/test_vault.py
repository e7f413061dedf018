"""``vault info`` and ``vault compact``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tinydb import TinyDB

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, XP, Program


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a vault with a store and a namespace of names."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 1_000)
        robo.xp.add(GUILD, BOB, 400)
        robo.names.remember(GUILD, {ANN: "Zoë"})
    return Program(data_dir)


def test_info_of_no_vault(data_dir: Path) -> None:
    """A folder that is missing is told as empty, and stays missing."""
    data = Program(data_dir).json("vault", "info")

    assert data == {
        "dataDir": str(data_dir),
        "format": None,
        "durability": "batch",
        "namespaces": [],
        "totals": {
            "namespaces": 0,
            "members": 0,
            "snapshotBytes": 0,
            "journalBytes": 0,
            "archiveBytes": 0,
        },
    }
    assert not data_dir.exists()


def test_info(program: Program) -> None:
    """Each namespace with its number, members and bytes; the totals are their sums."""
    data = program.json("vault", "info")
    rows = {row["name"]: row for row in data["namespaces"]}
    journal = program.data_dir / f"{XP}.journal"

    assert data["format"] == 2
    assert rows[XP] == {
        "name": XP,
        "seq": 2,
        "members": 2,
        "snapshotBytes": 0,
        "journalBytes": journal.stat().st_size,
        "archiveBytes": 0,
        "generation": 0,
        "schemaVersion": 1,
    }
    assert rows[f"names/{GUILD}"]["members"] is None
    assert data["totals"]["journalBytes"] == sum(row["journalBytes"] for row in rows.values())
    assert data["totals"]["members"] == 2
    header = program("vault", "info", "-o", "csv").stdout.splitlines()[0]
    assert (
        header
        == "name,seq,members,snapshotBytes,journalBytes,archiveBytes,generation,schemaVersion"
    )


def test_compact(program: Program) -> None:
    """The journal is folded; stock TinyDB opens the snapshot and sees the same members."""
    before = program.bytes()
    trial = program.json("vault", "compact", XP, "--dry-run")
    assert (trial["compacted"], trial["dryRun"], program.bytes()) == ([XP], True, before)

    assert program.json("vault", "compact", XP)["compacted"] == [XP]
    assert program.json("vault", "compact", XP)["compacted"] == []
    row = next(row for row in program.json("vault", "info")["namespaces"] if row["name"] == XP)
    assert (row["seq"], row["members"], row["generation"]) == (2, 2, 1)
    assert row["snapshotBytes"] > 0 and row["archiveBytes"] > 0
    with TinyDB(program.data_dir / f"{XP}.json", access_mode="r") as db:
        users = db.table("users")
        found = {str(user.doc_id): (user["xp"], user["level"]) for user in users}
    assert found == {ANN: (1_000, 3), BOB: (400, 2)}


def test_compact_all(program: Program) -> None:
    """Without names every namespace is compacted, and undo still reaches into the archive."""
    assert program.json("vault", "compact")["compacted"] == [f"names/{GUILD}", XP]
    assert program.json("undo", "1")["members"] == 1


@pytest.mark.parametrize(
    ("name", "code"), [("xp/none/100000000000000009", 3), ("../../etc", 2), ("\x1b[2J", 2)]
)
def test_compact_refuses_what_is_not_there(program: Program, name: str, code: int) -> None:
    """A namespace that does not exist is not found, and what cannot be one is an error."""
    assert program.refused("vault", "compact", name)[0] == code


def spoil(program: Program) -> None:
    """Damage the journal of the guild's store."""
    journal = program.data_dir / f"{XP}.journal"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)


@pytest.mark.parametrize(
    ("command", "done"),
    [
        (("backup", "create"), "namespaces"),
        (("backup", "create"), "damaged"),
        (("vault", "compact"), "compacted"),
        (("vault", "compact"), "damaged"),
        (("vault", "check"), "damaged"),
        (("vault", "check"), "batches"),
    ],
)
def test_damage_stops_no_work_on_others(
    command: tuple[str, ...], done: str, program: Program
) -> None:
    """What goes over all namespaces does the others, names the damaged one, and exits with 6."""
    spoil(program)
    seen = program(*command, "--json")

    assert seen.returncode == 6
    assert json.loads(seen.stdout)[done]
    assert XP in seen.stdout + seen.stderr
    assert json.loads(seen.stdout)["damaged"]


def test_guilds_are_listed_beside_damage(program: Program) -> None:
    """A guild with a damaged store is listed with it, the others too, exit code 6."""
    other = "888888888888888888"
    program("xp", "give", ANN, "5", "-g", other)
    spoil(program)
    seen = program("guild", "list", "--json")

    assert seen.returncode == 6
    assert {row["guildId"]: row["damaged"] for row in json.loads(seen.stdout)} == {
        GUILD: ["default"],
        other: [],
    }
    assert f"store 'default' of guild {GUILD} is damaged" in seen.stderr


def test_info_tells_damage_and_goes_on(program: Program) -> None:
    """A damaged namespace is named with what is wrong, the others are shown, exit code 6."""
    spoil(program)
    done = program("vault", "info", "--json")

    assert done.returncode == 6
    assert f"{XP} is damaged" in done.stderr
    assert f'"name": "names/{GUILD}", "seq": 1' in done.stdout


@pytest.mark.parametrize("columns", [80, 200])
def test_info_on_a_terminal(program: Program, columns: int) -> None:
    """The table fits the terminal."""
    seen = program.on_terminal("vault", "info", columns=columns)
    table = [line for line in seen.lines if line[0] in "╭│├╰"]

    assert len({len(line) for line in table}) == 1
    assert len(table[0]) <= columns
