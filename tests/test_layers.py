"""The dependency rule, read from the source: who may import what, and how large a module gets."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("robo_xp", "cli", "daemon")

# folder or file -> what it must not import, itself or anything below
FORBIDDEN = {
    "robo_xp": "click discord plotext rich robo_xp_cli robo_xp_daemon typer",
    "cli": "click discord robo_xp_daemon tinydb",
    "daemon": "click rich robo_xp_cli typer",
}
# The rules get time, chance and files as arguments or not at all.
PURE = ("robo_xp/rules", "robo_xp/model/__init__.py")
PURE_MAY_IMPORT = ("robo_xp.settings.layers", "robo_xp.errors", "robo_xp.model", "robo_xp.rules")
IMPURE = (
    "asyncio datetime glob io logging multiprocessing os pathlib random secrets select shutil"
    " signal socket sqlite3 subprocess sys tempfile threading time urllib.request uuid"
).split()
TYPER_ADAPTER = "cli/robo_xp_cli/framework/typer_adapter.py"
REFUSED_WORDS = {"manager", "helper", "util", "handler"}
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60


def modules(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[str]:
    """Every dotted name that a file imports; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            stem = "." * node.level + (node.module or "")
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def is_plain(name: str) -> bool:
    """Whether a rule may import this."""
    if any(is_within(name, allowed) for allowed in PURE_MAY_IMPORT):
        return True
    is_standard = name.split(".")[0] in sys.stdlib_module_names
    return is_standard and not any(is_within(name, impure) for impure in IMPURE)


def offences(place: str, package: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(place)
        for name in imports_of(path)
        if is_within(name, package)
    ]


def words_of(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case and in the singular."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def test_the_walk_sees_every_form_of_import(tmp_path: Path) -> None:
    """Plain, aliased, nested and relative imports are all reported, with the names they bring."""
    path = tmp_path / "sample.py"
    path.write_text(
        "import a.b as c, d\nfrom e.f import g as h, _i\n"
        "def late():\n    if True:\n        from . import j\n        from .k import l\n"
    )

    assert sorted(imports_of(path)) == ["..j", ".k.l", "a.b", "d", "e.f._i", "e.f.g"]


@pytest.mark.parametrize(
    ("place", "package"),
    [(place, package) for place, packages in FORBIDDEN.items() for package in packages.split()],
)
def test_a_layer_does_not_import_what_lies_outside_it(place: str, package: str) -> None:
    """No file of the layer imports the package, not even inside a function."""
    assert modules(place)
    assert offences(place, package) == []


@pytest.mark.parametrize("place", PURE)
def test_rules_import_plain_things_only(place: str) -> None:
    """The rules and the model import each other and the standard library's plain parts."""
    assert modules(place)
    refused = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(place)
        for name in imports_of(path)
        if not is_plain(name)
    ]

    assert refused == []


def test_the_command_line_leaves_the_vault_closed() -> None:
    """The command line takes public names from robo_xp.vault and never one of its modules."""
    hidden = {f"robo_xp.vault.{path.stem}" for path in modules("robo_xp/vault")}

    assert [(place, n) for n in sorted(hidden) for place in offences("cli", n)] == []


def test_private_parts_of_typer_are_touched_in_one_module() -> None:
    """Only the adapter imports a name of Typer that starts with an underscore."""
    touching = {
        str(path.relative_to(ROOT))
        for source in SOURCES
        for path in modules(source)
        for name in imports_of(path)
        if is_within(name, "typer") and "._" in name
    }

    assert touching <= {TYPER_ADAPTER}


@pytest.mark.parametrize("source", SOURCES)
def test_imports_are_absolute(source: str) -> None:
    """No import starts with a dot, so that each names its layer."""
    relative = [(path.name, n) for path in modules(source) for n in imports_of(path) if n[0] == "."]

    assert relative == []


def definitions(path: Path) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("source", SOURCES)
def test_a_module_is_one_idea(source: str) -> None:
    """No module is longer than the limit."""
    lines = {str(path): path.read_bytes().count(b"\n") for path in modules(source)}

    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


@pytest.mark.parametrize("source", SOURCES)
def test_a_function_fits_in_the_eye(source: str) -> None:
    """No function's body is longer than the limit."""
    long = [
        f"{path}: {node.name}"
        for path in modules(source)
        for node in definitions(path)
        if not isinstance(node, ast.ClassDef)
        and (node.end_lineno or 0) - node.body[0].lineno >= MOST_LINES_OF_A_FUNCTION
    ]

    assert long == []


@pytest.mark.parametrize("source", SOURCES)
def test_names_say_what_things_are(source: str) -> None:
    """No module, class or function carries one of the words that name anything and nothing."""
    refused = [
        f"{path}: {name}"
        for path in modules(source)
        for name in [path.stem, *(node.name for node in definitions(path))]
        if words_of(name) & REFUSED_WORDS
    ]

    assert refused == []


@pytest.mark.parametrize("source", [*SOURCES, "tests"])
def test_no_cancellation_is_swallowed(source: str) -> None:
    """Nobody calls wait_for of asyncio, which on Python 3.11 takes a cancellation that comes
    together with the result for none; ``asyncio.timeout`` does not.
    """
    called = [
        f"{path}:{node.lineno}"
        for path in modules(source)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "asyncio.wait_for"
    ]

    assert called == []
