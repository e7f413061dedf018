"""Curves of somebody else's making, and what stands for one that cannot be had.

Whatever such code does, a stored level only moves to what it says clearly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from robo_xp.errors import InvalidValue
from robo_xp.model import MAX_XP, short_text
from robo_xp.rules.levels.curve import MAX_LEVEL
from robo_xp.rules.levels.shape import Curve, PolynomialCurve, TableCurve

Tell = Callable[[str], None]

_PAIRS: Final = (
    ("threshold", "level_for"),
    ("xpForLevel", "levelFromXp"),
    ("xp_for_level", "level_from_xp"),
)
_LIMITS: Final = ("maxLevel", "max_level")


class KeptLevels(Curve):
    """Every member keeps the level that is stored; what levels cost is as on ``below``."""

    def __init__(self, below: Curve) -> None:
        self._below = below

    def threshold(self, level: int) -> int:
        """As on the curve below."""
        return self._below.threshold(level)

    def level_for(self, _xp: int, hint: int = 0) -> int:
        """The level it was."""
        return hint


class ForeignCurve(Curve):
    """An object with ``xpForLevel`` and ``levelFromXp``, or the same in snake case.

    ``tell`` hears once what was wrong with an answer; levels are kept where there is none.
    """

    def __init__(self, xp_for: Callable[[int], Any], level_from: Callable[[int], Any],
                 max_level: int | None, tell: Tell) -> None:  # fmt: skip
        self._xp_for = xp_for
        self._level_from = level_from
        self._tell = tell
        self._has_told = False
        self.max_level = max_level

    def threshold(self, level: int) -> int:
        """What the object says; InvalidValue where that is no XP."""
        if level < 0 or (self.max_level is not None and level > self.max_level):
            raise InvalidValue(f"there is no level {level}")
        found = self._answer_of(self._xp_for, level, MAX_XP) if level else 0
        if found is None:
            raise InvalidValue(f"the curve of get_curve does not say what level {level} costs")
        return found

    @property
    def cap(self) -> int | None:
        """The XP of the highest level; None where there is none, or the object does not say."""
        try:
            return super().cap
        except InvalidValue:
            return None

    def level_for(self, xp: int, hint: int = 0) -> int:
        """What the object says; the level it was where that is no level."""
        if xp <= 0:
            return 0
        found = self._answer_of(self._level_from, xp, MAX_LEVEL)
        if found is None:
            return hint
        return found if self.max_level is None else min(found, self.max_level)

    def _answer_of(self, ask: Callable[[int], Any], argument: int, high: int) -> int | None:
        """The whole number from 0 to ``high`` that is answered; None, and told, for others."""
        called = f"{getattr(ask, '__name__', 'it')}({argument})"
        try:
            found = ask(argument)
        except Exception as error:
            self._tell_once(f"{called} raised {type(error).__name__}: {error}")
            return None
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= high:
            return found
        self._tell_once(f"{called} is {short_text(found)}, no whole number from 0 to {high}")
        return None

    def _tell_once(self, what: str) -> None:
        if not self._has_told:
            self._has_told = True
            self._tell(what)


def curve_from(answer: object, tell: Tell) -> Curve | None:
    """The curve that a callback has answered with; None where it is none."""
    if isinstance(answer, PolynomialCurve | TableCurve):
        return answer
    for of_level, of_xp in _PAIRS:
        xp_for, level_from = getattr(answer, of_level, None), getattr(answer, of_xp, None)
        if callable(xp_for) and callable(level_from):
            limits = [getattr(answer, name, None) for name in _LIMITS]
            max_level = next((one for one in limits if isinstance(one, int) and one >= 0), None)
            return ForeignCurve(xp_for, level_from, max_level, tell)
    return None
