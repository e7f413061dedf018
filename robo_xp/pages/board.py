"""The board of a guild, a hundred rows a page, and the list of guilds."""

from __future__ import annotations

from collections.abc import Sequence

from robo_xp.pages.engine import render
from robo_xp.text import counted, spelled, thousands
from robo_xp.views.curve import LevelCost
from robo_xp.views.page import BoardPage, GuildPage

_NEAR = 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 630, 10, 180


def board_page(guild: GuildPage, board: BoardPage) -> str:
    """A page of the board; the first also says how to earn, and what levels take and give."""
    first = board.number == 1
    return render(
        "board.html",
        guild=guild,
        board=board,
        root="../" if first else "../../",
        numbers=_numbers(board.number, board.pages),
        place=lambda number: _place(board.number, number),
        points=points_of(guild.levels),
        curve_text=_curve_text(guild),
        counted=counted,
        thousands=thousands,
        spelled=spelled,
    )


def index_page(guilds: Sequence[GuildPage]) -> str:
    """The list of guilds that have pages."""
    return render("index.html", guilds=guilds, counted=counted)


def points_of(levels: Sequence[LevelCost]) -> str:
    """The curve as points of a polyline, in a picture of 640 by 200."""
    highest = max((one.total for one in levels), default=0) or 1
    last = max(len(levels) - 1, 1)
    return " ".join(
        f"{_LEFT + (_RIGHT - _LEFT) * place / last:.1f},"
        f"{_BOTTOM - (_BOTTOM - _TOP) * one.total / highest:.1f}"
        for place, one in enumerate(levels)
    )


def _curve_text(guild: GuildPage) -> str:
    if not guild.levels:
        return ""
    last = guild.levels[-1]
    return f"{guild.unit} by level: {thousands(last.total)} for level {last.level}"


def _numbers(here: int, pages: int) -> list[int]:
    """The pages that are linked: the first, the last, and those near this one."""
    near = range(max(1, here - _NEAR), min(pages, here + _NEAR) + 1)
    return sorted({1, *near, pages})


def _place(here: int, number: int) -> str:
    """Where a page lies, seen from another."""
    if here == 1:
        return f"board/{number}.html" if number > 1 else "index.html"
    return f"{number}.html" if number > 1 else "../index.html"
