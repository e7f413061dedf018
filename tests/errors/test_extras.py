"""What an error says to install fits the way in which Robo XP came here."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from robo_xp.errors.extras import how_to_add


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of its own, with Robo XP installed by pip and nothing else in it."""
    record = tmp_path / "lib/robo_xp-1.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text("Metadata-Version: 2.4\nName: robo-xp\nVersion: 1\n")
    (record / "INSTALLER").write_text("pip\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path / "lib")
    return tmp_path


def test_of_a_package_or_an_image(prefix: Path) -> None:
    """What came whole and has no pip is to be installed again."""
    assert how_to_add("cards") == "install the package or the image again: it comes with all extras"


@pytest.mark.parametrize(("is_mine", "before"), [(True, ""), (False, "sudo ")])
def test_of_pip(prefix: Path, monkeypatch: pytest.MonkeyPatch, is_mine: bool, before: str) -> None:
    """The environment's own pip is named, for its owner."""
    (prefix / "bin").mkdir()
    (prefix / "bin/pip").touch()
    monkeypatch.setattr(os, "access", lambda *_: is_mine)

    assert how_to_add("cards") == f"{before}{prefix}/bin/pip install 'robo-xp[cards]'"


def test_of_pipx(prefix: Path) -> None:
    """The environment is pipx's, and its pip is not in it."""
    (prefix / "pipx_metadata.json").write_text("{}")

    assert how_to_add("cards") == "pipx runpip robo-xp install 'robo-xp[cards]'"


def test_of_uv(prefix: Path) -> None:
    """An environment filled by uv has no pip."""
    (prefix / "lib/robo_xp-1.dist-info/INSTALLER").write_text("uv\n")

    assert how_to_add("beacon") == f"uv pip install --python {prefix} 'robo-xp[beacon]'"


@pytest.mark.parametrize(
    ("requirement", "wanted"),
    [
        ('name = "robo-xp"', "robo-xp[cards]"),
        ('name = "robo-xp", extras = ["postgresql"]', "robo-xp[cards,postgresql]"),
        ('name = "robo-xp", directory = "/home/ann/my robo"', "/home/ann/my robo[cards]"),
        ('name = "robo-xp", path = "/x/robo_xp-1.whl"', "/x/robo_xp-1.whl[cards]"),
    ],
)
def test_of_a_tool_of_uv(prefix: Path, requirement: str, wanted: str) -> None:
    """A tool of uv is made again from where it came, with the extras that it has."""
    receipt = f"[tool]\nrequirements = [{{ {requirement} }}]\n"
    (prefix / "uv-receipt.toml").write_text(receipt)

    assert how_to_add("cards") == f"uv tool install '{wanted}'"


def test_of_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is installed, the script of the checkout brings the tests' packages."""

    def not_found(_: str) -> None:
        raise importlib.metadata.PackageNotFoundError("robo-xp")

    monkeypatch.setattr(importlib.metadata, "distribution", not_found)

    assert "./dev python" in how_to_add("cards")
    assert "robo-xp[cards]" in how_to_add("cards")
