"""The committed completions, man pages and command reference are what the code yields."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import robo_xp
from robo_xp.machine import config_file as settings_file
from robo_xp_cli.framework.params import Node
from robo_xp_cli.framework.parse import walk
from robo_xp_cli.nouns import NOUNS
from tools.generate.outputs import COMPLETIONS, outputs, stale

ROOT = Path(__file__).resolve().parents[1]
REWRITE = "run: ./dev python -m tools.generate"
DOCUMENTS = (
    "README.md",
    "docs/commands.md",
    "docs/rest.md",
    "docs/settings.md",
    "docs/troubleshooting.md",
    "docs/library.md",
)
WHERE = {
    "man/robo-xp.1": "share/man/man1",
    "man/robo-xp.toml.5": "share/man/man5",
    "man/robo-xp-journal.5": "share/man/man5",
    "man/robo-xp-settings.5": "share/man/man5",
    "man/robo-xpd.8": "share/man/man8",
    "completions/robo-xp": "share/bash-completion/completions",
    "completions/_robo-xp": "share/zsh/site-functions",
    "completions/robo-xp.fish": "share/fish/vendor_completions.d",
}


@pytest.fixture(scope="module")
def nodes() -> list[Node]:
    """Every command and group of the program, loaded."""
    return list(walk(NOUNS))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """What the generator would write now, by path."""
    return outputs()


@pytest.mark.parametrize("path", [*WHERE, *DOCUMENTS])
def test_the_committed_file_is_what_the_code_yields(path: str, texts: dict[str, str]) -> None:
    """Nobody has changed a command without writing the generated files anew, nor the reverse."""
    assert (ROOT / path).read_text(encoding="utf-8") == texts[path], REWRITE


def test_nothing_else_is_generated(texts: dict[str, str]) -> None:
    """Each generated file is known to these tests, and no other lies beside them."""
    beside = {
        f"{folder}/{path.name}"
        for folder in ("man", "completions")
        for path in (ROOT / folder).iterdir()
    }

    assert set(texts) == {*WHERE, *DOCUMENTS}
    assert beside == set(WHERE)


def test_surroundings_change_nothing() -> None:
    """Width, language, terminal, time zone and settings of the user do not show in the files."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.generate", "--check"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")]),
            "COLUMNS": "31",
            "LC_ALL": "C",
            "TERM": "dumb",
            "FORCE_COLOR": "1",
            "TZ": "Pacific/Kiritimati",
            "HOME": "/nonexistent",
            "ROBO_XP_GUILD": "100000000000000009",
            "PYTHONHASHSEED": "7",
        },
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0), REWRITE


def test_a_stale_file_is_named(tmp_path: Path, texts: dict[str, str]) -> None:
    """The check names a file that is missing and one that differs, and no other."""
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "man/robo-xp.1").unlink()
    (tmp_path / "completions/robo-xp").write_text("# edited\n")

    assert stale(texts, tmp_path) == ["completions/robo-xp", "man/robo-xp.1"]


def test_every_word_of_the_program_loads(nodes: list[Node]) -> None:
    """Behind each word at the top there is a module with the noun or verb that it names."""
    assert {node.path[0] for node in nodes if node.path} == set(NOUNS)


@pytest.mark.parametrize("path", [*COMPLETIONS.values(), "docs/commands.md", "man/robo-xp.1"])
def test_every_command_and_option_is_there(
    path: str, nodes: list[Node], texts: dict[str, str]
) -> None:
    """Each visible command, in full where it is described, and each option stand in the file."""
    text = texts[path].replace(r"\-", "-")
    visible = [node for node in nodes if node.path and not node.hidden]
    is_script = path in COMPLETIONS.values()
    words = {node.path[-1] if is_script else " ".join(node.path) for node in visible}
    options = {name for node in visible for param in node.params for name in param.opts}

    assert {word for word in words | options if word not in text} == set()


def test_every_key_of_the_configuration_is_explained(texts: dict[str, str]) -> None:
    """Each key of the file, and each word that one may hold, stands in its man page."""
    text = texts["man/robo-xp.toml.5"]
    terms = set(re.findall(r"^\.TP\n\\fB(\w+)\\fR$", text, re.MULTILINE))
    words = {
        *settings_file.OUTPUTS,
        *settings_file.COLORS,
        *settings_file.DURABILITIES,
        *settings_file.LOG_FORMATS,
        *settings_file.LOG_LEVELS,
    }

    assert terms == {*settings_file.KEYS, *(k for t in settings_file.TABLES.values() for k in t)}
    assert {word for word in words if f"\\fB{word}\\fR" not in text} == set()


def test_the_daemon_s_options_are_explained(texts: dict[str, str]) -> None:
    """The page of the daemon has the options that the daemon has."""
    done = subprocess.run(
        [sys.executable, "-m", "robo_xp_daemon.main", "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "daemon")])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    option = re.compile(r"--[a-z][a-z-]+")
    section = texts["man/robo-xpd.8"].replace(r"\-", "-").partition(".SH OPTIONS")[2]

    assert done.returncode == 0, done.stderr
    assert set(option.findall(done.stdout)) == set(option.findall(section.partition(".SH")[0]))


def test_every_variable_of_the_environment_is_explained(texts: dict[str, str]) -> None:
    """Each variable of ours that the code reads stands in the page of a program that reads it."""
    sources = [
        *ROOT.glob("robo_xp/**/*.py"),
        *ROOT.glob("cli/**/*.py"),
        *ROOT.glob("daemon/**/*.py"),
    ]
    names = {
        name
        for source in sources
        for name in re.findall(r'"(ROBO_XP_[A-Z_]+)"', source.read_text(encoding="utf-8"))
    }
    pages = texts["man/robo-xp.1"] + texts["man/robo-xpd.8"]

    assert names
    assert {name for name in names if name not in pages} == set()


def test_the_date_is_that_of_the_release(texts: dict[str, str]) -> None:
    """All man pages carry the version, and the day of its release, from one place."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", robo_xp.__released__)
    for path, text in texts.items():
        if path.startswith("man/"):
            stamp = f'{robo_xp.__released__} "Robo XP {robo_xp.__version__}"'
            assert stamp in text.partition("\n")[0]


def test_an_install_puts_them_where_they_are_looked_for() -> None:
    """The wheel carries each page and script to the folder of man or of the shell."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shared = table["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]

    expected = {path: f"{folder}/{Path(path).name}" for path, folder in WHERE.items()}

    assert {path: shared.get(path) for path in WHERE} == expected
