"""The tree of errors: each code is one class, and nobody names a code anywhere else."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from robo_xp import errors
from robo_xp.errors import EXIT_CODES, RoboXPError, kinds
from robo_xp_cli import main
from robo_xp_cli.run import signals

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "robo_xp" / "errors"
KINDS = [kind for kind in kinds() if kind.__module__.startswith(errors.__name__)]


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """Every node of the programs' code outside the room of errors, with its place."""
    for source in ("robo_xp", "cli", "daemon"):
        for path in (ROOT / source).rglob("*.py"):
            if not path.is_relative_to(HOME):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node


def test_each_code_is_one_class() -> None:
    """Scripts match on a code: only that of a daemon out of reach is told with two exit codes."""
    told = Counter(kind.code for kind in KINDS)

    assert {code: count for code, count in told.items() if count > 1} == {"DAEMON_UNREACHABLE": 2}
    assert errors.MemberNotFound.code == "USER_NOT_FOUND"


def test_the_public_names_are_all_there_are() -> None:
    """Every class of the tree, and nothing that is not there, stands in the list of names."""
    own = {kind.__name__ for kind in KINDS} | {"EXIT_CODES", "Fault", "ToldByDaemon", "kinds"}

    assert set(errors.__all__) == own
    assert all(hasattr(errors, name) for name in errors.__all__)


def test_every_exit_code_is_explained() -> None:
    """Whatever the command line may end with has a meaning, which the documents show."""
    ends = {0, main.READER_GONE, signals.INTERRUPTED, signals.TERMINATED}

    assert {kind.exit_code for kind in KINDS} | ends == set(EXIT_CODES)


def test_an_error_keeps_what_is_more_precise_than_its_class() -> None:
    """An advice and faults that are given stand in for those of the class, which stay."""
    fault = errors.Fault("xp", "is missing")
    told = errors.InvalidAmount("x", advice="do this", faults=[fault])

    assert (told.advice, told.faults) == ("do this", (fault,))
    assert (errors.InvalidAmount("x").advice, errors.InvalidAmount("x").faults) == ("", ())


def test_what_a_daemon_told_keeps_its_code() -> None:
    """A daemon's error ends the program as the class of its code does; a new code as a failure."""
    known = errors.ToldByDaemon("GUILD_NOT_FOUND", "x", "", [])
    new = errors.ToldByDaemon("OF_TOMORROW", "x", "", [])

    assert (known.code, known.exit_code) == ("GUILD_NOT_FOUND", 3)
    assert (new.code, new.exit_code) == ("OF_TOMORROW", 1)


def test_no_error_is_given_a_code_where_it_is_raised() -> None:
    """Nobody makes an error of Robo XP with ``code=``: a code is a class."""
    names = {name for name in errors.__all__ if name != "ToldByDaemon"}
    given = [
        place
        for place, node in nodes()
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in names
        and any(keyword.arg == "code" for keyword in node.keywords)
    ]

    assert given == []


def test_no_code_is_named_outside_its_room() -> None:
    """No code of an error stands as text in the programs: they match on classes."""
    codes = {kind.code for kind in KINDS}
    named = [
        place for place, node in nodes() if isinstance(node, ast.Constant) and node.value in codes
    ]

    assert named == []
    assert RoboXPError.code in codes
