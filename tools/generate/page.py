"""Pages of documentation as blocks, before they become Markdown or a man page.

The texts in the blocks are inline Markdown: ``code``, ``**bold**``, ``*placeholder*``, links,
and a backslash before a character that is meant as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

_SPAN = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<name>[^*\s][^*]*)\*"
    r"|\[(?P<link>[^\]]+)\]\([^)]*\)|\\(?P<plain>[\\`*<\[|])|(?P<text>[^`*\[\\]+|.)"
)
_SPECIAL = re.compile(r"[\\`*<\[]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A title: ``level`` 1 of the page, 2 of a section, 3 and 4 of parts of it."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences; where lines end means nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """Terms and what they mean; ``heads`` stand above the columns where it is a table."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Points:
    """A list with a number or a dot before each point."""

    points: tuple[str, ...]
    numbered: bool


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are shown as they stand, of a language or none."""

    lines: tuple[str, ...]
    language: str = ""


Block: TypeAlias = Heading | Paragraph | Items | Points | Code


def spans(inline: str) -> list[tuple[str, str]]:
    """The text in pieces, each with its kind: ``code``, ``bold``, ``name`` or ``text``."""
    pieces = []
    for match in _SPAN.finditer(inline):
        kind = str(match.lastgroup)
        pieces.append(("text" if kind in ("link", "plain") else kind, match[kind]))
    return pieces


def bare(inline: str) -> str:
    """The text alone, without its marks."""
    return "".join(text for _, text in spans(inline))


def escaped_inline(text: str) -> str:
    """Text of any kind as inline Markdown that shows it as it stands."""
    return _SPECIAL.sub(r"\\\g<0>", text)
