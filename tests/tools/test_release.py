"""A release: all places agree before anything is made, and each artefact says what is inside."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path

import pytest

import robo_xp
from tools.package import deb, release, sbom, wheel
from tools.package.project import ROOT

VERSION = robo_xp.__version__
RIGHT = {"status": "", "log": robo_xp.__released__, "tag": f"v{VERSION}"}


def git(**answers: str) -> release.Git:
    """A git that answers each command with one text."""
    return lambda *words: (RIGHT | answers)[words[0]]


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"status": " M README.md"}, "uncommitted"),
        ({"tag": ""}, f"the tag v{VERSION}"),
        ({"tag": "v0.0.1"}, f"the tag v{VERSION}"),
        ({"log": "2001-01-01"}, "ahead of the last commit"),
    ],
)
def test_what_git_says_stands_in_the_way(answers: dict[str, str], fault: str) -> None:
    """Changes that are not committed, a missing tag and a day in the future are each named."""
    assert fault in "\n".join(release.faults(VERSION, git(**answers)))


def test_another_version_is_named_by_every_place_that_has_it() -> None:
    """The project, the package, the tag and the texts each say that they are of another one."""
    found = "\n".join(release.faults("99.0.0", git()))

    texts = ("CHANGELOG.md", "README.md", "docs/install.md", "docs/openapi.json")
    for place in ("pyproject.toml", "__version__", *texts, "the tag v99.0.0"):
        assert place in found


def test_texts_name_the_artefacts_of_this_version() -> None:
    """Whoever copies a line from README or docs/install.md asks for a file that is made."""
    found = "\n".join(release.faults(VERSION, git()))

    assert "names" not in found


def test_a_release_removes_artefacts_of_before_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder that is named only what a release made goes before the new one is made."""
    older = ("robo_xp-0.0.1.tar.gz", "robo-xp_0.0.1-1~deb12u1_amd64.deb")
    for name in (*older, "thesis.txt"):
        (tmp_path / name).touch()
    monkeypatch.setattr(release, "faults", lambda version: [])
    monkeypatch.setattr(wheel, "build", lambda folder: [])
    monkeypatch.setattr(deb, "RELEASES", {})

    release.build(VERSION, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_bill_of_materials_names_every_library(tmp_path: Path) -> None:
    """Beside an artefact lies a CycloneDX document with each pinned package, the same each time."""
    first = sbom.write_beside(tmp_path / "a.whl").read_text()
    second = sbom.write_beside(tmp_path / "b.whl").read_text()
    named = {part["name"]: part["version"] for part in json.loads(first)["components"]}
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = dict(line.split()[0].split("==") for line in lines if line[:1].isalnum())

    assert first == second
    assert named == pins


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="needs dpkg")
def test_the_package_of_a_later_debian_is_the_newer_one() -> None:
    """An upgrade of Debian brings the package built for it; a second build replaces the first."""
    order = [deb.version_of("bookworm"), deb.version_of("trixie"), deb.version_of("bookworm", 2)]

    for older, newer in itertools.pairwise(order):
        done = subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=False)
        assert done.returncode == 0
