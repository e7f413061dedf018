"""The picture at the top of the README: what a terminal shows of a few commands, as SVG."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.pages import ROOT, colored, lay_out

PICTURE = ROOT / "docs" / "picture.svg"
COMMANDS = (
    "robo-xp import mee6 leaderboard.json --yes --quiet",
    "robo-xp curve set mee6 --quiet",
    "robo-xp leaderboard --limit 5",
    "robo-xp xp give Ada 20k --reason 'won the art contest'",
    "robo-xp history --limit 3 --fields seq,cmd,members,delta,reason",
    "robo-xp undo 3",
)
_SHOWN_FROM = 2
# rich's own form names a font that would have to be fetched; viewers have one of their own
_FORM = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
<rect fill="#1a1b20" x="0" y="0" width="{width}" height="{height}" rx="8"/>
<g transform="translate(24, 22)" fill="#3a3b45">
<circle r="7"/><circle cx="24" r="7"/><circle cx="48" r="7"/></g>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def drawn() -> str:
    """The picture as the programs make it today."""
    console = Console(
        width=72,
        height=25,  # without it, rich takes 80 columns where TERM is dumb
        record=True,
        file=io.StringIO(),
        force_terminal=True,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lay_out(folder)
        for number, command in enumerate(COMMANDS):
            said = colored(command, folder)
            if number >= _SHOWN_FROM:
                console.print(Text("$ " + command, style="bold"))
                console.print(Text.from_ansi(said.rstrip()))
    svg = console.export_svg(theme=MONOKAI, code_format=_FORM, unique_id="robo-xp")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(drawn())
