"""Levels in a file held against the result: how many differ, and which curve they were made with.

Curves with parameters are fitted. Each member says between which two bounds a parameter lies; the
value that most of them allow is taken, so that some wrong levels do no harm.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.errors import InvalidConfig, InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.rules.levels.curve import MAX_THRESHOLDS, build_curve
from robo_xp.rules.levels.shape import Curve
from robo_xp.usecases.transfer.entry import Entry, SourceCurve
from robo_xp.usecases.transfer.sources.curves import known_curves

_SAMPLE: Final = 2_000
# fewer members fit some line by chance
_ENOUGH: Final = 10
_FIT_SHARE: Final = 0.9
_HELP_SHARE: Final = 0.8
_SURE: Final = 20
# thresholds one by one can follow noise too, so they must fit clearly better than a formula
_LOOKUP_GAIN: Final = 0.008
_GAIN_EACH: Final = 0.001
_GOOD_SHARE: Final = 0.985
_MOST_POWERS: Final = 500
_BASES: Final = tuple(1 + step / 100 for step in range(1, 201))
Pair = tuple[int, int]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LevelsInFile:
    """Members with XP and a level, how many stand at that level here, and the curve that fits best.

    ``inside`` is whether all XP are smaller than the size of their level, as XP that start from 0
    at each level are.
    """

    compared: int = 0
    equal: int = 0
    best: SourceCurve | None = None
    equal_on_best: int = 0
    inside: bool = False

    @property
    def different(self) -> int:
        """How many would stand at another level."""
        return self.compared - self.equal

    @property
    def best_fits(self) -> bool:
        """Whether the best curve explains nearly all levels."""
        return self.compared >= _SURE and self.equal_on_best >= _FIT_SHARE * self.compared

    @property
    def best_helps(self) -> bool:
        """Whether the best curve is worth naming: clearly more levels than here, and most."""
        return self.equal_on_best > self.equal and self.equal_on_best >= _HELP_SHARE * self.compared


def compare(entries: Sequence[Entry], curve: Curve, own: SourceCurve | None) -> LevelsInFile:
    """How the levels of the entries fit the curve here, and which curve fits them best.

    ``own`` is the curve of the source, which wins where several fit as well.
    """
    pairs = [(e.xp, e.level) for e in entries if e.xp is not None and e.level is not None]
    if not pairs:
        return LevelsInFile()
    equal = _equal(pairs, curve)
    sample = _sample(pairs)
    candidates = [*([own] if own is not None else ()), *known_curves()]
    if sum(level > 0 for _, level in sample) >= _ENOUGH:
        candidates += _fitted_curves(sample)
    best = _best(sample, candidates)
    on_best = _equal(pairs, best.curve)
    inside = on_best < _FIT_SHARE * len(pairs) and _is_inside(entries, curve, best)
    return LevelsInFile(len(pairs), equal, best, on_best, inside)


def _best(sample: list[Pair], candidates: list[SourceCurve]) -> SourceCurve:
    """The candidate with most equal levels; the earlier one of two that are as good."""
    best, most, least_off = candidates[0], -1.0, math.inf
    for one in candidates:
        equal: float = _equal(sample, one.curve)
        if one.curve.type == "lookup" and one is not candidates[0]:
            thresholds = len(one.curve.params["thresholds"])
            equal -= (_LOOKUP_GAIN + _GAIN_EACH * min(thresholds, 32)) * len(sample)
        off = sum(abs(level - _level(one.curve, xp)) for xp, level in sample)
        if equal > most or (equal == most and equal * 2 < len(sample) and off < least_off):
            best, most, least_off = one, equal, off
    return best


def _sample(pairs: list[Pair]) -> list[Pair]:
    step = -(-len(pairs) // _SAMPLE)
    return pairs[::step]


def _equal(pairs: list[Pair], curve: Curve) -> int:
    """How many stand at their level on this curve: from its table, since pairs can be many."""
    table = _table(curve, max(level for _, level in pairs) + 2)
    return sum(bisect_right(table, xp) - 1 == level for xp, level in pairs)


def _level(curve: Curve, xp: int) -> int:
    return curve.level_for(xp)


def _table(curve: Curve, levels: int) -> list[int]:
    """The thresholds of the levels up to this one, or to the last that the curve has."""
    table = []
    for level in range(min(levels, MAX_THRESHOLDS) + 1):
        try:
            table.append(curve.threshold(level))
        except InvalidValue:
            break
    return table


def _is_inside(entries: Sequence[Entry], curve: Curve, best: SourceCurve) -> bool:
    """Whether XP look like what was gained since the last level: on neither curve totals."""
    pairs = [
        (e.xp, e.level)
        for e in entries
        if e.xp is not None and e.level is not None and not e.is_total
    ]
    high = [pair for pair in pairs if pair[1] > 1]
    if len(high) < 3 or 2 * _equal(high, curve) > len(high):
        return False
    return all(
        any(xp < _size(one, level) for one in (curve, best.curve)) for xp, level in _sample(pairs)
    )


def _size(curve: Curve, level: int) -> int:
    try:
        return curve.cost(level + 1)
    except InvalidValue:
        return MAX_XP


# -- curves with parameters -----------------------------------------------------------------


def _fitted_curves(sample: list[Pair]) -> Iterator[SourceCurve]:
    """The linear and the exponential curve, and the thresholds, that fit the levels best."""
    for spec in (_linear(sample), _exponential(sample), _lookup(sample)):
        try:
            if spec is not None:
                yield SourceCurve(spec["type"], build_curve(spec), spec)
        except InvalidConfig:
            continue


def _linear(sample: list[Pair]) -> dict[str, Any] | None:
    """XP a level: a member at level L with x XP says that it is above x/(L+1), at most x/L."""
    value = _most_allowed([(xp / (level + 1), xp / level) for xp, level in sample if level])[0]
    return {"type": "linear", "params": {"xpPerLevel": value}} if value >= 1 else None


def _exponential(sample: list[Pair]) -> dict[str, Any] | None:
    """Base and multiplier: for each base tried, XP over two of its powers bound the other."""
    leveled = [(xp, level) for xp, level in sample if xp > 0 and 0 < level < _MOST_POWERS]
    if len(leveled) < 3:
        return None

    def allowed(base: float) -> tuple[float, int]:
        return _most_allowed([(xp / base ** (n + 1), xp / base**n) for xp, n in leveled])

    found = {base: allowed(base) for base in _BASES}
    rough = max(found, key=lambda base: found[base][1])
    finer = [round(rough + step / 1000, 3) for step in range(-9, 10)]
    found |= {base: allowed(base) for base in finer if base > 1}
    most = max(count for _, count in found.values())
    good = [one for one, (_, count) in found.items() if count >= _GOOD_SHARE * most]
    base = min(good, key=lambda one: (len(str(one)), -found[one][1]))
    return {"type": "exponential", "params": {"base": base, "multiplier": found[base][0]}}


def _lookup(sample: list[Pair]) -> dict[str, Any] | None:
    """A threshold for each level: where fewest members lie on the wrong side of it."""
    top = max(level for _, level in sample)
    if top > 500:
        return None
    table = [0]
    for level in range(1, top + 1):
        below = [xp for xp, at in sample if at == level - 1]
        above = [xp for xp, at in sample if at == level]
        if not above:
            table.append(table[-1] + 1)
            continue
        low, high = _gap(below, above)
        low = max(low, table[-1])
        table.append(max(int(_round_within(low, high)), table[-1] + 1))
    while len(table) > 2 and table[-1] == table[-2] + 1:
        table.pop()  # a level that only a mistake reached
    return {"type": "lookup", "params": {"thresholds": table}}


def _gap(below: list[int], above: list[int]) -> tuple[int, int]:
    """Where to part two levels: above the one, not above the other, with fewest errors."""
    marks = sorted([(xp, 1) for xp in below] + [(xp, -1) for xp in above])
    wrong = len(below)
    best, low, high = wrong, 0, marks[0][0]
    for at, (xp, side) in enumerate(marks):
        wrong -= side
        following = marks[at + 1][0] if at + 1 < len(marks) else xp + 1
        if wrong < best:
            best, low, high = wrong, xp, following
    return low, max(high, low + 1)


def _most_allowed(spans: list[Span]) -> tuple[float, int]:
    """A value that most of the spans (above the first, up to the second) allow, and how many do.

    A rounder number that nearly as many allow is taken for what somebody once wrote down.
    """
    marks = sorted([(low, 1) for low, high in spans] + [(high, -1) for low, high in spans])
    open_now = most = 0
    best: Span = (0.0, 0.0)
    for at, (value, change) in enumerate(marks):
        open_now += change
        if open_now > most:
            most = open_now
            best = (value, marks[at + 1][0] if at + 1 < len(marks) else value)
    for places in range(15, -1, -1):
        value = float(round(best[1] / 10**places) * 10**places)
        if value > 0 and sum(low < value <= high for low, high in spans) >= _GOOD_SHARE * most:
            return int(value), most
    return _round_within(*best), most


def _round_within(low: float, high: float) -> float:
    """The roundest number above ``low`` and not above ``high``."""
    for places in range(15, -7, -1):
        unit = 10.0**places
        value = math.floor(high / unit + 1e-9) * unit
        if low < value <= high * (1 + 1e-12):
            return int(value) if places >= 0 else round(value, -places)
    return math.floor(high)
