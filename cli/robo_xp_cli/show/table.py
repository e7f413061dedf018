"""Tables and records for people at a terminal. Loaded only when somebody looks.

Ids, times and numbers are never cut; text columns fold when the terminal is narrow, and if even
that does not help each row is drawn as lines of its own. No markup is ever interpreted.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len, chop_cells

from robo_xp.text import thousands
from robo_xp_cli.show import streams
from robo_xp_cli.show.lines import pick, plain
from robo_xp_cli.show.results import Column, Pairs
from robo_xp_cli.show.words import encodable, human_time, visible_text

_BOX: Final = ("╭─┬╮", "├─┼┤", "│", "╰─┴╯")
_ASCII_BOX: Final = ("+--+", "|-+|", "|", "+--+")
_NARROWEST_TEXT = 10
_NARROWEST_VALUE = 20
_Record = Mapping[str, Any]


def table(
    columns: Sequence[Column],
    rows: Iterable[_Record],
    *,
    title: str = "",
    color: bool = False,
    along: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> str:
    """The rows as a drawn table, ready to be written; an empty text if there are none.

    ``along`` counts the rows that are drawn.
    """
    kept = list(rows)
    if not kept:
        return ""
    kinds = [_kind(column, kept) for column in columns]
    cells = [
        [cell(pick(row, column.key), kind) for column, kind in zip(columns, kinds, strict=True)]
        for row in kept
    ]
    headings = [_fit(column.label or label(column.key)) for column in columns]
    widths = [
        max(cell_len(heading), *(cell_len(line[number]) for line in cells))
        for number, heading in enumerate(headings)
    ]
    narrow = [
        min(width, _NARROWEST_TEXT) if kind == "text" else width
        for width, kind in zip(widths, kinds, strict=True)
    ]
    room = shutil.get_terminal_size().columns - 3 * len(widths) - 1
    if sum(narrow) > room:
        return _stacked_text(columns, cells, title=title, color=color)
    widths = _fitting(widths, narrow, room)
    top, head, line_, bottom = _BOX if streams.is_utf8() else _ASCII_BOX
    drawn = [_bold(f"{_fit(title)}\n", color)] if title else []
    drawn.append(_edge(top, widths))
    drawn.append(_row(line_, headings, widths, kinds, style=lambda text: _bold(text, color)))
    drawn.append(_edge(head, widths))
    drawn += [_row(line_, line, widths, kinds) for line in along(cells)]
    drawn.append(_edge(bottom, widths))
    return "".join(drawn)


def _fitting(widths: Sequence[int], narrow: Sequence[int], room: int) -> list[int]:
    """The widths, the widest made narrower until all have room, none below its narrowest."""
    for most in range(max(widths), 0, -1):
        found = [max(least, min(width, most)) for width, least in zip(widths, narrow, strict=True)]
        if sum(found) <= room:
            break
    spare = room - sum(found)
    for number, width in enumerate(widths):
        if spare and found[number] < width:
            found[number] += 1
            spare -= 1
    return found


def _edge(parts: str, widths: Sequence[int]) -> str:
    """A horizontal line: its left end, what it is of, where columns meet, its right end."""
    dashes = parts[2].join(parts[1] * (width + 2) for width in widths)
    return f"{parts[0]}{dashes}{parts[3]}\n"


def _row(
    bar: str,
    cells: Sequence[str],
    widths: Sequence[int],
    kinds: Sequence[str],
    *,
    style: Callable[[str], str] = str,
) -> str:
    """The cells beside each other, in as many lines as the longest of them takes."""
    folded = [
        [cell] if cell_len(cell) <= width else _chopped(cell, width)
        for cell, width in zip(cells, widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, folded))):
        parts = (lines[number] if number < len(lines) else "" for lines in folded)
        shown_parts = (
            style(_padded(part, width, kind))
            for part, width, kind in zip(parts, widths, kinds, strict=True)
        )
        lines.append(f"{bar} {f' {bar} '.join(shown_parts)} {bar}\n")
    return "".join(lines)


def _padded(text: str, width: int, kind: str) -> str:
    blank = " " * (width - cell_len(text))
    return f"{blank}{text}" if kind == "number" else f"{text}{blank}"


def _chopped(text: str, room: int) -> list[str]:
    """The text in lines of at most so many cells, long words cut."""
    words = (chop_cells(line, room) for line in _folded_lines(text, room))
    return [part for parts in words for part in parts]


def _bold(text: str, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text


def _stacked_text(
    columns: Sequence[Column], cells: Sequence[Sequence[str]], *, title: str, color: bool
) -> str:
    """The rows below each other, each as pairs: for a terminal that has no room beside."""
    labels = [column.label or label(column.key) for column in columns]
    rows = [pairs(list(zip(labels, line, strict=True)), color=color) for line in cells]
    return "\n".join([*([f"{_fit(title)}\n"] if title else []), *rows])


def pairs(items: Pairs, *, color: bool = False) -> str:
    """Labels and values below each other."""
    lines = [(_fit(name), cell(value, "")) for name, value in items]
    width = max((cell_len(name) for name, _ in lines), default=0)
    columns = shutil.get_terminal_size().columns
    whole = []
    for name, value in lines:
        longest, beside = max(map(cell_len, value.split(" "))), columns - width - 2
        # a word that has no room beside the labels stands below its own
        has_room = cell_len(value) <= beside or longest <= beside >= _NARROWEST_VALUE
        is_below = not has_room and longest + 2 <= columns
        indent = 2 if is_below else width + 2
        room = max(columns - indent, _NARROWEST_VALUE)
        told = f"\n{' ' * indent}".join(_folded_lines(value, room))
        between = f"\n{' ' * indent}" if is_below else " " * (width + 2 - cell_len(name))
        whole.append(f"{_bold(name, color)}{between}{told}".rstrip() + "\n")
    return "".join(whole)


def _folded_lines(text: str, room: int) -> list[str]:
    """The text in lines of at most so many cells; a word that is longer stays whole."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_len(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def cell(value: Any, kind: str) -> str:
    """A value as people read it: thousands separated, times in the local zone, no controls."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return human_time(value) if kind == "time" else thousands(value)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return _fit(", ".join(value))
    return _fit(plain(value))


def label(key: str) -> str:
    """A heading from a key: ``lastAwardedAt`` is ``last awarded``, ``userId`` is ``user``."""
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in key)
    words = words.replace(".", " ").strip()
    return words.removesuffix(" at").removesuffix(" id") or words


def flat(record: _Record, prefix: str = "") -> list[tuple[str, Any]]:
    """The record as pairs of dotted key and value."""
    found: list[tuple[str, Any]] = []
    for key, value in record.items():
        if isinstance(value, Mapping) and value:
            found += flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found


def key_kind(key: str) -> str:
    """What the last part of a key says about its values: ``id``, ``time`` or nothing."""
    last = key.rpartition(".")[2]
    if last == "id" or last.endswith("Id"):
        return "id"
    return "time" if last in ("ts", "at") or last.endswith("At") else ""


def _kind(column: Column, rows: Sequence[_Record]) -> str:
    if kind := column.kind or key_kind(column.key):
        return kind
    values = [value for row in rows if (value := pick(row, column.key)) is not None]
    is_numeric = bool(values) and all(isinstance(value, int | float) for value in values)
    return "number" if is_numeric else "text"


def _fit(text: str) -> str:
    return encodable(visible_text(text), streams.encoding())
