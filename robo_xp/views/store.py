"""Stores and guilds that have data: their figures, and what became of copies and deletes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from robo_xp.views.member import Member
from robo_xp.views.shape import (
    Count,
    EpochMs,
    Id,
    Level,
    Names,
    Seq,
    View,
    rounded_quotient,
)


class Guild(View, frozen=True, kw_only=True):
    """One guild that has data, with its stores; who is in several of them counts once.

    Its ``name`` is left out where it is not known.

    ``damaged`` are the stores that cannot be read; their members are not in the number.
    """

    guild_id: Id
    name: str | UnsetType = UNSET
    stores: Sequence[str]
    members: Count
    damaged: Sequence[str]


class Store(View, frozen=True):
    """One store of a guild: its members, their XP, and the number of its last batch."""

    store_id: str
    members: Count
    ranked: Count
    total_xp: Count
    messages: Count
    own_settings: Count
    seq: Count


class MembersAtLevel(View, frozen=True):
    """How many members have a level."""

    level: Level
    members: Count


class StoreStats(Store, frozen=True, kw_only=True):
    """The figures of one store; average, median and levels are those of members with XP."""

    _within = "row"

    guild_id: Id
    average_xp: float
    median_xp: float
    levels: list[MembersAtLevel]
    top: Member | None
    last_awarded_at: EpochMs

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        average = rounded_quotient(found.row.total_xp, found.row.ranked)
        return {"average_xp": average, "levels": [MembersAtLevel(*one) for one in found.levels]}


class StoreCopied(View, frozen=True):
    """What a copy or a rename took over; ``sourceSeq`` is the batch that emptied the old store."""

    source: str
    target: str
    members: Count
    settings: Count
    seq: Seq | None
    dry_run: bool
    source_seq: Seq | None


class StoreDeleted(View, frozen=True):
    """What the delete of a store took away."""

    store_id: str
    members: Count
    settings: Count
    seq: Seq | None
    dry_run: bool


class StoreUsers(View, frozen=True):
    """Members of a store: ``tracked`` have a record, ``ranked`` have XP.

    ``total`` is ``tracked`` by the name that dashboards of Robo.js look for.
    """

    total: Count
    tracked: Count
    ranked: Count
    top_user: Member | None


class StoreXP(View, frozen=True):
    """XP of a store; average and median speak of members with XP."""

    total: Count
    average: float
    median: float
    last_awarded_at: EpochMs


class StoreConfig(View, frozen=True):
    """The settings that a dashboard shows."""

    cooldown_seconds: Count
    xp_rate: float
    rewards_count: Count
    multipliers_count: Count


class BoardVisibility(View, frozen=True):
    """Whether members see the whole board on Discord."""

    public: bool


class Stats(View, frozen=True):
    """The figures of one store, as dashboards want them."""

    users: StoreUsers
    xp: StoreXP
    messages: Count
    levels: dict[str, Count]
    config: StoreConfig
    leaderboard: BoardVisibility

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        row = found.row
        top = None if found.top is None else Member.of(found.top, names)
        average = rounded_quotient(row.total_xp, row.ranked)
        return {
            "users": StoreUsers(row.members, row.members, row.ranked, top),
            "xp": StoreXP(row.total_xp, average, found.median_xp, found.last_awarded_at),
            "messages": row.messages,
            "levels": {str(level): count for level, count in found.levels},
        }
