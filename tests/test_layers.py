"""What no linter says of the source: private parts, sizes and names; and that the contracts bite.

Who may import whom stands in pyproject.toml as contracts of import-linter.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tools.circles import circle_in

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("robo_xp", "cli", "daemon", "tools")

# Everything in the data folder is opened in these two, from a descriptor of the folder.
OPENING = ("robo_xp/vault/files/disk.py", "robo_xp/descent.py")
OPENS = {
    *(f"os.{name}" for name in (
        "access chmod chown fwalk lchown link listdir lstat makedirs mkdir mkfifo open readlink"
        " remove removedirs rename renames replace rmdir scandir stat statvfs symlink truncate"
        " unlink utime walk"
    ).split()),
    "gzip.open", "io.open", "open", "shutil.copy", "shutil.copy2", "shutil.copyfile",
    "shutil.copytree", "shutil.move", "shutil.rmtree", "tarfile.open",
}  # fmt: skip
# of a file that is open already, or of the system's own
OPENS_ELSEWHERE = {
    "robo_xp/vault/care/backup.py": {"gzip.open", "tarfile.open"},
    "robo_xp/vault/files/lock.py": {"open"},
    "robo_xp/vault/files/watching/inotify.py": {"open"},  # what is mounted
    "robo_xp/vault/postgres/address.py": {"open"},  # a credential of the service manager
}
PATHS_OPEN = "read_bytes read_text write_bytes write_text touch unlink iterdir rglob".split()
TYPER_ADAPTER = "cli/robo_xp_cli/framework/typer_adapter.py"
# a module by its path -> what it holds, and the contract that it breaks
BREAKING = {
    "robo_xp/rules/scratch.py": (
        "def now() -> float:\n    import time\n\n    return time.time()\n",
        "Rules and the model know no clock, no chance and no files",
    ),
    "robo_xp/model/scratch.py": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import robo_xp.settings.schema\n",
        "No arrow runs upward in the core",
    ),
    "robo_xp/usecases/scratch.py": (
        "from robo_xp.vault.files import disk\n",
        "Only the vault asks how it is stored",
    ),
    "robo_xp/scratch.py": ("import rich.table\n", "The core knows no edge"),
    "cli/robo_xp_cli/show/scratch.py": (
        "import robo_xp.usecases.core\n",
        "What prints knows no use case",
    ),
    "daemon/robo_xp_daemon/base/scratch.py": (
        "import robo_xp_daemon.levels\n",
        "No arrow runs upward in the daemon",
    ),
    "daemon/robo_xp_daemon/levels/scratch.py": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from robo_xp_daemon.client.client import Client\n",
        "Features know the port of Discord, and never the client",
    ),
    "daemon/robo_xp_daemon/session_scratch.py": (
        "import robo_xp_daemon.app\n",
        "Only the program imports what wires the daemon",
    ),
}
REFUSED_WORDS = {"manager", "helper", "util", "handler"}
MOST_LINES = 400
MOST_MODULES_OF_A_FOLDER = 16
MOST_LINES_OF_A_FUNCTION = 60


def modules(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))


def dotted(path: str) -> str:
    """The name under which the module of a path is imported."""
    return ".".join(Path(path).with_suffix("").parts).removeprefix("cli.").removeprefix("daemon.")


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


def words_of(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case and in the singular."""
    return {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def test_the_contracts_bite(tmp_path: Path) -> None:
    """A module that breaks a contract fails ``lint-imports``, which names contract and module."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, (text, _) in BREAKING.items():
        (tmp_path / path).write_text(text)

    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        env={
            "PYTHONPATH": os.pathsep.join(str(tmp_path / name) for name in (".", "cli", "daemon")),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    broken = re.findall(r"^(.+) BROKEN", done.stdout, re.MULTILINE)

    assert done.returncode == 1, done.stdout + done.stderr
    assert {contract for _, contract in BREAKING.values()} <= set(broken)
    assert [path for path in BREAKING if dotted(path) not in done.stdout] == []


def test_a_circle_is_found_whatever_leads_into_it() -> None:
    """The way from a module back to itself is said in the order of the imports."""
    circle = circle_in({"a": ["b"], "b": ["c"], "c": ["d"], "d": ["b"]})

    assert (circle[0], len(circle)) == (circle[-1], 4)
    assert "".join(circle) in "bcdbcdb"
    assert circle_in({"a": ["b", "c"], "b": ["c"]}) == []


def test_the_walk_sees_every_form_of_import(tmp_path: Path) -> None:
    """Plain, aliased, nested and relative imports are all reported, with the names they bring."""
    path = tmp_path / "sample.py"
    path.write_text(
        "import a.b as c, d\nfrom e.f import g as h, _i\n"
        "def late():\n    if True:\n        from . import j\n        from .k import l\n"
    )

    assert sorted(imports_of(path)) == ["..j", ".k.l", "a.b", "d", "e.f._i", "e.f.g"]


def openings(path: Path) -> Iterator[str]:
    """The calls in a module that reach a file or folder by its path."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in OPENS or name.rpartition(".")[2] in PATHS_OPEN:
                yield name


@pytest.mark.parametrize("place", ["robo_xp/vault", "robo_xp/machine/daemon_lock.py"])
def test_the_data_folder_is_reached_by_descriptors_only(place: str) -> None:
    """One module of the vault, and what it rests on, opens, makes, moves and removes files."""
    found = {
        (str(path.relative_to(ROOT)), name) for path in modules(place) for name in openings(path)
    }
    allowed = {(path, name) for path, names in OPENS_ELSEWHERE.items() for name in names}

    assert {(path, name) for path, name in found if path not in OPENING} <= allowed
    assert ("robo_xp/vault/files/disk.py", "os.open") in found or place != "robo_xp/vault"


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


@pytest.mark.parametrize("source", SOURCES)
def test_a_room_can_be_looked_over(source: str) -> None:
    """No folder has more modules than the limit."""
    folders = Counter(path.parent for path in modules(source) if path.stem != "__init__")

    assert folders
    assert {str(f): n for f, n in folders.items() if n > MOST_MODULES_OF_A_FOLDER} == {}


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
        if isinstance(node, ast.Attribute)
        and node.attr == "wait_for"
        and ast.unparse(node) == "asyncio.wait_for"
    ]

    assert called == []
