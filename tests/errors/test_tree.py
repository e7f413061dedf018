"""The tree of errors: each code is one class, and nobody names a code anywhere else."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from robo_xp import errors
from robo_xp.errors import EXIT_CODES, RoboXPError, kinds
from robo_xp_cli import main
from robo_xp_cli.run import signals

OPEN: Final = {
    "give it another one: robo-xp giveaway edit {} --{} TIME": "one's own choice",
    "make one with 'robo-xp giveaway export ID', and leave it as it is": "no id can be read",
    "no level gives a role; add one: robo-xp reward add LEVEL ROLE": "one's own choice",
    "robo-xp history show SEQ shows one change; see --help for the filters": "none was named",
    "set a channel of this guild: robo-xp config set announcements.channelId ID": "own choice",
    "set another: robo-xp config set alerts.channelId ID": "one's own choice",
    "set one key at a time, or several with robo-xp config import FILE": "a file of one's own",
    "take it over with 'robo-xp giveaway import FILE'": "the text may have come from anywhere",
    "usage: robo-xp xp set USER... TOTAL, or --level N": "it is what is missing",
    "use robo-xp giveaway import FILE": "it may be one of several files",
}
"""Advices with a word in capitals that nobody could fill in, and why."""
_COMMAND = re.compile(r"\brobo-xp [a-z].*?\b(?!JSON\b|HTTP\b)[A-Z]{1,}\b")

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


def test_no_advice_leaves_open_what_is_known() -> None:
    """A command that is advised can be typed as it stands, with the id or level it is about."""
    skipped: set[ast.AST] = set()
    told: dict[str, str] = {}
    for place, node in nodes():
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        if isinstance(node, ast.keyword) and node.arg == "examples":
            skipped |= set(ast.walk(node))
        if isinstance(node, ast.JoinedStr):
            parts = [getattr(part, "value", None) for part in node.values]
            text = "".join(part if isinstance(part, str) else "{}" for part in parts)
            skipped |= set(node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if node not in skipped and _COMMAND.search(text) and "\n" not in text:
            told[text] = place

    assert {text: place for text, place in told.items() if text not in OPEN} == {}
    assert set(OPEN) == set(told)


def test_an_advice_of_a_class_is_filled_in() -> None:
    """Whoever raises an error whose advice names an ``ID`` says which, or has another advice."""
    named = {kind.__name__ for kind in KINDS if re.search(r"robo-xp .*\bID\b", kind.advice)}
    bare = [
        place
        for place, node in nodes()
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in named
        and not {"advice", "named"} & {keyword.arg for keyword in node.keywords}
    ]

    assert bare == []
    assert errors.GiveawayNotEnded("x", named={"ID": 7}).advice == (
        "end it first: robo-xp giveaway end 7"
    )
