"""Choosing members of a store by their figures: the list of an operator, in one of three orders."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from robo_xp.errors import InvalidValue
from robo_xp.model import MAX_XP, MemberXP
from robo_xp.rules.decay import is_away
from robo_xp.rules.levels.shape import Curve
from robo_xp.vault import Record

if TYPE_CHECKING:
    from robo_xp.vault.tinydb import RecordTable

SORTS = ("xp", "messages", "last")
_KEYS = {"xp": "xp", "messages": "messages", "last": "lastAwardedAt"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which members: XP from ``min_xp`` to ``max_xp``, levels from ``min_level`` to ``max_level``,
    of these ``ids``, without an award for ``quiet_for_ms``, ``hidden`` or not (None: all); and in
    which order.

    ``sort`` is ``xp``, ``messages`` or ``last`` (award), the most first and equals by id; the
    members from ``offset`` on, at most ``limit`` of them (None: all).
    """

    min_xp: int = 0
    max_xp: int = MAX_XP
    min_level: int = 0
    max_level: int | None = None
    ids: frozenset[str] | None = None
    quiet_for_ms: int | None = None
    hidden: bool | None = None
    sort: str = "xp"
    offset: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        """Raise InvalidValue for an unknown order or a negative number."""
        if self.sort not in SORTS:
            raise InvalidValue(f"sort must be one of {', '.join(SORTS)}")
        limit = 0 if self.limit is None else self.limit
        if min(self.min_xp, self.max_xp, self.min_level, self.offset, limit) < 0:
            raise InvalidValue("bounds, offset and limit must be 0 or more")


@dataclass(frozen=True, slots=True)
class Selected:
    """The members in the order asked for, of ``total`` that the bounds let through."""

    members: tuple[MemberXP, ...]
    total: int


def selected_members(
    members: RecordTable, curve: Curve, which: Selection, *, now_ms: int
) -> Selected:
    """The members that the selection means, levels as the curve says now."""
    key, low, high = _KEYS[which.sort], _least_xp(curve, which), _most_xp(curve, which)
    latest = None if which.quiet_for_ms is None else now_ms - which.quiet_for_ms

    def is_within(record: Record) -> bool:
        is_quiet = latest is None or is_away(record.get("lastAwardedAt", 0), latest)
        is_seen = which.hidden is None or bool(record.get("hidden")) == which.hidden
        return bool(low <= record["xp"] <= high) and is_quiet and is_seen

    is_everybody = low == 0 and high == MAX_XP and latest is None and which.hidden is None
    records = members if is_everybody else members.search(is_within)
    # the id stands twice: leading zeros are lost in the number
    found = [
        (-record[key], int(user_id), user_id, record)
        for record, user_id in records
        if which.ids is None or user_id in which.ids
    ]
    end = None if which.limit is None else which.offset + which.limit
    ordered = sorted(found) if end is None else heapq.nsmallest(end, found)
    page = ordered[which.offset :]
    return Selected(tuple(member_now(one[2], one[3], curve) for one in page), len(found))


def _least_xp(curve: Curve, which: Selection) -> int:
    """The XP from which on the selection lets members through."""
    if not which.min_level:
        return which.min_xp
    try:
        return max(which.min_xp, curve.threshold(which.min_level))
    except InvalidValue:
        return MAX_XP + 1  # nobody ever has such a level


def _most_xp(curve: Curve, which: Selection) -> int:
    """The XP up to which the selection lets members through."""
    if which.max_level is None:
        return which.max_xp
    try:
        return min(which.max_xp, curve.threshold(which.max_level + 1) - 1)
    except InvalidValue:
        return which.max_xp  # nobody ever has a higher level


def member_now(user_id: str, record: Record, curve: Curve) -> MemberXP:
    """What a record says of a member, the level as the curve says now."""
    member = MemberXP.from_record(user_id, record)
    level = curve.level_for(member.xp, member.level)
    return member if level == member.level else structs.replace(member, level=level)
