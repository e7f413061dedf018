"""Rank cards: what is drawn, what a template may do, and what it costs."""

from __future__ import annotations

import re
import resource
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from robo_xp.errors import PictureFailed, TemplateWrong
from robo_xp.pictures.easel import Easel
from robo_xp.pictures.fonts import SCRIPTS, Script, without_font
from robo_xp.pictures.studio import MOST_CARDS, Dress, Studio, check_picture
from robo_xp.pictures.template import read, usual
from robo_xp.views.card import Card
from tests.pages import ROOT
from tests.pictures.names import HOSTILE


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """One worker for all tests of the file."""
    with Studio() as made:
        yield made


def card(name: str = "Ada", **more: object) -> Card:
    """A card with usual figures."""
    figures = {
        "user_id": "200000000000000001",
        "rank": 12,
        "total": 100_000,
        "level": 57,
        "xp": 1_234_567,
        "in_level": 12_345,
        "to_next": 4567,
        "percentage": 73.0,
        "unit": "XP",
        "boost": 1.5,
        "accent": "#5865f2",
    }
    return Card(name=name, **{**figures, **more})  # type: ignore[arg-type]


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def png(side: int, pixels: bytes) -> bytes:
    """A picture that says it is so many pixels wide and high, with these of them."""

    def chunk(name: bytes, content: bytes) -> bytes:
        whole = name + content
        return len(content).to_bytes(4) + whole + zlib.crc32(whole).to_bytes(4)

    head = chunk(b"IHDR", side.to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def template(tmp_path: Path, text: str) -> Dress:
    """A dress of a template with this text."""
    file = tmp_path / "own.typ"
    file.write_text(text)
    return Dress(read(file))


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_is_drawn(studio: Studio, name: str) -> None:
    """Whatever a member is called, the card is a picture of 934 by 282 pixels."""
    assert size_of(studio.card(card(name))) == (934, 282)


def test_a_name_is_text(studio: Studio, tmp_path: Path) -> None:
    """Typst in a name is drawn and not run: the page is as wide as that text."""
    own = template(
        tmp_path,
        "#set page(width: auto, height: 10pt, margin: 0pt)\n"
        "#let card = json(bytes(sys.inputs.card))\n#card.name",
    )
    code = size_of(studio.card(card("#(1+1)"), own))
    short = size_of(studio.card(card("2"), own))

    assert code[0] > 3 * short[0]


def test_whoever_makes_a_template_is_told_every_key() -> None:
    """What a template is given stands in the docs and at the head of the usual template."""
    keys = {*msgspec.json.decode(msgspec.json.encode(card())), "avatar", "background"}
    docs = (ROOT / "docs" / "pages.md").read_text()
    head = _usual().read_text().partition("\n\n")[0]

    assert {key for key in keys if f"`{key}`" not in docs} == set()
    assert {key for key in keys if not re.search(rf"\b{key}\b", head)} == set()


def test_figures_at_their_ends(studio: Studio) -> None:
    """The highest level, no rank, the largest XP and no progress have a card too."""
    for one in (
        card(to_next=0, percentage=100.0),
        card(rank=None, xp=0, in_level=0, percentage=0.0, boost=1.0),
        card(rank=10**7, level=10**6, xp=2**53 - 1, in_level=2**52, to_next=2**52),
    ):
        assert size_of(studio.card(one)) == (934, 282)


def test_the_same_card_is_drawn_once(studio: Studio) -> None:
    """A card that was drawn is remembered; a change of figures is another card."""
    first = studio.card(card("once"))

    assert studio.card(card("once")) is first
    assert studio.card(card("once", xp=1)) is not first
    assert len(studio._cards) <= MOST_CARDS


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('\n#read("/etc/passwd")', 2, "not found"),
        ('\n\n#read("../../etc/passwd")', 3, "escape"),
        ('\n#import "@preview/cetz:0.3.0": *', 2, "cannot import packages"),
        ('#let x = "@"\n#import x + "preview/cetz:0.3.0": *', 2, "failed to download"),
        ("#while true {}", 1, "always true"),
        ("#let f(x) = f(x)\n#f(1)", 1, "depth"),
        ("fine\n#let x = (", 2, "unclosed"),
    ],
)
def test_a_template_that_may_not(
    studio: Studio, tmp_path: Path, text: str, line: int, said: str
) -> None:
    """What a template may not do, or does wrong, is told with its line."""
    with pytest.raises(TemplateWrong) as caught:
        studio.card(card(), template(tmp_path, text))

    assert f"card.typ, line {line}: " in caught.value.message
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("\n#for i in range(1000) { for j in range(10000000) { let x = 1 } }", "card.typ, line 2"),
        ("// for all\n\n#range(1000000).map(x => range(9000).sum()).sum()", "card.typ, line 3"),
        ("#let f(n) = lorem(n)\n#f(100000000)", "card.typ, line 1"),
    ],
)
def test_a_template_without_an_end(studio: Studio, tmp_path: Path, text: str, lines: str) -> None:
    """A template that never ends is killed, what it repeats is named, the next card is drawn."""
    began = time.monotonic()
    with pytest.raises(TemplateWrong, match=rf"within 0\.5 seconds; .* functions, in {lines}$"):
        studio.card(card(), template(tmp_path, text), seconds=0.5)

    assert time.monotonic() - began < 5
    assert size_of(studio.card(card("afterwards"))) == (934, 282)


def test_a_template_that_wants_too_much(studio: Studio, tmp_path: Path) -> None:
    """What ends the worker is told by the template's name and what it repeats, in all its files."""
    (tmp_path / "card.typ").write_text('#import "more.typ": boxes\n#boxes(100000)')
    (tmp_path / "more.typ").write_text(
        "#let boxes(n) = {\n  let a = [x]\n  for i in range(n) { a = box(a) }\n  a\n}"
    )
    with pytest.raises(PictureFailed, match=r"process that draws ended.* more\.typ, line 1, 3$"):
        studio.card(card(), Dress(read(tmp_path)))

    assert size_of(studio.card(card("after that"))) == (934, 282)


def test_a_template_of_a_folder(studio: Studio, tmp_path: Path) -> None:
    """card.typ of a folder may read what else is there, and no link out of it."""
    (tmp_path / "card.typ").write_text('#set page(width: 10pt, height: 5pt)\n#read("more.txt")')
    (tmp_path / "more.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to("/etc/hostname")

    assert size_of(studio.card(card(), Dress(read(tmp_path)))) == (20, 10)
    assert "link.txt" not in read(tmp_path).files


def test_a_file_alone_sees_no_neighbour(studio: Studio, tmp_path: Path) -> None:
    """A template beside the configuration cannot read it."""
    (tmp_path / "token").write_text("secret")
    with pytest.raises(TemplateWrong, match="not found"):
        studio.card(card(), template(tmp_path, '#read("token")'))


def test_an_avatar_is_on_the_card(studio: Studio) -> None:
    """An avatar changes the picture; what is no picture is refused by its name."""
    avatar = studio.card(card("avatar"))

    assert studio.card(card(), Dress(read(_usual()), avatar=avatar)) != studio.card(card())
    with pytest.raises(PictureFailed, match=r"me\.txt is no picture"):
        check_picture(b"hello", "me.txt")


_VAST = png(30_000, bytes(99))


@pytest.mark.parametrize(
    "dress", [Dress(usual(), avatar=_VAST), Dress(usual(), background=_VAST)], ids=["face", "scene"]
)
def test_a_picture_of_too_many_pixels(studio: Studio, dress: Dress) -> None:
    """A small file that unpacks to gigabytes ends the worker at its limit, and is blamed."""
    with pytest.raises(PictureFailed, match="ended.*; a picture may have too many pixels$"):
        studio.card(card(), dress)


def test_scripts_without_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A character that no font has is found, and one of Latin is not."""
    nobody = Script("Nobody", "\U0001fffe", "fonts-nobody")
    monkeypatch.setattr("robo_xp.pictures.fonts.SCRIPTS", (SCRIPTS[0], nobody))
    easel = Easel()
    try:
        assert without_font(easel) == [nobody]
    finally:
        easel.close()


@pytest.mark.long
def test_what_a_card_costs() -> None:
    """A thousand cards take at most 10 ms of CPU each when warm, and memory stays flat.

    Fonts are read when the first name needs them, so each name is drawn once before.
    """
    with Studio() as studio:
        for name in HOSTILE:
            studio.card(card(name))
        process = studio.easel._process
        assert process is not None
        before, memory = _used(process.pid)
        for number in range(1000):
            studio.card(card(HOSTILE[number % len(HOSTILE)], xp=number))
        after, grown = _used(process.pid)
        print(f"{(after - before) / 1000 * 1000:.1f} ms a card, {grown - memory} kB more")

    assert (after - before) / 1000 < 0.012
    assert grown - memory < 6_000


def _usual() -> Path:
    import robo_xp.pictures

    return Path(robo_xp.pictures.__path__[0]) / "templates" / "card.typ"


def _used(pid: int) -> tuple[float, int]:
    """CPU seconds and resident kilobytes of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / 100, int(fields[21]) * resource.getpagesize() // 1024
