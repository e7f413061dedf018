"""The board: exact at every moment, any page, any rank.

The index of a namespace is built when somebody first asks, and brought up to date from the
members that changed when somebody asks again; a change itself costs nothing here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sortedcontainers import SortedList

from robo_xp.errors import InvalidValue, NotRanked
from robo_xp.model import BoardEntry, BoardPage, MemberXP, Message, Progress, Rank
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.board import from_order_key, is_ranked, order_key
from robo_xp.rules.multiplier import multiplier_for
from robo_xp.usecases.core import DEFAULT_STORE, Core
from robo_xp.usecases.members.changes import USERS, no_record
from robo_xp.usecases.selection import member_now
from robo_xp.vault import Board, Namespace, Origin, Record

_READER = Origin("board", "read")
MOST_ENTRIES = 100_000


class BoardIndex:
    """The order keys of all ranked members of one namespace, sorted."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._changes = namespace.state.track(USERS)
        self._keys: Any = SortedList()
        self._key_of: dict[str, int] = {}
        self._guard = threading.Lock()

    def fresh(self) -> BoardIndex:
        """This index, brought up to date with what any process committed."""
        # a dry run keeps other threads from committing while the changes are looked at
        with self._namespace.transaction(_READER, dry_run=True) as state, self._guard:
            records = state.records(USERS)
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
            if is_ranked(record)
        }
        self._keys = SortedList(self._key_of.values())

    def _move(self, user_id: str, record: Record | None) -> None:
        """Put one member where it belongs now."""
        old = self._key_of.pop(user_id, None)
        if old is not None:
            self._keys.remove(old)
        if record is not None and is_ranked(record):
            self._key_of[user_id] = key = order_key(record["xp"], user_id)
            self._keys.add(key)

    def __len__(self) -> int:
        """How many members are ranked."""
        return len(self._keys)

    def cut(self, offset: int, limit: int) -> list[tuple[int, str]]:
        """XP and id of the members from ``offset`` on."""
        with self._guard:
            return [from_order_key(key) for key in self._keys[offset : offset + limit]]

    def position(self, user_id: str) -> int | None:
        """How many members stand before this one; None if it is not ranked."""
        with self._guard:
            key = self._key_of.get(user_id)
            return None if key is None else self._keys.index(key)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one member stands: ``total`` counts the ranked ones.

    ``rank`` is None without XP and for a hidden member.
    """

    member: MemberXP
    rank: int | None
    total: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class CardOwner:
    """Whose card it is: the name that is shown, and the roles that may multiply awards."""

    user_id: str
    name: str
    role_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RankCard:
    """What a card shows: a standing, and how the guild calls and colours it.

    ``boosted_until`` is when the first of the boosts in force ends (epoch ms), None for no end;
    ``zone`` is the guild's time zone.
    """

    standing: Standing
    name: str
    unit: str
    color: int
    multiplier_permille: int
    boosted_until: int | None = None
    zone: str = "UTC"


class Leaderboard:
    """Pages and ranks of a store."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def page(
        self, guild_id: str, *, offset: int = 0, limit: int = 10, store: str = DEFAULT_STORE
    ) -> BoardPage:
        """The entries from ``offset`` (0 is the first) on, at most ``limit`` (up to 100,000)."""
        if offset < 0 or not 1 <= limit <= MOST_ENTRIES:
            raise InvalidValue(
                f"offset must be 0 or more and limit from 1 to {MOST_ENTRIES},"
                f" not {offset} and {limit}"
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

    def around(
        self, guild_id: str, user_id: str, *, limit: int = 10, store: str = DEFAULT_STORE
    ) -> BoardPage:
        """The entries with the member in their middle; NotRanked for who has no place."""
        found = self.rank(guild_id, user_id, store=store)
        if found is None:
            record = self._core.scope(guild_id, store).namespace.state.records(USERS).get(user_id)
            why = "is hidden" if record and record.get("hidden") else "has no XP"
            raise NotRanked(
                f"member {user_id} {why} in store {store!r} of guild {guild_id},"
                " so no place on the leaderboard",
            )
        last_start = max(found.total - limit, 0)
        offset = min(max(found.rank - 1 - limit // 2, 0), last_start)
        return self.page(guild_id, offset=offset, limit=limit, store=store)

    def rank(self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE) -> Rank | None:
        """The member's place among the ranked members; None without XP and for a hidden one."""
        scope = self._core.scope(guild_id, store)
        index = self._index(scope.namespace)
        position = index.position(check_snowflake(user_id, "member id"))
        return None if position is None else Rank(position + 1, len(index))

    def standing(self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE) -> Standing:
        """The member's record, rank and progress; MemberNotFound without a record."""
        scope = self._core.scope(guild_id, store)
        index = self._index(scope.namespace)
        record = scope.namespace.state.records(USERS).get(check_snowflake(user_id, "member id"))
        if record is None:
            raise no_record(scope, user_id)
        curve = self._core.rules(scope).curve
        member = member_now(user_id, record, curve)
        position = index.position(user_id)
        rank = None if position is None else position + 1
        return Standing(member, rank, len(index), curve.progress(member.xp))

    def card(self, guild_id: str, who: CardOwner, *, store: str = DEFAULT_STORE) -> RankCard:
        """The member's standing with the name, unit, colour and multiplier for a card.

        Raises MemberNotFound without a record.
        """
        standing = self.standing(guild_id, who.user_id, store=store)
        settings = self._core.rules(self._core.scope(guild_id, store)).settings
        now = self._core.clock.now_ms()
        anywhere = Message("", role_ids=who.role_ids, at=now)
        boosts = settings.multipliers.boosts.in_force(now, (), who.role_ids)
        ends = [end for boost in boosts if (end := boost.ends_after(now)) is not None]
        return RankCard(
            standing,
            who.name,
            settings.xp_display_name,
            settings.embed_color,
            multiplier_for(settings.multipliers, who.user_id, anywhere),
            min(ends, default=None),
            settings.periods.calendar.zone,
        )

    @staticmethod
    def _index(namespace: Namespace) -> Board:
        """The up-to-date board of the namespace: the engine's own, or the index of it."""
        if (board := namespace.board()) is not None:
            return board
        index = namespace.attached.get("board")
        if not isinstance(index, BoardIndex):
            index = namespace.attached["board"] = BoardIndex(namespace)
        return index.fresh()


_NONE: Record = {"level": 0}
