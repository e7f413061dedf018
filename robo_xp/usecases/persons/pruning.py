"""Removing the records of members who are gone, or quiet, or have next to nothing: all as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from robo_xp.errors import InvalidValue
from robo_xp.model import MemberXP, check_xp
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.decay import is_away
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.vault import Record, State

LEFT = "left"
"""The table, among the names of a guild, of who has left and when, as far as the daemon saw it."""
SAMPLE = 10
_DAY_MS = 86_400_000
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Which:
    """Who is pruned: who left, or earned nothing, for so many days, or has less than ``below`` XP.

    One of them. Who never earned anything here is not quiet. ``ids`` are members who left too,
    for as long as they have earned nothing.
    """

    left_days: int | None = None
    inactive_days: int | None = None
    below: int | None = None
    ids: Collection[str] = ()

    def __post_init__(self) -> None:
        """Raise InvalidValue unless one rule is given, and ids only for who left."""
        given = [one for one in (self.left_days, self.inactive_days, self.below) if one is not None]
        if len(given) != 1:
            raise InvalidValue("say one of left, inactive and below")
        if self.below is not None:
            check_xp(self.below, "below", low=1)
        elif not 0 <= given[0] <= _MOST_DAYS:
            raise InvalidValue(f"the days must be from 0 to {_MOST_DAYS}, not {given[0]}")
        if self.ids and self.left_days is None:
            raise InvalidValue("a list of members says who left, so it goes with left alone")
        for one in self.ids:
            check_snowflake(one, "member id")


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many records were deleted, their XP together, and the first few, the most XP first."""

    pruned: int
    xp: int
    sample: tuple[MemberXP, ...]
    seq: int | None = None
    dry_run: bool = False


def prune(members: Members, names: State, which: Which) -> Pruned:
    """Delete the records of those that the rule means; undo brings them back."""
    records = members.transaction.records(USERS)
    chosen = list(_chosen_ids(records, names.records(LEFT), which, members.transaction.ts))
    found = sorted(
        (MemberXP.from_record(user_id, records[user_id]) for user_id in chosen),
        key=lambda one: (-one.xp, int(one.user_id)),
    )
    for one in found:
        members.delete(one.user_id)
    return Pruned(len(found), sum(one.xp for one in found), tuple(found[:SAMPLE]))


def _chosen_ids(
    records: Mapping[str, Record], left: Mapping[str, Record], which: Which, now_ms: int
) -> Iterator[str]:
    """The ids of the members that the rule means."""
    days = which.inactive_days if which.left_days is None else which.left_days
    latest = now_ms - (days or 0) * _DAY_MS
    ids = frozenset(which.ids)
    for user_id, record in records.items():
        last = record.get("lastAwardedAt", 0)
        if which.below is not None:
            is_meant = record["xp"] < which.below
        elif which.inactive_days is not None:
            is_meant = is_away(last, latest)
        else:
            mark = left.get(user_id)
            is_meant = (mark is not None and mark["at"] <= latest) or (
                user_id in ids and last <= latest
            )
        if is_meant:
            yield user_id
