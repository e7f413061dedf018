"""What giveaways ask, when they come, and their templates, as scripts see it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from robo_xp.settings.giveaway import warnings_of
from tests.cli.nouns.giveaway.test_verbs import CHANNEL, ROLE, started
from tests.cli.program import ANN, BOB, Program


@pytest.fixture
def program(data_dir: Path) -> Program:
    return Program(data_dir)


def test_requirements(program: Program) -> None:
    """The record carries them; an entry is refused by their words, or forced."""
    giveaway = started(
        program, "--require", "minLevel=5", "--require", "minMessages=20", "--bypass", ROLE,
        "--require", f"rolesAll={ROLE},{CHANNEL}", "--require", "boosters=no",
    )  # fmt: skip
    info = program.json("giveaway", "info", giveaway)
    assert info["requirements"] == {
        "rolesAll": [ROLE, CHANNEL], "minLevel": 5, "minMessages": 20,
    }  # fmt: skip
    assert info["bypassRoleIds"] == [ROLE]

    refused = program("giveaway", "enter", giveaway, ANN, "--json")
    assert refused.returncode == 4
    assert '"minLevel"' in refused.stdout and '"minMessages"' in refused.stdout
    forced = program.json("giveaway", "enter", giveaway, ANN, "--force")
    assert (forced["entered"], forced["refused"]) == (1, [])
    assert program.json("giveaway", "enter", giveaway, BOB, "--role", ROLE)["entered"] == 1


@pytest.mark.parametrize("word", ["minLevel", "level=5", "minLevel=-1", "boosters=maybe"])
def test_what_cannot_be_required(program: Program, word: str) -> None:
    """It is refused, with the words that there are."""
    words = ("giveaway", "start", "Tea", "--channel", CHANNEL, "--require", word)
    assert program(*words).returncode == 2


def test_plans_series_and_drops(program: Program) -> None:
    """Their keys in the record, and what a full drop is."""
    planned = program.json(
        "giveaway", "start", "Tea", "--channel", CHANNEL, "--at", "2h", "--duration", "1d",
        "--every", "1w", "--times", "4",
    )  # fmt: skip
    assert planned["status"] == "scheduled" and planned["startsAt"] is not None
    series = planned["series"]
    assert (series["id"], series["number"], series["every"], series["left"]) == (
        planned["id"], 1, "1w", 3,
    )  # fmt: skip
    for words in (("enter", planned["id"], ANN), ("end", planned["id"], "--yes")):
        early = program("giveaway", *words)
        assert (early.returncode, "yet to start" in early.stderr) == (4, True)
        assert "keeps its result" not in early.stderr
    moved = program.json("giveaway", "edit", planned["id"], "--at", "3h")
    assert moved["startsAt"] - planned["startsAt"] > 3_500_000

    drop = started(program, "--drop", "--winners", "2")
    program.json("giveaway", "enter", "--json", drop, BOB)
    program.json("giveaway", "enter", drop, ANN)
    info = program.json("giveaway", "info", drop)
    assert (info["status"], info["winners"]) == ("ended", [BOB, ANN])
    assert program.json("giveaway", "verify", drop)["valid"] is None
    assert "secret" not in program.for_people("giveaway", "info", drop).stdout


def test_templates(program: Program) -> None:
    """Saved, listed, used, exported with the guild, and removed."""
    program.json("giveaway", "template", "save", "weekly", "--winners", "3", "--claim", "1d")
    (row,) = program.json("giveaway", "template", "list")
    assert row == {"name": "weekly", "winners": 3, "claim": "1d"}
    made = started(program, "--template", "weekly")
    info = program.json("giveaway", "info", made[:12].lower())
    assert (info["winnersCount"], info["claimFor"]) == (3, 86_400_000)
    exported = program.json("config", "export", "--all")
    assert exported["giveaways"]["templates"] == {"weekly": {"winners": 3, "claim": "1d"}}

    program.json("giveaway", "template", "remove", "weekly")
    assert program.json("giveaway", "template", "list") == []
    assert program("giveaway", "template", "remove", "weekly").returncode == 3


def test_claims(program: Program) -> None:
    """Who has to claim, and what was handed over; the only active one needs no id."""
    giveaway = started(program, "--claim", "24h", "--winners", "1")
    program.json("giveaway", "enter", giveaway, ANN)
    assert program("giveaway", "end", "--yes", "-o", "ids").stdout == f"{ANN}\n"
    assert program.json("giveaway", "info", giveaway)["claims"][ANN]["state"] == "open"
    done = program.json("giveaway", "handed-over", giveaway, ANN)
    assert (done["userId"], done["state"]) == (ANN, "handed over")
    assert program("giveaway", "handed-over", giveaway, BOB).returncode == 4


def test_an_end_by_the_clock(program: Program) -> None:
    """A duration may be the time at which it ends by the zone's clock, next after the start."""
    giveaway = program.json(
        "giveaway", "start", "Tea", "--channel", CHANNEL, "--at", "sat 18:00",
        "--duration", "sat 19:30", "--tz", "Europe/Berlin",
    )["id"]  # fmt: skip
    info = program.json("giveaway", "info", giveaway)
    assert info["endsAt"] - info["startsAt"] == 90 * 60_000
    refused = program.refused("giveaway", "edit", giveaway, "--ends", "2099-01-01 12:00")
    assert refused[:2] == (4, "LIMIT_EXCEEDED")


def test_a_page_of_a_proof_replaces_no_file(program: Program, tmp_path: Path) -> None:
    """What is there already stays, unless it is to be replaced."""
    giveaway = started(program)
    program.json("giveaway", "end", giveaway, "--yes")
    page = tmp_path / "proof.html"
    program.json("giveaway", "proof", giveaway, str(page))
    written = page.read_text()
    page.write_text("mine")

    assert program.refused("giveaway", "proof", giveaway, str(page))[:2] == (4, "FILE_EXISTS")
    assert page.read_text() == "mine"
    program.json("giveaway", "proof", giveaway, str(page), "--force")
    assert page.read_text() == written


def test_a_beacon_that_cannot_be_checked_is_told_at_once(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting is stored, and what it takes is named; so it is in a template."""
    monkeypatch.setitem(sys.modules, "py_ecc", None)

    for document in ({"draw": {"beacon": "drand"}}, {"templates": {"a": {"beacon": "drand"}}}):
        (warning,) = warnings_of(document)
        assert "robo-xp[beacon]" in warning
    assert warnings_of({"draw": {"beacon": "none"}, "templates": {"a": {}}}) == []
    monkeypatch.undo()
    assert warnings_of({"draw": {"beacon": "drand"}}) == []
