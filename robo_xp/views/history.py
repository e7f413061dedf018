"""What was changed, and what became of taking it back."""

from __future__ import annotations

from typing import Any

from robo_xp.views.shape import Count, EpochMs, Seq, View


class HistoryRow(View, frozen=True):
    """One batch: who did what and when, how many members it touched, the XP moved.

    ``undoes`` is the batch that it took back, ``undoneBy`` the one that took it back; ``what``
    says in a line what it did.
    """

    seq: Seq
    ts: EpochMs
    by: str
    cmd: str
    reason: str | None
    members: Count
    delta: int
    undoes: Seq | None
    undone_by: Seq | None
    what: str


class ShownBatch(HistoryRow, frozen=True):
    """One batch and all that it did: each change has ``kind``, ``old`` and ``new``, and what it is
    about as ``userId``, ``key`` or ``giveawayId``.
    """

    _within = "row"

    changes: list[dict[str, Any]]


class Undone(View, frozen=True):
    """A batch that was taken back, the number of the inverse, members touched, XP moved."""

    undone: Seq
    seq: Seq | None
    members: Count
    cmd: str
    delta: int
    dry_run: bool
