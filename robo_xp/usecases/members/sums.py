"""What members gained on the current day, week and month, kept in the batch that gained it.

A mark says which total a member had when the day began in which it gained last, and the week and
month around that day: what it has more is the sum. So an award writes nothing for it but the first
one of a day, and what counts in no period moves the marks along. What belongs to an earlier period
that is not closed yet stands in a table of that period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Protocol

from robo_xp.model.events import AWARD, SumsMoved, XpChanged
from robo_xp.rules.period import DAY, KINDS, MONTH, NO_DAY, WEEK, Calendar, utc_day
from robo_xp.vault import Batch, Record, Transaction

MARKS, LAST_DAY = "marks", "last"
"""The table of marks: the day of the last gain, and the total at the beginning by kind of period.
"""

PERIODS, OPEN_ID = "periods", "1"
"""The table that says up to which day the periods of each kind are closed, and ``since`` when
(epoch ms) there are sums at all.
"""

_USERS: Final = "users"
SUMS: Final = "sums:"


class Tables(Protocol):
    """What a state and a transaction have in common."""

    def records(self, table: str) -> Mapping[str, Record]:
        """The records of the table by id."""

    def table_names(self) -> set[str]:
        """The tables with anything in them."""


def sums_table(kind: str, first: int) -> str:
    """The table of a period before the current one; ``first`` is its first day."""
    return f"{SUMS}{kind}:{first}"


def closed_to(tables: Tables, kind: str) -> int:
    """The first day that is in no closed period of the kind; 0 where none was closed."""
    found = tables.records(PERIODS).get(OPEN_ID)
    return 0 if found is None else found.get(kind, 0)


def counted_in(batch: Batch) -> Iterator[tuple[str, int, int]]:
    """What a batch counted into periods: members, the day, the XP."""
    for event in batch.told():
        if isinstance(event, SumsMoved):
            yield event.user_id, event.day, event.delta
        elif isinstance(event, XpChanged):
            day = event.day
            if day is None:
                day = utc_day(batch.ts) if event.how == AWARD else NO_DAY
            if day != NO_DAY:
                yield event.user_id, day, event.delta


def summed_since(tables: Tables) -> int | None:
    """Since when (epoch ms) gains are counted into periods; None where they never were."""
    found = tables.records(PERIODS).get(OPEN_ID)
    return None if found is None else found["since"]


def _begin(transaction: Transaction) -> None:
    """Note that gains are counted into periods from now on."""
    if transaction.get(PERIODS, OPEN_ID) is None:
        transaction.put(PERIODS, OPEN_ID, {"since": transaction.ts})


def count_gain(
    transaction: Transaction, calendar: Calendar, user_id: str, day: int, totals: tuple[int, int]
) -> None:
    """Count in that a total moved on that day, from the first to the second of ``totals``.

    Of a period that is closed already it counts no more.
    """
    mark = transaction.get(MARKS, user_id)
    before, after = totals
    if mark is None:
        _begin(transaction)
        fresh = {LAST_DAY: day, DAY: before, WEEK: before, MONTH: before}
    elif mark[LAST_DAY] == day:
        return  # so are most
    else:
        fresh = dict(mark)
        is_later = day >= mark[LAST_DAY]
        for kind, there, here in _firsts(calendar, mark, day):
            if there == here:
                continue
            if is_later:
                _keep(transaction, user_id, (kind, there), before - fresh[kind])
                fresh[kind] = before
            else:
                _keep(transaction, user_id, (kind, here), after - before)
                fresh[kind] += after - before
        fresh[LAST_DAY] = max(day, mark[LAST_DAY])
    transaction.put(MARKS, user_id, fresh)


def count_nothing(transaction: Transaction, user_id: str, delta: int) -> None:
    """A total moved by what counts in no period."""
    mark = transaction.get(MARKS, user_id)
    if mark is not None and delta:
        moved = {kind: mark[kind] + delta for kind in KINDS}
        transaction.put(MARKS, user_id, {**mark, **moved})


def take_back_gain(
    transaction: Transaction, calendar: Calendar, user_id: str, day: int, xp: int
) -> None:
    """What was gained on that day counts no more; the total is as it should be already."""
    mark = transaction.get(MARKS, user_id)
    if mark is None:
        return
    fresh = dict(mark)
    for kind, there, here in _firsts(calendar, mark, day):
        if there == here:
            fresh[kind] += xp
        else:
            _keep(transaction, user_id, (kind, here), -xp)
    transaction.put(MARKS, user_id, fresh)


def _firsts(calendar: Calendar, mark: Record, day: int) -> Iterator[tuple[str, int, int]]:
    """Each kind of period, with the first day of that of the mark, and of that of another day."""
    return zip(KINDS, calendar.firsts_of(mark[LAST_DAY]), calendar.firsts_of(day), strict=True)


def _keep(transaction: Transaction, user_id: str, period: tuple[str, int], xp: int) -> None:
    """Add to a period before the current one, unless it is closed."""
    kind, first = period
    if xp and first >= closed_to(transaction, kind):
        table = sums_table(kind, first)
        held = transaction.get(table, user_id) or {"xp": 0}
        transaction.put(table, user_id, {"xp": held["xp"] + xp})


def forget_sums(transaction: Transaction, user_id: str) -> int:
    """Delete what a member gained in open periods; in how many tables there was anything."""
    if transaction.get(MARKS, user_id) is None:
        return 0
    found = 0
    for table in sorted(transaction.table_names()):
        is_ours = table == MARKS or table.startswith(SUMS)
        if is_ours and transaction.get(table, user_id) is not None:
            transaction.delete(table, user_id)
            found += 1
    return found


def open_periods(tables: Tables, calendar: Calendar) -> dict[str, set[int]]:
    """The first days of all periods with sums that are not closed, by kind."""
    found: dict[str, set[int]] = {kind: set() for kind in KINDS}
    days = {mark[LAST_DAY] for mark in list(tables.records(MARKS).values())}
    for kind, firsts in found.items():
        firsts |= {calendar.first_of(kind, day) for day in days}
    for table in tables.table_names():
        if table.startswith(SUMS):
            _, kind, first = table.split(":")
            found.setdefault(kind, set()).add(int(first))
    return {
        kind: {first for first in firsts if first >= closed_to(tables, kind)}
        for kind, firsts in found.items()
    }


def sums_of(tables: Tables, calendar: Calendar, kind: str, first: int) -> Iterator[tuple[str, int]]:
    """Each member with a record, and what it gained in a period that is not closed."""
    sum_of = sums_in(tables, calendar, kind, first)
    for user_id, record in list(tables.records(_USERS).items()):
        if xp := sum_of(user_id, record):
            yield user_id, xp


def sums_in(
    tables: Tables, calendar: Calendar, kind: str, first: int
) -> Callable[[str, Record], int]:
    """What tells of a member and its record how much it gained in a period that is not closed."""
    end, marks = calendar.after(kind, first), tables.records(MARKS)
    before = tables.records(sums_table(kind, first))

    def sum_of(user_id: str, record: Record) -> int:
        xp: int = 0
        mark = marks.get(user_id)
        if mark is not None and first <= mark[LAST_DAY] < end:
            xp = record["xp"] - mark[kind]
        if (apart := before.get(user_id)) is not None:
            xp += apart["xp"]
        return xp

    return sum_of
