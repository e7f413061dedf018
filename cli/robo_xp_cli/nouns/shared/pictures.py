"""``--svg`` and ``--png``: the plot of a command as a picture too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from robo_xp_cli.framework.options import option

if TYPE_CHECKING:
    from robo_xp.views.curve import CurvePoints

File: TypeAlias = str | None
Svg: TypeAlias = Annotated[
    str | None, option("--svg", help="SVG file to write too", metavar="FILE", completes="file")
]
Png: TypeAlias = Annotated[
    str | None, option("--png", help="PNG file to write too", metavar="FILE", completes="file")
]


def keep_curves(curves: Callable[[], Sequence[CurvePoints]], svg: File, png: File) -> None:
    """Write the curves into the files that are named. Raises as ``_keep`` does."""
    if svg or png:
        from robo_xp.pictures.plot import curves_svg

        _keep(curves_svg(curves()), svg, png)


def keep_bars(
    bars: Sequence[tuple[str, int]], titles: tuple[str, str], svg: File, png: File
) -> None:
    """Write a bar for each name into the files that are named. Raises as ``_keep`` does."""
    if svg or png:
        from robo_xp.pictures.plot import bars_svg

        _keep(bars_svg(bars, titles), svg, png)


def _keep(drawn: str, svg: File, png: File) -> None:
    """Write the drawing. Raises FileFailed, and for PNG ExtraMissing and PictureFailed."""
    from robo_xp.machine.whole_file import write_whole
    from robo_xp.pictures.plot import png_of

    if png:
        write_whole(Path(png), png_of(drawn))
    if svg:
        write_whole(Path(svg), drawn)
