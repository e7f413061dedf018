"""The boards of a guild, a hundred rows a page, and the list of guilds."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from robo_xp.pages.engine import render
from robo_xp.pages.links import Links, numbers_near
from robo_xp.text import count_text, spelled_time, thousands
from robo_xp.views.curve import LevelCost
from robo_xp.views.page import BoardPage, GuildPage

_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 630, 10, 180


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page of a store; ``searches`` where a form can be answered."""

    guild: GuildPage
    links: Links
    searches: bool


def board_page(frame: Frame, board: BoardPage, linked: AbstractSet[str]) -> str:
    """A page of a board; the first of the whole one also says how to earn, and what levels take.

    ``linked`` are the members that have a page.
    """
    guild = frame.guild
    return render(
        "board.html",
        frame=frame,
        guild=guild,
        links=frame.links,
        board=board,
        linked=linked,
        kind=board.days.kind if board.days else "",
        numbers=numbers_near(board.number, board.pages),
        points=points_of(guild.levels),
        curve_text=_curve_text(guild),
        counted=count_text,
        thousands=thousands,
        spelled=spelled_time,
    )


def index_page(guilds: Sequence[GuildPage]) -> str:
    """The list of guilds that have pages."""
    return render("index.html", links=Links("", ""), guilds=guilds, counted=count_text)


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
