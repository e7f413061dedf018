"""A setting is added with one entry in one table: everything else follows from it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
XP_ENTRIES = """
    Field("pauseMinutes", Whole(1, 60), 5, "Pause", unit="minutes", panel="pause", help="How long.")
    Field("pauseMode", Choice({"all": ("All", "Everybody"), "few": ("Few", "Some")}), "all", "Whom",
          panel="pause_mode", help="Who pauses.")
    Field("pauseRoleIds", IdsOf("role"), (), "Pausing roles", help="Which roles pause.")
    Field("pauseFactors", PerId("role", Decimal(1, 3)), {}, "Pause factors", help="How much.")
"""
GIVEAWAY_ENTRIES = """
    Field("coolWinners", Flag(), False, "Cool winners", help="Whether winners are cool.")
"""
KEYS = ("pauseMinutes", "pauseMode", "pauseRoleIds", "pauseFactors")
REPORT = """
import json
from robo_xp import RoboXP
from robo_xp.settings.xp import settings_of
from robo_xp_daemon.http.openapi import ALL_ROUTES, document_bytes
from robo_xp_daemon.panel import changes, forms, general
from robo_xp_daemon.panel.actions import ACTIONS
from robo_xp_daemon.panel.asking import ASKS
from robo_xp_daemon.panel.facts import facts_of
from robo_xp_daemon.panel.fields import FIELDS
from tools.generate import outputs

robo, guild, user = RoboXP.open("memory:"), "100000000000000009", "300000000000000001"
view = general.view(facts_of(robo, guild), user).to_components()
form = forms.setting(next(one for one in FIELDS if one.key == "pauseMinutes"), user, "5").to_dict()

class Guild:
    id = int(guild)

press = changes.Press(Guild(), user, "", (), {"pause_minutes": "7"})
ACTIONS["modal_pause"].change(robo, press)
press = changes.Press(Guild(), user, "", ("few",), {})
ACTIONS["general_pause_mode"].change(robo, press)
print(json.dumps({
    "openapi": json.loads(document_bytes(ALL_ROUTES)),
    "view": json.dumps(view, ensure_ascii=False),
    "form": form,
    "asks": list(ASKS),
    "rule": settings_of(robo.config.get(guild)).values["pauseMinutes"],
    "own": robo.config.own(guild),
    "pages": outputs.outputs(),
}))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a few settings more, each one entry of a table, and no other change."""
    root = tmp_path_factory.mktemp("scratch")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("robo_xp", "cli", "daemon", "tools", "docs"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    shutil.copy(ROOT / "README.md", root)
    for path, table, entries in (
        ("robo_xp/settings/xp.py", "XP: Final = Table(\n", XP_ENTRIES),
        ("robo_xp/settings/giveaway.py", "GIVEAWAY: Final = Table(\n", GIVEAWAY_ENTRIES),
    ):
        text = (root / path).read_text()
        assert table in text
        more = re.sub(r'"\)\n', '"),\n', entries.lstrip("\n"))
        (root / path).write_text(text.replace(table, table + more))
    return root


def ran(checkout: Path, *words: str) -> str:
    """What Python prints in the scratch checkout."""
    places = (checkout, checkout / "cli", checkout / "daemon")
    path = os.pathsep.join(map(str, places))
    done = subprocess.run(
        [sys.executable, *words],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": path, "HOME": str(checkout)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def program(checkout: Path, *words: str) -> str:
    """What the command line prints there."""
    return ran(checkout, "-m", "robo_xp_cli", *words)


@pytest.fixture(scope="module")
def report(checkout: Path) -> dict[str, Any]:
    """What daemon, rules and generators make of the new settings."""
    found: dict[str, Any] = json.loads(ran(checkout, "-c", REPORT))
    return found


def test_explain_knows_it(checkout: Path) -> None:
    """Its type, unit, bounds, words, default and sentence are those of its entry."""
    said = program(checkout, "config", "explain", "--global", "--json", "--data-dir", "vault")
    rows = {row["key"]: row for row in json.loads(said)}

    assert rows["pauseMinutes"] == {
        "key": "pauseMinutes",
        "type": "integer",
        "unit": "minutes",
        "min": 1,
        "max": 60,
        "choices": [],
        "default": 5,
        "value": 5,
        "setBy": "default",
        "help": "How long.",
    }
    assert rows["pauseMode"]["choices"] == ["all", "few"]
    assert rows["pauseRoleIds"]["type"] == "list of role ids"
    assert rows["pauseFactors"]["type"] == "map of role ids to numbers"
    giveaway = ("giveaway", "settings", "explain", "coolWinners", "--global", "--json")
    assert json.loads(program(checkout, *giveaway, "--data-dir", "vault"))["type"] == "boolean"


def test_tab_offers_it(checkout: Path) -> None:
    """Its key with its sentence, and its words."""
    line = ("--", "robo-xp", "config", "set")
    keys = program(checkout, "__complete", "setting", "pause", *line).splitlines()
    words = program(checkout, "__complete", "setting-value", "", *line, "pauseMode").splitlines()

    assert [key.partition("\t")[0] for key in keys] == list(KEYS)
    assert words == ["all\tEverybody", "few\tSome"]


def test_values_are_typed_and_refused(checkout: Path) -> None:
    """What is typed is stored as its kind says."""
    guild = ("--guild", "100000000000000009", "--data-dir", "vault")
    role = "400000000000000001"
    for key, word, stored in (
        ("pauseMinutes", "7", 7),
        ("pauseMode", "few", "few"),
        ("pauseRoleIds", f"<@&{role}>", [role]),
        ("pauseFactors", f"{role}=1.5", {role: 1.5}),
    ):
        said = program(checkout, "config", "set", key, word, "--json", *guild)
        assert json.loads(said)["config"][key] == stored


def test_openapi_describes_it(report: dict[str, Any]) -> None:
    """Its bounds, words and sentence are in the document."""
    parts = report["openapi"]["components"]["schemas"]["Settings"]["properties"]

    minutes = {"description": "How long. Unit: minutes.", "minimum": 1, "maximum": 60}
    assert parts["pauseMinutes"].items() >= {"type": "integer", **minutes}.items()
    assert parts["pauseMode"]["enum"] == ["all", "few"]
    assert {*KEYS} <= {*parts}


def test_the_panel_has_it_where_the_table_says_so(report: dict[str, Any]) -> None:
    """What it holds, its control, its form with its bounds, and the change that follows."""
    assert "Pause: **5 minutes**" in report["view"] and "Whom: **All**" in report["view"]
    assert "xp_config_edit_pause_3" in report["view"]
    assert "xp_config_general_pause_mode_3" in report["view"]
    assert "Pausing roles" not in report["view"]
    assert "From 1 to 60 minutes" in json.dumps(report["form"])
    assert "edit_pause" in report["asks"]
    assert report["own"] == {"pauseMinutes": 7, "pauseMode": "few"}


def test_a_rule_gets_it(report: dict[str, Any]) -> None:
    """The settings that rules are given have its value."""
    assert report["rule"] == 7


def test_the_reference_and_the_manual_have_it(report: dict[str, Any]) -> None:
    """A line in the page of the settings, the same in its man page, and its key in the help."""
    page = report["pages"]["docs/settings.md"]

    assert "| `pauseMinutes` | integer, 1 to 60 minutes | 5 | How long |" in page
    assert "| `pauseMode` | all, few | all | Who pauses |" in page
    assert "| `coolWinners` | boolean | no | Whether winners are cool |" in page
    assert {key for key in KEYS if key not in report["pages"]["man/robo-xp-settings.5"]} == set()
    assert {key for key in KEYS if key not in report["pages"]["man/robo-xp.1"]} == set()
