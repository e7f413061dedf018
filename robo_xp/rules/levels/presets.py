"""The level curves that settings can name: their parameters, and what these make of levels.

=============  =======================  ====================================================
type           parameters               total XP at which level L begins
=============  =======================  ====================================================
quadratic      a=5, b=50, c=100         the sum of a*l*l + b*l + c for l from 1 to L
threshold      a=5, b=50, c=100         a*L*L + b*L + c
mee6           none                     the sum of 5*l*l + 50*l + 100 for l from 0 to L-1
linear         xpPerLevel               xpPerLevel * L
exponential    base, multiplier         multiplier * base**L
lookup         thresholds               the entry with index L
=============  =======================  ====================================================

All begin level 0 at 0, round up to whole XP, take ``maxLevel``, and must rise by at least 1 XP
from each level to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from robo_xp.model import MAX_XP
from robo_xp.rules.checks import exact

_ABC: Final = {"a": 5, "b": 50, "c": 100}
PARAMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "quadratic": _ABC,
    "threshold": _ABC,
    "mee6": {},
    "linear": {"xpPerLevel": None},
    "exponential": {"base": None, "multiplier": None},
    "lookup": {"thresholds": None},
}
"""The parameters of each type with their defaults; None for those that must be given."""

RANGES: Final = {
    "a": ("0", str(MAX_XP)),
    "b": ("0", str(MAX_XP)),
    "c": ("0", str(MAX_XP)),
    "xpPerLevel": ("1", str(MAX_XP)),
    # a slower rise would take tens of thousands of levels to get anywhere
    "base": ("1.001", "1000000"),
    "multiplier": ("0.000001", str(MAX_XP)),
}

_SCALE: Final = 2**256

Coefficients = tuple[Fraction, Fraction, Fraction, Fraction]
"""Of a cubic in the level, highest power first."""


def _sum_coefficients(params: Mapping[str, Any]) -> Coefficients:
    """The coefficients of the sum of a*l*l + b*l + c for l from 1 to L."""
    a, b, c = (exact(params[name]) for name in "abc")
    return a / 3, (a + b) / 2, a / 6 + b / 2 + c, Fraction(0)


def _direct(params: Mapping[str, Any]) -> Coefficients:
    a, b, c = (exact(params[name]) for name in "abc")
    return Fraction(0), a, b, c


def _mee6(params: Mapping[str, Any]) -> Coefficients:
    return Fraction(5, 3), Fraction(45, 2), Fraction(455, 6), Fraction(0)


def _linear(params: Mapping[str, Any]) -> Coefficients:
    return Fraction(0), Fraction(0), exact(params["xpPerLevel"]), Fraction(0)


COEFFICIENTS: Final[Mapping[str, Callable[[Mapping[str, Any]], Coefficients]]] = {
    "quadratic": _sum_coefficients,
    "threshold": _direct,
    "mee6": _mee6,
    "linear": _linear,
}


def exponential_table(params: Mapping[str, Any]) -> list[int]:
    """The thresholds up to the first that nobody can reach, or that fails to rise.

    A power is held between two scaled integers, far closer together than whole numbers, because
    exact powers of a slow curve would have a hundred thousand digits. Where the two disagree on
    the whole number, the exact power decides.
    """
    base, multiplier = exact(params["base"]), exact(params["multiplier"])
    table = [0]
    low = high = _SCALE * multiplier.numerator
    over = _SCALE * multiplier.denominator
    while table[-1] <= MAX_XP and (len(table) < 3 or table[-1] > table[-2]):
        low = low * base.numerator // base.denominator
        high = -(-high * base.numerator // base.denominator)
        least, most = -(-low // over), -(-high // over)
        if least != most:
            power = multiplier * base ** len(table)
            most = -(-power.numerator // power.denominator)
        table.append(most)
    return table
