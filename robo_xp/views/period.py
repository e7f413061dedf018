"""Days, weeks and months: when they are, and who gained most in them."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from robo_xp.views.shape import XP, Count, EpochMs, Id, Name, Seq, View


class PeriodSpan(View, frozen=True):
    """When a day, week or month (``kind``) is; ``since`` has no end but now."""

    kind: str
    begins_at: EpochMs = msgspec.field(name="from")
    ends_at: EpochMs = msgspec.field(name="to")
    closed: bool


class PeriodMember(View, frozen=True, kw_only=True):
    """What a member gained in it."""

    user_id: Id
    name: Name | UnsetType = UNSET
    xp: XP


class PeriodView(PeriodSpan, frozen=True):
    """A day, week or month: how many members gained something in it, and the first of them."""

    members: Count
    top: list[PeriodMember]


class PeriodClosing(PeriodView, frozen=True):
    """One that was closed, in batch ``seq``."""

    seq: Seq | None
    dry_run: bool


class DecayDone(View, frozen=True):
    """The decay of a day: how many members lost how many XP in all."""

    decayed: Count
    xp: Count
    already_done: bool
    seq: Seq | None
    dry_run: bool
