"""The level arithmetic that the library offers to callers."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp.errors import InvalidAmount, InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.rules.levels import math
from robo_xp.rules.levels.curve import build_curve
from robo_xp.rules.levels.math import LevelProgress


def test_needed_and_total() -> None:
    """A level's cost is the difference of totals; level 0 costs and begins at 0."""
    assert [math.xp_needed_for_level(level) for level in (0, 1, 2, 10)] == [0, 155, 220, 1100]
    assert [math.total_xp_for_level(level) for level in (-3, 0, 1, 10)] == [0, 0, 155, 5675]
    assert math.xp_delta_for_level_range(5, 10) == 5675 - 1525
    assert math.xp_delta_for_level_range(10, 5) == 1525 - 5675


def test_progress() -> None:
    """5,500 XP is level 9: 925 of 1,100, which is 84.1 percent."""
    at = math.level_from_total_xp(5500)

    assert (at.level, at.in_level, at.to_next) == (9, 925, 175)
    assert math.progress_in_level(5500) == LevelProgress(925, 1100, at.percentage)
    assert round(at.percentage, 1) == 84.1


def test_negative_total_counts_as_nothing() -> None:
    """A total below 0 is level 0 with nothing in it."""
    assert math.level_from_total_xp(-7) == math.level_from_total_xp(0)


def test_another_curve_is_used_throughout() -> None:
    """Each function follows the curve it is given, up to its highest level."""
    curve = build_curve({"type": "linear", "params": {"xpPerLevel": 100}, "maxLevel": 5})

    assert math.xp_needed_for_level(5, curve) == 100
    assert math.total_xp_for_level(5, curve) == 500
    assert math.level_from_total_xp(9999, curve).level == 5
    assert math.progress_in_level(500, curve) == LevelProgress(0, 0, 100.0)
    with pytest.raises(InvalidValue):
        math.total_xp_for_level(6, curve)


@pytest.mark.parametrize("level", [-1, 1.5, True, "3", None])
def test_no_level_no_cost(level: Any) -> None:
    """Only a whole number from 0 is a level."""
    assert not math.is_valid_level(level)
    with pytest.raises(InvalidValue):
        math.xp_needed_for_level(level)


@pytest.mark.parametrize("xp", [1.5, True, "3", None, MAX_XP + 1, float("nan")])
def test_no_xp_no_level(xp: Any) -> None:
    """Only a whole number up to MAX_XP is XP."""
    assert not math.is_valid_xp(xp)
    with pytest.raises(InvalidAmount):
        math.level_from_total_xp(xp)


@pytest.mark.parametrize("value", [0, 1, MAX_XP])
def test_valid_values(value: int) -> None:
    """Whole numbers from 0 are levels, and XP up to MAX_XP."""
    assert math.is_valid_level(value)
    assert math.is_valid_xp(value)


def test_total_of_a_fractional_level_is_refused() -> None:
    """There is nothing between two levels."""
    with pytest.raises(InvalidValue, match="whole"):
        math.total_xp_for_level(1.5)  # type: ignore[arg-type]  # the point of the test
