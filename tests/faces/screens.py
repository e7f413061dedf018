"""The pictures in docs/pages.md: a card, a board and a proof, made by the project's own commands.

``python -m tests.faces.screens`` draws them anew.
"""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from msgspec.structs import replace
from playwright.sync_api import Browser, sync_playwright

from robo_xp import RoboXP
from tests.cli.program import Program
from tests.faces.conftest import CHROMIUM
from tests.faces.proofs import document, page_of
from tests.pages import ROOT

SCREENS = ROOT / "docs" / "screens"

_GUILD, _ADA = "100000000000000009", "200000000000000000"
_NAMES = (
    "Аda 🦊👩🏽‍🚀 桜井 مرحبا שלום", "Grace Hopper", "Linus", "はるか", "Zoë", "Мария",
    "Olamide", "नेहा", "Jürgen", "Łucja", "김민준", "Thảo",
)  # fmt: skip
_DIFFERENCE = """async ([one, other]) => {
  const pixels = async (data) => {
    const image = new Image();
    image.src = "data:image/png;base64," + data;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"),
      {width: image.width, height: image.height});
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = [await pixels(one), await pixels(other)];
  if (a.width != b.width || a.height != b.height) return 1;
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i] - b.data[i]);
  return sum / (a.data.length * 255);
}"""


def drawn(browser: Browser) -> dict[str, bytes]:
    """The pictures as they are today, by the names of their files."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        program = _filled(folder / "vault")
        program("card", _ADA, "-g", _GUILD, "--output", str(folder / "card.png"))
        program("publish", str(folder / "site"))
        proven = replace(document(250, is_weighted=True), prize="A signed print of the lighthouse")
        (folder / "proof.html").write_text(page_of(proven))
        return {
            "card.png": (folder / "card.png").read_bytes(),
            "board.png": _seen(browser, folder / "site" / _GUILD / "index.html", "dark"),
            "proof.png": _seen(browser, folder / "proof.html", "light"),
        }


def difference(browser: Browser, one: bytes, other: bytes) -> float:
    """How far two pictures are apart: 0 for the same, 1 for black and white or another size."""
    page = browser.new_page()
    coded = [base64.b64encode(picture).decode() for picture in (one, other)]
    found: float = page.evaluate(_DIFFERENCE, coded)
    page.close()
    return found


def _filled(vault: Path) -> Program:
    """A program on a vault with a public guild."""
    with RoboXP.open(vault, durability="os") as robo:
        ids = [str(int(_ADA) + number) for number in range(len(_NAMES))]
        for number, user_id in enumerate(ids):
            robo.xp.add(_GUILD, user_id, 48_000 - 3_700 * number)
        robo.names.remember(_GUILD, dict(zip(ids, _NAMES, strict=True)))
        robo.names.remember(_GUILD, {_GUILD: "The Lighthouse"}, "guilds")
        robo.config.set(_GUILD, {"leaderboard": {"page": "public"}})
    return Program(vault)


def _seen(browser: Browser, file: Path, scheme: str) -> bytes:
    """What a browser shows of the first screen of a page."""
    size = {"width": 800, "height": 640}
    page = browser.new_page(color_scheme=scheme, viewport=size)  # type: ignore[arg-type]
    page.goto(file.as_uri())
    if page.locator("#verdict").count():
        page.wait_for_function("document.documentElement.dataset.verdict != 'unknown'")
    found = page.screenshot()
    page.close()
    return found


def main() -> None:
    """Write the pictures."""
    SCREENS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, picture in drawn(browser).items():
            (SCREENS / name).write_bytes(picture)
        browser.close()


if __name__ == "__main__":
    main()
