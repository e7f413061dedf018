"""The board: cuts of it, and where a cut lies in the whole."""

from __future__ import annotations

from typing import Any, Self

from msgspec import UNSET, UnsetType

from robo_xp.views.member import Member
from robo_xp.views.period import PeriodSpan
from robo_xp.views.shape import XP, Count, Id, Level, Name, Names, View


class BoardEntry(View, frozen=True, kw_only=True):
    """One line of the board."""

    rank: Count
    user_id: Id
    name: Name | UnsetType = UNSET
    xp: XP
    level: Level


class BoardCut(View, frozen=True):
    """A cut of the board: the entries from ``offset`` on, of ``total`` ranked members.

    With a ``period``, XP are those that were gained in it.
    """

    entries: list[BoardEntry]
    total: Count
    offset: Count
    limit: Count
    period: PeriodSpan | UnsetType = UNSET

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"period": UNSET}


class Pagination(View, frozen=True):
    """Where a cut lies in the whole list; ``currentPage`` is the one that its start lies on.

    ``hasMore`` is ``hasNext`` by the name that dashboards of Robo.js look for.
    """

    total: Count
    offset: Count
    limit: Count
    total_pages: Count
    current_page: Count
    has_next: bool
    has_prev: bool
    has_more: bool

    @classmethod
    def at(cls, total: int, offset: int, limit: int) -> Self:
        """The place of this cut."""
        return cls(
            total=total,
            offset=offset,
            limit=limit,
            total_pages=-(-total // limit),
            current_page=offset // limit + 1,
            has_next=offset + limit < total,
            has_prev=offset > 0,
            has_more=offset + limit < total,
        )


class Board(View, frozen=True):
    """A page of the board."""

    entries: list[BoardEntry]
    pagination: Pagination


class Members(View, frozen=True):
    """Some members of a store, the most XP first."""

    users: list[Member]
    pagination: Pagination
