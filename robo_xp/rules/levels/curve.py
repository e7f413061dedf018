"""Making level curves from their descriptions, and every fault that a description can have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from robo_xp.errors import Fault, InvalidConfig
from robo_xp.model import MAX_XP, short_text
from robo_xp.rules import checks as check
from robo_xp.rules.checks import exact
from robo_xp.rules.levels.presets import COEFFICIENTS, PARAMS, RANGES, exponential_table
from robo_xp.rules.levels.shape import Curve, PolynomialCurve, TableCurve

MAX_LEVEL: Final = 1_000_000
MAX_THRESHOLDS: Final = 10_000

CURVE_TYPES: Final = tuple(PARAMS)
"""The names that ``type`` can have."""


def curve_faults(spec: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with the description of a curve; empty if nothing is."""
    if not isinstance(spec, Mapping):
        return [Fault("", f"must be an object, not {short_text(spec)}")]
    faults = _outer_faults(spec)
    kind, params = spec.get("type"), spec.get("params", {})
    if not isinstance(kind, str) or kind not in PARAMS or not isinstance(params, Mapping):
        return faults
    wrong = _param_faults(kind, params)
    if not wrong:
        wrong = _rise_faults(kind, {**PARAMS[kind], **params})
    if not wrong and kind == "lookup" and not faults:
        faults += _lookup_end_faults(params["thresholds"], spec.get("maxLevel"))
    return faults + wrong


def new_curve_faults(spec: Mapping[str, Any]) -> list[Fault]:
    """What is refused of a new description and still built where it was stored before."""
    if spec.get("type") != "quadratic" or spec.get("params", {}).get("a") != 0:
        return []
    return [Fault("params.a", "must be above 0, not 0; a curve of equal steps is linear")]


def build_curve(spec: Mapping[str, Any]) -> Curve:
    """The curve of a description; raises InvalidConfig with every fault of it."""
    if faults := curve_faults(spec):
        raise InvalidConfig(faults)
    kind: str = spec["type"]
    params = {**PARAMS[kind], **spec.get("params", {})}
    top: int | None = spec.get("maxLevel")
    if kind == "lookup":
        table = tuple(params["thresholds"])
        top = len(table) - 1 if top is None else top
        return TableCurve(kind, {"thresholds": table}, table, top)
    if kind == "exponential":
        return TableCurve(kind, params, exponential_table(params), top)
    return PolynomialCurve(kind, params, COEFFICIENTS[kind](params), top)


def _outer_faults(spec: Mapping[str, Any]) -> list[Fault]:
    keys = ("type", "params", "maxLevel")
    kind = spec.get("type")
    params = PARAMS.get(kind, {}) if isinstance(kind, str) else {}
    faults = [
        Fault(
            check.joined_path("", key),
            "belongs into params" if key in params else f"unknown part{check.meant(key, keys)}",
        )
        for key in spec
        if key not in keys
    ]
    if "type" not in spec:
        faults.append(Fault("type", f"is missing; it is one of {', '.join(CURVE_TYPES)}"))
    else:
        faults += check.choice_faults("type", spec["type"], CURVE_TYPES)
    if not isinstance(spec.get("params", {}), Mapping):
        faults.append(Fault("params", f"must be an object, not {short_text(spec['params'])}"))
    if "maxLevel" in spec:
        faults += check.whole_faults("maxLevel", spec["maxLevel"], 0, MAX_LEVEL)
    return faults


def _param_faults(kind: str, params: Mapping[str, Any]) -> list[Fault]:
    known = PARAMS[kind]
    faults: list[Fault] = []
    for name, value in params.items():
        where = check.joined_path("params", name)
        if name not in known:
            faults.append(Fault(where, f"no parameter of {kind} curves{check.meant(name, known)}"))
        elif name == "thresholds":
            faults += _threshold_faults(where, value)
        else:
            low, high = RANGES[name]
            faults += check.decimal_faults(where, value, low, high, places=6)
    missing = [name for name, value in known.items() if value is None and name not in params]
    return faults + [Fault(f"params.{name}", "is missing") for name in missing]


def _threshold_faults(where: str, value: object) -> list[Fault]:
    if not isinstance(value, list | tuple):
        return [Fault(where, f"must be a list, not {short_text(value)}")]
    if not 2 <= len(value) <= MAX_THRESHOLDS:
        return [Fault(where, f"must have 2 to {MAX_THRESHOLDS} entries, not {len(value)}")]
    faults: list[Fault] = []
    for index, entry in enumerate(value):
        faults += check.whole_faults(f"{where}[{index}]", entry, 0, MAX_XP)
    if faults:
        return faults
    if value[0] != 0:
        faults.append(Fault(f"{where}[0]", f"level 0 must begin at 0, not {value[0]}"))
    return faults + [
        Fault(f"{where}[{index}]", f"must be above the entry before it, {value[index - 1]}")
        for index in range(1, len(value))
        if value[index] <= value[index - 1]
    ]


def _rise_faults(kind: str, params: Mapping[str, Any]) -> list[Fault]:
    """A fault if some level would cost less than 1 XP; the parameters are right one by one."""
    rises = True
    if kind in ("quadratic", "threshold"):
        a, b, c = (exact(params[name]) for name in "abc")
        # the cost never falls with the level, so the first levels stand for all of them
        rises = a + b + c >= 1 and (kind == "quadratic" or 3 * a + b >= 1)
    elif kind == "exponential":
        table = exponential_table(params)
        rises = table[-1] > table[-2]
    if rises:
        return []
    return [Fault("params", "each level must cost at least 1 XP")]


def _lookup_end_faults(thresholds: list[int], top: int | None) -> list[Fault]:
    if top is None or top < len(thresholds):
        return []
    return [Fault("maxLevel", f"can be at most {len(thresholds) - 1}, the last of the thresholds")]


DEFAULT_CURVE: Final = build_curve({"type": "quadratic"})
"""The curve where nothing is set: level L costs 5*L*L + 50*L + 100, so 155, 375, 670 …"""
