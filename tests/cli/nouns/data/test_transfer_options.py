"""Options of ``import``: what comes along, levels, exit codes; and giveaways of other bots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import ANN, BOB, GUILD, Program
from tests.usecases.transfer.flashcore import put, put_members

ROLE = "300000000000000005"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on an empty vault."""
    return Program(data_dir)


def saved(path: Path, value: Any) -> str:
    """A JSON file with this value."""
    path.write_text(json.dumps(value))
    return str(path)


def lurkr(tmp_path: Path) -> str:
    """Twenty-five members of Lurkr with a reward."""
    total, levels = 0, []
    for level in range(25):
        levels.append({"userId": str(10**17 + 7 + level), "xp": total, "level": level})
        total += 50 * level * level - 100 * level + 150
    rewards = [{"level": 5, "roleId": ROLE}, {"level": 0, "roleId": ROLE}]
    return saved(tmp_path / "lurkr.json", {"levels": levels, "roleRewards": rewards})


def test_settings_and_rewards_come_along(program: Program, tmp_path: Path) -> None:
    """The curve and the rewards are one change with an undo of its own; levels fit at once."""
    file = lurkr(tmp_path)
    trial = program.json("import", "auto", file, "--with", "settings,rewards", "--dry-run")
    done = program.json("import", "auto", file, "--with", "settings,rewards", "--yes")

    assert done["levelsInFile"]["different"] == trial["levelsInFile"]["different"] == 0
    assert (done["source"], done["settings"]["changed"]) == ("lurkr", ["levels", "roleRewards"])
    assert len(done["settings"]["leftOut"]) == 1
    assert (done["settings"]["seq"], done["seq"]) == (1, 2)
    assert (trial["seq"], trial["settings"]["seq"]) == (None, None)
    program.json("undo", "2")
    program.json("undo", "1")
    assert program.json("config", "get", "levels")["source"] == "default"


def test_levels_are_held_against_the_file(program: Program, tmp_path: Path) -> None:
    """The curve that fits is named, in JSON and for people, and the levels can be kept instead."""
    file = lurkr(tmp_path)
    told = program("import", "auto", file, "--dry-run", "--json")
    levels = json.loads(told.stdout)["levelsInFile"]
    assert (levels["compared"], levels["bestCurve"], levels["equalOnBestCurve"]) == (
        25,
        "lurkr",
        25,
    )
    assert levels["different"] == 25 - levels["equal"] > 0
    assert "curve lurkr fits 25 of 25" in told.stderr

    program.json("import", "auto", file, "--keep", "level", "--yes")
    rows = program.json("xp", "list")
    assert sorted(row["level"] for row in rows) == list(range(25))


def test_the_curve_that_fits_is_set_where_the_import_went(program: Program, tmp_path: Path) -> None:
    """The command in the note names the store, unless it is the default one."""
    rows = [{"userId": str(10**17 + n), "xp": 100 * n, "level": n} for n in range(25)]
    file = saved(tmp_path / "rows.json", rows)

    here = program("import", "auto", file, "--dry-run").stderr
    there = program("import", "auto", file, "--dry-run", "--store", "s2").stderr

    assert "robo-xp curve set linear xpPerLevel=100, or" in here
    assert "robo-xp curve set linear xpPerLevel=100 --store s2, or" in there


def test_the_advice_does_not_go_in_a_circle(program: Program, tmp_path: Path) -> None:
    """Where the import itself brings a curve, the one that fits better is asked of the import."""
    rows = {str(10**17 + n): {"xp": float(100 * n), "level": n} for n in range(25)}
    value = {"users": rows, "levelroles": {}, "algorithm": {"base": 100, "exp": 1.5}}
    words = ("import", "auto", saved(tmp_path / "rows.json", value), "--with", "settings")
    told = program(*words, "--dry-run").stderr
    after = program(*words, "--curve", "linear xpPerLevel=100", "--yes", "--json")

    assert "add --curve 'linear xpPerLevel=100'" in told
    assert "curve set" not in told
    assert json.loads(after.stdout)["levelsInFile"]["different"] == 0
    assert "settings that came along: levels (curve linear)" in after.stderr
    assert "to take it back: robo-xp undo 2, then robo-xp undo 1" in after.stderr


def test_levels_are_kept_without_a_curve(program: Program, tmp_path: Path) -> None:
    """How far into it members are is worked out on a curve that fits many, and is told as lost of
    few, unless ``--curve`` names one.
    """
    rows = [{"userId": str(10**17 + n), "xp": 100 * n + 50, "level": n} for n in range(25)]
    many, few = saved(tmp_path / "many.json", rows), saved(tmp_path / "few.json", rows[:5])
    keep = ("--keep", "level", "--dry-run")
    fitted = program("import", "auto", many, *keep).stderr
    lost = program("import", "auto", few, *keep).stderr
    named = program("import", "auto", few, *keep, "--curve", "linear xpPerLevel=100").stderr

    assert "worked out on curve linear, which the levels in the file fit" in fitted
    assert "5 members would begin their level" in lost
    assert "begin their level" not in named


def test_exit_codes(program: Program, tmp_path: Path) -> None:
    """4 where something was skipped, 0 if that is fine, 2 where nothing can be used."""
    file = saved(tmp_path / "a.json", [{"userId": ANN, "xp": 5}, {"userId": BOB, "xp": "x"}])
    assert program("import", "auto", file, "--yes").returncode == 4
    assert program("import", "auto", file, "--yes", "--skip-bad").returncode == 0
    none = saved(tmp_path / "b.json", [{"userId": BOB, "xp": "x"}])
    assert program.refused("import", "auto", none, "--yes")[:2] == (2, "INVALID_ROWS")


def test_a_whole_bot_of_robojs(program: Program, tmp_path: Path) -> None:
    """Stores, settings and giveaways come with one command."""
    folder = tmp_path / ".robo" / "data"
    put_members(folder, GUILD, {ANN: {"xp": 1500}})
    put_members(folder, GUILD, {BOB: {"xp": 7}}, "gold")
    put_members(folder, GUILD, {BOB: {"xp": 8}}, "pets")
    put(folder, ("xp", "default", GUILD), "config", {"cooldownSeconds": 30})
    words = ("--with", "settings,rewards,giveaways", "--stores", "pets", "--yes")
    done = program.json("import", "robojs", str(tmp_path), *words)

    assert [(done["storeId"], done["added"])] == [("default", 1)]
    assert [(one["storeId"], one["added"]) for one in done["stores"]] == [("gold", 1), ("pets", 1)]
    assert done["giveaways"]["read"] == 0
    assert program.json("config", "get", "cooldownSeconds")["value"] == 30


def test_giveaways_of_another_bot(program: Program, tmp_path: Path) -> None:
    """They are imported once; verify says who drew, and of the file itself that it cannot."""
    record = {
        "giveaway": {"id": "400000000000000001", "prize": "Nitro", "num_winners": 1, "end": 1.7e9},
        "winners": [{"id": ANN}],
        "entries": [{"id": ANN}, {"id": BOB}],
    }
    file = saved(tmp_path / "summary.json", record)
    done = program.json("giveaway", "import", file, "--yes")
    again = program.json("giveaway", "import", file, "--yes")
    (listed,) = program.json("giveaway", "list")
    proof = program.json("giveaway", "verify", listed["id"])

    assert (done["ended"], again["ended"], again["unchanged"]) == (1, 0, 1)
    assert (listed["entries"], proof["valid"], proof["winners"]) == (2, None, [ANN])
    assert program.refused("giveaway", "verify", file)[0] == 2


def test_the_choices_are_the_sources() -> None:
    """The command line knows every source without importing the readers."""
    from robo_xp.usecases.transfer.sources.registry import NAMES
    from robo_xp_cli.nouns.data.transfer import SOURCES

    assert sorted(SOURCES) == sorted(NAMES)
