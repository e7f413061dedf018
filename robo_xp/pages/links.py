"""Where pages lie, seen from one another: the same in a folder, below a path, and on a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NEAR: Final = 3


@dataclass(frozen=True, slots=True)
class Links:
    """The links of the page at ``path`` of a store whose pages lie below ``base``."""

    base: str
    path: str

    def to(self, path: str) -> str:
        """The link to another page of the store."""
        return "../" * self.path.count("/") + path

    def root(self, path: str) -> str:
        """The link to a page by its path in the whole site."""
        return "../" * (self.base.count("/") + self.path.count("/")) + path

    def member(self, user_id: str) -> str:
        """The link to a member's page."""
        return self.to(f"member/{user_id}.html")

    def store(self, guild_id: str, store_id: str) -> str:
        """The link to the board of a store."""
        return self.root(base_of(guild_id, store_id) + "index.html")

    def board(self, kind: str, number: int) -> str:
        """The link to a page of the board, or of that of a day, week or month."""
        return self.to(board_path(kind, number))


def base_of(guild_id: str, store_id: str) -> str:
    """Below which path the pages of a store lie."""
    return f"{guild_id}/" if store_id == "default" else f"{guild_id}/store/{store_id}/"


def board_path(kind: str, number: int) -> str:
    """The path of a page of a board, below its store."""
    if kind:
        return f"{kind}/{number}.html"
    return f"board/{number}.html" if number > 1 else "index.html"


def numbers_near(here: int, pages: int) -> Sequence[int]:
    """The pages that are linked: the first, the last, and those near this one."""
    near = range(max(1, here - _NEAR), min(pages, here + _NEAR) + 1)
    return sorted({1, *near, pages})
