"""``robo-xp boost``: multipliers for a time, by the words of the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import GUILD, Program

CHANNEL, ROLE = "300000000000000001", "400000000000000001"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on nothing."""
    return Program(data_dir)


def test_adding_listing_and_ending(program: Program) -> None:
    """Each answers with the keys of the contract; what is over is listed with --all."""
    added = program.json(
        "boost", "add", "2", "--name", "Weekend", "--from", "2030-05-04 00:00", "--for", "2d",
        "--tz", "Europe/Berlin", "--channel", f"<#{CHANNEL}>", "--role", f"<@&{ROLE}>",
    )  # fmt: skip
    begin = 1_904_076_000_000
    boost = {
        "id": added["id"],
        "name": "Weekend",
        "factor": 2,
        "from": begin,
        "until": begin + 172_800_000,
        "weekly": None,
        "tz": None,
        "channels": [CHANNEL],
        "roles": [ROLE],
    }
    assert added == {**boost, "seq": 1, "dryRun": False}
    assert program.json("boost", "list") == [{**boost, "state": "planned"}]
    now = program.json("boost", "add", "1.5")
    assert program("boost", "list", "-o", "ids").stdout.split() == [added["id"], now["id"]]
    assert program.json("boost", "end", now["id"]) == {"id": now["id"], "seq": 3, "dryRun": False}
    assert [row["id"] for row in program.json("boost", "list")] == [added["id"]]
    states = {row["id"]: row["state"] for row in program.json("boost", "list", "--all")}
    assert states == {added["id"]: "planned", now["id"]: "over"}


def test_weekly_and_preview(program: Program) -> None:
    """Windows of a week are shown ahead with what they come to, hour for hour."""
    added = program.json("boost", "add", "2", "--weekly", "sat, sun 18:00-22:00", "--tz", "UTC")
    assert added["weekly"] == {"days": ["sat", "sun"], "from": "18:00", "to": "22:00", "tz": "UTC"}
    rows = program.json("boost", "preview", "--days", "14")
    assert len(rows) in (4, 5)
    assert {(row["factor"], *row["names"]) for row in rows} == {(2, added["id"])}
    assert all(row["until"] - row["from"] == 4 * 3_600_000 for row in rows[1:-1])
    assert program.json("boost", "add", "3", "--dry-run")["seq"] is None


def test_undo_and_history(program: Program) -> None:
    """A boost is a change as any other: told in the history, taken back by its number."""
    added = program.json("boost", "add", "2", "--reason", "anniversary")
    (row,) = program.json("history")
    assert (row["cmd"], row["reason"], row["seq"]) == ("boost add", "anniversary", 1)
    program.json("undo", "1")
    assert program.json("boost", "list", "--all") == []
    assert program.refused("boost", "end", added["id"])[:2] == (3, "BOOST_NOT_FOUND")


def test_boosts_are_settings(program: Program) -> None:
    """They are shown, exported and imported with all others, and set by their key."""
    program.json("boost", "add", "2", "--name", "One", "--from", "2030-05-04", "--for", "1d")
    document = program("config", "export").stdout.encode()
    program.json("undo", "1")
    program.json("config", "import", "-", stdin=document)
    (row,) = program.json("boost", "list")
    key = f"boosts.list.{row['id']}"
    program.json("config", "set", key, '{"factor": 3, "from": 0}')
    assert program.json("boost", "list")[0]["factor"] == 3
    assert "3" in program("config", "get", key).stdout


def test_what_is_refused(program: Program) -> None:
    """Each refusal has its exit code, and changes nothing."""
    program.json("boost", "add", "2")
    before = program.bytes()
    refusals = {
        ("boost", "add", "11"): (2, "INVALID_CONFIG"),
        ("boost", "add", "2", "--from", "soon"): (2, "INVALID_VALUE"),
        ("boost", "add", "2", "--weekly", "sat"): (2, "INVALID_VALUE"),
        ("boost", "add", "2", "--tz", "Europe/Atlantis"): (2, "INVALID_VALUE"),
        ("boost", "add", "2", "--until", "2020-01-01"): (2, "INVALID_CONFIG"),
        ("boost", "add", "2", "--for", "1d", "--until", "2030-01-01"): (2, "INVALID_VALUE"),
        ("boost", "add", "2", "--role", GUILD): (2, "INVALID_ID"),
        ("boost", "end", "x"): (2, "INVALID_ID"),
        ("boost", "end", CHANNEL): (3, "BOOST_NOT_FOUND"),
        ("boost", "preview", "--days", "0"): (2, "INVALID_AMOUNT"),
    }

    assert {words: program.refused(*words)[:2] for words in refusals} == refusals
    assert program.bytes() == before


def test_for_people(program: Program) -> None:
    """A table with times that people read, and a sentence for a change."""
    program("xp", "give", CHANNEL, "5", "--store", "quiet")
    added = program.for_people("boost", "add", "2", "--name", "Party")
    listed = program.for_people("boost", "list")
    none = program.for_people("boost", "preview", "--store", "quiet")

    assert added.stdout.startswith("awards count 2 times by boost ")
    assert "Party" in listed.stdout
    assert "no boost runs in the next 7 days" in none.stdout + none.stderr
