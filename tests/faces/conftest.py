"""A real browser, where the machine has one, and a guild with pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from robo_xp import RoboXP
from tests.faces.public import public_guild

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def robo(tmp_path: Path) -> Iterator[RoboXP]:
    """A guild of 250 with three pages of a board."""
    with public_guild(tmp_path / "vault") as made:
        yield made
