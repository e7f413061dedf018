"""Who is on the board, by name: searched, and laid out as pages of names."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Final

from robo_xp.model.ids import is_snowflake
from robo_xp.usecases.members.names import MEMBERS
from robo_xp.vault import Namespace, Origin, Record

MOST_NAMES: Final = 400
"""How many names stand on a page, unless that many begin alike."""
_DEEPEST: Final = 20
_READER: Final = Origin("names", "read")
_MOST_LATE: Final = 1_000
"""How many names may have changed before all are laid out anew."""
_EDGE: Final = "\n"


@dataclass(frozen=True, slots=True)
class Named:
    """A member and what it is called; by its id where no name was seen."""

    user_id: str
    name: str

    @property
    def folded(self) -> str:
        """The name without its case."""
        return _folded_name(self.name)


@dataclass(frozen=True, slots=True)
class Drawer:
    """The names that begin alike, by name."""

    prefix: str
    members: tuple[Named, ...]

    @property
    def key(self) -> str:
        """The prefix in letters that are safe in an address."""
        return self.prefix.encode().hex() or "none"


class _Names:
    """Folded names in one text, the shortest first, between edges that no name has in it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        rows = sorted((len(name), name, user_id) for user_id, name in names.items())
        self.text = _EDGE + "".join(name + _EDGE for _, name, _ in rows)
        self.user_ids = [user_id for _, _, user_id in rows]
        # where the edge before each name is, and the last one
        self.edges = array("L", accumulate((length + 1 for length, _, _ in rows), initial=0))

    def called(self, wanted: str) -> Iterator[str]:
        """Who has this in the name: first those whose name begins so, then the others."""
        for place, _ in self._places(_EDGE + wanted):
            yield self.user_ids[place]
        for place, at in self._places(wanted):
            if at != self.edges[place] + 1:
                yield self.user_ids[place]

    def _places(self, pattern: str) -> Iterator[tuple[int, int]]:
        """The names with the pattern in them, and where each has it first."""
        at = self.text.find(pattern)
        while at >= 0:
            place = bisect_right(self.edges, at) - 1
            yield place, at
            at = self.text.find(pattern, self.edges[place + 1])


class NameSearch:
    """Finds members by a part of their names, in whatever case.

    All names are laid out when somebody first asks; those that change later are kept beside them.
    """

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._changes = namespace.state.track(MEMBERS)
        self._names = _Names({})
        self._late: dict[str, str] = {}

    @classmethod
    def of(cls, namespace: Namespace) -> NameSearch:
        """The search in the names of the namespace as of now."""
        # a dry run keeps other threads from committing while the changes are looked at
        with namespace.transaction(_READER, dry_run=True) as transaction:
            known = namespace.attached.get("search")
            if not isinstance(known, NameSearch):
                known = namespace.attached["search"] = cls(namespace)
            known._catch_up(transaction.records(MEMBERS))
            return known

    def _catch_up(self, records: Mapping[str, Record]) -> None:
        everything, ids = self._changes.take()
        if everything or len(self._late) + len(ids) > _MOST_LATE:
            named = {user_id: _folded_name(one["name"]) for user_id, one in records.items()}
            self._names, self._late = _Names(named), {}
        elif ids:
            named = {one: _folded_name(records[one]["name"]) for one in ids if one in records}
            self._late = {**self._late, **dict.fromkeys(ids, ""), **named}

    def found(self, text: str, is_listed: Callable[[str], bool], most: int) -> list[Named]:
        """The listed members with the text in their names, or whose id it is, nearest first."""
        wanted = _folded_name(text)
        if not wanted:
            return []
        late, records = self._late, self._namespace.state.records(MEMBERS)
        known = (one for one in self._names.called(wanted) if one not in late and is_listed(one))
        hits = {*islice(known, most)}
        hits |= {one for one, name in late.items() if wanted in name and is_listed(one)}
        if is_snowflake(text) and is_listed(text):
            hits.add(text)
        found = [Named(one, records[one]["name"] if one in records else one) for one in hits]
        found.sort(key=lambda one: (not one.folded.startswith(wanted), len(one.folded), one.folded))
        return found[:most]


def _folded_name(name: str) -> str:
    return " ".join(name.casefold().split())


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
