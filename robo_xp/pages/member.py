"""A member's page, and the pages by which members are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from robo_xp.pages.board import Frame
from robo_xp.pages.engine import render
from robo_xp.text import count_text, percent, thousands
from robo_xp.views.member import Day
from robo_xp.views.page import MemberPage, NamedMember, NamesPage

_WIDTH, _HEIGHT, _FLOOR = 640, 200, 180


@dataclass(frozen=True, slots=True)
class Bar:
    """A day as a bar of the picture."""

    x: float
    y: float
    width: float
    height: float


def member_page(frame: Frame, member: MemberPage) -> str:
    """Rank, level, progress, and XP by day."""
    shown = [day for day in member.days if day.xp]
    return render(
        "member.html",
        frame=frame,
        guild=frame.guild,
        links=frame.links,
        member=member,
        bars=bars_of(member.days) if shown else [],
        days=list(reversed(shown)),
        counted=count_text,
        percent=percent,
        thousands=thousands,
    )


def names_page(frame: Frame, beginnings: Sequence[tuple[str, str]], page: NamesPage | None) -> str:
    """The members whose names begin alike, or without them the list of such pages.

    ``beginnings`` are the key and the prefix of each.
    """
    return render(
        "names.html",
        frame=frame,
        guild=frame.guild,
        links=frame.links,
        beginnings=beginnings,
        page=page,
        counted=count_text,
    )


def find_page(frame: Frame, text: str, found: Sequence[NamedMember]) -> str:
    """The members with the text in their names."""
    return render(
        "find.html", frame=frame, guild=frame.guild, links=frame.links, text=text, found=found
    )


def bars_of(days: Sequence[Day]) -> list[Bar]:
    """The days on which XP was gained as bars, in a picture of 640 by 200."""
    most = max((day.xp for day in days), default=0)
    width: Final = _WIDTH / max(len(days), 1)
    made = []
    for place, day in enumerate(days):
        if day.xp > 0:
            height = round(max(2.0, (_FLOOR - 10) * day.xp / most), 1)
            made.append(Bar(round(place * width + 1, 1), _FLOOR - height, width - 2, height))
    return made
