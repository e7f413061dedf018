"""Level arithmetic for callers of the library, on the default curve or any other."""

from __future__ import annotations

from dataclasses import dataclass

from robo_xp.errors import InvalidValue
from robo_xp.model import MAX_XP, Progress, check_xp, short_text
from robo_xp.rules.checks import is_whole
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.rules.levels.shape import Curve


@dataclass(frozen=True, slots=True)
class LevelProgress:
    """XP inside the level, the XP the level spans, and 0.0 to 100.0 percent of it."""

    current: int
    needed: int
    percentage: float


def xp_needed_for_level(level: int, curve: Curve = DEFAULT_CURVE) -> int:
    """The XP that this one level costs; 0 for level 0. Raises InvalidValue if it is negative."""
    if not is_whole(level) or level < 0:
        raise InvalidValue(f"a level is a whole number from 0, not {short_text(level)}")
    return curve.cost(level)


def total_xp_for_level(level: int, curve: Curve = DEFAULT_CURVE) -> int:
    """The XP at which the level begins; 0 for level 0 and below."""
    if not is_whole(level):
        raise InvalidValue(f"a level is a whole number, not {short_text(level)}")
    return curve.threshold(level) if level > 0 else 0


def level_from_total_xp(xp: int, curve: Curve = DEFAULT_CURVE) -> Progress:
    """Where a total lies. Less than 0 counts as 0; raises InvalidAmount above MAX_XP."""
    return curve.progress(check_xp(xp, "total", low=-MAX_XP))


def progress_in_level(xp: int, curve: Curve = DEFAULT_CURVE) -> LevelProgress:
    """How far a total is inside its level; at the highest level all of it, 100 percent."""
    at = level_from_total_xp(xp, curve)
    return LevelProgress(at.in_level, at.in_level + at.to_next, at.percentage)


def xp_delta_for_level_range(low: int, high: int, curve: Curve = DEFAULT_CURVE) -> int:
    """The XP from the beginning of one level to that of another; negative if it lies below."""
    return total_xp_for_level(high, curve) - total_xp_for_level(low, curve)


def is_valid_level(value: object) -> bool:
    """Whether the value is a whole number from 0."""
    return isinstance(value, int) and is_whole(value) and value >= 0


def is_valid_xp(value: object) -> bool:
    """Whether the value is a whole number from 0 to MAX_XP."""
    return isinstance(value, int) and is_whole(value) and 0 <= value <= MAX_XP
