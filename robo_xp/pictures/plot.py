"""Curves and bars as a picture: SVG, which needs nothing, and PNG by Typst."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from robo_xp.errors import PictureFailed
from robo_xp.pictures.easel import Easel, Fault, Order, TakesTooLong
from robo_xp.text import thousands
from robo_xp.views.curve import CurvePoints

_WIDTH, _HEIGHT = 800, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 110, 780, 20, 370
_COLORS: Final = ("#3a45c4", "#b3420f", "#176b34", "#8a1a6d", "#6b5a00", "#0a6a78")
_MOST_STEPS: Final = 6
_MOST_NAMES: Final = 7
_SECONDS: Final = 8.0
_PAGE: Final = (
    '#set page(width: auto, height: auto, margin: 0pt)\n#image("plot.svg", width: 400pt)\n'
)


def curves_svg(curves: Sequence[CurvePoints]) -> str:
    """The XP of each level on these curves, one line for each with its name."""
    most = max((one.total for curve in curves for one in curve.points), default=0) or 1
    last = max((one.level for curve in curves for one in curve.points), default=0) or 1
    parts = [*_axes(most, last)]
    for number, curve in enumerate(curves):
        color = _COLORS[number % len(_COLORS)]
        points = " ".join(
            f"{_LEFT + (_RIGHT - _LEFT) * one.level / last:.1f},"
            f"{_BOTTOM - (_BOTTOM - _TOP) * one.total / most:.1f}"
            for one in curve.points
        )
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="2" points="{points}"/>')
        parts.append(_text(_LEFT + 12, _TOP + 18 + 20 * number, curve.type, color=color))
    return _picture(parts)


def bars_svg(bars: Sequence[tuple[str, int]], titles: tuple[str, str]) -> str:
    """A bar for each name, from left to right; below 0 there is none.

    ``titles`` say what the names are, and what the numbers.
    """
    most = max((number for _, number in bars), default=0) or 1
    step = (_RIGHT - _LEFT) / max(len(bars), 1)
    parts = [*_lines(most), _text((_LEFT + _RIGHT) / 2, _BOTTOM + 42, titles[0], anchor="middle")]
    for place, (_, number) in enumerate(bars):
        if number > 0:
            height = (_BOTTOM - _TOP) * number / most
            parts.append(
                f'<rect x="{_LEFT + step * (place + 0.1):.1f}" y="{_BOTTOM - height:.1f}"'
                f' width="{step * 0.8:.1f}" height="{height:.1f}" fill="{_COLORS[0]}"/>'
            )
    every = max(1, -(-len(bars) // _MOST_NAMES))
    for place in range(0, len(bars), every):
        x = _LEFT + step * (place + 0.5)
        parts.append(_text(x, _BOTTOM + 22, bars[place][0], anchor="middle"))
    parts.append(_text(_LEFT + 12, _TOP + 18, titles[1]))
    return _picture(parts)


def _picture(parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' font-family="Noto Sans, DejaVu Sans, sans-serif" font-size="14">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def png_of(svg: str) -> bytes:
    """The picture as PNG, 800 pixels wide. Raises ExtraMissing, PictureFailed."""
    easel = Easel()
    with tempfile.TemporaryDirectory(prefix="robo-xp-plot-") as folder:
        root = Path(folder)
        (root / "plot.svg").write_text(svg, encoding="utf-8")
        (root / "plot.typ").write_text(_PAGE, encoding="utf-8")
        try:
            return easel.pages(Order(root, root / "plot.typ", {}), _SECONDS)[0]
        except (Fault, TakesTooLong) as error:
            raise PictureFailed(f"the plot could not be drawn: {error}") from None
        finally:
            easel.close()


def _axes(most: int, last: int) -> list[str]:
    """Lines at round numbers with their XP, and round levels below."""
    made = _lines(most)
    for level in _ticks(last):
        x = _LEFT + (_RIGHT - _LEFT) * level / last
        made.append(_text(x, _BOTTOM + 22, thousands(level), anchor="middle"))
    made.append(_text((_LEFT + _RIGHT) / 2, _BOTTOM + 42, "level", anchor="middle"))
    return made


def _lines(most: int) -> list[str]:
    """Lines at round numbers, each with its number."""
    made = []
    for number in _ticks(most):
        y = _BOTTOM - (_BOTTOM - _TOP) * number / most
        made.append(f'<line x1="{_LEFT}" y1="{y:g}" x2="{_RIGHT}" y2="{y:g}" stroke="#d5d7dc"/>')
        made.append(_text(_LEFT - 8, y + 5, thousands(number), anchor="end"))
    return made


def _ticks(most: int) -> range:
    """Round numbers from 0 up to this one: at least two of them, at most seven."""
    steps = (digit * 10**power for power in itertools.count() for digit in (1, 2, 5))
    return range(0, most + 1, next(step for step in steps if most <= step * _MOST_STEPS))


def _text(x: float, y: float, said: str, *, anchor: str = "start", color: str = "#55585f") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{color}">{escape(said)}</text>'
