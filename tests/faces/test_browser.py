"""The pages in a real browser: policy, access, sizes, and draws that are computed again."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from robo_xp.machine.site import page_at
from tests.faces.conftest import CHROMIUM
from tests.faces.proofs import document, page_of
from tests.faces.public import GUILD, given_away, member, public_guild
from tests.pictures.names import HOSTILE

AXE = Path(__file__).parent / "axe" / "axe.min.js"
_AS_FILE = (f"{GUILD}/names/", f"{GUILD}/week/")
"""Pages that are looked at as they lie in a folder, where no form is answered."""
HOSTILE_GUILDS = [str(300000000000000000 + number) for number in range(10)]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM: apt install chromium")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of the pages, and the id of a giveaway among them."""
    robo = public_guild(tmp_path_factory.mktemp("vault"), 120)
    robo.xp.add(GUILD, member(0), 5, store="art")
    robo.config.set(GUILD, {"leaderboard": {"page": "public"}}, store="art")
    giveaway = given_away(robo)
    for guild, name in zip(HOSTILE_GUILDS, HOSTILE[-10:], strict=True):
        robo.xp.add(guild, member(0), 5)
        robo.names.remember(guild, {guild: name}, "guilds")
        robo.config.set(guild, {"leaderboard": {"page": "public"}})

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.lstrip("/").partition("?")
            page = page_at(robo, path, None if path.startswith(_AS_FILE) else query)
            self.send_response(404 if page is None else 200)
            if page is not None:
                self.send_header("Content-Type", f"{page.content_type}; charset=utf-8")
                self.send_header("Content-Security-Policy", page.policy)
            self.end_headers()
            self.wfile.write(b"" if page is None else page.content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", giveaway
    server.shutdown()
    server.server_close()
    thread.join()
    robo.close()


def opened(browser: Browser, address: str, **more: Any) -> tuple[Page, list[str]]:
    """A page, and whatever the browser complains of."""
    page = browser.new_page(**more)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(address)
    return page, complaints


def verdict(page: Page) -> str:
    """What the page says of the draw once it has computed it."""
    page.wait_for_function("document.documentElement.dataset.verdict != 'unknown'")
    said: str = page.evaluate("document.documentElement.dataset.verdict")
    return said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1600])
def test_every_page_is_sound(
    browser: Browser, site: tuple[str, str], scheme: Any, width: int
) -> None:
    """No violation of the policy or of axe, nothing wider than the window, in light and dark."""
    address, giveaway = site
    for path in (
        "index.html",
        f"{GUILD}/index.html",
        f"{GUILD}/board/2.html",
        f"{GUILD}/day/1.html",
        f"{GUILD}/week/2.html",
        f"{GUILD}/member/{member(0)}.html",
        f"{GUILD}/find.html?q=a",
        f"{GUILD}/names/index.html",
        f"{GUILD}/names/32.html",
        f"{GUILD}/giveaway/{giveaway}.html",
    ):
        size = {"width": width, "height": 900}
        page, complaints = opened(browser, f"{address}/{path}", color_scheme=scheme, viewport=size)
        if "giveaway" in path:
            assert verdict(page) == "valid"
        assert complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # evaluated by the browser's own tools, so the page's policy does not hold for it
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run()")["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        page.close()


def test_hostile_guilds_are_text(browser: Browser, site: tuple[str, str]) -> None:
    """Boards of ten guilds with hostile names run nothing, and fit into the narrowest window."""
    size = {"width": 320, "height": 900}
    for guild in HOSTILE_GUILDS:
        page, complaints = opened(browser, f"{site[0]}/{guild}/index.html", viewport=size)
        assert complaints == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("h1 *").count() == 1
        page.close()


def reach(page: Page, address: str) -> None:
    """Follow the first link that ends so, with the keyboard."""
    for _ in range(400):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and (focused.get_attribute("href") or "").endswith(address.lstrip("/")):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(address)


def test_without_javascript_and_by_keyboard(browser: Browser, site: tuple[str, str]) -> None:
    """Boards are read, turned and searched with the keyboard alone and no script."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site[0]}/{GUILD}/index.html")
    assert page.locator("tbody").first.locator("tr").count() == 100
    reach(page, "/week/1.html")
    assert page.inner_text("h2") == "This week"
    reach(page, "/week/2.html")
    assert page.locator("tbody tr").count() == 20
    assert "By name" in page.inner_text("main")
    page.goto(f"{site[0]}/{GUILD}/index.html")
    while not page.locator("#q:focus").count():
        page.keyboard.press("Tab")
    page.keyboard.type(member(110))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    reach(page, f"/member/{member(110)}.html")

    assert page.inner_text("h1") == member(110)
    assert page.locator("svg rect").count() == 1
    page.goto(f"{site[0]}/{GUILD}/giveaway/{site[1]}.html")
    assert "needs JavaScript" in page.inner_text("#verdict")
    context.close()


def test_somebody_looks_for_himself(browser: Browser, tmp_path: Path) -> None:
    """An id among the entries is found with its weight and place, another one is not."""
    found = document(10, is_weighted=True)
    page, complaints = opened(browser, written(tmp_path, page_of(found)))
    assert verdict(page) == "valid"
    page.fill("#id", found.winners[0])
    page.keyboard.press("Enter")
    assert page.inner_text("#found").endswith(": a winner.")
    page.fill("#id", "1")
    page.click("text=Find")

    assert page.inner_text("#found") == "1 is not among the entries."
    assert complaints == []
    page.close()


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("entries", [10, 1000, pytest.param(100_000, marks=pytest.mark.long)])
def test_draws_are_computed_again(
    browser: Browser, tmp_path: Path, entries: int, is_weighted: bool
) -> None:
    """Draw and reroll of any size, weighted or not, are found valid from a file, in seconds."""
    text = page_of(document(entries, is_weighted=is_weighted))
    page, complaints = opened(browser, written(tmp_path, text))

    assert verdict(page) == "valid"
    print(f"{entries} entries, weighted {is_weighted}: {page.evaluate('performance.now()'):.0f} ms")
    assert complaints == []
    page.close()


def test_any_changed_byte_makes_it_invalid(browser: Browser, tmp_path: Path) -> None:
    """200 single bytes of entries, secret, winners and digests were changed: never valid."""
    whole = document(10, is_weighted=True).as_json()
    found = {key: whole[key] for key in _KEYS}
    page, _ = opened(browser, written(tmp_path, page_of(document(10, is_weighted=True))))
    assert verdict(page) == "valid"
    text = json.dumps(found, separators=(",", ":"))
    assert page.evaluate(_CHECK, text) == ""
    for changed in _changed(text, 200):
        assert page.evaluate(_CHECK, changed) != "", changed
    page.close()


def test_a_changed_file_says_so(browser: Browser, tmp_path: Path) -> None:
    """A page with another winner, or with a document that cannot be read, is not valid."""
    found = document(10, is_weighted=False)
    whole = page_of(found)
    script = whole.index('id="document"')
    before, data = whole[:script], whole[script:]
    other = data.replace(found.winners[0], found.rerolls[0][0], 1)
    for text in (other, data.replace("{", "", 1)):
        page, _ = opened(browser, written(tmp_path, before + text))
        assert verdict(page) == "invalid"
        assert page.inner_text("#verdict").startswith("NOT VALID: ")
        page.close()


_KEYS = (
    "id status winnersCount commitment secret entries entryCount entriesDigest winners rerolls"
    " draws"
).split()
_CHECK = """async (text) => {
  try { return await faultOf(JSON.parse(text)); } catch (error) { return String(error); }
}"""


def written(tmp_path: Path, text: str) -> str:
    """The address of a file with this text."""
    file = tmp_path / "proof.html"
    file.write_text(text)
    return file.as_uri()


def _changed(text: str, count: int) -> Iterator[str]:
    """The text with one byte of what a draw depends on changed, at so many places."""
    places: list[int] = []
    for key, closing in (
        ("entries", "}"),
        ("secret", ","),
        ("winners", "]"),
        ("entriesDigest", ","),
    ):
        start = text.index(f'"{key}":') + len(key) + 4
        places += range(start, text.index(closing, start))
    chance = random.Random(7)
    for place in chance.sample(places, min(count, len(places))):
        others = [sign for sign in '0123456789abcdef,"' if sign != text[place]]
        yield text[:place] + chance.choice(others) + text[place + 1 :]
