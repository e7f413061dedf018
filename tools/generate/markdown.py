"""Markdown, as much of it as this project's pages use, from and to blocks of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tools.generate.page import Block, Code, Heading, Items, Paragraph, Points

_POINT = re.compile(r"(?:(?P<number>\d+)\.|-) +(?P<text>.*)")
_CELL = re.compile(r"(?<!\\)\|")


def read(text: str) -> Iterator[Block]:
    """The blocks of a page, in order."""
    lines = text.splitlines()
    while lines:
        if not lines[0].strip():
            lines.pop(0)
        elif lines[0].startswith("```"):
            yield _code(lines)
        elif lines[0].startswith("#"):
            marks, _, title = lines.pop(0).partition(" ")
            yield Heading(title, len(marks))
        elif lines[0].startswith("|"):
            yield _table(lines)
        elif _POINT.fullmatch(lines[0]):
            yield _points(lines)
        else:
            yield Paragraph("\n".join(_take_lines(lines, _is_prose)))


def write(blocks: Iterable[Block]) -> str:
    """The page as Markdown."""
    return "\n\n".join(map(_block_text, blocks)) + "\n"


def _is_prose(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("```", "#", "|"))


def _take_lines(lines: list[str], belongs: object) -> list[str]:
    """The lines from the front that belong together; they are gone from ``lines``."""
    assert callable(belongs)
    found = []
    while lines and belongs(lines[0]):
        found.append(lines.pop(0))
    return found


def _code(lines: list[str]) -> Code:
    language = lines.pop(0).removeprefix("```")
    inside = _take_lines(lines, lambda line: not line.startswith("```"))
    lines[:1] = []
    return Code(tuple(inside), language)


def _table(lines: list[str]) -> Items:
    heads, _, *rows = (
        _cells(line) for line in _take_lines(lines, lambda line: line.startswith("|"))
    )
    return Items(heads, tuple(rows))


def _cells(line: str) -> tuple[str, ...]:
    inside = line.strip().removeprefix("|").removesuffix("|")
    return tuple(cell.strip().replace(r"\|", "|") for cell in _CELL.split(inside))


def _points(lines: list[str]) -> Points:
    points: list[str] = []
    numbered = lines[0][0].isdigit()
    for line in _take_lines(lines, _is_prose):
        match = _POINT.fullmatch(line)
        if match:
            points.append(match["text"])
        else:
            points[-1] += " " + line.strip()
    return Points(tuple(points), numbered)


def _block_text(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {block.text}"
        case Paragraph():
            return block.text
        case Code():
            return "\n".join([f"```{block.language}", *block.lines, "```"])
        case Points():
            marks = (f"{n}." if block.numbered else "-" for n in range(1, len(block.points) + 1))
            return "\n".join(
                f"{mark} {text}" for mark, text in zip(marks, block.points, strict=True)
            )
        case Items():
            ruler = "|" + "---|" * len(block.heads)
            return "\n".join([_row(block.heads), ruler, *map(_row, block.rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
