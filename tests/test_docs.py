"""The documents say what the programs do."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.pages import PAGES, ROOT, played
from tests.picture import PICTURE, drawn

_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_sessions_show_what_the_program_shows(name: str) -> None:
    """Every session in the page is what a terminal shows today.

    After a change on purpose: ./dev python -m tests.pages
    """
    page = (ROOT / name).read_text()

    assert played(page) == page, "run ./dev python -m tests.pages and look at the difference"


def test_the_picture_shows_what_the_program_shows() -> None:
    """The picture at the top of the README is what a terminal shows today.

    After a change on purpose: ./dev python -m tests.pages
    """
    assert PICTURE.read_text() == drawn()
    assert PICTURE.name in (ROOT / "README.md").read_text()


def test_the_library_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The README's Python example runs as written, in another folder."""
    example = _PYTHON.findall((ROOT / "README.md").read_text())[0]

    exec(example.replace("/var/lib/robo-xp", str(tmp_path / "vault")), {})

    assert (tmp_path / "vault" / "format.json").exists()


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link in the documents names a file of the project."""
    broken = [
        f"{page.name}: {target}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]

    assert broken == []


@pytest.mark.parametrize("name", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_paths_that_are_named_are_there(name: str) -> None:
    """Whoever follows a path in the page finds the room that it names."""
    text = (ROOT / name).read_text()
    paths = set(re.findall(r"`((?:[\w.]+/)+(?:[\w.]+\.\w+)?)`", text))
    roots = (ROOT, ROOT / "daemon/robo_xp_daemon")

    assert paths
    assert [path for path in sorted(paths) if not any((r / path).exists() for r in roots)] == []


def test_each_dependency_is_accounted_for() -> None:
    """The page on architecture says of each package that the project asks for what it saves us."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [
        asked["build-system"]["requires"],
        asked["project"]["dependencies"],
        *asked["project"]["optional-dependencies"].values(),
    ]
    names = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for group in groups for line in group}
    page = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
    told = {word for row in rows for word in re.split(r", | \(", row)}

    assert sorted(names - told) == []
