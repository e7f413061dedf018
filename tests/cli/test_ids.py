"""Ids have one form: whatever else reads as the same number is refused, wherever it comes in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidId
from tests.cli.program import ANN, GUILD, Program

ROLE, CHANNEL = "400000000000000001", "300000000000000001"
OTHER_FORMS = {"zero": "0{}", "zeros": "00{}", "too large": "99999999999999999999"}

other_forms = pytest.mark.parametrize("form", OTHER_FORMS.values(), ids=OTHER_FORMS)


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a vault with one member and one giveaway."""
    found = Program(data_dir)
    found.json("xp", "give", ANN, "100")
    return found


@other_forms
@pytest.mark.parametrize(
    "words",
    [
        ("xp", "give", "{ann}", "5"),
        ("xp", "show", "{ann}"),
        ("xp", "set", "<@{ann}>", "5"),
        ("reward", "add", "3", "{role}"),
        ("no-xp", "add", "role", "{role}"),
        ("multiplier", "set", "1.5", "--role", "{role}"),
        ("multiplier", "set", "1.5", "--user", "{ann}"),
        ("config", "set", "announcements.channelId", "{channel}"),
        ("config", "set", "noXpRoleIds", '["{role}"]'),
        ("config", "set", "multipliers.role.{role}", "2"),
        ("giveaway", "start", "a cup", "--channel", "{channel}"),
        ("xp", "list", "-g", "{guild}"),
        ("store", "list", "-g", "{guild}"),
    ],
    ids=" ".join,
)
def test_other_forms_in_a_terminal(program: Program, words: tuple[str, ...], form: str) -> None:
    """A member, role, channel or guild in another form is no id."""
    ids = {"ann": ANN, "guild": GUILD, "role": ROLE, "channel": CHANNEL}
    given = {name: form.format(value) for name, value in ids.items()}
    refused = program(*(word.format(**given) for word in words))

    assert refused.returncode == 2, refused.stderr
    assert program.json("history", "--limit", "5")[0]["seq"] == 1


@other_forms
def test_one_member_enters_once(program: Program, form: str) -> None:
    """The same member in another form is no second entry."""
    made = program.json("giveaway", "start", "a cup", "--channel", CHANNEL)["id"]
    refused = program("giveaway", "enter", made, ANN, form.format(ANN))
    program.json("giveaway", "enter", made, ANN)

    assert refused.returncode == 2
    assert program.json("giveaway", "info", made)["entries"] == {ANN: 1}


@other_forms
def test_imported_files(program: Program, tmp_path: Path, form: str) -> None:
    """A row of a file with such an id is skipped and told."""
    table = tmp_path / "members.csv"
    table.write_text(f"user_id,xp\n{ANN},7\n{form.format(ANN)},9\n")
    done = program("import", "csv", str(table), "--yes", "--json")

    assert done.returncode == 4
    assert [one["line"] for one in json.loads(done.stdout)["skipped"]] == [3]
    assert len(program.json("xp", "list")) == 1


@other_forms
def test_the_library(form: str) -> None:
    """Guild and member are looked at by every call that names them."""
    other_member, other_guild = form.format(ANN), form.format(GUILD)
    with RoboXP.open("memory:") as robo:
        for call in (
            lambda: robo.xp.add(GUILD, other_member, 5),
            lambda: robo.xp.add(other_guild, ANN, 5),
            lambda: robo.xp.get(GUILD, other_member),
            lambda: robo.config.get(other_guild),
            lambda: robo.giveaways.create(other_guild, prize="a cup", channel_id=CHANNEL),
            lambda: robo.rewards.add(GUILD, 3, other_member),
            lambda: robo.names.remember(GUILD, {other_member: "Ann"}),
        ):
            with pytest.raises(InvalidId):
                call()
