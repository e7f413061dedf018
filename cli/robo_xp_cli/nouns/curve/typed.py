"""Curves as they are typed (``linear xpPerLevel=500 maxLevel=50``) and as they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from robo_xp.errors import Fault, InvalidConfig, WrongUsage
from robo_xp.rules.levels.curve import build_curve
from robo_xp.rules.levels.shape import Curve
from robo_xp.text import thousands
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.show.words import quoted, visible_text

MAX_LEVEL_KEY = "maxLevel"


def spec_of(kind: str, pairs: Sequence[tuple[str, Any]], max_level: int | None) -> dict[str, Any]:
    """The description of a curve as settings store it; it may still have faults."""
    params: dict[str, Any] = {}
    spec: dict[str, Any] = {"type": kind}
    for key, value in pairs:
        if key in params or (key == MAX_LEVEL_KEY and key in spec):
            raise WrongUsage(f"{quoted(key)} is given twice")
        if key == MAX_LEVEL_KEY:
            spec[key] = value
        else:
            params[key] = _thresholds_of(value) if key == "thresholds" else value
    if params:
        spec["params"] = params
    if max_level is not None:
        if MAX_LEVEL_KEY in spec:
            raise WrongUsage("the highest level is given twice")
        spec[MAX_LEVEL_KEY] = max_level
    return spec


def specs_of(words: Sequence[str]) -> list[dict[str, Any]]:
    """The descriptions of several curves; each word without ``=`` starts the next one."""
    groups: list[tuple[str, list[tuple[str, Any]]]] = []
    for word in words:
        if "=" not in word:
            groups.append((word, []))
        elif not groups:
            raise WrongUsage(
                f"'{visible_text(word)}' stands before the type of its curve",
                advice="write TYPE key=value …, such as: linear xpPerLevel=500",
            )
        else:
            groups[-1][1].append(values.key_value(word))
    return [spec_of(kind, pairs, None) for kind, pairs in groups]


def curves_of(words: Sequence[str]) -> list[Curve]:
    """Several curves as they were typed; InvalidConfig with the faults of all of them."""
    curves, faults = [], []
    specs = specs_of(words)
    for number, spec in enumerate(specs, start=1):
        try:
            curves.append(build_curve(spec))
        except InvalidConfig as error:
            where = f"curve {number}, " if len(specs) > 1 else ""
            faults += [Fault(f"{where}{fault.where}", fault.message) for fault in error.faults]
    if faults:
        raise InvalidConfig(faults, advice="see 'robo-xp curve set --help' for the types")
    return curves


def curve_line(curve: Curve) -> str:
    """The curve in one line for people: ``linear xpPerLevel=500, up to level 50``."""
    words = [curve.type, *_params(curve.params)]
    top = "" if curve.max_level is None else f", up to level {thousands(curve.max_level)}"
    return " ".join(words) + top


def _params(params: Mapping[str, Any]) -> list[str]:
    return [
        f"{key}={value}" if not isinstance(value, tuple | list) else f"with {len(value)} {key}"
        for key, value in params.items()
    ]


def _thresholds_of(value: Any) -> Any:
    """Thresholds typed with commas as a list; anything else as it is."""
    if isinstance(value, str):
        return [values.json_or_text(part.strip()) for part in value.split(",")]
    return [value] if isinstance(value, int | float) else value
