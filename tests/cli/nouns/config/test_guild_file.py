"""A guild as a file: ``config export --all``, ``config diff`` and ``config apply``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import ANN, GUILD, Program

OTHER = "100000000000000008"
ROLE = "300000000000000002"


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a guild with settings of every sort."""
    program = Program(data_dir)
    program("xp", "give", ANN, "900")
    program("config", "set", "cooldownSeconds", "30")
    program("config", "set", "announcements.template", 'ein "Wort" # für {member}')
    program("reward", "add", "10", ROLE)
    program("multiplier", "role", ROLE, "1.5")
    program("no-xp", "add-channel", ROLE)
    program("curve", "set", "linear", "xpPerLevel=50")
    program("giveaway", "settings", "set", "limits.maxWinners", "9")
    return program


@pytest.mark.parametrize("form", ["toml", "json"])
def test_round_trip(program: Program, tmp_path: Path, form: str) -> None:
    """A file makes another guild equal, says what it changes, and undo takes it back."""
    file = tmp_path / f"guild.{form}"
    file.write_text(program("config", "export", "--all", "--format", form).stdout)
    assert program.json("config", "diff", str(file)) == []
    other = Program(program.data_dir, OTHER)
    other("xp", "give", ANN, "900")
    other("config", "set", "xpRate", "2")

    drift = other("config", "diff", str(file), "--exit-code", "--json")
    rows = {row["key"]: row for row in json.loads(drift.stdout)}
    assert (drift.returncode, rows["cooldownSeconds"]["new"]) == (1, 30)
    assert rows["giveaways.limits.maxWinners"] == {
        "key": "giveaways.limits.maxWinners",
        "old": None,
        "new": 9,
    }
    assert "xpRate" not in rows

    trial = other.json("config", "apply", str(file), "--dry-run")
    done = other.json("config", "apply", str(file), "--yes")
    assert trial["changes"] == done["changes"]
    assert (trial["levels"]["up"], done["levels"]["up"]) == (1, 1)
    assert other("config", "diff", str(file), "--exit-code").returncode == 0
    assert other("config", "diff", str(file), "--exit-code", "--prune").returncode == 1

    pruned = other.json("config", "apply", str(file), "--prune", "--yes")
    assert [one["key"] for one in pruned["changes"]] == ["xpRate"]
    assert other("config", "export", "--all").stdout == program("config", "export", "--all").stdout
    other.json("undo", str(pruned["seq"]))
    back = other.json("undo", str(done["seq"]))
    assert other.json("config", "export", "--all") == {"xpRate": 2}
    other.json("undo", str(back["seq"]))
    assert other.json("config", "diff", str(file)) == []
    other.json("undo", "last", "--yes")
    assert other.json("config", "export", "--all") == {"xpRate": 2}


def test_settings_of_giveaways_alone(program: Program) -> None:
    """They have the number of the store's change, too, and go back with it."""
    document = b'{"giveaways": {"limits": {"maxWinners": 12}}}'
    done = program.json("config", "apply", "-", "--yes", stdin=document)
    row = program.json("history", "--limit", "1")[0]

    assert row["seq"] == done["seq"]
    assert f"settings of giveaways (change {done['giveawaysSeq']} there)" in row["what"]
    assert program.json("undo", "last", "--dry-run")["seq"] is None
    assert program.json("giveaway", "settings", "get", "limits.maxWinners")["value"] == 12
    program.json("undo", "last")
    assert program.json("giveaway", "settings", "get", "limits.maxWinners")["value"] == 9
    assert program.refused("undo", str(done["giveawaysSeq"]), "--giveaways")[0] == 4


def test_an_edit_by_hand(program: Program, tmp_path: Path) -> None:
    """One line that was edited is the one difference; the question names guild and number."""
    file = tmp_path / "guild.toml"
    before = program("config", "export", "--all", "--format", "toml").stdout
    file.write_text(before.replace("cooldownSeconds = 30", "cooldownSeconds = 45  # longer"))
    [row] = program.json("config", "diff", str(file))
    assert row == {"key": "cooldownSeconds", "old": 30, "new": 45}
    code, name, message = program.refused("config", "apply", str(file))
    assert (code, name) == (4, "NEEDS_CONFIRMATION")
    assert f"Change 1 setting of guild {GUILD}?" in message
    assert program.json("config", "apply", str(file), "--yes")["seq"]
    assert program.json("config", "apply", str(file))["changes"] == []
    drawn = program.for_people("config", "diff", str(file))
    assert "nothing differs" in drawn.stderr


def test_what_is_wrong_is_listed_at_once(program: Program) -> None:
    """Faults of settings and of giveaways are told together, and nothing is changed."""
    before = program.bytes()
    document = b'{"cooldownSeconds": -1, "giveaways": {"limits": {"maxWinners": 0}}, "nope": 1}'
    code, name, message = program.refused("config", "apply", "-", "--yes", stdin=document)
    assert (code, name) == (2, "INVALID_CONFIG")
    for key in ("cooldownSeconds", "giveaways.limits.maxWinners", "nope"):
        assert key in message
    assert program.refused("config", "diff", "-", stdin=b"[1]")[:2] == (2, "INVALID_CONFIG")
    assert program.bytes() == before


def test_a_file_keeps_its_comments(program: Program, tmp_path: Path) -> None:
    """``export --into`` edits the values that differ; the rest of the file stays as it was."""
    file = tmp_path / "guild.toml"
    file.write_text(
        "# our guild\n"
        "cooldownSeconds = 45  # not too quick\n"
        "xpRate = 2.0\n\n"
        "[leaderboard]\n"
        "public = true  # for all\n\n"
        "[giveaways]\n"
        "# ask the mods first\n"
        "limits.maxWinners = 9\n"
    )
    done = program.json("config", "export", "--all", "--into", str(file))
    text = file.read_text()

    assert done == {"file": str(file), "changed": True}
    assert "# our guild\ncooldownSeconds = 30  # not too quick\n" in text
    assert "# ask the mods first\nlimits.maxWinners = 9\n" in text
    assert "xpRate" not in text and "public" not in text
    assert program.json("config", "diff", str(file), "--prune") == []
    again = program.json("config", "export", "--all", "--into", str(file))
    assert (again["changed"], file.read_text()) == (False, text)
    new = tmp_path / "new.json"
    program("config", "export", "--all", "--into", str(new))
    assert json.loads(new.read_text()) == program.json("config", "export", "--all")


def test_a_file_that_is_no_text_stays_as_it_is(program: Program, tmp_path: Path) -> None:
    """It is refused, whatever its name ends in."""
    file = tmp_path / "picture.toml"
    file.write_bytes(b"\x89PNG")

    code, name, message = program.refused("config", "export", "--into", str(file))

    assert (code, name) == (2, "INVALID_VALUE")
    assert message.endswith("is not UTF-8 text")
    assert file.read_bytes() == b"\x89PNG"


def test_objects_are_shown_as_in_the_file(program: Program, tmp_path: Path) -> None:
    """A boost reads as JSON in a difference and among the settings, not as Python writes it."""
    program("boost", "add", "2", "--name", 'a "week"', "--for", "2d")
    file = tmp_path / "guild.json"
    file.write_text(program("config", "export", "--all").stdout)
    other = Program(program.data_dir, OTHER)
    other("xp", "give", ANN, "900")
    drawn = other.for_people("config", "diff", str(file), env={"COLUMNS": "400"}).stdout
    shown = program.for_people("config", "show", "--own", env={"COLUMNS": "400"}).stdout

    for said in (drawn, shown):
        assert '"factor": 2' in said and "'factor'" not in said


def test_a_name_is_no_id(program: Program) -> None:
    """What is wrong with the name of a template leads to no talk of ids."""
    code, name, message = program.refused("giveaway", "template", "save", "week ly")
    assert (code, name) == (2, "INVALID_CONFIG") and "1 to 32 of a-z" in message
    assert "digits" not in program("giveaway", "template", "save", "week ly").stderr


@pytest.mark.parametrize("command", ["import", "apply", "diff"])
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_nothing(
    program: Program, tmp_path: Path, command: str, content: bytes
) -> None:
    """A file that was cut to nothing, or a pipe whose writer failed, unsets no setting."""
    before = program.bytes()
    (tmp_path / "guild.toml").write_bytes(content)
    more = ("--prune",) if command != "import" else ()
    for file in (str(tmp_path / "guild.toml"), "-"):
        code, name, message = program.refused("config", command, file, *more, stdin=content)
        assert (code, name) == (2, "INVALID_VALUE") and message.endswith(" is empty")

    assert program.bytes() == before
    (tmp_path / "guild.toml").write_text("# nothing\n")
    assert program.json("config", "apply", str(tmp_path / "guild.toml"), "--yes")["changes"] == []
