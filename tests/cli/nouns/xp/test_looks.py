"""``xp why`` and ``xp chart``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, BOB, GUILD, Program

CHANNEL, ROLE = "300000000000000001", "400000000000000001"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a guild with rules, and a member who has just earned XP."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 100)
        robo.xp.award(GUILD, ANN, channel_id=CHANNEL)
        robo.names.remember(GUILD, {CHANNEL: "general"}, "channels")
        robo.config.set(GUILD, {"xpRate": 2.0, "noXpRoleIds": [ROLE], "multipliers": {"server": 3}})
    return Program(data_dir)


def test_why(program: Program) -> None:
    """Each rule says whether it lets the message pass and who set it; no byte is changed."""
    before = program.bytes()
    free = program.json("xp", "why", BOB, "--channel", "#general")
    assert (free["outcome"], free["reason"]) == ("award", None)
    assert free["amount"] == {"min": 15 * 2 * 3, "max": 25 * 2 * 3}
    assert free["multiplier"] == {
        "server": 3.0,
        "role": None,
        "channel": None,
        "user": None,
        "boosts": None,
        "product": 3.0,
        "boostNames": [],
    }
    assert [one["passed"] for one in free["checks"]] == [True, True, True]

    kept = program.json("xp", "why", ANN, "--channel", CHANNEL, "--role", ROLE)
    passed = {one["check"]: (one["passed"], one["setBy"]) for one in kept["checks"]}
    assert passed == {
        "no_xp_channel": (True, "default"),
        "no_xp_role": (False, "guild"),
        "cooldown": (False, "default"),
    }
    assert (kept["outcome"], kept["reason"]) == ("refusal", "no_xp_role")
    assert kept["amount"] == {"min": 0, "max": 0}
    later = program.json("xp", "why", ANN, "--channel", CHANNEL, "--at", "2199-01-01")
    assert later["outcome"] == "award"
    assert program.refused("xp", "why", ANN)[:2] == (2, "USAGE")
    assert program.bytes() == before


def test_chart(program: Program) -> None:
    """A row for each day with what was gained in it; drawn for people."""
    program("xp", "remove", ANN, "10")
    rows = program.json("xp", "chart", ANN, "--days", "3")
    total = program.json("rank", ANN)["xp"]
    assert [row["xp"] for row in rows] == [0, 0, total]
    assert rows[-1]["day"] == date.today().isoformat()
    assert program.for_people("xp", "chart", ANN, "--days", "2").stdout.count("█") == 40


def test_why_names_boosts(program: Program) -> None:
    """What boosts come to is a factor of its own, with what they are called."""
    program.json("boost", "add", "2", "--name", "Weekend", "--for", "2d")
    found = program.json("xp", "why", BOB, "--channel", "#general")["multiplier"]

    assert (found["boosts"], found["boostNames"], found["product"]) == (2, ["Weekend"], 6)
    assert "Weekend" in program("xp", "why", BOB, "--channel", "#general", "-o", "table").stdout
