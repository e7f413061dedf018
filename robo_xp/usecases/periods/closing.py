"""Closing a period: its first members are kept for ever, and get what the guild's prizes say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.model.events import LevelRepaired, PeriodClosed, RoleHoldersChanged
from robo_xp.rules.board import order_key
from robo_xp.rules.period import KINDS, Calendar, Prize
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.members.sums import (
    OPEN_ID,
    PERIODS,
    Tables,
    open_periods,
    sums_of,
    sums_table,
)
from robo_xp.vault import Record, Transaction

KEPT: Final = 100
"""So many members of a closed period are kept."""
TOLD: Final = 10

CLOSED: Final = "closed:"
PRIZE_ROLES: Final = "prizeRoles"
"""The table of who holds the roles of prizes, and from whom they were taken, by role."""


@dataclass(frozen=True, slots=True)
class Gained:
    """What a member gained in a period."""

    user_id: str
    xp: int


@dataclass(frozen=True, slots=True)
class Period:
    """A day, week or month (``kind``), from ``begins_at`` to ``ends_at`` in epoch ms.

    ``members`` have a place in it, of whom ``top`` are the first; ``seq`` is the batch that closed
    it, where that was a moment ago.
    """

    kind: str
    begins_at: int
    ends_at: int
    closed: bool
    members: int
    top: tuple[Gained, ...]
    seq: int | None = None
    dry_run: bool = False


def closed_table(kind: str) -> str:
    """The table of closed periods of a kind, by their first days."""
    return f"{CLOSED}{kind}"


def ranked_in(tables: Tables, calendar: Calendar, kind: str, first: int) -> list[Gained]:
    """Who gained in a period that is not closed, most first; hidden members have no place."""
    records = tables.records(USERS)
    return by_gain(
        Gained(user_id, xp)
        for user_id, xp in sums_of(tables, calendar, kind, first)
        if xp > 0 and not records[user_id].get("hidden")
    )


def by_gain(found: Iterable[Gained]) -> list[Gained]:
    """Who gained most, first; equals by id, as on every board."""
    return sorted(found, key=lambda one: order_key(one.xp, one.user_id))


def overdue(tables: Tables, calendar: Calendar, now: int) -> list[tuple[str, int]]:
    """The periods with sums that are over, in the order of their ends."""
    found = [
        (calendar.begins_at(calendar.after(kind, first)), KINDS.index(kind), first)
        for kind, firsts in open_periods(tables, calendar).items()
        for first in firsts
    ]
    return [(KINDS[kind], first) for end, kind, first in sorted(found) if end <= now]


def close(members: Members, kind: str, first: int) -> Period:
    """Close a period within the transaction; what it came to."""
    transaction, periods = members.transaction, members.rules.settings.periods
    calendar = periods.calendar
    ranked = ranked_in(transaction, calendar, kind, first)
    after = calendar.after(kind, first)
    found = Period(
        kind, calendar.begins_at(first), calendar.begins_at(after), True,
        len(ranked), tuple(ranked[:KEPT]), dry_run=transaction.dry_run,
    )  # fmt: skip
    for user_id in list(transaction.records(sums_table(kind, first))):
        transaction.delete(sums_table(kind, first), user_id)
    held = transaction.get(PERIODS, OPEN_ID) or {}
    transaction.put(PERIODS, OPEN_ID, {**held, kind: after})
    if ranked:
        prizes = [prize for prize in periods.prizes if prize.kind == kind]
        _keep(transaction, found, first, announced=bool(prizes))
        for prize in prizes:
            _give(members, prize, ranked[: prize.first])
    return found


def _keep(transaction: Transaction, found: Period, first: int, *, announced: bool) -> None:
    """Keep the period, and tell of it."""
    top = [{"userId": one.user_id, "xp": one.xp} for one in found.top]
    transaction.put(
        closed_table(found.kind),
        str(first),
        {"from": found.begins_at, "to": found.ends_at, "members": found.members, "top": top},
    )
    transaction.event(
        PeriodClosed(
            found.kind, found.begins_at, found.ends_at, found.members, top[:TOLD], announced
        )
    )


def _give(members: Members, prize: Prize, winners: list[Gained]) -> None:
    """Give XP and a role to the first ones; earlier holders lose the role."""
    user_ids = [one.user_id for one in winners]
    if prize.xp:
        for user_id in user_ids:
            members.give_prize(user_id, prize.xp, reason=f"first of the {prize.kind}")
    if prize.role_id is not None:
        pass_role(members.transaction, prize.role_id, user_ids)


def pass_role(transaction: Transaction, role_id: str, user_ids: list[str]) -> None:
    """Let these hold the role of a prize, and nobody else who got it as one."""
    held = transaction.get(PRIZE_ROLES, role_id) or {"holders": [], "former": []}
    before = list(held["holders"])
    gone = dict.fromkeys(one for one in (*held["former"], *before) if one not in user_ids)
    former = list(gone)[-KEPT:]
    transaction.put(PRIZE_ROLES, role_id, {"holders": user_ids, "former": former})
    transaction.event(RoleHoldersChanged(role_id, before, user_ids))
    for user_id in dict.fromkeys((*before, *user_ids)):
        transaction.event(LevelRepaired(user_id))


def kept_periods(tables: Tables, kind: str) -> Iterator[Period]:
    """The closed periods of a kind, the newest first."""
    table = tables.records(closed_table(kind))
    for first in sorted(table, key=int, reverse=True):
        yield kept_period(tables, kind, table[first])


def kept_period(tables: Tables, kind: str, record: Record) -> Period:
    """A closed period; who is hidden now, or has no record any more, has no place in it."""
    users = tables.records(USERS)
    top = tuple(
        Gained(one["userId"], one["xp"])
        for one in record["top"]
        if not users.get(one["userId"], _NOBODY).get("hidden")
    )
    return Period(kind, record["from"], record["to"], True, record["members"], top)


_NOBODY: dict[str, Any] = {"hidden": True}
