"""``--svg`` and ``--png``: what commands draw besides the terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from robo_xp.pictures.plot import bars_svg
from tests.cli.program import Program

ADA = "200000000000000001"


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        (("curve", "compare", "mee6"), "<polyline "),
        (("store", "stats"), r'<rect x="[\d.]+" y="20.0"'),
        (("xp", "chart", ADA, "--days", "90"), r'<rect x="77[\d.]+" y="20.0"'),
    ],
)
def test_the_plot_is_written_to_files(data_dir: Path, words: tuple[str, ...], drawn: str) -> None:
    """SVG and PNG hold what the command shows, and its result is what it is without them."""
    program = Program(data_dir)
    program("xp", "give", ADA, "500")
    plain = program.json(*words)
    svg, png = data_dir.parent / "a.svg", data_dir.parent / "a.png"
    pictured = program.json(*words, "--svg", str(svg), "--png", str(png))

    assert pictured == plain
    assert re.search(drawn, svg.read_text())
    assert png.read_bytes().startswith(b"\x89PNG")


def test_compared_curves_are_all_drawn(data_dir: Path) -> None:
    """A line for the curve that holds, and for each of the others."""
    svg = data_dir.parent / "a.svg"
    Program(data_dir)("curve", "compare", "mee6", "linear", "xpPerLevel=9", "--svg", str(svg))

    assert svg.read_text().count("<polyline ") == 3


def test_a_bar_has_the_height_of_its_number() -> None:
    """The highest bar fills the plot; nothing and less than nothing have none."""
    svg = bars_svg([("a", 10), ("b", 5), ("c", 0), ("<d>", -3)], ("name", "XP"))
    heights = re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', svg)

    assert heights == ["350.0", "175.0"]
    assert "&lt;d&gt;" in svg


@pytest.mark.parametrize(
    ("most", "lines"),
    [(1, ["0", "1"]), (7, ["0", "2", "4", "6"]), (396, ["0", "100", "200", "300"]),
     (2_500_000, ["0", "500,000", "1,000,000", "1,500,000", "2,000,000", "2,500,000"])],
)  # fmt: skip
def test_lines_stand_at_round_numbers(most: int, lines: list[str]) -> None:
    """People read heights off at numbers that they count by."""
    svg = bars_svg([("a", most)], ("name", "XP"))

    assert re.findall(r'text-anchor="end"[^>]*>([\d,]+)<', svg) == lines


def test_nothing_to_draw_is_an_empty_plot() -> None:
    """Without bars there are only the axes."""
    assert bars_svg([], ("level", "members")).count("<rect ") == 1
