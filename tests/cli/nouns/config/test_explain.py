"""``explain`` and ``show -v``, and the same verbs for the settings of giveaways."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.settings.table import Table
from robo_xp.settings.xp import XP
from tests.cli.program import ANN, GUILD, Program
from tests.cli.terminal import watched

ROLE = "400000000000000001"
MEANING = ["key", "type", "unit", "min", "max", "choices", "default", "value", "setBy", "help"]
NOUNS = [("config", XP), ("giveaway settings", GIVEAWAY)]


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a vault with one setting of each sort."""
    made = Program(data_dir)
    made.json("config", "set", "xpRate", "2")
    made.json("giveaway", "settings", "set", "limits.maxWinners", "50", "--global")
    return made


@pytest.mark.parametrize(("noun", "fields"), NOUNS)
def test_all_settings_are_explained(program: Program, noun: str, fields: Table) -> None:
    """A row for each setting with every key of the contract, from both verbs alike."""
    rows = program.json(*noun.split(), "explain")

    assert [row["key"] for row in rows] == list(fields.fields)
    assert {tuple(row) for row in rows} == {tuple(MEANING)}
    assert all(row["help"].endswith(".") and row["type"] for row in rows)
    assert program.json(*noun.split(), "show", "-v") == rows


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("config", "xpRate"),
            {
                "type": "number",
                "min": 0.001,
                "max": 10,
                "default": 1.0,
                "value": 2,
                "setBy": "guild",
            },
        ),
        (("config", "rewardsMode"), {"choices": ["stack", "replace"], "setBy": "default"}),
        (("config", "theme.embedColor"), {"default": 0x5865F2, "value": None}),
        (("config", f"multipliers.role.{ROLE}"), {"type": "number", "max": 10, "default": None}),
        (("config", "multipliers"), {"type": "group", "value": None}),
        (
            ("giveaway settings", "limits.maxWinners"),
            {"default": 20, "value": 50, "max": 100, "setBy": "global"},
        ),
    ],
)
def test_one_setting_is_explained(
    program: Program, words: tuple[str, str], expected: dict[str, object]
) -> None:
    """One key is one object with the same keys."""
    noun, key = words
    found = program.json(*noun.split(), "explain", key)

    assert list(found) == MEANING
    assert {name: found[name] for name in expected} == expected


def test_people_read_what_the_words_mean(program: Program) -> None:
    """On a terminal a setting comes with its range, and each of its words with its meaning."""
    rate = "\n".join(watched(program, "config", "explain", "xpRate").lines)
    mode = "\n".join(watched(program, "config", "explain", "announcements.mode").lines)

    assert "number, 0.001 to 10 times" in rate and "guild" in rate
    assert "To the member alone" in mode


def test_an_unknown_setting_names_the_nearest(program: Program) -> None:
    """Exit code 2, as from every verb that takes a key."""
    assert program.refused("config", "explain", "xprate")[:2] == (2, "INVALID_CONFIG")


def test_giveaways_have_the_verbs_of_config(program: Program, tmp_path: Path) -> None:
    """Get, unset, export, import and the rest, with the keys that config answers with."""
    noun = ("giveaway", "settings")
    config = program.json("config", "set", "xpRate", "3")
    changed = program.json(*noun, "set", "hostRoleIds", f"<@&{ROLE}>")
    assert {*config} - {*changed} == {"storeId"} and {*changed} <= {*config}
    assert (changed["changed"], changed["guildId"]) == (["hostRoleIds"], GUILD)
    found = program.json(*noun, "get", "hostRoleIds")
    assert found == {"key": "hostRoleIds", "value": [ROLE], "source": "guild"}

    file = tmp_path / "settings.toml"
    file.write_text(program(*noun, "export", "--format", "toml").stdout, encoding="utf-8")
    assert program.json(*noun, "unset", "hostRoleIds")["changed"] == ["hostRoleIds"]
    assert program.json(*noun, "import", str(file))["changed"] == ["hostRoleIds"]
    assert program.json(*noun, "reset", "hostRoleIds")["changed"] == ["hostRoleIds"]
    assert program.json(*noun, "show", "--own") == {}


def test_a_map_is_set_in_one_go(program: Program) -> None:
    """Pairs of an id and a value replace the map; one wrong value, and nothing is stored."""
    other = "400000000000000002"
    changed = program.json("config", "set", "multipliers.role", f"{ROLE}=1.5", f"<@&{other}>=2")

    assert changed["config"]["multipliers"]["role"] == {ROLE: 1.5, other: 2}
    code, _, message = program.refused("config", "set", "multipliers.role", f"{ROLE}=11")
    assert code == 2
    assert f"multipliers.role.{ROLE}: must be a number from 0 to 10, not 11" in message


def test_a_contradiction_is_refused(program: Program) -> None:
    """What two settings of giveaways cannot both say is named, and nothing is stored."""
    before = program.bytes()

    code, _, message = program.refused("giveaway", "settings", "set", "defaults.winners", "60")

    assert (code, program.bytes()) == (2, before)
    assert "limits.maxWinners, 50" in message


def test_a_new_flat_curve_is_refused(program: Program) -> None:
    """A quadratic curve needs an a above 0 where it is set anew, by whatever command."""
    flat = json.dumps({"type": "quadratic", "params": {"a": 0}})

    for words in (("config", "set", "levels", flat), ("curve", "set", "quadratic", "a=0")):
        code, _, message = program.refused(*words)
        assert code == 2
        assert "levels.params.a: must be above 0" in message


def test_what_stands_for_an_unset_value_is_shown(data_dir: Path) -> None:
    """People read the name, colour and curve that hold; a script reads that none is set."""
    program = Program(data_dir)
    program("xp", "give", ANN, "5")
    for command in (("config", "show"), ("config", "explain")):
        drawn = program.for_people(*command, env={"COLUMNS": "300"}).stdout
        for key, value in (("labels.xpDisplayName", "XP"), ("theme.embedColor", "#5865f2")):
            assert re.search(rf"│ {re.escape(key)} +│ {value} +│", drawn), drawn
    assert program.json("config", "get", "labels.xpDisplayName")["value"] is None
