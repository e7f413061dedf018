"""The board: exact at every moment, any page, any rank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from robo_xp.errors import InvalidValue, NotRanked
from robo_xp.model import BoardEntry, BoardPage, MemberXP, Message, Progress, Rank
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.multiplier import multiplier_for
from robo_xp.usecases.core import DEFAULT_STORE, Core
from robo_xp.usecases.members.changes import USERS, no_record
from robo_xp.usecases.members.ranking import Basis, Ranking
from robo_xp.usecases.selection import member_now
from robo_xp.vault import Board, Namespace, Record

MOST_ENTRIES = 100_000


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
    ``zone`` is the guild's time zone, ``background_url`` of a picture, empty for none.
    """

    standing: Standing
    name: str
    unit: str
    color: int
    multiplier_permille: int
    boosted_until: int | None = None
    zone: str = "UTC"
    background_url: str = ""


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
        total, entries = self.rows(guild_id, offset=offset, limit=limit, store=store)
        return BoardPage(tuple(entries), total, offset, limit)

    def rows(
        self, guild_id: str, *, offset: int, limit: int, store: str = DEFAULT_STORE
    ) -> tuple[int, Iterator[BoardEntry]]:
        """How many are ranked, and the entries of a page one by one, all as of this moment."""
        scope = self._core.scope(guild_id, store)
        index = self._index(scope.namespace)
        records = scope.namespace.state.records(USERS)
        level_for = self._core.rules(scope).curve.level_for
        return len(index), (
            BoardEntry(
                offset + position, user_id, xp, level_for(xp, records.get(user_id, _NONE)["level"])
            )
            for position, (xp, user_id) in enumerate(index.cut(offset, limit), start=1)
        )

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
            settings.values.get("theme", {}).get("backgroundUrl", ""),
        )

    @staticmethod
    def _index(namespace: Namespace) -> Board:
        """The up-to-date board of the namespace: the engine's own, or the index of it."""
        if (board := namespace.board()) is not None:
            return board
        return Ranking.of(namespace, "board", _BY_TOTAL)


_NONE: Record = {"level": 0}
_BY_TOTAL = Basis("", (USERS,), lambda state: lambda user_id, record: record["xp"])
