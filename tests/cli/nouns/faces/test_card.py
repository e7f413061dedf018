"""``robo-xp card``: a picture in a file, and what it says where that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from tests.cli.program import ANN, Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A vault in which Ann has XP."""
    made = Program(tmp_path / "vault")
    assert made("xp", "give", ANN, "500").returncode == 0
    return made


def test_a_card_in_a_file(program: Program, tmp_path: Path) -> None:
    """The card is written to the file, and the result names both."""
    file = tmp_path / "ann.png"
    said = program.json("card", ANN, "--output", str(file))

    assert said == {"userId": ANN, "file": str(file), "bytes": file.stat().st_size}
    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_name_with_nothing_to_see(program: Program, tmp_path: Path) -> None:
    """Who has an invisible name has the card of who has none: it shows the id."""
    plain, blank = tmp_path / "plain.png", tmp_path / "blank.png"
    program.json("card", ANN, "--output", str(plain))
    with RoboXP.open(program.data_dir) as robo:
        robo.names.remember(program.guild, {ANN: "\u3164\u200b"})
    program.json("card", ANN, "--output", str(blank))

    assert blank.read_bytes() == plain.read_bytes()


def test_without_a_record(program: Program, tmp_path: Path) -> None:
    """A member without a record has no card: exit code 3, and no file."""
    file = tmp_path / "x.png"

    assert program.refused("card", "2" * 18, "--output", str(file))[:2] == (3, "USER_NOT_FOUND")
    assert not file.exists()


def test_a_template_that_is_wrong(program: Program, tmp_path: Path) -> None:
    """A fault of the template is told with its line: exit code 2."""
    wrong = tmp_path / "wrong.typ"
    wrong.write_text("\n#nothing()")
    code, name, said = program.refused(
        "card", ANN, "--output", str(tmp_path / "x.png"), "--template", str(wrong)
    )

    assert (code, name) == (2, "TEMPLATE_WRONG")
    assert said.endswith("card.typ, line 2: unknown variable: nothing")


def test_a_template_of_the_configuration(program: Program, tmp_path: Path) -> None:
    """card_template is meant from where the configuration file is."""
    (tmp_path / "own.typ").write_text("\n\n#nothing()")
    config = tmp_path / "robo-xp.toml"
    config.write_text('card_template = "own.typ"\n')
    done = program("card", ANN, "--output", str(tmp_path / "x.png"), "--config", str(config))

    assert done.returncode == 2
    assert "card.typ, line 3" in done.stderr


def test_a_picture_behind_the_card(program: Program, tmp_path: Path) -> None:
    """card_background of the configuration is behind the card."""
    plain, other = tmp_path / "plain.png", tmp_path / "other.png"
    program("card", ANN, "--output", str(plain))
    config = tmp_path / "robo-xp.toml"
    config.write_text('card_background = "plain.png"\n')
    done = program("card", ANN, "--output", str(other), "--config", str(config))

    assert done.returncode == 0, done.stderr
    assert other.read_bytes() != plain.read_bytes()


def test_without_the_extra(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Typst is missing it says what to install: exit code 7."""
    monkeypatch.setattr("robo_xp.pictures.easel.find_spec", lambda _: None)
    done = program("card", ANN, "--output", str(tmp_path / "x.png"))

    assert done.returncode == 7
    assert "robo-xp[cards]" in done.stderr


def test_an_avatar_that_is_none(program: Program, tmp_path: Path) -> None:
    """A file that is no picture is refused by its name; one that is not there too."""
    (tmp_path / "a.txt").write_text("hello")
    for name, code in (("a.txt", 1), ("b.png", 3)):
        done = program(
            "card", ANN, "--output", str(tmp_path / "x.png"), "--avatar", str(tmp_path / name)
        )
        assert done.returncode == code
        assert name in done.stderr


def test_doctor_looks_for_fonts(program: Program) -> None:
    """``doctor`` says whether every script can be drawn, and which package has what is missing."""
    rows = {row["check"]: row for row in _rows(program)}

    assert rows["cards"]["status"] in ("ok", "warning")


def test_doctor_names_the_package(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script without a font comes with the package of Debian that has one."""
    from robo_xp.pictures.fonts import Script

    nobody = Script("Nobody's script", "\U0001fffe", "fonts-nobody")
    monkeypatch.setattr("robo_xp.pictures.fonts.SCRIPTS", (nobody,))
    row = next(row for row in _rows(program) if row["check"] == "cards")

    assert row["message"] == "no font for Nobody's script"
    assert row["advice"] == "apt install fonts-nobody"


def _rows(program: Program) -> list[dict[str, str]]:
    import json

    rows: list[dict[str, str]] = json.loads(program("doctor", "--json").stdout)
    return rows


def test_other_commands_keep_their_output(program: Program, tmp_path: Path) -> None:
    """What --output means for a card is not what it means for the command after it."""
    program.json("card", ANN, "--output", str(tmp_path / "ann.png"))
    code, _, said = program.refused("xp", "show", ANN, "--output", "xml")

    assert code == 2
    assert "--output" in said
