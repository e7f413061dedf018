"""Man pages out of blocks, in the language man(7) that every ``man`` reads.

``mandoc -T lint`` has nothing to say about what comes out: text is escaped, a sentence begins a
line, and nothing empty stands anywhere.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.generate.page import (
    Block,
    Code,
    Heading,
    Items,
    Paragraph,
    Points,
    bare,
    spans,
)

_ESCAPES = {
    "\\": r"\e",
    "-": r"\-",
    "'": r"\(aq",
    '"': r"\(dq",
    "^": r"\(ha",
    "~": r"\(ti",
    "`": r"\(ga",
}
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*])")
_FONTS = {"code": r"\fB", "bold": r"\fB", "name": r"\fI"}
_COLUMNS = 78


@dataclass(frozen=True, slots=True)
class Title:
    """What stands at the head of a man page; ``date`` is the day of the release."""

    name: str
    section: int
    date: str
    source: str
    manual: str


def write(title: Title, blocks: Iterable[Block]) -> str:
    """The page as man(7)."""
    head = f'.TH {_plain(title.name.upper())} {title.section} {title.date} "{title.source}"'
    lines = [f'{head} "{title.manual}"', ".nh", ".ad l"]
    page = list(blocks)
    for before, block, after in zip([None, *page], page, [*page[1:], None], strict=False):
        # titles of titles are for longer pages
        if not (isinstance(block, Heading) and block.level > 2 and isinstance(after, Heading)):
            lines += _block_lines(block, after_heading=isinstance(before, Heading))
    return "\n".join(lines) + "\n"


def _block_lines(block: Block, *, after_heading: bool) -> Iterator[str]:
    match block:
        case Heading(level=2):
            yield f".SH {_plain(bare(block.text).upper())}"
        case Heading():
            yield f'.SS "{_plain(bare(block.text))}"'
        case Paragraph():
            yield from () if after_heading else (".PP",)
            yield from _prose(block.text)
        case Items():
            for term, *rest in block.rows:
                yield ".TP"
                yield _inline(term)
                yield from _prose(_together(block.heads[1:], rest))
        case Points():
            for number, point in enumerate(block.points, 1):
                yield f".IP {number}. 4" if block.numbered else r".IP \(bu 4"
                yield from _prose(point)
        case Code():
            yield from () if after_heading else (".PP",)
            yield from (".RS 4", ".nf", *map(_verbatim, block.lines), ".fi", ".RE")


def _together(heads: Iterable[str], cells: list[str]) -> str:
    """The cells after the first as one text; with more than one, each after its heading."""
    if len(cells) == 1:
        return cells[0]
    return "; ".join(f"{head}: {cell}" for head, cell in zip(heads, cells, strict=True)) + "."


def _prose(text: str) -> Iterator[str]:
    """Lines of running text, each sentence on lines of its own."""
    for sentence in _SENTENCE.split(" ".join(text.split())):
        for line in textwrap.wrap(
            _inline(sentence), _COLUMNS, break_long_words=False, break_on_hyphens=False
        ):
            yield _guarded_line(line)


def _inline(text: str) -> str:
    pieces = []
    for kind, piece in spans(text):
        font = _FONTS.get(kind)
        pieces.append(f"{font}{_plain(piece)}\\fR" if font else _plain(piece))
    return "".join(pieces)


def _verbatim(line: str) -> str:
    return _guarded_line(_plain(line)) if line.strip() else ".sp"


def _guarded_line(line: str) -> str:
    """The line, so that a dot at its start is no request."""
    return r"\&" + line if line.startswith(".") else line


def _plain(text: str) -> str:
    return "".join(
        _ESCAPES.get(char, char if char.isascii() else f"\\[u{ord(char):04X}]") for char in text
    )
