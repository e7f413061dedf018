"""Boosts: when they run by the clock of their zone, and what several come to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robo_xp.model import Message
from robo_xp.rules.boost import (
    HIGHEST,
    MULTIPLY,
    OVER,
    PLANNED,
    RUNNING,
    Boost,
    Boosts,
    Weekly,
    preview,
    spans_of,
)
from robo_xp.rules.multiplier import Multipliers, multiplier_for

F = Fraction
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ALL_DAYS = frozenset(range(7))
# the days around which the clock is put forward or back
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Santiago": (date(2026, 4, 5), date(2026, 9, 6)),
}


def at(text: str) -> int:
    """The epoch ms of an instant with its offset."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@cache
def readings(zone: str, begin: int, end: int) -> dict[int, datetime]:
    """What the clock of the zone shows at each minute."""
    place, shown = ZoneInfo(zone), {}
    for minute in range(begin, end, MINUTE):
        wall = datetime.fromtimestamp(minute / 1000, UTC).astimezone(place)
        shown[minute] = wall.replace(tzinfo=None, fold=0)
    return shown


def spans_by_clock(weekly: Weekly, begin: int, end: int) -> set[int]:
    """The minutes at which the window runs, by reading the clock each minute.

    A window begins at the first minute at which the clock shows its beginning or more.
    """
    edges = readings(weekly.zone, begin - 3 * DAY, end + 3 * DAY)
    first, last = min(edges.values()), max(edges.values())
    found: set[int] = set()
    for step in range((last - first).days + 1):
        day = datetime(first.year, first.month, first.day) + timedelta(step)
        opens = day + timedelta(minutes=weekly.begin)
        closes = day + timedelta(days=weekly.to <= weekly.begin, minutes=weekly.to)
        if day.weekday() not in weekly.days or opens < first or closes > last:
            continue
        low = next(minute for minute, wall in edges.items() if wall >= opens)
        high = next(minute for minute, wall in edges.items() if wall >= closes)
        found.update(range(low, high, MINUTE))
    return {minute for minute in found if begin <= minute < end}


@settings(deadline=None, max_examples=60)  # brute force is slow
@given(
    st.sampled_from([(zone, day) for zone, days in CHANGES.items() for day in days]),
    st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    st.integers(0, 287).map(lambda n: 5 * n),
    st.integers(0, 287).map(lambda n: 5 * n),
)
def test_windows_are_what_the_clock_on_the_wall_says(
    when: tuple[str, date], days: frozenset[int], begin: int, to: int
) -> None:
    """Around each change of the clock, in four zones, spans and answers are brute force's."""
    zone, day = when
    weekly = Weekly(days, begin, to, zone)
    boost = Boost("1", "", F(2), 0, None, weekly)
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)
    low, high = noon - 36 * HOUR, noon + 36 * HOUR
    by_clock = spans_by_clock(weekly, low, high)

    spans = spans_of(boost, low, high)
    assert {m for begins, ends in spans for m in range(begins, ends, MINUTE)} == by_clock
    asked = range(low, high, 5 * MINUTE)
    assert [boost.is_running(minute) for minute in asked] == [m in by_clock for m in asked]


@pytest.mark.parametrize(
    ("zone", "begin", "to", "begins", "ends"),
    [
        # 02:30 does not come on this day: the window begins when the clock skips it
        ("Europe/Berlin", 150, 240, "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"),
        # the hour from 2 to 3 comes twice: the window is one and an hour longer
        ("Europe/Berlin", 90, 180, "2026-10-25T01:30+02:00", "2026-10-25T03:00+01:00"),
        # it ends when the clock shows its end for the first time
        ("Europe/Berlin", 60, 150, "2026-10-25T01:00+02:00", "2026-10-25T02:30+02:00"),
        # midnight itself is skipped
        ("America/Santiago", 0, 120, "2026-09-06T01:00-03:00", "2026-09-06T02:00-03:00"),
    ],
)
def test_the_days_when_the_clock_changes(
    zone: str, begin: int, to: int, begins: str, ends: str
) -> None:
    """A window on a day of a changing clock is one stretch of time, with these two ends."""
    boost = Boost("1", "", F(2), 0, None, Weekly(ALL_DAYS, begin, to, zone))
    span = (at(begins), at(ends))

    assert span in spans_of(boost, span[0] - 6 * HOUR, span[1] + 6 * HOUR)


def test_a_window_over_midnight_runs_into_the_next_day() -> None:
    """A Saturday window from 22:00 to 02:00 ends on Sunday."""
    boost = Boost("1", "", F(2), 0, None, Weekly(frozenset({5}), 22 * 60, 2 * 60, "UTC"))
    saturday = at("2026-05-02T00:00Z")

    assert spans_of(boost, saturday, saturday + 3 * DAY) == [
        (saturday + 22 * HOUR, saturday + 26 * HOUR)
    ]


def test_a_boost_runs_from_its_beginning_to_before_its_end() -> None:
    """Its state and whether it runs change at exactly these instants."""
    boost = Boost("1", "", F(2), 1000, 2000)

    assert [boost.is_running(instant) for instant in (999, 1000, 1999, 2000)] == [
        False,
        True,
        True,
        False,
    ]
    assert [boost.state_at(instant) for instant in (999, 1000, 2000)] == [PLANNED, RUNNING, OVER]


_boosts = st.builds(
    Boost,
    st.just("1"),
    st.just(""),
    st.integers(0, 10_000).map(lambda n: F(n, 1000)),
    st.integers(0, 50),
    st.none() | st.integers(51, 99),
    st.none(),
    st.sets(st.sampled_from(["thread", "channel", "other"])).map(frozenset),
    st.sets(st.sampled_from(["a", "b"])).map(frozenset),
)


@given(st.lists(_boosts, max_size=4), st.integers(0, 100), st.sampled_from([HIGHEST, MULTIPLY]))
def test_overlapping_boosts_come_to_the_highest_or_to_their_product(
    boosts: list[Boost], instant: int, stack: str
) -> None:
    """What counts is looked for one by one, and put together as the setting says."""
    expected: list[Fraction] = []
    for boost in boosts:
        ends_at = 10**6 if boost.ends_at is None else boost.ends_at
        in_time = boost.begins_at <= instant < ends_at
        in_place = not boost.channel_ids or {"thread", "channel"} & boost.channel_ids
        in_role = not boost.role_ids or "a" in boost.role_ids
        if in_time and in_place and in_role:
            expected.append(boost.factor)
    product = F(1)
    for factor in expected:
        product = max(expected) if stack == HIGHEST else product * factor
    message = Message("thread", "channel", role_ids=("a",), at=instant)

    factors = Multipliers(F("1.5"), boosts=Boosts(tuple(boosts), stack))
    half_up = (product * F("1.5") * 1000 + F(1, 2)).__floor__()
    assert multiplier_for(factors, "me", message) == half_up


def test_the_preview_is_cut_where_what_runs_changes() -> None:
    """Each stretch has its boosts and their factor; nothing is said of times without any."""
    long = Boost("1", "long", F(2), 10, 50)
    short = Boost("2", "short", F(3), 20, 30)
    later = Boost("3", "later", F(5), 60)

    found = list(preview(Boosts((long, short, later), MULTIPLY), 0, 70))
    assert [(s.begins_at, s.ends_at, s.factor, [b.name for b in s.boosts]) for s in found] == [
        (10, 20, F(2), ["long"]),
        (20, 30, F(6), ["long", "short"]),
        (30, 50, F(2), ["long"]),
        (60, 70, F(5), ["later"]),
    ]


@given(st.lists(_boosts, max_size=4), st.sampled_from([HIGHEST, MULTIPLY]))
def test_the_preview_agrees_with_every_instant(boosts: list[Boost], stack: str) -> None:
    """At each instant the preview says what the boosts come to where all of them count."""
    everywhere = tuple(
        Boost(str(n), "", one.factor, one.begins_at, one.ends_at) for n, one in enumerate(boosts)
    )
    held = Boosts(everywhere, stack)
    stretches = list(preview(held, 0, 100))
    said = {at: s.factor for s in stretches for at in range(s.begins_at, s.ends_at)}

    assert [said.get(at) for at in range(100)] == [held.factor(at, (), ()) for at in range(100)]


_night = st.sampled_from(["00:00", "01:30", "02:00", "02:15", "23:59"]).map(
    lambda text: int(text[:2]) * 60 + int(text[3:])
)
_weekly = st.builds(
    Weekly, st.just(ALL_DAYS) | st.just(frozenset({6})), _night, _night, st.sampled_from([*CHANGES])
)
_by_the_clock = st.builds(
    Boost,
    st.just("1"),
    st.just(""),
    st.sampled_from([F(2), F("1.5"), F("0.3")]),
    st.sampled_from([0, at("2026-10-25T01:10:00+02:00")]),
    st.none() | st.just(at("2026-10-25T02:40:00.123+01:00")),
    st.none() | _weekly,
    st.sampled_from([frozenset[str](), frozenset({"thread"})]),
)
_around = st.integers(at("2026-10-24T00:00:00+00:00"), at("2026-10-26T00:00:00+00:00"))
_moments = _around | _around.map(lambda instant: instant // MINUTE * MINUTE)
_near = st.tuples(_moments, st.integers(-2, 2)).map(sum)


@given(
    st.lists(_by_the_clock, max_size=3),
    st.lists(st.tuples(_near, st.sampled_from(["thread", "other"])), min_size=2, max_size=20),
)
def test_what_was_worked_out_before_is_what_would_be_worked_out_now(
    boosts: list[Boost], posts: list[tuple[int, str]]
) -> None:
    """Settings that are kept say of messages at any times what fresh ones say of each."""
    kept = Multipliers(F("1.1"), user={"me": F(3)}, boosts=Boosts(tuple(boosts), MULTIPLY))

    for instant, channel_id in posts:
        message = Message(channel_id, role_ids=("a",), at=instant)
        for who in ("me", "another"):
            fresh = Multipliers(F("1.1"), user={"me": F(3)}, boosts=kept.boosts)
            assert multiplier_for(kept, who, message) == multiplier_for(fresh, who, message)


@given(_by_the_clock, _near)
def test_nothing_begins_or_ends_in_a_steady_time(boost: Boost, instant: int) -> None:
    """At its first and last instants, and a minute from the middle, it runs as it does now."""
    begin, end = boost.steady(instant)
    inside = [begin, end - 1, *range(instant - HOUR, instant + HOUR, MINUTE)]

    assert begin <= instant < end
    for other in inside:
        if begin <= other < end:
            assert boost.is_running(other) == boost.is_running(instant)
