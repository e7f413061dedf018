"""Totals of XP: what is left after an amount was added, removed or set, and where a curve ends."""

from __future__ import annotations

from robo_xp.errors import LimitExceeded
from robo_xp.model import MAX_XP
from robo_xp.rules.levels.shape import Curve


def capped_total(old: int, amount: int, cap: int | None) -> int:
    """The total after a gain: never above the cap or MAX_XP, and never below what it was."""
    total = old + amount
    limit = MAX_XP if cap is None or cap > MAX_XP else cap
    if total <= limit:
        return total
    # the cap may have come down after the member had passed it
    return max(old, limit)


def total_after_add(old: int, amount: int, curve: Curve) -> tuple[int, bool]:
    """The total after adding, and whether the curve's cap held some of the amount back.

    Raises LimitExceeded where the total would pass MAX_XP and no cap is below that.
    """
    cap = curve.cap
    if (cap is None or cap > MAX_XP) and old + amount > MAX_XP:
        raise LimitExceeded(
            f"{old} XP and {amount} more would pass the limit of {MAX_XP}",
            advice=f"add at most {MAX_XP - old}",
        )
    total = capped_total(old, amount, cap)
    return total, total < old + amount


def total_after_remove(old: int, amount: int) -> int:
    """The total after removing, never below 0."""
    return max(old - amount, 0)


def total_after_set(total: int, curve: Curve) -> tuple[int, bool]:
    """The total that may be set, and whether it had to come down to the curve's cap.

    Raises LimitExceeded where the total passes MAX_XP.
    """
    cap = curve.cap
    if total > MAX_XP:
        raise LimitExceeded(f"{total} XP would pass the limit of {MAX_XP}")
    return (cap, True) if cap is not None and total > cap else (total, False)
