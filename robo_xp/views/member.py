"""Members: their record, where they stand, and what changes do to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from robo_xp.views.shape import (
    XP,
    Count,
    EpochMs,
    Id,
    Level,
    Name,
    Names,
    Percent,
    Seq,
    View,
    percentage,
)

_TOP = 100


class Member(View, frozen=True, kw_only=True):
    """A member's record; ``lastAwardedAt`` is 0 for never, ``hidden`` who stands on no board."""

    user_id: Id
    name: Name | UnsetType = UNSET
    xp: XP
    level: Level
    messages: Count
    xp_messages: Count
    last_awarded_at: EpochMs
    hidden: bool
    voice_seconds: Count


class Progress(View, frozen=True):
    """How far a member is on the way to the next level; ``toNext`` is 0 at the highest."""

    level: Level
    in_level: XP
    to_next: XP
    percentage: Percent

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"percentage": percentage(found.in_level, found.in_level + found.to_next)}


class Standing(Member, frozen=True, kw_only=True):
    """A member with rank and progress; ``rank`` is null without XP and for a hidden member."""

    _within = "member"

    rank: Count | None
    total: Count
    progress: Progress


class MemberOnTheWay(View, frozen=True):
    """One member and its progress; ``percentage`` says how much of the level is done."""

    user: Member
    progress: Progress
    percentage: Percent

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {
            "user": Member.of(found.member, names),
            "percentage": Progress.of(found.progress).percentage,
        }


class Place(View, frozen=True):
    """Where a member stands among those with XP that are not hidden.

    Rank and percentile are null for the others.

    ``percentile`` is how many of 100 ranked members stand here or below, to two decimals.
    """

    rank: Count | None
    total: Count
    percentile: Percent | None
    is_top_hundred: bool
    user: Member

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        rank, total = found.rank, found.total
        return {
            "percentile": None if rank is None else percentage(total - rank + 1, total, places=2),
            "is_top_hundred": rank is not None and rank <= _TOP,
            "user": Member.of(found.member, names),
        }


class Change(View, frozen=True, kw_only=True):
    """What a change did to a member; ``capped`` says that the highest level held it back."""

    guild_id: Id
    store_id: str
    user_id: Id
    name: Name | UnsetType = UNSET
    old_xp: XP
    new_xp: XP
    delta: int
    old_level: Level
    new_level: Level
    leveled_up: bool
    leveled_down: bool
    capped: bool
    seq: Seq | None
    dry_run: bool


class Changes(View, frozen=True):
    """What one change did to several members, in batch ``seq``."""

    changes: list[Change]
    seq: Seq | None
    dry_run: bool


class LevelMove(View, frozen=True, kw_only=True):
    """A stored level before and after a look at the curve."""

    user_id: Id
    name: Name | UnsetType = UNSET
    old_level: Level
    new_level: Level
    total_xp: XP


class LevelCheck(LevelMove, frozen=True, kw_only=True):
    """A stored level beside the curve's; ``reconciled`` says that it had to change."""

    reconciled: bool


class Recalculation(View, frozen=True, kw_only=True):
    """The look at the level of one member."""

    guild_id: Id
    store_id: str
    user_id: Id
    name: Name | UnsetType = UNSET
    old_level: Level
    new_level: Level
    total_xp: XP
    reconciled: bool
    seq: Seq | None
    dry_run: bool


class Recalculations(View, frozen=True):
    """The look at the levels of many members."""

    guild_id: Id
    store_id: str
    seq: Seq | None
    dry_run: bool
    results: list[LevelCheck]


class Deleted(View, frozen=True):
    """How many records were deleted."""

    guild_id: Id
    store_id: str
    deleted: Count
    seq: Seq | None
    dry_run: bool


class BadRow(View, frozen=True):
    """A row of a file that could not be carried out, and why."""

    line: Count
    error: str


class Applied(View, frozen=True):
    """What many changes from a file did; ``skipped`` rows had nothing to change."""

    guild_id: Id
    store_id: str
    applied: Count
    skipped: Count
    failed: list[BadRow]
    level_ups: Count
    level_downs: Count
    seq: Seq | None
    dry_run: bool

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        rows = [(one.where.removeprefix("line "), one.message) for one in found.failed]
        return {"failed": [BadRow(int(line), error) for line, error in rows]}


class Check(View, frozen=True):
    """One rule that a message meets, and the layer that sets it: default, global or guild."""

    check: str
    passed: bool
    detail: str
    set_by: str


class Factors(View, frozen=True):
    """The factors that count for a message; null for what has no entry.

    ``boosts`` is what those of its time come to, and ``boostNames`` what they are called.
    """

    server: float | None
    role: float | None
    channel: float | None
    user: float | None
    boosts: float | None
    product: float
    boost_names: Sequence[str]


class Range(View, frozen=True):
    """The least and the most XP."""

    min: XP
    max: XP


class Why(View, frozen=True):
    """What a message would come to: ``award``, or ``refusal`` with its reason."""

    outcome: str
    reason: str | None
    checks: list[Check]
    multiplier: Factors
    amount: Range


class Visibility(View, frozen=True):
    """The members that were hidden, or shown again, and were not before."""

    changed: list[Id]
    seq: Seq | None
    dry_run: bool


class PrunedMember(View, frozen=True, kw_only=True):
    """A member whose record was deleted."""

    user_id: Id
    name: Name | UnsetType = UNSET
    xp: XP
    last_awarded_at: EpochMs


class Pruned(View, frozen=True):
    """How many records were deleted, their XP together, and the first few, the most XP first."""

    pruned: Count
    xp: XP
    sample: list[PrunedMember]
    seq: Seq | None
    dry_run: bool


class ErasedCounts(View, frozen=True):
    """How much was erased, by what it was."""

    records: Count
    names: Count
    entries: Count
    periods: Count


class Erased(View, frozen=True):
    """What an erasure did; ``pseudonym`` stands where the id was, ``backups`` still hold the id."""

    erased: ErasedCounts
    pseudonym: Id
    backups: Sequence[str]
    seq: Seq | None
    dry_run: bool


class PersonalData(View, frozen=True, kw_only=True):
    """Everything about one person in a guild, as it is stored and as the kept batches say it."""

    guild_id: Id
    user_id: Id
    name: Name | UnsetType = UNSET
    exported_at: EpochMs
    stores: list[dict[str, Any]]
    giveaways: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    history: list[dict[str, Any]]

    @classmethod
    def _own(cls, found: Any, names: Names) -> dict[str, Any]:
        return {"name": found.name or UNSET}


class Day(View, frozen=True):
    """The XP that a member gained, or lost, on a day."""

    day: str
    xp: int
