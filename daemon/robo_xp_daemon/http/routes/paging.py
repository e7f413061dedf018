"""One rule for pages: ``offset`` or ``page``, not both, and a limit that is refused, never cut."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from robo_xp.errors import Fault, InvalidRequest
from robo_xp.model import MAX_XP
from robo_xp_daemon.http.routes.shapes import Count, InStore, Shape

Offset = Annotated[int, Meta(ge=0, le=MAX_XP, description="how many to leave out")]
Page = Annotated[int, Meta(ge=1, le=MAX_XP, description="the page, 1 being the first")]
Limit = Annotated[int, Meta(ge=1, le=100, description="how many at most")]


class Pages(InStore, frozen=True):
    """A cut of a list: ``page`` in place of ``offset`` counts in steps of ``limit``."""

    offset: Offset | None = None
    page: Page | None = None
    limit: Limit = 10

    @property
    def start(self) -> int:
        """How many to leave out. Raises InvalidRequest where both are given."""
        if self.offset is not None and self.page is not None:
            fault = Fault("page", "contradicts offset; give one of them")
            raise InvalidRequest(str(fault), faults=[fault])
        return (self.page - 1) * self.limit if self.page is not None else self.offset or 0


class LongPages(Pages, frozen=True):
    """The same, with longer pages where no limit is given."""

    limit: Limit = 50


class Pagination(Shape, frozen=True):
    """Where a cut lies in the whole list; ``current_page`` is the one that its start lies on."""

    total: Count
    offset: Count
    limit: Count
    total_pages: Count
    current_page: Count
    has_next: bool
    has_prev: bool

    @classmethod
    def of(cls, total: int, offset: int, limit: int) -> Pagination:
        """The place of this cut."""
        return cls(
            total=total,
            offset=offset,
            limit=limit,
            total_pages=-(-total // limit),
            current_page=offset // limit + 1,
            has_next=offset + limit < total,
            has_prev=offset > 0,
        )
