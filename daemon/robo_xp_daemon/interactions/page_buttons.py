"""Lists in pages: the buttons below them, and what a click on one asks for.

The custom ids are ``xp_{list}_{button}_{member id}_{page}``: who asked for the list, and the page
that it shows, counted from 1. Only that member turns the pages; somebody else who clicks gets a
copy that nobody else sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import discord

BUTTONS: Final = ("first", "prev", "next", "last")
_LABELS: Final = {"first": "« First", "prev": "‹ Previous", "next": "Next ›", "last": "Last »"}
_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """Page ``number`` of ``count``, both counted from 1."""

    number: int
    count: int

    @classmethod
    def of(cls, wanted: int, entries: int, per_page: int) -> Page:
        """The page that is wanted, or the nearest there is; an empty list has one page."""
        count = max(-(-entries // per_page), 1)
        return cls(min(max(wanted, 1), count), count)

    @property
    def text(self) -> str:
        """What the reader is told."""
        return f"Page {self.number:,} of {self.count:,}"


def pattern(kind: str) -> re.Pattern[str]:
    """The custom ids of the buttons of one list."""
    return re.compile(
        rf"xp_{kind}_(?P<button>{'|'.join(BUTTONS)})_(?P<user>\d{{17,20}})_(?P<page>\d{{1,7}})"
    )


def wanted_page(match: re.Match[str]) -> int:
    """The page that a click asks for; it may lie outside of the list."""
    page = int(match["page"])
    return {"first": 1, "prev": page - 1, "next": page + 1, "last": _LIMIT}[match["button"]]


def buttons(kind: str, user_id: int, page: Page) -> discord.ui.View | None:
    """The buttons below one page, those that lead nowhere being grey; None for a single page."""
    if page.count == 1:
        return None
    view = discord.ui.View(timeout=None)
    for name in BUTTONS:
        at_end = page.number == (1 if name in ("first", "prev") else page.count)
        view.add_item(
            discord.ui.Button(
                label=_LABELS[name],
                custom_id=f"xp_{kind}_{name}_{user_id}_{page.number}",
                disabled=at_end,
            )
        )
    return view
