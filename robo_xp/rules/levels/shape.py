"""The shapes of level curves: the base class with the exact inverse, polynomials, and tables.

Everything is whole-number arithmetic: a threshold is never off by one, at any level.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Any, Final

from robo_xp.errors import InvalidValue
from robo_xp.model import MAX_XP, Progress, short_text

_MOST_KNOWN: Final = 1000


class Curve(ABC):
    """A rule between levels and XP. A subclass writes ``threshold``; the rest follows from it.

    ``threshold`` must be 0 at level 0 and rise by at least 1 from each level to the next.
    """

    type: str = "custom"
    params: Mapping[str, Any] = MappingProxyType({})
    max_level: int | None = None

    @abstractmethod
    def threshold(self, level: int) -> int:
        """The total XP at which the level begins.

        Raises InvalidValue for a negative level and for one above ``max_level``.
        """

    def cost(self, level: int) -> int:
        """The XP from the beginning of the level before to the beginning of this one."""
        return self.threshold(level) - self.threshold(level - 1) if level else 0

    @property
    def cap(self) -> int | None:
        """The XP of the highest level; None if there is none."""
        return None if self.max_level is None else self.threshold(self.max_level)

    def level_for(self, xp: int, hint: int = 0) -> int:
        """The level of that much XP; quick if ``hint``, the level it used to be, still holds."""
        if xp <= 0:
            return 0
        if hint >= 0 and self._holds(hint, xp):
            return hint
        low, high = self._bracket(xp)
        while high - low > 1:
            middle = (low + high) // 2
            if self.threshold(middle) <= xp:
                low = middle
            else:
                high = middle
        return low

    def progress(self, xp: int) -> Progress:
        """Where that much XP lies between its level and the next one."""
        xp = max(xp, 0)
        level = self.level_for(xp)
        in_level = xp - self.threshold(level)
        if level == self.max_level:
            return Progress(level, in_level, 0, 100.0)
        to_next = self.threshold(level + 1) - xp
        return Progress(level, in_level, to_next, in_level * 100 / (in_level + to_next))

    def spec(self) -> dict[str, Any]:
        """The description that makes the same curve again, as the ``levels`` setting stores it."""
        described: dict[str, Any] = {
            "type": self.type,
            "params": {
                key: list(value) if isinstance(value, tuple) else value
                for key, value in self.params.items()
            },
        }
        if self.max_level is not None:
            described["maxLevel"] = self.max_level
        return described

    def _holds(self, level: int, xp: int) -> bool:
        top = self.max_level
        if top is not None and level > top:
            return False
        try:
            if self.threshold(level) > xp:
                return False
            return level == top or xp < self.threshold(level + 1)
        except OverflowError:
            # a level stored under an earlier curve can be too high for a subclass's floats
            return False

    def _bracket(self, xp: int) -> tuple[int, int]:
        """Two levels: XP reaches the first, and not the second (or that one does not exist)."""
        end = (MAX_XP if self.max_level is None else self.max_level) + 1
        low, high = 0, 1
        while high < end and self.threshold(high) <= xp:
            low, high = high, high * 2
        return low, min(high, end)

    def _check(self, level: int) -> None:
        """Raise InvalidValue unless the level exists on this curve."""
        if level < 0:
            raise InvalidValue(f"a level is never negative, not {short_text(level)}")
        if self.max_level is not None and level > self.max_level:
            raise InvalidValue(
                f"level {short_text(level)} does not exist: this curve ends at {self.max_level}",
                advice="see 'robo-xp curve show'",
            )


class PolynomialCurve(Curve):
    """Thresholds that are a cubic of the level, rounded up to whole XP, and 0 at level 0."""

    def __init__(
        self,
        kind: str,
        params: Mapping[str, Any],
        coefficients: Sequence[Fraction],
        max_level: int | None,
    ) -> None:
        self.type = kind
        self.params = MappingProxyType(dict(params))
        self.max_level = max_level
        self._over = lcm(*(value.denominator for value in coefficients))
        self._a, self._b, self._c, self._d = (int(value * self._over) for value in coefficients)
        self._known = {0: 0}

    def level_for(self, xp: int, hint: int = 0) -> int:
        """The level of that much XP; quick if ``hint``, the level it used to be, still holds."""
        known = self._known  # each award asks
        begin, end = known.get(hint), known.get(hint + 1)
        if begin is not None and end is not None and begin <= xp < end:
            return hint
        return super().level_for(xp, hint)

    def threshold(self, level: int) -> int:
        """The total XP at which the level begins."""
        known = self._known.get(level)
        return self._worked_out(level) if known is None else known

    def _worked_out(self, level: int) -> int:
        if level <= 0 or (self.max_level is not None and level > self.max_level):
            self._check(level)
            return 0
        total = ((self._a * level + self._b) * level + self._c) * level + self._d
        found = -(-total // self._over)
        if len(self._known) < _MOST_KNOWN:
            self._known[level] = found
        return found


class TableCurve(Curve):
    """Thresholds that are written down: ``table[level]``, at most one of them above MAX_XP."""

    def __init__(
        self, kind: str, params: Mapping[str, Any], table: Sequence[int], max_level: int | None
    ) -> None:
        self.type = kind
        self.params = MappingProxyType(dict(params))
        self.max_level = max_level
        self._table = tuple(table if max_level is None else table[: max_level + 1])

    @property
    def cap(self) -> int | None:
        """The XP of the highest level; None if there is none, or it is out of reach."""
        within = self.max_level is not None and self.max_level < len(self._table)
        return self._table[-1] if within else None

    def threshold(self, level: int) -> int:
        """The total XP at which the level begins."""
        if 0 <= level < len(self._table):
            return self._table[level]
        self._check(level)
        raise InvalidValue(
            f"level {short_text(level)} is out of reach: "
            f"it needs more than {MAX_XP} XP on this curve"
        )

    def level_for(self, xp: int, hint: int = 0) -> int:
        """The level of that much XP; the hint is not needed, a table is searched at once."""
        return bisect_right(self._table, xp) - 1 if xp > 0 else 0
