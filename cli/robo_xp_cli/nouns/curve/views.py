"""What the commands about curves show: rows, and pictures for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from robo_xp.rules.levels.shape import Curve
from robo_xp.text import count_text, thousands
from robo_xp_cli.nouns.curve.typed import curve_line
from robo_xp_cli.show.results import Column, Rows

if TYPE_CHECKING:
    from robo_xp.usecases.members.changes import LevelEffect
    from robo_xp.usecases.settings.curves import Outlook
    from robo_xp_cli.nouns.curve.plot import Canvas
    from robo_xp_cli.run.context import Run

SET_BY = {
    "callback": "get_curve of the configuration",
    "guild": "this guild",
    "global": "the global defaults",
    "default": "nobody: it is the default",
}
_COMPARED = (
    Column("curve"),
    Column("changed", kind="number"),
    Column("up", kind="number"),
    Column("down", kind="number"),
    Column("highest", kind="number"),
    Column("median", kind="number"),
)
_PLOT_ROWS = 14
_FRAME_OF_BARS = 5


def point_rows(curves: Sequence[Curve], points: Sequence[Sequence[Mapping[str, Any]]]) -> Rows:
    """The levels of several curves as rows of one table."""
    rows = [
        {"curve": curve_line(curve), **level}
        for curve, levels in zip(curves, points, strict=True)
        for level in levels
    ]
    return Rows(("curve", "level", "cost", "total"), rows, id_key="level")


def moved_table(sample: Sequence[Mapping[str, Any]], moved: int) -> Rows:
    """The first of so many members whose level moved."""
    has_names = any("name" in row for row in sample)
    name = ("name",) if has_names else ()
    member, xp = Column("userId", "member"), Column("totalXp", "XP")
    columns = (member, *name, "oldLevel", "newLevel", xp)
    return Rows(columns, sample, empty="", first_of=moved if moved > len(sample) else 0)


def effect_text(effect: LevelEffect) -> str:
    """How many levels moved, in words."""
    if not effect.changed:
        return "no member's level changes"
    moved = f"{thousands(effect.up)} up, {thousands(effect.down)} down"
    return f"{count_text(effect.changed, 'member')} at another level: {moved}"


def outlook_rows(outlooks: Sequence[Outlook]) -> Rows:
    """What curves make of the members, a row for each; the first is the one that holds."""
    rows = [
        {
            "curve": curve_line(outlook.curve) + ("" if number else " (now)"),
            "changed": outlook.effect.changed,
            "up": outlook.effect.up,
            "down": outlook.effect.down,
            "highest": outlook.highest,
            "median": outlook.median,
        }
        for number, outlook in enumerate(outlooks)
    ]
    return Rows(_COMPARED, rows, id_key="curve")


def picture(
    run: Run, curves: Sequence[Curve], points: Sequence[Sequence[Mapping[str, Any]]]
) -> str:
    """The curves as a plot that fills the terminal."""
    from robo_xp_cli.nouns.curve.plot import canvas_of

    return _plot(list(map(curve_line, curves)), points, canvas_of(run))


def comparison(run: Run, rows: Rows, outlooks: Sequence[Outlook]) -> str:
    """The table of a comparison, the members by level, and the curves where there is room."""
    from robo_xp_cli.nouns.curve.plot import bars, canvas_of
    from robo_xp_cli.show.table import table

    canvas = canvas_of(run)
    text = table(_COMPARED, rows.rows, color=canvas.color)
    names = _short_names([outlook.curve for outlook in outlooks])
    has_members = outlooks[0].count > 0
    if has_members:
        drawn = {name: one.members for name, one in zip(names, outlooks, strict=True)}
        free = canvas.rows - text.count("\n") - _FRAME_OF_BARS
        text += "Members by level\n" + bars(drawn, canvas, most_rows=min(max(free, 5), 20))
    free = canvas.rows - text.count("\n")
    if not has_members or free >= _PLOT_ROWS:
        top = top_of(outlooks[0])
        table_of = run.robo().curves.table
        points = [list(map(asdict, table_of(one.curve, 0, top))) for one in outlooks]
        text += _plot(names, points, replace(canvas, rows=max(free, _PLOT_ROWS)))
    return text


def top_of(now: Outlook) -> int:
    """The highest level to be drawn: somewhat above that of the members."""
    return 50 if now.highest is None else max(now.highest * 5 // 4, 10)


def _plot(
    names: Sequence[str], points: Sequence[Sequence[Mapping[str, Any]]], canvas: Canvas
) -> str:
    from robo_xp_cli.nouns.curve.plot import Line, plot

    lines = [
        Line(name, [(level["level"], level["total"]) for level in levels])
        for name, levels in zip(names, points, strict=True)
    ]
    title = "XP in total at each level"
    return plot(lines, canvas, title=title if len(lines) > 1 else f"{title}: {lines[0].name}")


def _short_names(curves: Sequence[Curve]) -> list[str]:
    """A heading for each curve: ``now`` for the first, then types, numbered where they repeat."""
    seen: Counter[str] = Counter()
    names = ["now"]
    for curve in curves[1:]:
        seen[curve.type] += 1
        names.append(curve.type + (f" {seen[curve.type]}" if seen[curve.type] > 1 else ""))
    return names
