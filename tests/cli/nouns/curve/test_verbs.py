"""``robo-xp curve``: what it prints in each format, what it changes, what it refuses."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidConfig, InvalidValue
from robo_xp_cli.nouns.curve.plot import Canvas, Line, bars, level_groups, plot, short, ticks
from robo_xp_cli.nouns.curve.typed import curve_line, curves_of
from tests.cli.program import ANN, BOB, CARL, GUILD, Program
from tests.cli.terminal import watched

DEFAULT = {"type": "quadratic", "params": {"a": 5, "b": 50, "c": 100}, "maxLevel": None}
LINEAR = {"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": None}
SHOWN = [155, 375, 670, 1050, 1525, 2105, 2800, 3620, 4575, 5675]


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a guild with three members, one of them with a hostile name."""
    with RoboXP.open(data_dir) as robo:
        for user_id, xp in ((ANN, 5_000), (BOB, 100), (CARL, 700)):
            robo.xp.set(GUILD, user_id, xp)
        robo.names.remember(GUILD, {ANN: "\x1b[31m[red]=Ann"})
    return Program(data_dir)


# -- what holds -----------------------------------------------------------------------------


def test_show_without_any_data(data_dir: Path) -> None:
    """The default curve is shown for a guild nobody knows, and no folder is made."""
    shown = Program(data_dir).json("curve", "show")

    assert {key: shown[key] for key in ("type", "params", "maxLevel")} == DEFAULT
    assert shown["source"] == "default"
    assert [level["total"] for level in shown["levels"]] == SHOWN
    assert shown["levels"][1] == {"level": 2, "cost": 220, "total": 375}
    assert not data_dir.exists()


def test_a_guild_is_needed_unless_it_is_about_all(data_dir: Path) -> None:
    """Without a guild the exit code is 7; the global curve, and a typed one, need none."""
    program = Program(data_dir, guild="")

    assert program.refused("curve", "show")[:2] == (7, "NOT_CONFIGURED")
    assert program.json("curve", "show", "--global")["source"] == "default"
    assert program.json("curve", "table", "mee6", "--to", "1")[0]["total"] == 100


def test_table_ends_where_levels_end(data_dir: Path) -> None:
    """Levels above the highest one, or beyond the most XP there can be, are no rows."""
    program = Program(data_dir)
    doubling = ("exponential", "base=2", "multiplier=100")

    assert [row["level"] for row in program.json("curve", "table", "--from", "3", "--to", "4")] == [
        3,
        4,
    ]
    far = program.json("curve", "table", *doubling, "--from", "45", "--to", "60")
    assert [row["level"] for row in far] == [45, 46]
    assert far[-1]["total"] < 2**53
    assert program.json("curve", "table", "mee6", "maxLevel=5", "--from", "6") == []
    assert program.refused("curve", "table", "--from", "5", "--to", "4")[:2] == (2, "USAGE")
    done = program("curve", "table", "lookup", "thresholds=0,10,25", "-o", "csv")
    assert done.stdout == "level,cost,total\n1,10,10\n2,15,25\n"


# -- setting --------------------------------------------------------------------------------


def test_set_moves_the_levels(program: Program) -> None:
    """The answer says what holds and whose level moved, with names where they are known."""
    result = program.json("curve", "set", "linear", "xpPerLevel=100", "--reason", "faster")

    assert {key: result[key] for key in LINEAR} == LINEAR
    assert (result["guildId"], result["storeId"], result["source"]) == (GUILD, "default", "guild")
    assert (result["changed"], result["up"], result["down"]) == (3, 3, 0)
    assert result["sample"] == [
        {
            "userId": ANN,
            "name": "\x1b[31m[red]=Ann",
            "oldLevel": 9,
            "newLevel": 50,
            "totalXp": 5000,
        },
        {"userId": BOB, "oldLevel": 0, "newLevel": 1, "totalXp": 100},
        {"userId": CARL, "oldLevel": 3, "newLevel": 7, "totalXp": 700},
    ]
    assert (result["seq"], result["dryRun"]) == (4, False)
    with RoboXP.open(program.data_dir) as robo:
        (batch,) = robo.vault.namespace(f"xp/default/{GUILD}").batches(3)
        assert (batch.cmd, batch.reason) == ("curve set", "faster")
        assert batch.by.startswith("cli:")

    back = program.json("curve", "reset")
    assert ({key: back[key] for key in DEFAULT}, back["source"]) == (DEFAULT, "default")
    assert (back["changed"], back["down"]) == (3, 3)


def test_a_dry_run_says_the_same_and_changes_nothing(program: Program) -> None:
    """The data folder keeps every byte; number null, marked as a dry run."""
    before = program.bytes()

    for words in (("set", "mee6", "--max-level", "3"), ("set", "mee6", "--global")):
        result = program.json("curve", *words, "-n")
        assert (result["changed"] > 0, result["seq"], result["dryRun"]) == (True, None, True)

    assert program.bytes() == before


def test_without_recalculation(program: Program) -> None:
    """Stored levels stay until a member changes."""
    result = program.json("curve", "set", "linear", "xpPerLevel=100", "--no-recalc")

    assert (result["changed"], result["sample"], result["seq"]) == (0, [], 4)


def test_the_global_curve(program: Program) -> None:
    """It reaches the guilds without one of their own; the answer names no store."""
    result = program.json("curve", "set", "linear", "xpPerLevel=100", "--global")

    assert ("storeId" in result, result["guildId"], result["source"]) == (False, None, "global")
    assert result["up"] == 3
    assert program.json("curve", "show")["source"] == "global"
    assert program.json("curve", "reset", "--global")["down"] == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("linaer", "xpPerLevel=1"), "'linaer' is not one of its values"),
        (("linear",), "params.xpPerLevel: is missing"),
        (("linear", "xpPerLevel=1", "xpPerLevel=2"), "'xpPerLevel' is given twice"),
        (("mee6", "maxLevel=3", "--max-level", "3"), "the highest level is given twice"),
        (("quadratic", "a"), "not of the form key=value"),
        (("lookup", "thresholds=0,5,x"), "thresholds[2]"),
        (("mee6", "--max-level", "1000001"), "not from 0"),
    ],
)
def test_wrong_curves_are_refused(data_dir: Path, words: tuple[str, ...], said: str) -> None:
    """What is no curve has exit code 2 and a message that names the part."""
    code, _, message = Program(data_dir).refused("curve", "set", *words)

    assert code == 2
    assert said in message
    assert not data_dir.exists()


CURVE = """from robo_xp import build_curve
def curve(guild, store):
    return build_curve({"type": "mee6"})
"""


def configured(folder: Path, text: str) -> tuple[str, str]:
    """The option for a configuration whose curve this module makes, which lies beside it."""
    name = f"curves_{uuid4().hex}"
    (folder / f"{name}.py").write_text(text)
    (folder / "robo-xp.toml").write_text(f'get_curve = "{name}:curve"\n')
    return "--config", str(folder / "robo-xp.toml")


def test_a_callback_in_force_is_told(program: Program, tmp_path: Path) -> None:
    """Whoever sets a curve that the configuration's own function hides is warned."""
    config = configured(tmp_path, CURVE)
    done = program("curve", "set", "linear", "xpPerLevel=100", *config)

    assert "get_curve" in done.stderr
    assert program.json("curve", "show", *config)["source"] == "callback"


@pytest.mark.parametrize("mode", [0o644, 0o666], ids=["broken", "open to others"])
def test_code_that_cannot_be_loaded_holds_up_no_other_work(
    program: Program, tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    """What needs no curve works, levels are exported and checked as stored, awards are refused."""
    before = program.json("xp", "give", ANN, "500")
    config = configured(tmp_path, CURVE if mode & 0o022 else "raise RuntimeError('broken')\n")
    next(tmp_path.glob("curves_*.py")).chmod(mode)
    for words in ("backup create", "vault check", "history", "store list", "config show"):
        done = program(*words.split(), *config)
        assert done.returncode == 0, (words, done.stderr)
    exported = program("export", *config)
    refused = program("xp", "give", ANN, "5", *config)

    members = {one["userId"]: one["level"] for one in json.loads(exported.stdout)["members"]}
    assert members[ANN] == before["newLevel"] > 1
    assert "levels are exported as they are stored: get_curve = " in caplog.text
    assert refused.returncode == 2 and "get_curve = " in refused.stderr
    assert program.json("xp", "show", ANN)["xp"] == before["newXp"]


# -- several curves -------------------------------------------------------------------------


def test_compare_shows_today_under_other_curves(program: Program) -> None:
    """Each type begins a curve; counts, highest and median level come for all of them."""
    before = program.bytes()

    result = program.json("curve", "compare", "linear", "xpPerLevel=100", "mee6", "maxLevel=5")

    now, (linear, capped) = result["current"], result["curves"]
    assert (now["source"], now["changed"], now["highest"], now["median"]) == ("default", 0, 9, 3)
    assert {key: linear[key] for key in LINEAR} == LINEAR
    assert (linear["up"], linear["highest"], linear["median"]) == (3, 50, 7)
    assert linear["sample"][0]["userId"] == ANN
    assert (capped["maxLevel"], capped["up"], capped["down"], capped["highest"]) == (5, 1, 1, 5)
    assert program.bytes() == before

    rows = list(
        csv.DictReader(io.StringIO(program("curve", "compare", "mee6", "-o", "csv").stdout))
    )
    assert [row["curve"] for row in rows] == ["quadratic a=5 b=50 c=100 (now)", "mee6"]


def test_compare_without_members(data_dir: Path) -> None:
    """An empty store has no highest level, and nothing is made."""
    program = Program(data_dir)
    result = program.json("curve", "compare", "mee6")

    assert (result["current"]["highest"], result["curves"][0]["median"]) == (None, None)
    lines = watched(program, "curve", "compare", "mee6").lines
    assert any("XP in total at each level" in line for line in lines)
    assert not data_dir.exists()


def test_faults_of_all_curves_come_at_once(data_dir: Path) -> None:
    """Each fault says which of the curves it is about."""
    code, _, message = Program(data_dir).refused("curve", "compare", "linear", "mee6", "lookup")

    assert code == 2
    assert message == (
        "curve 1, params.xpPerLevel: is missing; curve 3, params.thresholds: is missing"
    )


def test_plot_points(data_dir: Path) -> None:
    """JSON has the points of each curve, csv a row for each."""
    program = Program(data_dir, guild="")

    (mee6, capped) = program.json("curve", "plot", "mee6", "mee6", "maxLevel=2", "--to", "3")[
        "curves"
    ]

    assert mee6["points"][:2] == [
        {"level": 0, "cost": 0, "total": 0},
        {"level": 1, "cost": 100, "total": 100},
    ]
    assert [len(mee6["points"]), len(capped["points"])] == [4, 3]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
def test_a_plot_fills_the_terminal(program: Program, size: tuple[int, int]) -> None:
    """It is as wide as the terminal, and leaves the prompt on the same screen."""
    columns, rows = size
    seen = watched(program, "curve", "plot", size=size)

    assert seen.code == 0
    assert max(map(len, seen.lines)) == columns
    assert rows - 4 <= len(seen.lines) <= rows - 2
    assert "quadratic" in seen.lines[0]
    assert b"\x1b[38;5;12m" in seen.raw


def test_a_plot_in_a_pipe_is_plain(data_dir: Path) -> None:
    """80 columns and no colour."""
    lines = Program(data_dir)("curve", "plot").stdout.splitlines()

    assert max(map(len, lines)) == 80
    assert "\x1b" not in "".join(lines)


def test_a_terminal_without_colour_or_letters(program: Program) -> None:
    """NO_COLOR leaves out colours, the C locale everything that is not ASCII."""
    plain = watched(program, "curve", "plot", "mee6", "threshold", NO_COLOR="1")
    bare = watched(program, "curve", "plot", LC_ALL="C")

    assert b"\x1b" not in plain.raw
    assert "    ++ threshold a=5 b=50 c=100" in plain.lines
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", bare.raw).isascii()


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
def test_a_comparison_fits_the_terminal(program: Program, size: tuple[int, int]) -> None:
    """Table and bars stand on one screen, no line broken; a tall one has the curves too."""
    seen = watched(program, "curve", "compare", "linear", "xpPerLevel=100", "mee6", size=size)

    assert seen.raw.count(b"\n") < size[1]
    assert "Members by level" in seen.lines
    assert any(line.startswith("│ quadratic a=5 b=50 c=100 (now) │") for line in seen.lines)
    assert ("XP in total at each level" in seen.lines) == (size[1] == 50)


def test_hostile_names_and_terminals(program: Program) -> None:
    """On a terminal a name is shown as text, and the table of the sample is whole."""
    seen = watched(program, "curve", "set", "linear", "xpPerLevel=100")

    whole = "\n".join(seen.lines)
    assert r"\x1b[31m[red]=Ann" in whole
    assert "3 members at another level: 3 up, 0 down" in whole
    assert b"\x1b[31m" not in seen.raw


# -- drawing --------------------------------------------------------------------------------

TWO = [Line("one", [(n, n * n) for n in range(11)]), Line("two", [(n, 3 * n) for n in range(11)])]


def test_lines_can_be_told_apart_without_colour() -> None:
    """Two lines have two letters, named below; in ASCII the frame is ASCII too."""
    drawn = plot(TWO, Canvas(60, 16), title="T")
    plain = plot(TWO, Canvas(60, 16, ascii=True), title="T")

    assert drawn.splitlines()[-2:] == ["    ** one", "    ++ two"]
    assert "**" in drawn and "++" in drawn
    assert plain.isascii()
    assert {len(drawn.splitlines()), len(plain.splitlines())} == {16}


def test_one_line_without_points() -> None:
    """A curve that ends before the plot begins is drawn as nothing, without failing."""
    assert "T" in plot([Line("none", [])], Canvas(60, 16), title="T")


def test_bars_count_everybody() -> None:
    """Every member is in one group of each column, and one member is never shown as none."""
    drawn = bars({"now": {0: 500, 3: 1}, "then": {7: 501}}, Canvas(80, 20, ascii=True))

    numbers = [int(found.replace(",", "")) for found in re.findall(r"# ([\d,]+)", drawn)]
    assert sorted(numbers) == [1, 500, 501]


@pytest.mark.parametrize("top", [0, 1, 11, 12, 46, 469, 12_345, 1_000_000])
@pytest.mark.parametrize("most", [5, 12, 20])
def test_groups_of_levels_touch_and_cover_all(top: int, most: int) -> None:
    """Groups follow each other without a gap from 0 to at least the highest level."""
    groups = level_groups(top, most)

    assert groups[0].start == 0
    assert all(one.stop == two.start for one, two in itertools.pairwise(groups))
    assert groups[-1].start <= top < groups[-1].stop


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1500, "1.5k"), (2_000_000, "2M"), (10**16, "10P")]
)
def test_short_numbers(number: int, text: str) -> None:
    """Numbers beside an axis take few letters."""
    assert short(number) == text


@pytest.mark.parametrize("high", [1, 7, 10, 283_375, 2**53 - 1])
def test_ticks_are_few_and_reach_the_top(high: int) -> None:
    """They rise in equal steps from 0 to the top or just above it."""
    marks = ticks(high, 6)

    assert (marks[0], len(marks) <= 7) == (0, True)
    assert marks[-2] < high <= marks[-1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["mee6"], "mee6"),
        (["linear", "xpPerLevel=2.5", "maxLevel=10"], "linear xpPerLevel=2.5, up to level 10"),
        (["lookup", "thresholds=0, 5,9"], "lookup with 3 thresholds, up to level 2"),
        (["lookup", "thresholds=[0,5]"], "lookup with 2 thresholds, up to level 1"),
    ],
)
def test_curves_as_words(words: list[str], expected: str) -> None:
    """What was typed is a curve that describes itself."""
    (curve,) = curves_of(words)

    assert curve_line(curve) == expected
    assert curve.type == words[0]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["a=5", "mee6"], InvalidValue),
        (["lookup", "thresholds=5"], InvalidConfig),
        (["lookup", "thresholds=x"], InvalidConfig),
        (["quadratic", "a=1e999"], InvalidValue),
        (["quadratic", "=5"], InvalidValue),
    ],
)
def test_words_that_are_no_curve(words: list[str], error: type[Any]) -> None:
    """They are refused, never guessed."""
    with pytest.raises(error):
        curves_of(words)


def test_a_plot_in_files(program: Program, tmp_path: Path) -> None:
    """--svg and --png keep the plot: a line for each curve, with its name."""
    svg, png = tmp_path / "curve.svg", tmp_path / "curve.png"
    done = program(
        "curve", "plot", "quadratic", "mee6", "--to", "20", "--svg", str(svg), "--png", str(png)
    )

    assert done.returncode == 0, done.stderr
    assert svg.read_text().count("<polyline ") == 2
    assert ">quadratic</text>" in svg.read_text()
    assert png.read_bytes().startswith(b"\x89PNG")
