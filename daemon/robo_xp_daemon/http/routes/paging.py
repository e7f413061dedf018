"""One rule for pages: ``offset`` or ``page``, not both, and a limit that is refused, never cut."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from robo_xp.errors import Fault, InvalidRequest
from robo_xp.model import MAX_XP
from robo_xp_daemon.http.routes.shapes import InStore

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
