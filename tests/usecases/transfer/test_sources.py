"""Every source: made members come back as they were, under every curve; and frozen samples."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robo_xp.errors import RoboXPError, UnknownSource
from robo_xp.rules.levels.shape import Curve
from robo_xp.usecases.reading.documents import Document, document_of
from robo_xp.usecases.transfer.levels import compare
from robo_xp.usecases.transfer.sources.curves import curve_named, known_curves
from robo_xp.usecases.transfer.sources.registry import SOURCES, source_of
from tests.usecases.small import GUILD, memory, stored
from tests.usecases.transfer.reading import SAMPLES, reading_of, xp_in
from tests.usecases.transfer.writers import OPTIONS, RECOGNISED, WRITERS, Made, document

EXPECTED = json.loads((SAMPLES / "expected.json").read_text())
OWN = json.loads((SAMPLES / "own" / "expected.json").read_text())
CURVES = (
    "quadratic",
    "threshold",
    "mee6",
    "linear xpPerLevel=100",
    "exponential base=1.5 multiplier=100",
    "lookup thresholds=[0,100,250,500,1000,2000,5000]",
)
ALL_CURVES = (*CURVES, *(one.name for one in known_curves()[3:]))


def made_on(curve: Curve, *, count: int = 30, seed: int = 1) -> list[Made]:
    """Members as a guild has them, most with few XP, at their levels on the curve."""
    dice = random.Random(seed)
    top = curve.cap or 200_000
    totals = [int(dice.paretovariate(0.7) * 60) % (top * 12 // 10) for _ in range(count)]
    return [
        Made(str(10**17 + 7919 * n + 1), xp, curve.level_for(xp), xp // 20, f"member {n}")
        for n, xp in enumerate(totals)
    ]


def test_every_source_has_a_writer() -> None:
    """No source is left out of what follows."""
    assert {*WRITERS, "robojs"} == {*SOURCES}


@pytest.mark.parametrize("source", [*RECOGNISED, "robojs"])
def test_a_source_is_recognised(source: str, tmp_path: Path) -> None:
    """``auto`` finds out whose file it is."""
    made = document(source, made_on(curve_named("mee6").curve), tmp_path)

    assert reading_of(made, **OPTIONS.get(source, {})).source == source


@pytest.mark.parametrize("other", [*WRITERS, "robojs"])
def test_a_bot_that_is_named_refuses_the_file_of_another(other: str, tmp_path: Path) -> None:
    """Only the open shapes, libraries that look alike, and bare lists are taken for others'."""
    made = document(other, made_on(curve_named("mee6").curve), tmp_path)
    taken = {name for name in SOURCES if is_taken(name, made)} - {other, "json", "csv"}
    alike = {"enmap": {"keyv"}, "keyv": {"enmap"}, "experienced": {"polaris"}}
    stores = {"quickdb", "enmap", "keyv"} if other == "json" else set()

    assert taken == alike.get(other, stores)


def is_taken(name: str, made: Document) -> bool:
    """Whether the named source would read the document."""
    try:
        return source_of(name, [made]).name == name
    except UnknownSource:
        return False


WHOLE = ("discord-xp", "robojs")
"""The sources that have no fractions of XP."""


@st.composite
def curves(draw: st.DrawFn) -> str:
    """Any curve: one that somebody made levels with, or one of ours with its parameters."""
    a, b = draw(st.integers(1, 500)), draw(st.integers(0, 500))
    steps = draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=30))
    # from 2 on each level costs at least 1 XP, with any multiplier
    base = draw(st.integers(20, 30))
    ours = (
        f"quadratic a={a} b={b}",
        f"linear xpPerLevel={a}",
        f"exponential base={base / 10} multiplier={a}",
        f"lookup thresholds={json.dumps([*accumulate([0, *steps])], separators=(',', ':'))}",
    )
    return draw(st.sampled_from((*ALL_CURVES, *ours)))


@st.composite
def guilds(draw: st.DrawFn, *, whole: bool) -> tuple[str, list[Made]]:
    """A curve and members at their levels on it; with fractions of XP where ``whole`` is not set.

    Most have XP at or beside the bounds of a level.
    """
    curve = draw(curves())
    there = curve_named(curve).curve
    cap = min(there.cap or 500_000, 500_000)
    at_bounds = st.integers(0, there.level_for(cap)).map(there.threshold)
    near = st.builds(lambda xp, by: max(0, xp + by), at_bounds, st.integers(-1, 1))
    total = near | st.integers(0, cap + cap // 8)
    if not whole:
        total |= st.builds(lambda xp, part: xp + part / 4, total, st.integers(1, 3))
    # odd ones, which no program has rounded
    ids = st.integers(5 * 10**15, 2**63 - 1).map(lambda half: str(2 * half + 1))
    rows = draw(st.dictionaries(ids, total, min_size=4, max_size=12))
    return curve, [
        Made(user, xp, there.level_for(int(xp)), int(xp) // 20, f"member {n}")
        for n, (user, xp) in enumerate(rows.items())
    ]


@pytest.mark.parametrize("source", [*WRITERS, "robojs"])
@settings(max_examples=10)
@given(data=st.data())
def test_members_come_back(source: str, data: st.DataObject) -> None:
    """The same XP, floored; or the same level and fraction of it on another curve, within 1 XP."""
    curve, members = data.draw(guilds(whole=source in WHOLE))
    there = curve_named(curve).curve
    with TemporaryDirectory() as folder:
        made = document(source, members, Path(folder))
        reading = reading_of(made, source, curve=curve, **OPTIONS.get(source, {}))
    robo, linear = memory(), {"levels": {"type": "linear", "params": {"xpPerLevel": 777}}}
    robo.config.set(GUILD, linear, store="kept")
    here = curve_named("linear xpPerLevel=777").curve
    robo.transfer.import_members(GUILD, reading)
    robo.transfer.import_members(GUILD, reading, keep="level", store="kept")

    assert xp_in(reading) == {m.user_id: int(m.xp) for m in members}
    assert {u: r["xp"] for u, r in stored(robo).items()} == xp_in(reading)
    for member in members:
        record: Any = stored(robo, "kept")[member.user_id]
        assert record["level"] == member.level
        assert abs(record["xp"] - expected_xp(member, there, here)) <= 1


def expected_xp(member: Made, there: Curve, here: Curve) -> int:
    """The XP at the member's level and fraction on another curve."""
    start, xp = there.threshold(member.level), int(member.xp)
    size = there.progress(xp).to_next + xp - start
    fraction = Fraction(xp - start, size) if member.level != there.max_level else Fraction(0)
    return int(here.threshold(member.level) + fraction * here.cost(member.level + 1))


@pytest.mark.parametrize("curve", ALL_CURVES)
def test_the_right_curve_is_named(curve: str) -> None:
    """On 300 members of whom one in twenty stands at a wrong level."""
    there, dice = curve_named(curve).curve, random.Random(7)
    robo = memory()
    wrong = [
        Made(m.user_id, m.xp, max(0, m.level + dice.choice((-1, 1, 2))))
        if dice.random() < 0.05
        else m
        for m in made_on(there, count=300)
    ]
    reading = reading_of(document("json", wrong))
    levels = robo.transfer.import_members(GUILD, reading, dry_run=True).levels

    assert levels.best is not None
    assert levels.best.name == curve.partition(" ")[0]
    assert levels.compared == 300
    assert levels.equal_on_best >= 270


@pytest.mark.parametrize("source", [name for name in WRITERS if name not in ("tatsu", "polaris")])
def test_the_curve_of_a_source_comes_first(source: str) -> None:
    """Its own members fit it, and it is the one that is named."""
    first = document(source, made_on(curve_named("mee6").curve))
    own = reading_of(first, source, **OPTIONS.get(source, {}))
    if own.curve is None:
        assert source in ("red-leveler", "quickdb", "enmap", "keyv", "tinydb", "json", "csv")
        return
    members = made_on(own.curve.curve, count=300)
    reading = reading_of(document(source, members), source)
    levels = compare(reading.entries, curve_named("quadratic").curve, reading.curve)

    if levels.compared:
        assert levels.best is not None
        assert (levels.best.name, levels.equal_on_best) == (own.curve.name, 300)


# -- frozen samples -----------------------------------------------------------------------------


def said(path: Path, guild: str, command: list[str]) -> tuple[int, dict[str, int]]:
    """The exit code of an import, and the members after it."""
    options = dict(zip(command[3::2], command[4::2], strict=True))
    robo = memory()
    try:
        made = Document(folder=str(path)) if path.is_dir() else document_of(path.read_bytes())
        reading = robo.transfer.read(guild, command[1], [made], key=options.get("--key"))
        done = robo.transfer.import_members(guild, reading["default"])
    except RoboXPError as error:
        return error.exit_code, {}
    return (4 if done.skipped else 0), {one.user_id: one.xp for one in robo.xp.records(guild)}


@pytest.mark.parametrize("name", EXPECTED["files"])
def test_a_sample_gives_what_is_expected(name: str) -> None:
    """As ``expected.json`` says, by ``import auto``."""
    wanted = EXPECTED["files"][name]

    assert said(SAMPLES / name, EXPECTED["guild"], wanted["command"]) == (
        wanted["exit"],
        wanted["members"],
    )


@pytest.mark.parametrize("name", OWN["files"])
def test_an_old_sample_is_still_read(name: str) -> None:
    """With fields that nobody knows, defaults left out, members that come again."""
    wanted = OWN["files"][name]

    assert said(SAMPLES / "own" / name, OWN["guild"], wanted["command"]) == (
        wanted["exit"],
        wanted["members"],
    )
