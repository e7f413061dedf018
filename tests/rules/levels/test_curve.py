"""Curves: known thresholds, the exact inverse, and the faults of descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from robo_xp.errors import InvalidConfig, InvalidValue
from robo_xp.model import MAX_XP, Progress
from robo_xp.rules.levels import presets
from robo_xp.rules.levels.curve import (
    CURVE_TYPES,
    DEFAULT_CURVE,
    build_curve,
    curve_faults,
    new_curve_faults,
)
from robo_xp.rules.levels.shape import Curve

LOOKUP = {"type": "lookup", "params": {"thresholds": [0, 100, 250, 500, 1000, 2000, 5000]}}
LINEAR = {"type": "linear", "params": {"xpPerLevel": 100}}
DOUBLING = {"type": "exponential", "params": {"base": 2, "multiplier": 100}}
HALF_MORE = {"type": "exponential", "params": {"base": 1.5, "multiplier": 100}}
THRESHOLD = {"type": "threshold"}
MEE6 = {"type": "mee6", "params": {}}
QUADRATIC = {"type": "quadratic"}


class Doubling(Curve):
    """A curve of a library's user, which writes ``threshold`` only, and with floats."""

    def threshold(self, level: int) -> int:
        """The total XP at which the level begins."""
        return int(100 * 2.0**level) if level else 0


def _decimals(low: int, high: int, places: int) -> st.SearchStrategy[float | int]:
    scale = 10**places
    return st.integers(low * scale, high * scale).map(
        lambda n: n // scale if n % scale == 0 else float(Fraction(n, scale))
    )


_coefficients = st.fixed_dictionaries(
    {"a": _decimals(0, 50, 3), "b": _decimals(0, 500, 2), "c": _decimals(0, 1000, 1)}
)
_params: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "quadratic": _coefficients,
    "threshold": _coefficients,
    "mee6": st.just({}),
    "linear": st.fixed_dictionaries({"xpPerLevel": _decimals(1, 5000, 3)}),
    "exponential": st.fixed_dictionaries(
        {
            "base": st.integers(1_100_000, 20_000_000).map(lambda n: n / 10**6),
            "multiplier": _decimals(1, 1000, 2),
        }
    ),
    "lookup": st.lists(st.integers(1, 10**6), min_size=1, max_size=40, unique=True).map(
        lambda tail: {"thresholds": [0, *sorted(tail)]}
    ),
}


@st.composite
def _curves(draw: st.DrawFn) -> Curve:
    kind = draw(st.sampled_from(CURVE_TYPES))
    spec: dict[str, Any] = {"type": kind, "params": draw(_params[kind])}
    if draw(st.booleans()):
        most = len(spec["params"]["thresholds"]) - 1 if kind == "lookup" else 200
        spec["maxLevel"] = draw(st.integers(1, most))
    assume(not curve_faults(spec))
    return build_curve(spec)


def _reachable(curve: Curve) -> int:
    return curve.level_for(MAX_XP)


@pytest.mark.parametrize(
    ("spec", "thresholds"),
    [
        (
            QUADRATIC,
            {
                **dict(enumerate([0, 155, 375, 670, 1050, 1525, 2105, 2800, 3620, 4575, 5675])),
                20: 26_850,
                30: 73_525,
                50: 283_375,
                100: 1_954_250,
                200: 14_458_500,
            },
        ),
        (
            THRESHOLD,
            {
                **dict(enumerate([0, 155, 220, 295, 380, 475, 580, 695, 820, 955, 1100])),
                20: 3_100,
                50: 15_100,
                100: 55_100,
            },
        ),
        (
            MEE6,
            {
                **dict(enumerate([0, 100, 255, 475, 770, 1150, 1625, 2205, 2900, 3720, 4675])),
                20: 23_850,
                50: 268_375,
                100: 1_899_250,
            },
        ),
        (LINEAR, {0: 0, 1: 100, 7: 700}),
        (DOUBLING, {0: 0, 1: 200, 2: 400, 3: 800}),
        (HALF_MORE, {1: 150, 2: 225, 3: 338, 4: 507, 5: 760}),
        (LOOKUP, dict(enumerate([0, 100, 250, 500, 1000, 2000, 5000]))),
    ],
)
def test_known_thresholds(spec: dict[str, Any], thresholds: dict[int, int]) -> None:
    """Each type begins its levels at the totals that its formula gives by hand."""
    curve = build_curve(spec)

    assert {level: curve.threshold(level) for level in thresholds} == thresholds


@pytest.mark.parametrize(
    ("spec", "xp", "level"),
    [
        (QUADRATIC, -5, 0),
        (QUADRATIC, 0, 0),
        (QUADRATIC, 154, 0),
        (QUADRATIC, 155, 1),
        (QUADRATIC, 5000, 9),
        (THRESHOLD, 5000, 26),
        (THRESHOLD, 154, 0),
        (THRESHOLD, 300, 3),
        (MEE6, 5000, 10),
        (MEE6, 300, 2),
        (LINEAR, 99, 0),
        (LINEAR, 100, 1),
        (LINEAR, 250, 2),
        (LOOKUP, 99, 0),
        (LOOKUP, 100, 1),
        (LOOKUP, 4999, 5),
        (LOOKUP, 5000, 6),
        (LOOKUP, 10**9, 6),
        (DOUBLING, 100, 0),
        (DOUBLING, 199, 0),
        (DOUBLING, 200, 1),
        (DOUBLING, 400, 2),
        (DOUBLING, 799, 2),
        (DOUBLING, 800, 3),
        (HALF_MORE, 759, 4),
        (HALF_MORE, 760, 5),
        ({**QUADRATIC, "maxLevel": 3}, 10**9, 3),
        ({**MEE6, "maxLevel": 10}, MAX_XP, 10),
        ({**DOUBLING, "maxLevel": 1_000_000}, MAX_XP, 46),
    ],
)
def test_known_levels(spec: dict[str, Any], xp: int, level: int) -> None:
    """A total is at the highest level whose threshold it reaches, and never above maxLevel."""
    assert build_curve(spec).level_for(xp) == level


@pytest.mark.parametrize(
    ("spec", "xp", "progress"),
    [
        (QUADRATIC, 0, Progress(0, 0, 155, 0.0)),
        (QUADRATIC, -3, Progress(0, 0, 155, 0.0)),
        (QUADRATIC, 100, Progress(0, 100, 55, 100 * 100 / 155)),
        (QUADRATIC, 155, Progress(1, 0, 220, 0.0)),
        (QUADRATIC, 200, Progress(1, 45, 175, 45 * 100 / 220)),
        (QUADRATIC, 5500, Progress(9, 925, 175, 925 * 100 / 1100)),
        (LINEAR, 250, Progress(2, 50, 50, 50.0)),
        (LOOKUP, 10**9, Progress(6, 10**9 - 5000, 0, 100.0)),
        ({**QUADRATIC, "maxLevel": 1}, 155, Progress(1, 0, 0, 100.0)),
        (DOUBLING, MAX_XP, Progress(46, MAX_XP - 100 * 2**46, 100 * 2**47 - MAX_XP, 28.0)),
    ],
)
def test_known_progress(spec: dict[str, Any], xp: int, progress: Progress) -> None:
    """Progress counts from the level's threshold, and is complete at the highest level."""
    found = build_curve(spec).progress(xp)

    assert (found.level, found.in_level, found.to_next) == (
        progress.level,
        progress.in_level,
        progress.to_next,
    )
    assert found.percentage == pytest.approx(progress.percentage, abs=0.1)


@given(_curves(), st.data())
def test_inverse_is_exact(curve: Curve, data: st.DataObject) -> None:
    """A level begins exactly at its threshold, and one XP less is the level before."""
    level = data.draw(st.integers(1, min(_reachable(curve), 500)))

    assert curve.level_for(curve.threshold(level)) == level
    assert curve.level_for(curve.threshold(level) - 1) == level - 1


@given(_curves(), st.integers(0, MAX_XP), st.integers(-10, 10**20))
def test_hint_never_changes_the_answer(curve: Curve, xp: int, hint: int) -> None:
    """Whatever level is hinted, right, near or absurd, the level is the same."""
    level = curve.level_for(xp)

    assert {curve.level_for(xp, h) for h in (hint, level - 1, level, level + 1)} == {level}


@given(_curves(), st.integers(0, MAX_XP), st.integers(0, MAX_XP))
def test_more_xp_is_never_a_lower_level(curve: Curve, one: int, other: int) -> None:
    """The level never falls as XP grows."""
    less, more = sorted((one, other))

    assert curve.level_for(less) <= curve.level_for(more)


@given(_curves(), st.integers(0, MAX_XP))
def test_progress_adds_up(curve: Curve, xp: int) -> None:
    """XP in the level and to the next add up to the cost of the next level; 0 to 100 percent."""
    at = curve.progress(xp)

    assert curve.threshold(at.level) + at.in_level == xp
    assert 0 <= at.percentage <= 100
    assert at.to_next == 0 or at.in_level + at.to_next == curve.cost(at.level + 1)
    assert (at.to_next == 0) == (at.level == curve.max_level)


@given(_curves())
def test_description_makes_the_same_curve(curve: Curve) -> None:
    """A curve made from the description of a curve is that curve."""
    again = build_curve(curve.spec())

    assert again.spec() == curve.spec()
    assert again.cap == curve.cap
    levels = range(min(_reachable(curve), 60) + 1)
    assert [again.threshold(n) for n in levels] == [curve.threshold(n) for n in levels]


@given(_coefficients, st.integers(0, 60))
def test_polynomials_equal_their_definition(params: dict[str, Any], level: int) -> None:
    """Decimal coefficients count as written, and the running sum is rounded up only at the end."""
    assume(not curve_faults({"type": "quadratic", "params": params}))
    a, b, c = (Fraction(str(params[name])) for name in "abc")
    summed = sum((a * n * n + b * n + c for n in range(1, level + 1)), Fraction(0))

    curve = build_curve({"type": "quadratic", "params": params})

    assert curve.threshold(level) == ceil(summed)


@given(_params["exponential"])
def test_exponentials_equal_their_definition(params: dict[str, Any]) -> None:
    """Each threshold is the exact power, rounded up."""
    spec = {"type": "exponential", "params": params}
    assume(not curve_faults(spec))
    base, multiplier = Fraction(str(params["base"])), Fraction(str(params["multiplier"]))

    curve = build_curve(spec)

    levels = range(1, min(_reachable(curve), 80) + 1)
    assert [curve.threshold(n) for n in levels] == [ceil(multiplier * base**n) for n in levels]


@pytest.mark.parametrize("scale", [1, 16, 2**20])
def test_coarse_powers_fall_back_to_exact_ones(monkeypatch: pytest.MonkeyPatch, scale: int) -> None:
    """However coarse the approximation of powers is, the thresholds are the exact ones."""
    params = {"base": 1.17, "multiplier": 33.3}
    expected = presets.exponential_table(params)

    monkeypatch.setattr(presets, "_SCALE", scale)

    assert presets.exponential_table(params) == expected


def test_slowest_exponential_is_exact() -> None:
    """Even the slowest curve, of tens of thousands of levels, has exact thresholds."""
    curve = build_curve({"type": "exponential", "params": {"base": 1.001, "multiplier": 1000}})
    levels = (1, 1000, 20_000, _reachable(curve))

    exact = [ceil(1000 * Fraction(1001, 1000) ** level) for level in levels]

    assert [curve.threshold(level) for level in levels] == exact
    assert [curve.level_for(total) for total in exact] == list(levels)


@pytest.mark.parametrize("kind", CURVE_TYPES)
def test_levels_that_do_not_exist_are_refused(kind: str) -> None:
    """A negative level, and one above maxLevel, have no threshold."""
    params = {
        "linear": LINEAR["params"],
        "exponential": DOUBLING["params"],
        "lookup": LOOKUP["params"],
    }.get(kind, {})
    curve = build_curve({"type": kind, "params": params, "maxLevel": 5})

    assert curve.cap == curve.threshold(5)
    for level in (-1, 6, 10**9):
        with pytest.raises(InvalidValue, match="level"):
            curve.threshold(level)


def test_levels_out_of_reach_are_refused_by_name() -> None:
    """A level that needs more XP than anybody can have is an error, not an endless sum."""
    curve = build_curve({**DOUBLING, "maxLevel": 1_000_000})

    assert curve.cap is None
    with pytest.raises(InvalidValue, match="out of reach"):
        curve.threshold(1_000_000)


def test_custom_curve_needs_a_threshold_only() -> None:
    """A subclass that writes ``threshold`` has levels, costs, progress and a description."""
    curve = Doubling()

    assert [curve.level_for(xp) for xp in (0, 199, 200, 800, MAX_XP)] == [0, 0, 1, 3, 46]
    assert [curve.cost(level) for level in (0, 1, 2, 3)] == [0, 200, 200, 400]
    assert curve.progress(500).to_next == 300
    assert curve.cap is None
    assert curve.spec() == {"type": "custom", "params": {}}


def test_custom_curve_survives_a_level_of_another_curve() -> None:
    """A hint at which the subclass's floats overflow is passed over."""
    assert Doubling().level_for(10**6, hint=5000) == 13


def test_default_curve_costs_grow_by_the_formula() -> None:
    """On the default curve level L costs 5*L*L + 50*L + 100."""
    costs = [DEFAULT_CURVE.cost(level) for level in range(1, 1001)]

    assert costs == [5 * level * level + 50 * level + 100 for level in range(1, 1001)]


def test_thresholds_of_a_description_are_a_copy() -> None:
    """Changing what ``spec`` returned leaves the curve as it was."""
    curve = build_curve(LOOKUP)

    curve.spec()["params"]["thresholds"].clear()

    assert curve.spec()["params"] == LOOKUP["params"]


def _with(kind: str, **params: Any) -> dict[str, Any]:
    return {"type": kind, "params": params}


@pytest.mark.parametrize(
    ("spec", "where", "said"),
    [
        ({}, "type", "missing"),
        ({"type": "quadratc"}, "type", "did you mean 'quadratic'"),
        ({"type": 5}, "type", "must be"),
        ({"type": None}, "type", "must be"),
        ({"type": "mee6", "param": {}}, "param", "did you mean 'params'"),
        ({"type": "mee6", 5: {}}, "5", "unknown"),
        ({"type": "mee6", "params": []}, "params", "an object"),
        ({"type": "mee6", "params": None}, "params", "an object"),
        ({"type": "mee6", "maxLevel": -1}, "maxLevel", "from 0 to 1000000"),
        ({"type": "linear", "params": {"xpPerLevel": 1}, "xpPerLevel": 1}, "xpPerLevel", "params"),
        ({"type": "mee6", "maxLevel": 1_000_001}, "maxLevel", "from 0 to 1000000"),
        ({"type": "mee6", "maxLevel": 5.0}, "maxLevel", "whole"),
        ({"type": "mee6", "maxLevel": True}, "maxLevel", "not true"),
        ({"type": "mee6", "maxLevel": None}, "maxLevel", "not null"),
        (_with("mee6", a=5), "params.a", "no parameter"),
        (_with("quadratic", a=-1), "params.a", "from 0"),
        (_with("quadratic", a="5"), "params.a", "'5'"),
        (_with("quadratic", a=True), "params.a", "not true"),
        (_with("quadratic", b=float("nan")), "params.b", "nan"),
        (_with("quadratic", b=float("inf")), "params.b", "inf"),
        (_with("quadratic", c=1e300), "params.c", "1e+300"),
        (_with("quadratic", c=10**5000), "params.c", "far larger"),
        (_with("quadratic", c=0.0000001), "params.c", "6 decimals"),
        (_with("quadratic", a=0, b=0, c=0), "params", "at least 1 XP"),
        (_with("quadratic", a=0.1, b=0.2, c=0.3), "params", "at least 1 XP"),
        (_with("quadratic", d=1), "params.d", "no parameter"),
        (_with("threshold", a=0, b=0, c=100), "params", "at least 1 XP"),
        (_with("threshold", a=1, b=0, c=0) | {"maxLevl": 3}, "maxLevl", "'maxLevel'"),
        (_with("linear"), "params.xpPerLevel", "missing"),
        (_with("linear", xpPerLevel=0), "params.xpPerLevel", "from 1"),
        (_with("linear", xpPerLevel=0.5), "params.xpPerLevel", "from 1"),
        (_with("linear", xpPerLevel=1, xp_per_level=1), "params.xp_per_level", "'xpPerLevel'"),
        (_with("exponential", base=2), "params.multiplier", "missing"),
        (_with("exponential", base=1, multiplier=5), "params.base", "from 1.001"),
        (_with("exponential", base=1.0001, multiplier=5), "params.base", "from 1.001"),
        (_with("exponential", base=2, multiplier=0), "params.multiplier", "from 0.000001"),
        (_with("exponential", base=1.1, multiplier=1), "params", "at least 1 XP"),
        (_with("lookup"), "params.thresholds", "missing"),
        (_with("lookup", thresholds=5), "params.thresholds", "a list"),
        (_with("lookup", thresholds=[]), "params.thresholds", "2 to 10000"),
        (_with("lookup", thresholds=[0]), "params.thresholds", "2 to 10000"),
        (_with("lookup", thresholds=[*range(10_001)]), "params.thresholds", "not 10001"),
        (_with("lookup", thresholds=[5, 10]), "params.thresholds[0]", "begin at 0"),
        (_with("lookup", thresholds=[0, 10, 10]), "params.thresholds[2]", "above"),
        (_with("lookup", thresholds=[0, 1.5]), "params.thresholds[1]", "whole"),
        (_with("lookup", thresholds=[0, 2**53]), "params.thresholds[1]", "whole"),
        (_with("lookup", thresholds=[0, 10]) | {"maxLevel": 2}, "maxLevel", "at most 1"),
    ],
)
def test_faults_name_the_place(spec: dict[str, Any], where: str, said: str) -> None:
    """A wrong part of a description is the one fault, named with its place and reason."""
    (fault,) = curve_faults(spec)

    assert fault.where == where
    assert said in fault.message
    with pytest.raises(InvalidConfig):
        build_curve(spec)


def test_every_fault_is_reported() -> None:
    """Faults do not hide each other."""
    spec = {"type": "exponential", "params": {"base": 0, "mult": 5}, "maxLevel": -1, "x": 1}

    assert {fault.where for fault in curve_faults(spec)} == {
        "x",
        "maxLevel",
        "params.base",
        "params.mult",
        "params.multiplier",
    }


@pytest.mark.parametrize("spec", [None, 5, "mee6", ["mee6"]])
def test_a_description_is_an_object(spec: Any) -> None:
    """Anything but an object is a fault, not a crash."""
    assert [fault.where for fault in curve_faults(spec)] == [""]


@pytest.mark.parametrize("spec", [QUADRATIC, THRESHOLD, MEE6, LINEAR, DOUBLING, HALF_MORE, LOOKUP])
def test_good_descriptions_have_no_fault(spec: dict[str, Any]) -> None:
    """Each type can be named with its parameters, and with a highest level."""
    assert curve_faults(spec) == []
    assert curve_faults({**spec, "maxLevel": 5}) == []


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["type", "params", "maxLevel", "a", "base", "thresholds", *CURVE_TYPES])
        | st.text(), inner)))  # fmt: skip
def test_faults_of_anything_never_crash(spec: Any) -> None:
    """Whatever JSON can hold, a description is either right or has faults."""
    assert curve_faults(spec) or build_curve(spec).threshold(1) >= 1


@pytest.mark.parametrize("kind", [kind for kind in CURVE_TYPES if kind != "lookup"])
def test_a_curve_can_end_at_level_0(kind: str) -> None:
    """With the highest level 0 nobody ever gets to level 1, and the cap is no XP at all."""
    params = {"linear": {"xpPerLevel": 5}, "exponential": {"base": 2, "multiplier": 5}}
    curve = build_curve({"type": kind, "params": params.get(kind, {}), "maxLevel": 0})

    assert curve.cap == 0
    assert {curve.level_for(xp) for xp in (0, 1, 10**9)} == {0}
    assert curve.progress(10**9).level == 0


def test_a_flat_quadratic_is_read_and_never_set_anew() -> None:
    """A quadratic curve with a = 0, as earlier versions stored it, still builds; a new one is
    refused where it is wrong.
    """
    spec = _with("quadratic", a=0)

    assert build_curve(spec).threshold(1) == 150
    assert [fault.where for fault in new_curve_faults(spec)] == ["params.a"]
    assert new_curve_faults(_with("threshold", a=0)) == new_curve_faults({"type": "mee6"}) == []
