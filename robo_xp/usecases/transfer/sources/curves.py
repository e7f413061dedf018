"""The curves of other bots, and how ours would say the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import msgspec

from robo_xp.errors import InvalidConfig, InvalidValue
from robo_xp.model import MAX_XP, short_text
from robo_xp.nesting import bounded_text
from robo_xp.rules.checks import exact
from robo_xp.rules.levels.curve import CURVE_TYPES, build_curve
from robo_xp.rules.levels.shape import PolynomialCurve, TableCurve
from robo_xp.usecases.transfer.entry import SourceCurve

_TABLE_LEVELS: Final = 1000


def leaving(name: str, a: float, b: float, c: float, factor: float = 1) -> SourceCurve:
    """The curve on which leaving level n costs a*n*n + b*n + c, all times the factor."""
    x, y, z = (exact(number) * exact(factor) for number in (a, b, c))
    cubic = (x / 3, (y - x) / 2, x / 6 - y / 2 + z, Fraction(0))
    ours = {"a": x, "b": y - 2 * x, "c": x - y + z}
    return SourceCurve(name, PolynomialCurve(name, {}, cubic, None), _valid("quadratic", ours))


def power(name: str, base: float, exponent: float) -> SourceCurve:
    """The curve on which level n begins at base * n ** exponent."""
    if exponent == 2 and base >= 1:
        spec = _valid("threshold", {"a": exact(base), "b": Fraction(0), "c": Fraction(0)})
        if spec is not None:
            return SourceCurve(name, build_curve(spec), spec)
    return threshold_curve(name, lambda level: math.ceil(base * level**exponent))


def threshold_curve(
    name: str, threshold: Callable[[int], int], top: int = _TABLE_LEVELS
) -> SourceCurve:
    """The curve with these thresholds, up to the first that nobody can reach."""
    table = [0]
    while len(table) <= top and table[-1] <= MAX_XP:
        table.append(max(threshold(len(table)), table[-1]))
    return SourceCurve(name, TableCurve(name, {}, table, None))


def named_curve(name: str, kind: str, **params: float) -> SourceCurve:
    """A curve that ours can say in its own words."""
    spec = {"type": kind, "params": params} if params else {"type": kind}
    return SourceCurve(name, build_curve(spec), spec)


def settings_spec(found: SourceCurve) -> dict[str, Any] | None:
    """The curve for our settings: in few words where that is possible, else as thresholds."""
    if found.spec is not None:
        return dict(found.spec)
    table: list[int] = []
    for level in range(_TABLE_LEVELS + 1):
        try:
            threshold = found.curve.threshold(level)
        except InvalidValue:
            break
        if threshold > MAX_XP or (table and threshold <= table[-1]):
            break
        table.append(threshold)
    return {"type": "lookup", "params": {"thresholds": table}} if len(table) > 1 else None


def told_spec(spec: Mapping[str, Any]) -> str:
    """The curve as ``curve set`` takes it."""
    params = " ".join(
        f"{key}={str(list(value)).replace(' ', '') if isinstance(value, list | tuple) else value}"
        for key, value in spec.get("params", {}).items()
    )
    return f"{spec['type']} {params}".strip()


def _valid(kind: str, params: Mapping[str, Fraction]) -> dict[str, Any] | None:
    """The description, if ours can have these parameters."""
    plain = {
        key: int(value) if value.denominator == 1 else float(value) for key, value in params.items()
    }
    spec = {"type": kind, "params": plain}
    try:
        build_curve(spec)
    except InvalidConfig:
        return None
    return spec


MEE6: Final = named_curve("mee6", "mee6")
DISCORD_XP: Final = named_curve("discord-xp", "threshold", a=100, b=0, c=0)
LEVELUP: Final = power("levelup", 100, 2)
LURKR: Final = leaving("lurkr", 50, -100, 150)
AMARI: Final = leaving("amari", 20, -40, 55)
ARCANE: Final = leaving("arcane", 5, 50, 75)
ARCANE_LINEAR: Final = leaving("arcane-linear", 0, 100, 75)
ARCANE_CONSTANT: Final = named_curve("arcane-constant", "linear", xpPerLevel=1000)


def polaris(
    powers: Mapping[int, float], rounding: float = 100, top: int = _TABLE_LEVELS
) -> SourceCurve:
    """Polaris' curve: the sum of c * n**k, rounded to a multiple of ``rounding``."""
    step = exact(rounding) if rounding > 0 else Fraction(1)

    def threshold(level: int) -> int:
        total = sum((exact(c) * level**k for k, c in powers.items()), Fraction(0))
        return int((total / step + Fraction(1, 2)).__floor__() * step)

    return threshold_curve("polaris", threshold, top)


POLARIS: Final = polaris({3: 1, 2: 50, 1: 100})


def known_curves() -> tuple[SourceCurve, ...]:
    """The curves that a file's levels are tried with: our presets, then those of other bots."""
    presets = (named_curve("quadratic", "quadratic"), named_curve("threshold", "threshold"), MEE6)
    bots = (DISCORD_XP, LURKR, AMARI, POLARIS, ARCANE, ARCANE_LINEAR, ARCANE_CONSTANT)
    return (*presets, *bots)


def curve_named(text: str) -> SourceCurve:
    """The curve of another bot by its name, or one of ours as ``curve set`` takes it.

    Raises InvalidValue, and InvalidConfig with every fault of a description.
    """
    kind, *pairs = text.split() or [""]
    own = next((one for one in known_curves() if one.name == kind and not pairs), None)
    if own is not None:
        return own
    if kind not in CURVE_TYPES:
        bots = ", ".join(one.name for one in known_curves() if one.name not in CURVE_TYPES)
        raise InvalidValue(
            f"{short_text(text)} is no curve",
            advice=f"it is one of {', '.join(CURVE_TYPES)} with its parameters, or of {bots}",
        )
    params: dict[str, Any] = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        try:
            params[key] = msgspec.json.decode(bounded_text(value))
        except (msgspec.DecodeError, RecursionError) as error:
            raise InvalidValue(f"{short_text(pair)} is not of the form key=number") from error
    return named_curve(kind, kind, **params)
