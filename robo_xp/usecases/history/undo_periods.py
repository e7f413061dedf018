"""Taking back what a batch meant for periods: what it counted into them, and roles of prizes.

A period that was closed stays closed: its board is a fact, and only what it gave is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from robo_xp.errors import UndoUnclear
from robo_xp.model.events import Event, PeriodClosed, RoleHoldersChanged, SumsMoved
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.members.sums import counted_in, summed_since, take_back_gain
from robo_xp.usecases.periods.closing import PRIZE_ROLES, pass_role
from robo_xp.vault import Batch

OF_PERIODS = (PeriodClosed, RoleHoldersChanged, SumsMoved)


def take_back_periods(
    members: Members, batch: Batch, told: Sequence[Event], later: Mapping[str, int]
) -> None:
    """Give roles of prizes back to earlier holders, and count what was gained no more.

    ``told`` is what the batch tells of beside members. Raises UndoUnclear where a role has gone on
    to others; ``later`` names the batch.
    """
    passed = [event for event in told if isinstance(event, RoleHoldersChanged)]
    for event in reversed(passed):
        _give_back(members, event, later)
    since = summed_since(members.transaction)
    if since is not None and batch.ts >= since:
        _count_no_more(members, batch)


def _give_back(members: Members, event: RoleHoldersChanged, later: Mapping[str, int]) -> None:
    held = members.transaction.get(PRIZE_ROLES, event.role_id)
    if held is None or held["holders"] != event.new:
        seq = later.get(event.role_id)
        who = "something" if seq is None else f"batch {seq}"
        raise UndoUnclear(f"{who} gave role {event.role_id} to others later")
    pass_role(members.transaction, event.role_id, event.old)


def _count_no_more(members: Members, batch: Batch) -> None:
    transaction, calendar = members.transaction, members.rules.settings.periods.calendar
    for user_id, day, xp in counted_in(batch):
        if transaction.get(USERS, user_id) is not None:
            take_back_gain(transaction, calendar, user_id, day, xp)
            transaction.event(SumsMoved(user_id, day, -xp))
