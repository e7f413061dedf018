"""The board: exact at every moment, any page, any rank.

The index of a namespace is built when somebody first asks, and brought up to date from the
members that changed when somebody asks again; a change itself costs nothing here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from sortedcontainers import SortedList

from robo_xp.commands.core import DEFAULT_STORE, Core
from robo_xp.commands.members import USERS
from robo_xp.errors import InvalidValue
from robo_xp.model import BoardEntry, BoardPage, Rank, check_snowflake
from robo_xp.rules.board import from_order_key, is_ranked, order_key
from robo_xp.vault import Namespace, Record


class BoardIndex:
    """The order keys of all ranked members of one namespace, sorted."""

    def __init__(self, namespace: Namespace) -> None:
        """Track the namespace from now on."""
        self._namespace = namespace
        self._changes = namespace.state.track(USERS)
        self._keys: Any = SortedList()
        self._key_of: dict[str, int] = {}
        self._guard = threading.Lock()

    def fresh(self) -> BoardIndex:
        """This index, brought up to date with what any process committed."""
        records = self._namespace.read().records(USERS)
        with self._guard:
            everything, ids = self._changes.take()
            if everything or len(ids) > len(self._key_of) // 8 + 64:
                self._build(records)
            else:
                for user_id in ids:
                    self._move(user_id, records.get(user_id))
        return self

    def _build(self, records: Mapping[str, Record]) -> None:
        """Start anew from all records."""
        self._key_of = {
            user_id: order_key(record["xp"], user_id)
            for user_id, record in list(records.items())
            if is_ranked(record["xp"])
        }
        self._keys = SortedList(self._key_of.values())

    def _move(self, user_id: str, record: Record | None) -> None:
        """Put one member where it belongs now."""
        old = self._key_of.pop(user_id, None)
        if old is not None:
            self._keys.remove(old)
        if record is not None and is_ranked(record["xp"]):
            self._key_of[user_id] = key = order_key(record["xp"], user_id)
            self._keys.add(key)

    def __len__(self) -> int:
        """How many members are ranked."""
        return len(self._keys)

    def cut(self, offset: int, limit: int) -> list[tuple[int, str]]:
        """XP and id of the members from ``offset`` on."""
        return [from_order_key(key) for key in self._keys[offset : offset + limit]]

    def position(self, user_id: str) -> int | None:
        """How many members stand before this one; None if it is not ranked."""
        key = self._key_of.get(user_id)
        return None if key is None else self._keys.index(key)


class Leaderboard:
    """Pages and ranks of a store."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def page(
        self, guild_id: str, *, offset: int = 0, limit: int = 10, store: str = DEFAULT_STORE
    ) -> BoardPage:
        """The entries from ``offset`` (0 is the first) on, at most ``limit`` (up to 100,000)."""
        if offset < 0 or not 1 <= limit <= 100_000:
            raise InvalidValue(
                f"offset must be 0 or more and limit from 1 to 100000, not {offset} and {limit}"
            )
        scope = self._core.scope(guild_id, store)
        index = self._index(scope.namespace)
        records = scope.namespace.state.records(USERS)
        level_for = self._core.rules(scope).curve.level_for
        entries = tuple(
            BoardEntry(
                offset + position, user_id, xp, level_for(xp, records.get(user_id, _NONE)["level"])
            )
            for position, (xp, user_id) in enumerate(index.cut(offset, limit), start=1)
        )
        return BoardPage(entries, len(index), offset, limit)

    def rank(self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE) -> Rank | None:
        """The member's place among the ranked members; None without XP."""
        scope = self._core.scope(guild_id, store)
        index = self._index(scope.namespace)
        position = index.position(check_snowflake(user_id, "member id"))
        return None if position is None else Rank(position + 1, len(index))

    @staticmethod
    def _index(namespace: Namespace) -> BoardIndex:
        """The up-to-date index of the namespace."""
        index = namespace.attached.get("board")
        if not isinstance(index, BoardIndex):
            index = namespace.attached["board"] = BoardIndex(namespace)
        return index.fresh()


_NONE: Record = {"level": 0}
