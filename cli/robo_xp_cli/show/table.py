"""Tables and records for people at a terminal. Loaded only when somebody looks.

Ids, times and numbers are never cut; text columns fold when the terminal is narrow, and if even
that does not help each row is drawn as lines of its own. No markup is ever interpreted.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from robo_xp.text import thousands
from robo_xp_cli.show import streams
from robo_xp_cli.show.lines import pick, plain
from robo_xp_cli.show.results import Column, Pairs
from robo_xp_cli.show.words import encodable, human_time, shown

_NARROWEST_TEXT = 10
_NARROWEST_VALUE = 20
_Record = Mapping[str, Any]


def table(
    columns: Sequence[Column], rows: Iterable[_Record], *, title: str = "", color: bool = False
) -> str:
    """The rows as a drawn table, ready to be written; an empty text if there are none."""
    kept = list(rows)
    if not kept:
        return ""
    kinds = [_kind(column, kept) for column in columns]
    cells = [
        [cell(pick(row, column.key), kind) for column, kind in zip(columns, kinds, strict=True)]
        for row in kept
    ]
    drawn = Table(
        box=box.ROUNDED if streams.is_utf8() else box.ASCII,
        title=Text(_fit(title)) if title else None,
        title_justify="left",
        show_edge=True,
    )
    natural = []
    for number, (column, kind) in enumerate(zip(columns, kinds, strict=True)):
        heading = Text(_fit(column.label or label(column.key)))
        width = max(cell_len(heading.plain), *(cell_len(line[number]) for line in cells))
        natural.append(width if kind != "text" else min(width, _NARROWEST_TEXT))
        _add_column(drawn, heading, kind=kind, width=width)
    at_least = sum(natural) + 3 * len(natural) + 1
    if at_least > shutil.get_terminal_size().columns:
        return _stacked(columns, cells, title=title, color=color)
    for line in cells:
        drawn.add_row(*(Text(value) for value in line))
    return _painted(drawn, at_least=at_least, color=color)


def _stacked(
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
    whole, widest = Text(), 0
    for name, value in lines:
        longest, beside = max(map(cell_len, value.split(" "))), columns - width - 2
        # a word that has no room beside the labels stands below its own
        has_room = cell_len(value) <= beside or longest <= beside >= _NARROWEST_VALUE
        is_below = not has_room and longest + 2 <= columns
        indent = 2 if is_below else width + 2
        room = max(columns - indent, _NARROWEST_VALUE)
        widest = max(widest, indent + max(longest, room))
        whole.append(name if is_below else name.ljust(width + len(name) - cell_len(name)), "bold")
        whole.append("\n" if is_below else "  ")
        whole.append(" " * indent if is_below else "")
        whole.append(f"\n{' ' * indent}".join(_folded(value, room)) + "\n")
    return _painted(whole, at_least=widest, color=color, end="")


def _folded(text: str, room: int) -> list[str]:
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


def _add_column(drawn: Table, heading: Text, *, kind: str, width: int) -> None:
    if kind == "text":
        narrowest = min(width, _NARROWEST_TEXT)
        drawn.add_column(heading, min_width=narrowest, overflow="fold")
    else:
        justify: JustifyMethod = "right" if kind == "number" else "left"
        drawn.add_column(heading, min_width=width, no_wrap=True, justify=justify)


def _painted(what: RenderableType, *, at_least: int, color: bool, end: str = "\n") -> str:
    into = io.StringIO()
    console = Console(
        file=into,
        width=max(shutil.get_terminal_size().columns, at_least),
        height=1,  # any: with both, rich does not take 80 columns where TERM is dumb
        force_terminal=color,
        color_system="standard" if color else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    console.print(what, end=end, soft_wrap=False)
    return "".join(f"{line.rstrip()}\n" for line in into.getvalue().splitlines())


def _fit(text: str) -> str:
    return encodable(shown(text), streams.encoding())
