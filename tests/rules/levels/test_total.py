"""Totals after adding, removing and setting, with and without a cap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.errors import LimitExceeded
from robo_xp.model import MAX_XP
from robo_xp.rules.levels.curve import DEFAULT_CURVE, build_curve
from robo_xp.rules.levels.shape import Curve
from robo_xp.rules.levels.total import (
    capped_total,
    total_after_add,
    total_after_remove,
    total_after_set,
)

CAPPED = build_curve({"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 10})
FAR = build_curve({"type": "linear", "params": {"xpPerLevel": 2**52}, "maxLevel": 5})
XP = st.integers(0, MAX_XP)


@pytest.mark.parametrize(
    ("old", "amount", "after"),
    [
        (0, 0, (0, False)),
        (0, 999, (999, False)),
        (0, 1000, (1000, False)),
        (0, 1001, (1000, True)),
        (999, MAX_XP, (1000, True)),
        (1000, 1, (1000, True)),
        (1500, 0, (1500, False)),
        (1500, 5, (1500, True)),
    ],
)
def test_add_stops_at_the_cap(old: int, amount: int, after: tuple[int, bool]) -> None:
    """Adding stops at the cap, says so, and never lowers a total that was above it."""
    assert total_after_add(old, amount, CAPPED) == after


@pytest.mark.parametrize("curve", [DEFAULT_CURVE, FAR])
def test_add_past_the_limit_is_refused(curve: Curve) -> None:
    """Without a cap in reach nothing is cut silently: passing MAX_XP is refused."""
    assert total_after_add(MAX_XP - 5, 5, curve) == (MAX_XP, False)
    with pytest.raises(LimitExceeded) as caught:
        total_after_add(MAX_XP - 5, 6, curve)
    assert caught.value.advice == "add at most 5"


@pytest.mark.parametrize(
    ("old", "amount", "after"), [(10, 0, 10), (10, 4, 6), (10, 10, 0), (10, 11, 0), (0, 5, 0)]
)
def test_remove_stops_at_nothing(old: int, amount: int, after: int) -> None:
    """Removing more than there is leaves 0."""
    assert total_after_remove(old, amount) == after


@pytest.mark.parametrize(
    ("total", "after"), [(0, (0, False)), (1000, (1000, False)), (1001, (1000, True))]
)
def test_set_comes_down_to_the_cap(total: int, after: tuple[int, bool]) -> None:
    """Setting above the cap sets the cap, and says so."""
    assert total_after_set(total, CAPPED) == after


def test_set_past_the_limit_is_refused() -> None:
    """MAX_XP can be set; one more cannot."""
    assert total_after_set(MAX_XP, DEFAULT_CURVE) == (MAX_XP, False)
    with pytest.raises(LimitExceeded):
        total_after_set(MAX_XP + 1, DEFAULT_CURVE)


@given(XP, st.integers(0, MAX_XP), st.none() | st.integers(0, 2**60))
def test_a_gain_never_lowers_and_never_passes(old: int, amount: int, cap: int | None) -> None:
    """A total after a gain is between the old one and what was asked, and no gain passes a cap."""
    total = capped_total(old, amount, cap)

    assert old <= total <= min(old + amount, MAX_XP)
    assert total == old or cap is None or total <= cap
