"""The public pages by their path: what they show, to whom they lead, and what is never there."""

from __future__ import annotations

import os
import re
from urllib.parse import urlencode

import pytest

from robo_xp import RoboXP, __version__
from robo_xp.errors import GuildNotFound
from robo_xp.machine.site import page_at
from robo_xp.text import is_visible
from tests.faces.public import GUILD, contents_of, given_away, member
from tests.faces.reader import links_in
from tests.pages import ROOT

_ELSEWHERE = re.compile(rb"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""")


def test_live_and_static_are_the_same(robo: RoboXP) -> None:
    """Every page by its path is what is written to the file, and every link leads to one."""
    given_away(robo)
    pages = contents_of(robo)
    for path, content in pages.items():
        live = page_at(robo, path)
        assert live is not None
        assert live.content == content
        if path.endswith(".html"):
            for link in links_in(content):
                assert os.path.normpath(os.path.join(os.path.dirname(path), link)) in pages


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        f"{GUILD}",
        f"{GUILD}/",
        f"{GUILD}/board/1.html",
        f"{GUILD}/board/4.html",
        f"{GUILD}/board/02.html",
        f"{GUILD}/giveaway/01M7YJJ94WC4Q3344FK42H5P8Y.html",
        f"{GUILD}/member/{member(999)}.html",
        f"{GUILD}/member/1.html",
        f"{GUILD}/week/4.html",
        f"{GUILD}/year/1.html",
        f"{GUILD}/find.html",
        f"{GUILD}/store/default/index.html",
        f"{GUILD}/store/season-1/index.html",
        f"{GUILD}/store/../index.html",
        "100000000000000010/index.html",
        f"{GUILD}/../style.css",
    ],
)
def test_there_is_nothing_else(robo: RoboXP, path: str) -> None:
    """Other paths have no page."""
    assert page_at(robo, path) is None


def test_a_member_that_is_hidden_is_nowhere(robo: RoboXP) -> None:
    """No page names who is hidden, and the own page is gone; ranks close up."""
    hidden, next_one = member(30), member(31)
    robo.names.remember(GUILD, {hidden: "Zebedee", next_one: "Zoe"})
    assert any(b"Zebedee" in content for content in contents_of(robo).values())
    robo.members.hide(GUILD, [hidden])
    pages = contents_of(robo)

    assert [path for path, content in pages.items()
            if b"Zebedee" in content or hidden.encode() in content] == []  # fmt: skip
    assert page_at(robo, f"{GUILD}/member/{hidden}.html") is None
    assert b"<dt>Rank</dt><dd>31</dd>" in pages[f"{GUILD}/member/{next_one}.html"]
    assert b"Nobody on the board" in asked(robo, "zebedee")
    assert b"Nobody on the board" in asked(robo, hidden)


def asked(robo: RoboXP, text: str) -> bytes:
    """The page of a search."""
    found = page_at(robo, f"{GUILD}/find.html", urlencode({"q": text}))
    assert found is not None
    return found.content


def test_members_are_found_by_name(robo: RoboXP) -> None:
    """A part of a name in any case, and a whole id; the nearest first, and nothing for no text."""
    called = {member(40): "Grace Hopper", member(41): "grace", member(42): "<i>Grace</i>"}
    robo.names.remember(GUILD, called)
    found = re.findall(rb"member/(\d+)\.html", asked(robo, " GRACE "))

    assert [one.decode() for one in found] == [member(41), member(40), member(42)]
    assert b"<bdi>Grace Hopper</bdi></a>" in asked(robo, "grace")
    assert f"<bdi>{member(77)}</bdi></a>".encode() in asked(robo, member(77))
    assert re.findall(rb"member/(\d+)\.html", asked(robo, member(7))) == [member(7).encode()]
    assert b"<i>Grace" not in asked(robo, "<i>")
    assert b"<li>" not in asked(robo, "")


def test_who_has_an_invisible_name_can_be_followed(robo: RoboXP) -> None:
    """Links to members, guilds and giveaways have something to see."""
    robo.names.remember(GUILD, dict.fromkeys(map(member, range(250)), "ㅤ\u200b"))
    robo.names.remember(GUILD, {GUILD: "\u200b"}, "guilds")
    given_away(robo, prize="\u200b\u2800")
    pages = contents_of(robo)
    found = [
        (path, link)
        for path, content in pages.items()
        for link in re.findall(r"<a [^>]*>(.*?)</a>", content.decode())
        if not is_visible(re.sub("<.*?>", "", link))
    ]

    assert found == []


def test_members_are_listed_by_name(robo: RoboXP) -> None:
    """Names lead to members, laid out by their beginnings; without a name the id does."""
    robo.names.remember(GUILD, {member(40): "Grace <Hopper>"})
    pages = contents_of(robo)

    assert b"<bdi>Grace &lt;Hopper&gt;</bdi></a>" in pages[f"{GUILD}/names/67.html"]
    assert f"<bdi>{member(77)}</bdi></a>".encode() in pages[f"{GUILD}/names/32.html"]


def test_the_page_of_a_member(robo: RoboXP) -> None:
    """Rank, level, progress and the XP of each day; what was taken counts too."""
    robo.xp.remove(GUILD, member(3), 991)
    html = page_at(robo, f"{GUILD}/member/{member(3)}.html")
    assert html is not None
    text = html.content.decode()

    assert "<dt>Rank</dt><dd>250</dd>" in text
    assert '<progress aria-labelledby="progress" max="100"' in text
    assert '<td class="number">4,000</td>' in text
    assert text.count("<rect ") == 1


def test_boards_of_periods(robo: RoboXP) -> None:
    """The board of the day shows what was gained on it, and its dates."""
    html = page_at(robo, f"{GUILD}/day/1.html")
    assert html is not None
    text = html.content.decode()

    assert '<h2 id="board">Today</h2>' in text
    assert re.search(r"gained on \d{4}-\d\d-\d\d", text)
    assert '<td class="number">5,000</td>' in text


def test_other_stores_have_pages_where_they_say_so(robo: RoboXP) -> None:
    """A public store lies below the guild and is linked; without the default one it has none."""
    robo.xp.add(GUILD, member(1), 70, store="art")
    robo.xp.add(GUILD, member(2), 80, store="secret")
    robo.config.set(GUILD, {"leaderboard": {"page": "public"}}, store="art")
    pages = contents_of(robo)
    art = pages[f"{GUILD}/store/art/index.html"].decode()

    assert member(1) in art
    assert f'href="../../../{GUILD}/index.html"' in art
    assert f'href="../{GUILD}/store/art/index.html"' in pages[f"{GUILD}/index.html"].decode()
    assert not any("secret" in path or b"secret" in page for path, page in pages.items())

    robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
    assert page_at(robo, f"{GUILD}/store/art/index.html") is None


def test_guild_and_roles_are_called_as_they_were_seen(robo: RoboXP) -> None:
    """Names of the guild and of the roles of rewards stand on the first page, escaped."""
    robo.names.remember(GUILD, {GUILD: "<b>Guild"}, "guilds")
    robo.names.remember(GUILD, {member(1): "Re<gular"}, "roles")
    pages = contents_of(robo)

    assert b"<h1><bdi>&lt;b&gt;Guild</bdi></h1>" in pages[f"{GUILD}/index.html"]
    assert b"<bdi>Re&lt;gular</bdi>" in pages[f"{GUILD}/index.html"]
    assert b"&lt;b&gt;Guild" in pages["index.html"]


def test_a_guild_that_is_off_has_no_page(robo: RoboXP) -> None:
    """Off and unknown are alike, also where the global default is public."""
    robo.config.set(GUILD, {"leaderboard": {"page": "off"}})
    robo.config.set(None, {"leaderboard": {"page": "public"}})

    assert page_at(robo, f"{GUILD}/index.html") is None
    assert page_at(robo, "100000000000000010/index.html") is None
    with pytest.raises(GuildNotFound):
        robo.public.guild(GUILD)


def test_nothing_comes_from_elsewhere(robo: RoboXP) -> None:
    """No page names another host."""
    given_away(robo)
    for path, content in contents_of(robo).items():
        assert not _ELSEWHERE.search(content), path


def test_assets_say_version_and_licence() -> None:
    """Each asset of pages and pictures begins with this version and its licence."""
    package = ROOT / "robo_xp"
    files = [*(package / "pages" / "assets").iterdir(), *package.glob("pictures/templates/*")]

    assert len(files) == 5
    for file in files:
        assert f" Robo XP {__version__}, MIT: " in file.read_text().splitlines()[0], file
