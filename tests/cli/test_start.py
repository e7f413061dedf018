"""How the program starts: what it imports for which question, and how quietly it can be stopped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from robo_xp import __version__
from tests.cli.shell import ROOT, environment, in_shell, toy

HEAVY = frozenset(
    "pydantic asyncio discord aiohttp tinydb plotext msgspec sortedcontainers tomlkit".split()
)
REPORT = (
    "import sys; from robo_xp_cli.main import run; code = run({words!r}, {table}); "
    "sys.stderr.write(' '.join(sys.modules)); sys.exit(code)"
)
TOYS = "__import__('tests.cli.toy', fromlist=['TABLE']).TABLE"


def imported_by(words: list[str], table: str = "None") -> frozenset[str]:
    """The modules in memory after one command in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT.format(words=words, table=table)],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return frozenset(done.stderr.split())


@pytest.mark.parametrize("words", [["--version"], ["-V"], ["--version", "--json"]])
def test_the_version_imports_next_to_nothing(words: list[str]) -> None:
    """The version is known before anything that costs time is loaded."""
    loaded = imported_by(words)

    assert not loaded & (HEAVY | {"typer", "rich", "json", "dataclasses", "robo_xp.errors"})


def test_the_help_imports_no_noun() -> None:
    """The list of all commands is shown without importing one of them, nor a drawing library."""
    loaded = imported_by(["--help"])

    assert not loaded & (HEAVY | {"rich", "json", "tomllib", "platformdirs"})
    assert not loaded & {
        "robo_xp_cli.nouns.xp.verbs",
        "robo_xp_cli.nouns.giveaway.verbs",
        "robo_xp_cli.nouns.config.verbs",
    }


def test_a_command_imports_what_it_needs() -> None:
    """Parsing arguments loads neither pydantic nor rich."""
    loaded = imported_by(["toy", "list", "--limit", "3", "--json"], TOYS)

    assert not loaded & (HEAVY | {"rich"})


def test_a_table_in_a_pipe_needs_no_drawing() -> None:
    """Only a terminal makes the program load rich."""
    assert "rich" not in imported_by(["toy", "list"], TOYS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--version"], f"robo-xp {__version__}\n"),
        (["-V"], f"robo-xp {__version__}\n"),
        (["--version", "--json"], f'{{"version": "{__version__}"}}\n'),
        (["-o", "json", "-V"], f'{{"version": "{__version__}"}}\n'),
    ],
)
def test_version(words: list[str], expected: str) -> None:
    """The version is the same by the quick way and by the long one."""
    done = toy(*words)

    assert (done.stdout, done.stderr, done.returncode) == (expected, "", 0)


def test_the_module_is_the_program() -> None:
    """``python -m robo_xp_cli`` answers like the installed program."""
    done = subprocess.run(
        [sys.executable, "-m", "robo_xp_cli", "-V"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.stdout == f"robo-xp {__version__}\n"


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_during_imports_is_quiet(tmp_path: Path, name: str, code: int) -> None:
    """Ctrl-C before anything has begun leaves no traceback behind."""
    early = tmp_path / "typer"
    early.mkdir()
    early.joinpath("__init__.py").write_text(
        f"import os, signal, time; os.kill(os.getpid(), signal.{name}); time.sleep(5)"
    )
    path = f"{tmp_path}:{environment()['PYTHONPATH']}"

    done = subprocess.run(
        [sys.executable, "-m", "robo_xp_cli", "--help"],
        env=environment(PYTHONPATH=path),
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert (done.stdout, done.stderr, done.returncode) == ("", "", code)


def test_another_typer_is_named(tmp_path: Path) -> None:
    """A Typer whose private parts moved is an error that says which version is needed."""
    blocked = (
        "import sys; sys.modules['typer._click.parser'] = sys.modules['typer._click.core'] = None"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import typer; {blocked}; import robo_xp_cli.framework.typer_adapter",
        ],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert "install typer>=0.29" in done.stderr


def test_the_version_into_a_full_disk() -> None:
    """Even the quickest answer says when it could not be written."""
    done = in_shell("toy --version >/dev/full")

    assert done.returncode == 1
    assert done.stderr == (
        "error: cannot write the output: the disk is full\n"
        "hint: make room, or send the output elsewhere\n"
    )
