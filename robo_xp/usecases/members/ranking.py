"""An order of members that is exact at every moment, whatever it is that they are ranked by.

It is built when somebody first asks, and brought up to date from the records that changed when
somebody asks again; a change itself costs nothing here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sortedcontainers import SortedList

from robo_xp.rules.board import from_order_key, order_key
from robo_xp.vault import Namespace, Origin, Record, State

_READER = Origin("board", "read")
_USERS = "users"
XpOf = Callable[[str, Record], int]


@dataclass(frozen=True, slots=True)
class Basis:
    """What members are ranked by: how much each has, of these tables of a state.

    Two of the same ``key`` are the same.
    """

    key: object
    tables: tuple[str, ...]
    xp_in: Callable[[State], XpOf]


class Ranking:
    """The order keys of all members of one namespace that have any and are not hidden, sorted."""

    def __init__(self, namespace: Namespace, basis: Basis) -> None:
        self._namespace = namespace
        self._basis = basis
        self._changes = namespace.state.track(*basis.tables)
        self._keys: Any = SortedList()
        self._key_of: dict[str, int] = {}
        self._guard = threading.Lock()

    @classmethod
    def of(cls, namespace: Namespace, name: str, basis: Basis) -> Ranking:
        """The order as of now; the last one of this name is kept as long as its basis holds."""
        # a dry run keeps other threads from committing while the changes are looked at
        with namespace.transaction(_READER, dry_run=True):
            known = namespace.attached.get(name)
            if not isinstance(known, Ranking) or known._basis.key != basis.key:
                if isinstance(known, Ranking):
                    namespace.state.untrack(known._changes)
                known = namespace.attached[name] = cls(namespace, basis)
            known._catch_up()
            return known

    def _catch_up(self) -> None:
        state = self._namespace.state
        records, xp_of = state.records(_USERS), self._basis.xp_in(state)
        with self._guard:
            everything, ids = self._changes.take()
            if everything or len(ids) > len(self._key_of) // 8 + 64:
                self._build(records, xp_of)
            else:
                for user_id in ids:
                    self._move(user_id, records.get(user_id), xp_of)

    def _build(self, records: Mapping[str, Record], xp_of: XpOf) -> None:
        """Start anew from all records."""
        self._key_of = {
            user_id: order_key(xp, user_id)
            for user_id, record in list(records.items())
            if (xp := xp_of(user_id, record)) > 0 and not record.get("hidden")
        }
        self._keys = SortedList(self._key_of.values())

    def _move(self, user_id: str, record: Record | None, xp_of: XpOf) -> None:
        """Put one member where it belongs now."""
        old = self._key_of.pop(user_id, None)
        if old is not None:
            self._keys.remove(old)
        if record is not None and not record.get("hidden"):
            xp = xp_of(user_id, record)
            if xp > 0:
                self._key_of[user_id] = key = order_key(xp, user_id)
                self._keys.add(key)

    def __len__(self) -> int:
        """How many members are ranked."""
        return len(self._keys)

    def cut(self, offset: int, limit: int) -> Iterator[tuple[int, str]]:
        """XP and id of the members from ``offset`` on, all as they are now."""
        with self._guard:
            keys = self._keys[offset : offset + limit]
        return map(from_order_key, keys)

    def position(self, user_id: str) -> int | None:
        """How many members stand before this one; None if it is not ranked."""
        with self._guard:
            key = self._key_of.get(user_id)
            return None if key is None else self._keys.index(key)


class Listed:
    """A board of members that somebody sorted."""

    def __init__(self, rows: Sequence[tuple[int, str]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        """How many members are ranked."""
        return len(self._rows)

    def cut(self, offset: int, limit: int) -> list[tuple[int, str]]:
        """XP and id of the members from ``offset`` on."""
        return list(self._rows[offset : offset + limit])

    def position(self, user_id: str) -> int | None:
        """How many members stand before this one; None if it is not ranked."""
        return next((n for n, (_, one) in enumerate(self._rows) if one == user_id), None)
