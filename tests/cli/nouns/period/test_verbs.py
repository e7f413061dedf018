"""``robo-xp period`` and boards of periods, by the words of the terminal."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program

A_DAY = 86_400_000
ROLE = "500000000000000001"
CHANNEL = "300000000000000001"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """A guild in which Ann was first in the week before this one, and Bob writes today."""
    today = int(time.time() * 1000) // A_DAY * A_DAY
    with RoboXP.open(data_dir) as robo:
        robo.config.set(GUILD, {"cooldownSeconds": 0})
        robo.names.remember(GUILD, {ANN: "Ann"})
        for who, at in ((BOB, -7), (ANN, -7), (ANN, -7), (BOB, 0)):
            robo.xp.award(GUILD, who, channel_id=CHANNEL, at=today + at * A_DAY)
    return Program(data_dir)


def test_boards_of_periods(program: Program) -> None:
    """A period has its own board, by number and by date, with what was gained in it."""
    today = int(time.time() * 1000) // A_DAY * A_DAY
    then = datetime.fromtimestamp((today - 7 * A_DAY) / 1000, UTC)

    week = program.json("leaderboard", "--period", "week")
    before = program.json("lb", "--period", "week", "--at", "-1")
    day = program.json("lb", "--period", "day", "--at", f"{then:%Y-%m-%d}", "--around", BOB)

    assert [entry["userId"] for entry in week["entries"]] == [BOB]
    assert (week["total"], week["period"]["kind"], week["period"]["closed"]) == (1, "week", False)
    assert week["period"]["to"] - week["period"]["from"] == 7 * A_DAY
    assert week["period"]["from"] <= today < week["period"]["to"]
    assert before["period"]["to"] == week["period"]["from"]
    assert {entry["userId"] for entry in before["entries"]} == {ANN, BOB}
    assert [(one["rank"], one["name"]) for one in before["entries"][:1]] == [(1, "Ann")]
    assert day["period"]["from"] == today - 7 * A_DAY
    assert "period" not in program.json("leaderboard")


def test_a_board_since_an_instant(program: Program) -> None:
    """Since counts by when XP came into the vault; both ways exclude each other."""
    found = program.json("leaderboard", "--since", "1h")

    assert found["period"]["kind"] == "since"
    assert {entry["userId"] for entry in found["entries"]} == {ANN, BOB}
    assert program.refused("lb", "--since", "1h", "--period", "day")[0] == 2
    assert program.refused("lb", "--at", "-1")[0] == 2
    assert program.refused("lb", "--period", "year")[0] == 2
    assert program.refused("lb", "--period", "day", "--at", "2026-02-30")[0] == 2


def test_closing_shows_first_and_then_keeps(program: Program) -> None:
    """A dry run says what would be closed, in the same rows; history and undo know the closing."""
    prize = f'[{{"kind":"week","xp":500,"roleId":"{ROLE}"}}]'
    assert program("config", "set", "periods.prizes", prize).returncode == 0
    shown = program.json("period", "close", "--dry-run")
    assert program.json("period", "list", "week")[1]["closed"] is False

    done = program.json("period", "close", "--reason", "the week is over")

    assert [(one["kind"], one["from"]) for one in done] == [
        (one["kind"], one["from"]) for one in shown
    ]
    assert {one["seq"] for one in shown} == {None} and all(one["dryRun"] for one in shown)
    (week,) = [one for one in done if one["kind"] == "week"]
    assert [one["userId"] for one in week["top"]] == [ANN, BOB]
    assert (week["members"], week["closed"], week["dryRun"]) == (2, True, False)
    assert program.json("period", "close") == []
    listed = program.json("period", "list", "week")
    assert [one["closed"] for one in listed] == [False, True]
    assert listed[1] == {key: value for key, value in week.items() if key not in ("seq", "dryRun")}
    assert program.json("period", "show", "week", "--at", "-1") == listed[1]
    rows = program.json("history", "--cmd", "period close")
    assert {row["reason"] for row in rows} == {"the week is over"}
    assert f"role {ROLE} to Ann" in " ".join(row["what"] for row in rows)
    before = program.json("rank", ANN)["xp"]
    assert program.json("undo", str(week["seq"]))["members"] == 1
    assert program.json("rank", ANN)["xp"] == before - 500


def test_periods_for_people(program: Program) -> None:
    """A table with the first members in a line; what is not there has exit 3."""
    text = program.for_people("period", "list").stdout
    assert "Ann" in text and "XP" in text
    assert "it runs" in program.for_people("period", "show", "week").stdout
    program("period", "close")
    assert program.refused("period", "show", "week", "--at", "-30")[:2] == (
        3,
        "PERIOD_NOT_FOUND",
    )


def test_settings_of_periods_are_typed(program: Program) -> None:
    """Words of lists, one JSON value, and what people read of them."""
    assert program("config", "set", "periods.count", "message", "hand").returncode == 0
    assert program("config", "set", "periods.firstDay", "sun").returncode == 0
    assert program.json("config", "get", "periods.count")["value"] == ["message", "hand"]
    assert program.refused("config", "set", "periods.timezone", "Nowhere")[0] == 2
    program("xp", "give", BOB, "1000")
    assert program.json("lb", "--period", "day")["entries"][0]["xp"] > 1000


def test_a_check_adds_the_sums_up_again(program: Program) -> None:
    """What was spoilt is found, exit 6, and mended by a repair."""
    assert program("vault", "check").returncode == 0
    with RoboXP.open(program.data_dir) as robo:
        robo.vault.namespace(f"xp/default/{GUILD}").db.table("marks").update(
            {"week": 5},
            doc_ids=[BOB],  # type: ignore[list-item]  # ids of a vault are text
        )

    found = program("vault", "check")

    assert found.returncode == 6
    assert f"member {BOB}:" in found.stdout + found.stderr
    assert program("vault", "repair", "--yes").returncode == 0
    assert program("vault", "check").returncode == 0


@pytest.mark.parametrize("at", ["2020-01-01", "2070-01-01", "-3"])
def test_a_period_without_anything_is_not_found(program: Program, at: str) -> None:
    """Because it was before there was anything, or is yet to come."""
    for words in (("period", "show", "week"), ("lb", "--period", "week")):
        assert program.refused(*words, "--at", at)[:2] == (3, "PERIOD_NOT_FOUND")


def test_nobody_gained_is_not_nobody_there(program: Program) -> None:
    """An empty board of a time says so of the time."""
    with RoboXP.open(program.data_dir) as robo:
        robo.xp.add("100000000000000008", ANN, 5)
    quiet = ("lb", "--period", "day", "-g", "100000000000000008")

    assert "nobody gained XP in that time" in program.for_people(*quiet).stderr
