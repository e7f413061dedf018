"""Curves: which one holds, what another one would do, and levels that follow in the same batch."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp import RoboXP, build_curve
from robo_xp.errors import InvalidConfig, InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.rules.levels.shape import Curve
from robo_xp.usecases.core import Core, CurveSource
from robo_xp.usecases.members.changes import LevelEffect
from robo_xp.usecases.settings.curves import Outlook
from robo_xp.vault import Origin
from tests.usecases.small import (
    ANN,
    BOB,
    CARL,
    GUILD,
    XP,
    HandClock,
    Twenty,
    memory,
    new_vault,
    stored,
)

FLAT = {"type": "linear", "params": {"xpPerLevel": 100}}
STEEP = {"type": "linear", "params": {"xpPerLevel": 1000}}


def with_callback(curve_for: CurveSource) -> RoboXP:
    """A handle whose curves come from a callback first."""
    clock = HandClock()
    return RoboXP(Core(new_vault(clock), clock, Twenty(), Origin("test", ""), curve_for))


def filled(robo: RoboXP) -> RoboXP:
    """Three members: 9 levels apart on the default curve."""
    for user_id, xp in ((ANN, 5_000), (BOB, 100), (CARL, 700)):
        robo.xp.set(GUILD, user_id, xp)
    return robo


# -- which one holds ------------------------------------------------------------------------


def test_precedence() -> None:
    """Callback, guild, global, default: the first that has a curve decides."""
    answers: list[Curve | None] = [None]
    robo = with_callback(lambda guild, store: answers[0])

    seen = [robo.curves.get(GUILD).source]
    robo.curves.set(None, FLAT)
    seen.append(robo.curves.get(GUILD).source)
    robo.curves.set(GUILD, STEEP)
    seen.append(robo.curves.get(GUILD).source)
    assert robo.curves.get(None).source == "global"
    robo.curves.reset(GUILD)
    robo.curves.reset(None)
    seen.append(robo.curves.get(GUILD).source)

    assert seen == ["default", "global", "guild", "default"]
    assert robo.curves.get(None).curve is DEFAULT_CURVE


async def _async_curve(guild_id: str, store_id: str) -> Curve | None:
    await asyncio.sleep(0)
    return build_curve(FLAT)


@pytest.mark.parametrize(
    "curve_for", [lambda guild, store: build_curve(FLAT), _async_curve], ids=["plain", "async"]
)
def test_a_callback_stands_above_all_settings(curve_for: CurveSource) -> None:
    """Its curve decides, whatever guild and globals say, and setting those moves no level."""
    robo = filled(with_callback(curve_for))

    changed = robo.curves.set(GUILD, STEEP)

    assert robo.curves.get(GUILD).source == "callback"
    assert changed.levels.changed == 0
    assert robo.xp.level(GUILD, ANN) == stored(robo)[ANN]["level"] == 50


def test_an_async_callback_works_inside_a_running_loop() -> None:
    """A program with an event loop of its own may ask too."""

    async def ask() -> str:
        return with_callback(_async_curve).curves.get(GUILD).source

    assert asyncio.run(ask()) == "callback"


class Asked:
    """A callback that counts how often it is asked; ``answer`` is raised if it is an error."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.times = 0

    def __call__(self, guild_id: str, store_id: str) -> object:
        self.times += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def __str__(self) -> str:
        return "own:curve"


class StillClock(HandClock):
    """A clock that moves when it is told to only."""

    def now_ms(self) -> int:
        """The same as before."""
        return self.at


class Camel:
    """A curve as Robo.js writes one: 100 XP a level."""

    maxLevel = 60

    def xpForLevel(self, level: int) -> float:  # noqa: N802
        return level * 100.0

    def levelFromXp(self, xp: int) -> int:  # noqa: N802
        return xp // 100


class Snake:
    """The same in snake case, without a highest level."""

    def xp_for_level(self, level: int) -> int:
        return level * 100

    def level_from_xp(self, xp: int) -> int:
        return xp // 100


class Broken(Snake):
    """A curve that cannot say what XP are worth."""

    def level_from_xp(self, xp: int) -> int:
        raise ZeroDivisionError("no")


class Lying(Snake):
    """A curve that answers with no level."""

    def level_from_xp(self, xp: int) -> int:
        return -5


class NoInverse:
    """Half of a curve."""

    def xp_for_level(self, level: int) -> int:
        return level


def with_clock(asked: Asked) -> tuple[RoboXP, StillClock]:
    """A handle with this callback, and the clock that it looks at."""
    clock = StillClock()
    vault = new_vault(clock)
    return RoboXP(Core(vault, clock, Twenty(), Origin("test", ""), asked)), clock


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (RuntimeError("boom"), "raised RuntimeError: boom"),
        (InvalidValue("bad"), "raised InvalidValue: bad"),
        (5, "returned 5, which is no curve"),
        (FLAT, "returned an object, which is no curve"),
        (NoInverse(), "which is no curve"),
        (Broken(), "gave a curve whose level_from_xp(6000) raised ZeroDivisionError: no"),
        (Lying(), "gave a curve whose level_from_xp(6000) is -5"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_a_callback_that_fails_keeps_the_levels(
    caplog: pytest.LogCaptureFixture, answer: object, said: str
) -> None:
    """Changes and recalculation leave the stored level, with one line that names the call."""
    asked = Asked(build_curve(FLAT))
    robo, _ = with_clock(asked)
    filled(robo)
    asked.answer = answer
    robo.curves.forget(GUILD)

    robo.xp.add(GUILD, ANN, 1_000)
    robo.xp.recalc(GUILD, ANN)
    robo.xp.add(GUILD, BOB, 1_000)

    assert robo.curves.get(GUILD).source == "callback"
    assert {key: one["level"] for key, one in stored(robo).items()} == {ANN: 50, BOB: 1, CARL: 7}
    (record,) = caplog.records
    told = record.getMessage()
    assert f"own:curve('{GUILD}', 'default') " in told and said in told
    assert record.exc_info is None


@pytest.mark.parametrize("curve", [Camel(), Snake()], ids=["camel", "snake"])
def test_an_object_is_a_curve(curve: object) -> None:
    """What has both functions decides levels; a highest level of its own holds."""
    robo = filled(with_callback(Asked(curve)))
    robo.xp.add(GUILD, ANN, 10_000)
    found = robo.curves.get(GUILD).curve

    highest = 60 if isinstance(curve, Camel) else None
    assert [stored(robo)[one]["level"] for one in (ANN, BOB, CARL)] == [highest or 150, 1, 7]
    assert (found.threshold(7), found.cost(7), found.max_level) == (700, 100, highest)


def test_an_answer_holds_for_a_minute() -> None:
    """Then it is asked again, as it is when it is forgotten or the clock went back."""
    asked = Asked(build_curve(FLAT))
    robo, clock = with_clock(asked)
    times: list[int] = []
    for step in (0, 59_999, 1, -1, 0):
        clock.at += step
        robo.xp.set(GUILD, ANN, 5_000 + len(times))
        times.append(asked.times)
    asked.answer = build_curve(STEEP)
    robo.xp.recalc(GUILD, ANN)
    before = stored(robo)[ANN]["level"]
    robo.curves.forget(GUILD)
    robo.xp.recalc(GUILD, ANN)

    assert times == [1, 1, 2, 3, 3]
    assert (before, stored(robo)[ANN]["level"]) == (50, 5)


def test_a_callback_answers_for_each_store() -> None:
    """It is asked with guild and store, and None passes on for that store alone."""
    robo = with_callback(lambda guild, store: build_curve(FLAT) if store == "season" else None)

    assert robo.curves.get(GUILD).source == "default"
    assert robo.curves.get(GUILD, store="season").source == "callback"


# -- setting --------------------------------------------------------------------------------


def test_levels_follow_in_the_same_batch() -> None:
    """The curve, the new levels and their events are one line of the journal."""
    robo = filled(memory())

    changed = robo.curves.set(GUILD, FLAT, reason="faster")

    batch = list(robo.vault.namespace(XP).batches())[-1]
    assert batch.seq == changed.seq
    assert [event["type"] for event in batch.raw_events()] == ["configChange"] + ["levelUp"] * 3
    assert {key: record["level"] for key, record in stored(robo).items()} == {
        ANN: 50,
        BOB: 1,
        CARL: 7,
    }
    assert (changed.levels.changed, changed.levels.up, changed.levels.down) == (3, 3, 0)
    assert [(one.user_id, one.old_level, one.new_level) for one in changed.levels.sample] == [
        (ANN, 9, 50),
        (BOB, 0, 1),
        (CARL, 3, 7),
    ]


def test_without_recalculation_stored_levels_wait() -> None:
    """The curve changes at once, the stored levels with the next change of each member."""
    robo = filled(memory())

    changed = robo.curves.set(GUILD, FLAT, recalculate=False)
    robo.curves.set(None, STEEP, recalculate=False)

    assert changed.levels == LevelEffect()
    assert [record["level"] for record in stored(robo).values()] == [9, 0, 3]
    assert robo.xp.recalc(GUILD, ANN).new_level == 50


def test_reset_goes_back() -> None:
    """Without the guild's own curve the levels are those of the layer below again."""
    robo = filled(memory())
    before = stored(robo)
    robo.curves.set(GUILD, FLAT)

    changed = robo.curves.reset(GUILD)

    assert stored(robo) == before
    assert (changed.levels.down, "levels" in changed.effective) == (3, False)
    assert robo.curves.reset(GUILD).seq is None


@pytest.mark.parametrize(
    "spec",
    [{}, {"type": "cubic"}, {"type": "linear"}, {"type": "mee6", "params": {"a": 1}}, []],
)
def test_a_wrong_curve_is_refused(spec: Any) -> None:
    """A curve that cannot be is refused with its faults, and nothing is stored."""
    robo = memory()

    with pytest.raises(InvalidConfig, match="levels"):
        robo.curves.set(GUILD, spec)

    assert not robo.vault.names()


# -- looking ahead --------------------------------------------------------------------------

_curves = st.sampled_from(
    [
        {"type": "mee6"},
        FLAT,
        {"type": "linear", "params": {"xpPerLevel": 7}, "maxLevel": 3},
        {"type": "lookup", "params": {"thresholds": [0, 10, 5_000]}},
        {"type": "exponential", "params": {"base": 2, "multiplier": 10}},
    ]
)


@given(st.lists(st.integers(0, 10_000), max_size=12), _curves)
def test_an_outlook_is_what_setting_does(totals: list[int], spec: dict[str, Any]) -> None:
    """The counts before are those of the change, and the levels those that members have then."""
    robo = memory()
    for number, xp in enumerate(totals):
        robo.xp.set(GUILD, str(2 * 10**17 + number), xp)

    outlook = robo.curves.outlook(GUILD, build_curve(spec))
    changed = robo.curves.set(GUILD, spec)

    levels = sorted(robo.xp.level(GUILD, user_id) for user_id in stored(robo))
    assert [
        (one.user_id, one.old_level, one.new_level, one.total_xp) for one in outlook.effect.sample
    ] == [
        (one.user_id, one.old_level, one.new_level, one.total_xp) for one in changed.levels.sample
    ]
    assert (outlook.effect.changed, outlook.effect.up, outlook.effect.down) == (
        changed.levels.changed,
        changed.levels.up,
        changed.levels.down,
    )
    assert sorted(level for level, n in outlook.members.items() for _ in range(n)) == levels
    assert (outlook.count, outlook.highest) == (len(levels), max(levels, default=None))


@pytest.mark.parametrize(
    ("members", "median", "highest"),
    [({}, None, None), ({0: 1}, 0, 0), ({1: 1, 9: 1}, 1, 9), ({0: 2, 5: 3}, 5, 5), ({3: 4}, 3, 3)],
)
def test_medians(members: dict[int, int], median: int | None, highest: int | None) -> None:
    """Of an even number of members the lower of the middle two counts."""
    outlook = Outlook(DEFAULT_CURVE, LevelEffect(), members)

    assert (outlook.median, outlook.highest) == (median, highest)


def test_looking_changes_nothing(data_dir: Path) -> None:
    """Outlooks and tables leave no file behind, and of a store that exists not one byte."""
    with RoboXP.open(data_dir) as robo:
        robo.curves.outlook(GUILD, build_curve(FLAT))
        assert list(robo.curves.table(DEFAULT_CURVE, 1, 2))
        assert not data_dir.exists()

        robo.xp.set(GUILD, ANN, 5)
        before = {p: p.read_bytes() for p in data_dir.rglob("*") if p.is_file()}
        robo.curves.outlook(GUILD, build_curve(FLAT))
    assert {p: p.read_bytes() for p in data_dir.rglob("*") if p.is_file()} == before


@given(_curves, st.integers(0, 80), st.integers(0, 80))
def test_a_table_has_only_levels_that_exist(spec: dict[str, Any], low: int, high: int) -> None:
    """No level above the highest or out of reach; costs add up to totals."""
    curve = build_curve(spec)
    robo = memory()

    rows = list(robo.curves.table(curve, low, high))

    top = robo.curves.top(curve)
    assert [row.level for row in rows] == list(range(low, min(high, top) + 1))
    assert all(row.total <= MAX_XP for row in rows)
    assert all(later.total == row.total + later.cost for row, later in itertools.pairwise(rows))
