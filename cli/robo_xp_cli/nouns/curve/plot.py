"""Draws curves, and how many members stand on which level, with letters in a terminal.

Loaded only when something is drawn: plotext takes longer to import than the rest of the program.
"""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from robo_xp.errors import PlotFailed
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column
from robo_xp_cli.show.table import table

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

# what the palette of plotext's theme "simple" begins with: the colours of the lines, in turn
_PALETTE = (12, 10, 9, 14, 13, 11)
_LETTERS = "*+ox#@"
_MOST_POINTS = 500
# a plot as tall as a large screen says no more, and pushes the table above it out of sight
_MOST_ROWS = 60
_GROUP_MARKS = ((10, 15, 20, 30, 40, 50, 75), (10, 20, 30, 50), (10, 20, 50), (10, 30))
_ASCII = str.maketrans("┌┐└┘├┤┬┴┼─│", "+++++++++-|")
_UNITS = ((10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot: its name and its points, from left to right."""

    name: str
    points: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Canvas:
    """What can be drawn on: columns and rows, colours or none, any character or ASCII only."""

    columns: int = 80
    rows: int = 20
    color: bool = False
    ascii: bool = False


def canvas_of(run: Run) -> Canvas:
    """The terminal, less the room for a prompt; 80 columns without colour in a pipe."""
    is_ascii = not streams.is_utf8() or _is_plain_locale(run.environ)
    if not streams.is_terminal(sys.stdout):
        return Canvas(ascii=is_ascii)
    size = shutil.get_terminal_size()
    rows = min(max(size.lines - 2, 10), _MOST_ROWS)
    return Canvas(max(size.columns, 30), rows, run.color, is_ascii)


def plot(lines: Sequence[Line], canvas: Canvas, *, title: str) -> str:
    """The lines over levels (to the right) and XP (upwards), with a title and their names."""
    names = _names(lines, canvas)
    matrix = _figure(lines, canvas, rows=canvas.rows - 1 - len(names)).build()
    drawn: str = matrix.string(not canvas.color)
    drawn = "\n".join(line.rstrip() for line in drawn.rstrip("\n").split("\n"))
    if canvas.ascii:
        drawn = drawn.translate(_ASCII)
    return "\n".join([title, drawn, *names]) + "\n"


def bars(outlooks: Mapping[str, Mapping[int, int]], canvas: Canvas, *, most_rows: int = 12) -> str:
    """A table with a bar for each group of levels and each name: how many members stand there."""
    top = max((max(members, default=0) for members in outlooks.values()), default=0)
    groups = level_groups(top, most_rows)
    counts = {
        name: [sum(members.get(level, 0) for level in group) for group in groups]
        for name, members in outlooks.items()
    }
    most = max(max(column, default=0) for column in counts.values())
    room = (canvas.columns - 14) // max(len(counts), 1) - 4 - len(f"{most:,}")
    rows = [
        {"levels": f"{group[0]}" if len(group) == 1 else f"{group[0]}-{group[-1]}"}
        | {name: _bar(column[index], most, max(room, 4), canvas) for name, column in counts.items()}
        for index, group in enumerate(groups)
    ]
    columns = [Column("levels"), *(Column(name, name) for name in counts)]
    return table(columns, rows, color=canvas.color)


def short(number: int) -> str:
    """A number in few letters: ``1500`` is ``1.5k``."""
    for unit, letter in _UNITS:
        if number >= unit:
            return f"{number / unit:.10g}{letter}"
    return str(number)


def ticks(high: int, most: int) -> list[int]:
    """Round numbers from 0 to ``high``, the last at or just above it; at most ``most`` + 1."""
    step = _step(high, most)
    return list(range(0, -(-high // step) * step + 1, step))


def level_groups(top: int, most: int) -> list[range]:
    """All levels up to ``top`` in at most about ``most`` groups, which grow: members are few above.

    Groups begin at round numbers.
    """
    if top < most:
        return [range(level, level + 1) for level in range(top + 1)]
    for marks in _GROUP_MARKS:
        starts = [0, *_round_numbers(marks, top)]
        if len(starts) <= most:
            break
    ends = [*starts[1:], starts[-1] * 10]
    following = _round_numbers(marks, starts[-1] * 10)
    ends[-1] = next(mark for mark in following if mark > starts[-1])
    return [range(low, high) for low, high in zip(starts, ends, strict=True)]


def _round_numbers(marks: Sequence[int], top: int) -> list[int]:
    """The whole numbers from 1 to ``top`` that are one of the marks, moved by a power of ten."""
    found = set()
    for power in range(-1, len(str(top))):
        for mark in marks:
            number = mark * 10**power if power >= 0 else mark / 10
            if number == int(number) and 1 <= number <= top:
                found.add(int(number))
    return sorted(found)


def _figure(lines: Sequence[Line], canvas: Canvas, *, rows: int) -> Any:
    plotext = _plotext()
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(canvas.columns, max(rows, 6))
    for number, line in enumerate(lines):
        thin = line.points[:: max(1, len(line.points) // _MOST_POINTS)]
        points = [*thin, line.points[-1]] if line.points else [(0, 0)]
        marker = plotext.marker(_marker(number, lines, canvas), _PALETTE[number % len(_PALETTE)])
        signal = figure.signal([x for x, _ in points], [y for _, y in points], marker=marker)
        figure.draw(signal.lines())
    ends = [line.points[-1] for line in lines if line.points]
    _rule(figure.ruler("x"), max((x for x, _ in ends), default=1), canvas.columns // 12)
    _rule(figure.ruler("y"), max((y for _, y in ends), default=1), rows // 3, is_round=True)
    return figure


def _rule(ruler: Any, high: int, most: int, *, is_round: bool = False) -> None:
    """Put round numbers beside the axis, which ends at ``high`` or at the round number above."""
    marks = ticks(max(high, 1), max(most, 2))
    end = marks[-1] if is_round else max(high, 1)
    marks = [mark for mark in marks if mark <= end]
    ruler.ticks(marks, [short(mark) for mark in marks])
    ruler.lim(0, end)


def _names(lines: Sequence[Line], canvas: Canvas) -> list[str]:
    """A line for each line of the plot, in its colour; none for a single one."""
    if len(lines) < 2:
        return []
    names = []
    for number, line in enumerate(lines):
        sample = _marker(number, lines, canvas)
        sample = "⠒⠒" if sample == "braille" else sample * 2
        if canvas.color:
            sample = f"\x1b[38;5;{_PALETTE[number % len(_PALETTE)]}m{sample}\x1b[0m"
        names.append(f"    {sample} {line.name}")
    return names


def _marker(number: int, lines: Sequence[Line], canvas: Canvas) -> str:
    """Fine dots where colours tell the lines apart, else a letter of its own for each."""
    if canvas.ascii or (len(lines) > 1 and not canvas.color):
        return _LETTERS[number % len(_LETTERS)]
    return "braille"


def _bar(count: int, most: int, room: int, canvas: Canvas) -> str:
    """A bar and its count; a count above 0 never looks like none."""
    if not count:
        return ""
    eighths = max(1, round(count * room * 8 / most))
    if canvas.ascii:
        return "#" * math.ceil(eighths / 8) + f" {count:,}"
    part = " ▏▎▍▌▋▊▉"[eighths % 8].strip()
    return "█" * (eighths // 8) + part + f" {count:,}"


def _step(high: int, most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that makes at most ``most`` steps of ``high``."""
    scale = 1
    while True:
        for factor in (1, 2, 5):
            if high <= factor * scale * most:
                return factor * scale
        scale *= 10


def _is_plain_locale(environ: Mapping[str, str]) -> bool:
    """Whether the operator asked for plain letters, as ``LC_ALL=C`` does.

    Python takes that for UTF-8 all the same, so stdout does not tell.
    """
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if environ.get(name):
            return environ[name] in ("C", "POSIX")
    return False


def _plotext() -> Any:
    try:
        import plotext
    except (ImportError, OSError) as error:
        raise PlotFailed(
            f"cannot draw, because plotext does not load: {error}",
        ) from None
    return plotext
