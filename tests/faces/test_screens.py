"""The pictures in the docs are what is shown today."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from robo_xp.pictures.easel import Easel
from robo_xp.pictures.fonts import without_font
from tests.faces.conftest import CHROMIUM
from tests.faces.screens import SCREENS, difference, drawn
from tests.pages import ROOT

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: apt install chromium")


def test_the_screens_are_those_of_today(browser: Browser) -> None:
    """Card, board and proof look as in the docs; ``python -m tests.faces.screens`` draws them anew.

    Edges of letters differ from one version of a browser to the next, so a little is let pass.
    """
    easel = Easel()
    missing = without_font(easel)
    easel.close()
    if missing:
        pytest.skip(f"NO FONTS for {missing[0].name}: apt install {missing[0].package}")
    pictures = drawn(browser)
    apart = {
        name: difference(browser, picture, (SCREENS / name).read_bytes())
        for name, picture in pictures.items()
    }

    assert max(apart.values()) < 0.01, apart
    assert difference(browser, pictures["board.png"], pictures["proof.png"]) > 0.1
    page = (ROOT / "docs" / "pages.md").read_text()
    assert all(f"(screens/{name})" in page for name in pictures)
