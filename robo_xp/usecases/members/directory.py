"""Who is on the board, by name: searched, and laid out as pages of names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST_NAMES: Final = 400
"""How many names stand on a page, unless that many begin alike."""
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Named:
    """A member and what it is called; by its id where no name was seen."""

    user_id: str
    name: str

    @property
    def folded(self) -> str:
        """The name without its case."""
        return " ".join(self.name.casefold().split())


@dataclass(frozen=True, slots=True)
class Drawer:
    """The names that begin alike, by name."""

    prefix: str
    members: tuple[Named, ...]

    @property
    def key(self) -> str:
        """The prefix in letters that are safe in an address."""
        return self.prefix.encode().hex() or "none"


def found_by(text: str, members: Iterable[Named], most: int) -> list[Named]:
    """The members whose name has the text in it, or whose id it is, the nearest names first."""
    wanted = " ".join(text.casefold().split())
    if not wanted:
        return []
    hits = [one for one in members if one.user_id == wanted or wanted in one.folded]
    hits.sort(key=lambda one: (not one.folded.startswith(wanted), len(one.name), one.folded))
    return hits[:most]


def drawers_of(members: Iterable[Named]) -> list[Drawer]:
    """All members by the beginnings of their names, longer ones only where many begin alike.

    So a name that comes or goes changes the page that it stands on and hardly any other.
    """
    ordered = sorted(members, key=lambda one: (one.folded, int(one.user_id)))
    return _split(ordered, 1)


def _split(members: list[Named], depth: int) -> list[Drawer]:
    by_prefix: dict[str, list[Named]] = {}
    for one in members:
        by_prefix.setdefault(one.folded[:depth], []).append(one)
    made: list[Drawer] = []
    for prefix, inside in by_prefix.items():
        goes_on = len(inside) > MOST_NAMES and len(prefix) == depth < _DEEPEST
        made += _split(inside, depth + 1) if goes_on else [Drawer(prefix, tuple(inside))]
    return made
