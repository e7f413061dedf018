"""Boards of days, weeks and months: looking at them, and closing those that are over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from robo_xp.errors import InvalidValue, NotRanked, PeriodNotFound
from robo_xp.model import BoardEntry, BoardPage, RewardPlan
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.period import KINDS, Calendar
from robo_xp.usecases.core import DEFAULT_STORE, Core, Scope, check_reason
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.members.ranking import Basis, Listed, Ranking
from robo_xp.usecases.members.sums import (
    MARKS,
    closed_to,
    counted_in,
    open_periods,
    sums_in,
    sums_table,
)
from robo_xp.usecases.periods import closing
from robo_xp.usecases.periods.closing import PRIZE_ROLES, Gained, Period, closed_table
from robo_xp.vault import Board, Origin, State, Transaction

SINCE = "since"
_READER = Origin("periods", "read")
_CLOSE = "period close"


@dataclass(frozen=True, slots=True)
class When:
    """Which period: that of a day or of an instant (epoch ms), else of now; or so many before it.

    Days are named as ``rules.period`` names them.
    """

    at: int | None = None
    back: int = 0
    day: int | None = None


NOW = When()


def when_of(text: str) -> When | None:
    """The period that ``-1``, or a day such as ``2026-05-01``, names; None for other text.

    Raises InvalidValue for a day that no calendar has.
    """
    if re.fullmatch(r"-[0-9]{1,4}|0", text):
        return When(back=-int(text))
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return When(day=date.fromisoformat(text).toordinal())
    except ValueError:
        raise InvalidValue(
            f"'{text}' is not in the calendar", advice="write a day like 2026-05-01"
        ) from None


@dataclass(frozen=True, slots=True)
class Cut:
    """Which entries: from ``offset`` on, or around a member, at most ``limit``."""

    offset: int = 0
    limit: int = 10
    around: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodPage:
    """A cut of the board of a period; ``xp`` of an entry is what was gained in it."""

    board: BoardPage
    period: Period


class PeriodCases:
    """Days, weeks and months of a guild's store."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def board(
        self,
        guild_id: str,
        kind: str,
        when: When = NOW,
        cut: Cut = Cut(),
        *,
        store: str = DEFAULT_STORE,
    ) -> PeriodPage:
        """Who gained most in a period. Raises InvalidValue, NotRanked, PeriodNotFound."""
        scope, state, calendar = self._read(guild_id, store)
        period, ranked = self._ranked_board(scope, state, calendar, _checked_kind(kind), when)
        return PeriodPage(self._page(scope, ranked, cut), period)

    def board_since(
        self, guild_id: str, since: int, cut: Cut = Cut(), *, store: str = DEFAULT_STORE
    ) -> PeriodPage:
        """Who gained most since an instant (epoch ms), as far as the history reaches back."""
        scope, state, _ = self._read(guild_id, store)
        now, gained, reached = self._core.clock.now_ms(), Counter[str](), 0
        for batch in scope.namespace.batches_back():
            if batch.ts < since:
                reached = since
                break
            reached = since if batch.seq == 1 else batch.ts
            for user_id, _day, xp in counted_in(batch):
                gained[user_id] += xp
        users = state.records(USERS)
        ranked = closing.by_gain(
            Gained(user_id, xp)
            for user_id, xp in gained.items()
            if xp > 0 and user_id in users and not users[user_id].get("hidden")
        )
        period = Period(SINCE, reached or since, now, False, len(ranked), tuple(ranked[:3]))
        return PeriodPage(self._page(scope, _board_of(ranked), cut), period)

    def list(
        self, guild_id: str, kind: str | None = None, *, store: str = DEFAULT_STORE
    ) -> list[Period]:
        """The periods with anything in them, those that run first, then the newest."""
        _, state, calendar = self._read(guild_id, store)
        kinds = KINDS if kind is None else (_checked_kind(kind),)
        firsts = open_periods(state, calendar)
        found = [
            _running(
                calendar, one, first, _board_of(closing.ranked_in(state, calendar, one, first))
            )
            for one in kinds
            for first in sorted(firsts[one], reverse=True)
        ]
        return [
            *(period for period in found if period.members),
            *(period for one in kinds for period in closing.kept_periods(state, one)),
        ]

    def show(
        self, guild_id: str, kind: str, when: When = NOW, *, store: str = DEFAULT_STORE
    ) -> Period:
        """One period. Raises InvalidValue, and PeriodNotFound where nothing is kept of it."""
        scope, state, calendar = self._read(guild_id, store)
        return self._ranked_board(scope, state, calendar, _checked_kind(kind), when)[0]

    def close(
        self,
        guild_id: str,
        *,
        store: str = DEFAULT_STORE,
        late_ms: int = 0,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Sequence[Period]:
        """Close all periods that are over, each in a batch of its own, in the order of their ends.

        ``late_ms`` is how long after its end a period stays open for what comes late.
        """
        if dry_run:
            with self._transaction(guild_id, store, reason, dry_run=True) as transaction:
                return list(self._close_next(guild_id, store, transaction, late_ms, 10**6))
        found: list[Period] = []
        while True:
            with self._transaction(guild_id, store, reason, dry_run=False) as transaction:
                one = list(self._close_next(guild_id, store, transaction, late_ms, 1))
            if not one:
                return found
            found += [replace(period, seq=transaction.seq) for period in one if period.members]

    def next_day(self, guild_id: str, *, store: str = DEFAULT_STORE) -> int:
        """When the guild's next day begins (epoch ms)."""
        _, _, calendar = self._read(guild_id, store)
        return calendar.begins_at(calendar.day_of(self._core.clock.now_ms()) + 1)

    # -- roles of prizes ------------------------------------------------------------------------

    def prize_role_ids(self, guild_id: str) -> tuple[str, ...]:
        """The roles that were ever given as prizes in the default store."""
        _, state, _ = self._read(guild_id, DEFAULT_STORE)
        return tuple(state.records(PRIZE_ROLES))

    def prize_plan(self, guild_id: str, user_id: str, held_role_ids: Sequence[str]) -> RewardPlan:
        """The roles of prizes that a member has yet to get and to lose."""
        _, state, _ = self._read(guild_id, DEFAULT_STORE)
        roles = list(state.records(PRIZE_ROLES).items())
        return RewardPlan(
            tuple(one for one, who in roles
                  if user_id in who["holders"] and one not in held_role_ids),
            tuple(one for one, who in roles if user_id in who["former"] and one in held_role_ids),
        )  # fmt: skip

    # -- within ---------------------------------------------------------------------------------

    def _read(self, guild_id: str, store: str) -> tuple[Scope, State, Calendar]:
        scope = self._core.scope(guild_id, store)
        state = scope.namespace.read()
        return scope, state, self._core.rules(scope).settings.periods.calendar

    def _transaction(
        self, guild_id: str, store: str, reason: str | None, *, dry_run: bool
    ) -> Transaction:
        scope, origin = self._core.scope(guild_id, store), self._core.origin_for(_CLOSE)
        made = scope.namespace.transaction(origin, dry_run=dry_run)
        made.reason = check_reason(reason)
        return made

    def _close_next(
        self, guild_id: str, store: str, transaction: Transaction, late_ms: int, most: int
    ) -> Sequence[Period]:
        """Close the first so many periods that are over."""
        scope = self._core.scope(guild_id, store)
        members = Members(scope, transaction, self._core.rules(scope))
        calendar = members.rules.settings.periods.calendar
        due = closing.overdue(transaction, calendar, transaction.ts - late_ms)
        return [closing.close(members, kind, first) for kind, first in islice(due, most)]

    def _ranked_board(
        self, scope: Scope, state: State, calendar: Calendar, kind: str, when: When
    ) -> tuple[Period, Board]:
        """A period, and all who have a place in it as far as they are kept."""
        at = self._core.clock.now_ms() if when.at is None else when.at
        if when.day is not None:
            at = calendar.begins_at(when.day)
        first = calendar.period(kind, at, when.back)
        now = calendar.period(kind, self._core.clock.now_ms())
        if first == now and first >= closed_to(state, kind):
            board: Board = _running_board(scope, calendar, kind, first)
            return _running(calendar, kind, first, board), board
        if min(open_periods(state, calendar)[kind], default=now) <= first < now:
            board = _board_of(closing.ranked_in(state, calendar, kind, first))
            return _running(calendar, kind, first, board), board
        record = state.records(closed_table(kind)).get(str(first))
        if record is None:
            raise PeriodNotFound(
                f"nothing is kept of that {kind} in store {scope.store_id!r}"
                f" of guild {scope.guild_id}"
            )
        period = closing.kept_period(state, kind, record)
        return period, _board_of(period.top)

    def _page(self, scope: Scope, board: Board, cut: Cut) -> BoardPage:
        """The cut of the ranked members, each with the level of now."""
        offset = cut.offset
        if cut.around is not None:
            check_snowflake(cut.around, "member id")
            place = board.position(cut.around)
            if place is None:
                raise NotRanked(f"member {cut.around} gained nothing in that time")
            offset = min(max(place - cut.limit // 2, 0), max(len(board) - cut.limit, 0))
        records = scope.namespace.state.records(USERS)
        level_for = self._core.rules(scope).curve.level_for
        entries = tuple(
            BoardEntry(
                rank, user_id, xp, level_for(records[user_id]["xp"], records[user_id]["level"])
            )
            for rank, (xp, user_id) in enumerate(board.cut(offset, cut.limit), start=offset + 1)
        )
        return BoardPage(entries, len(board), offset, cut.limit)


def _running(calendar: Calendar, kind: str, first: int, board: Board) -> Period:
    """The period that is not closed, of these ranked members."""
    begin, end = calendar.begins_at(first), calendar.begins_at(calendar.after(kind, first))
    top = tuple(Gained(user_id, xp) for xp, user_id in board.cut(0, closing.KEPT))
    return Period(kind, begin, end, False, len(board), top)


def _running_board(scope: Scope, calendar: Calendar, kind: str, first: int) -> Board:
    """The board of the period of now, which is kept: pages ask for it again and again."""
    tables = (USERS, MARKS, sums_table(kind, first))
    key = (calendar.zone, calendar.first_day, calendar.hour, first)
    basis = Basis(key, tables, lambda state: sums_in(state, calendar, kind, first))
    return Ranking.of(scope.namespace, f"board of the {kind}", basis)


def _board_of(ranked: Sequence[Gained]) -> Board:
    return Listed([(one.xp, one.user_id) for one in ranked])


def _checked_kind(kind: str) -> str:
    """The kind of a period; InvalidValue for another word."""
    if kind in KINDS:
        return kind
    raise InvalidValue(f"a period is one of {', '.join(KINDS)}, not {kind!a}")
