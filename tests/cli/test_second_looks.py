"""What a person meets at the second look: each answer leads on, and a slip changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import ANN, BOB, Program


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a store with one gift."""
    program = Program(data_dir)
    program("xp", "give", ANN, "100")
    return program


@pytest.mark.parametrize(
    "words",
    [
        ("xp", "give", ANN, "5"),
        ("xp", "give", ANN, BOB, "5"),
        ("config", "set", "cooldownSeconds", "30"),
        ("curve", "set", "mee6"),
        ("undo", "1"),
        ("boost", "add", "2"),
        ("giveaway", "start", "Nitro", "--channel", BOB, "--duration", "1h"),
    ],
)
@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_a_wrong_field_is_refused_before_the_change(
    program: Program, words: tuple[str, ...], form: str
) -> None:
    """Nothing is changed, and the fields that there are stand in the hint."""
    before = program.bytes()
    done = program(*words, "--fields", "nope", "-o", form)

    assert done.returncode == 2
    assert "there is no field 'nope'" in done.stderr
    assert "the change itself was made" not in done.stderr
    assert program.bytes() == before


def test_right_fields_change_once(program: Program) -> None:
    """Looking at the fields first changes nothing twice."""
    assert program.json("xp", "give", ANN, "5", "--fields", "newXp") == {"newXp": 105}
    assert program.json("xp", "show", ANN)["xp"] == 105


def test_rows_from_stdin_are_read_once(program: Program) -> None:
    """Where the input cannot be read twice, the change is made at once."""
    rows = f"user,amount\n{ANN},5\n".encode()
    words = ("xp", "apply", "-", "--op", "give", "--fields", "applied")

    assert program.json(*words, stdin=rows) == {"applied": 1}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("history", "999"), "robo-xp history show 999"),
        (("history", "nope"), "'nope' is no word of history"),
        (("undo", "abc"), "'abc' is not the number of a change"),
        (("config", "set", "cooldownSeconds", "30", "xpRate", "2"), "set one key at a time"),
        (("config", "set", "announcements.mode", "a", "b"), "put a value with spaces into quotes"),
        (("xp", "give", ANN, ANN, "5"), "1 member named again: each counts once"),
        (("leaderboard", "--since", "1h"), "XP given by hand do not count here (periods.count)"),
        (("boost", "add", "2"), "it runs until you end it: robo-xp boost end "),
        (("boost", "add", "2", "--from", "2020-01-01", "--until", "2020-01-02"), "over already"),
    ],
)
def test_the_answer_leads_on(program: Program, words: tuple[str, ...], said: str) -> None:
    """It says what was meant, or what is to be known besides."""
    assert said in program(*words).stderr


def test_the_same_key_after_its_undo(program: Program, tmp_path: Path) -> None:
    """Nothing is applied again, and both ways on are named."""
    file = tmp_path / "rows.csv"
    file.write_text(f"op,user,amount\ngive,{ANN},5\n")
    words = ("xp", "apply", str(file), "--once", "payday")
    program(*words)
    program("undo", "2")
    again = program(*words)

    assert again.returncode == 0
    assert "it was undone by 3; robo-xp undo 3 has it again, another key" in again.stderr


def test_a_backup_beside_what_it_keeps(program: Program, tmp_path: Path) -> None:
    """One inside the data folder is made, with a word about it; one elsewhere without."""
    inside = program("backup", "create", str(program.data_dir / "b.tar.gz"))
    outside = program("backup", "create", str(tmp_path / "b.tar.gz"))

    assert inside.returncode == outside.returncode == 0
    assert "inside the data folder" in inside.stderr
    assert outside.stderr == ""


@pytest.mark.parametrize(
    "words",
    [
        ("{}",), ("xp", "{}"), ("lb", "--{}"), ("lb", "--fields", "{}", "-o", "csv"),
        ("rank", "{}"), ("lb", "--period", "{}"), ("config", "get", "{}"), ("undo", "{}"),
        ("boost", "add", "2", "--for", "{}"), ("history", "--since", "{}"),
    ],
)  # fmt: skip
def test_what_was_typed_is_not_repeated_at_length(program: Program, words: tuple[str, ...]) -> None:
    """An error repeats the beginning of what it is about, so that the rest can be read."""
    done = program(*(word.format("x" * 100_000) for word in words))

    assert done.returncode in (2, 3)
    assert 0 < len(done.stderr) < 1_000
