"""Draws with a beacon from the terminal, and a proof that is held against what was seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.rules.giveaway.beacon import QUICKNET
from tests.cli.program import ANN, BOB, GUILD, Program
from tests.rules.giveaway import second_draw
from tests.rules.giveaway.test_chain import ROUNDS
from tests.usecases.small import HandClock

CHANNEL = "300000000000000001"


@pytest.fixture
def program(data_dir: Path) -> Program:
    return Program(data_dir)


def waiting_for_round_1000(data_dir: Path) -> tuple[str, dict[str, str]]:
    """A giveaway that was closed in 2023 and waits for that round, with its receipts."""
    clock = HandClock()
    clock.at = QUICKNET.time_of(1000) - 3_600_000
    with RoboXP.open(data_dir, clock=clock) as robo:
        made = robo.giveaways.create(
            GUILD, prize="Tea", channel_id=CHANNEL, duration="50m", beacon="drand"
        )
        giveaway = made.id
        receipts = robo.giveaways.enter(GUILD, giveaway, [ANN, BOB]).receipts
        clock.at = QUICKNET.time_of(1000) - 31_000
        robo.giveaways.end(GUILD, giveaway)
    return giveaway, dict(receipts)


def test_the_end_of_one_that_takes_a_beacon(program: Program) -> None:
    """It is drawing, names chain and round, and draws by no other signature."""
    giveaway = program.json(
        "giveaway", "start", "Tea", "--channel", CHANNEL, "--duration", "2d", "--beacon", "drand"
    )["id"]
    program.json("giveaway", "enter", giveaway, ANN, BOB)
    closed = program.json("giveaway", "end", giveaway, "--yes")

    assert (closed["status"], closed["winners"], closed["secret"]) == ("drawing", [], None)
    assert closed["beacon"]["chain"] == QUICKNET.hash
    assert (
        program.json("giveaway", "info", giveaway)["waiting"]["round"]
        == (closed["beacon"]["round"])
    )
    for signature in (ROUNDS[1000][0], "abcd"):
        assert program.refused("giveaway", "beacon", giveaway, signature)[:2] == (
            4,
            "WRONG_SIGNATURE",
        )
    assert program.refused("giveaway", "end", giveaway, "--yes")[:2] == (4, "GIVEAWAY_DRAWING")
    assert program.refused("giveaway", "proof", giveaway, "p.html")[0] == 4


def test_a_signature_by_hand_draws(program: Program, data_dir: Path, tmp_path: Path) -> None:
    """Without any daemon the round's signature draws, and the file proves it elsewhere."""
    giveaway, receipts = waiting_for_round_1000(data_dir)
    drawn = program.json("giveaway", "beacon", giveaway, ROUNDS[1000][0])
    assert drawn["status"] == "ended" and len(drawn["winners"]) == 1
    assert program.refused("giveaway", "beacon", giveaway, ROUNDS[1000][0])[:2] == (
        4,
        "NOTHING_WAITS",
    )
    document = json.loads(program("giveaway", "export", giveaway).stdout)
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(document))
    closing = document["closing"]
    seen = ("--commitment", document["commitment"], "--entries", "2", "--digest",
            closing["digest"], "--root", closing["root"], "--receipt", receipts[ANN])  # fmt: skip

    assert second_draw.is_valid(document)
    assert program.json("giveaway", "verify", str(file), *seen)["valid"]
    other = program("giveaway", "verify", str(file), "--receipt", "9" + receipts[ANN], "--json")
    assert other.returncode == 4
    assert [one["where"] for one in json.loads(other.stdout)["faults"]] == ["receipt"]
    assert program.refused("giveaway", "verify", str(file), "--root", "12")[0] == 2
