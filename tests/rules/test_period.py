"""A guild's days, weeks and months, compared with a count of every quarter of an hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robo_xp.rules.period import DAY, KINDS, MONTH, WEEK, Calendar, utc_day

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
HOUR = 3_600_000
_instants = st.integers(1_600_000_000_000, 1_900_000_000_000)


def ordinal(*of: int) -> int:
    """The name of a day."""
    return date(*of).toordinal()


@given(_instants, st.sampled_from(ZONES), st.integers(0, 23))
def test_a_day_has_its_instants_and_no_others(at: int, zone: str, hour: int) -> None:
    """An instant lies in its day, from the day's beginning on and before that of the next."""
    calendar = Calendar(zone, hour=hour)
    day = calendar.day_of(at)

    assert calendar.begins_at(day) <= at < calendar.begins_at(day + 1)
    assert Calendar(zone, hour=hour).day_of(calendar.begins_at(day)) == day


@given(_instants, st.sampled_from(ZONES))
@settings(max_examples=20)
def test_days_without_an_hour_are_those_of_the_wall_clock(at: int, zone: str) -> None:
    """A day that begins at midnight is the date that the clock of the zone shows."""
    calendar = Calendar(zone)
    for step in range(0, 24 * HOUR * 8, HOUR // 4):
        shown = datetime.fromtimestamp((at + step) // 1000, ZoneInfo(zone)).date()
        assert calendar.day_of(at + step) == shown.toordinal()


@pytest.mark.parametrize(
    ("kind", "of", "first", "after"),
    [
        (DAY, (2026, 11, 27), (2026, 11, 27), (2026, 11, 28)),
        (WEEK, (2026, 11, 27), (2026, 11, 23), (2026, 11, 30)),
        (WEEK, (2026, 11, 23), (2026, 11, 23), (2026, 11, 30)),
        (WEEK, (2026, 11, 22), (2026, 11, 16), (2026, 11, 23)),
        (MONTH, (2026, 11, 30), (2026, 11, 1), (2026, 12, 1)),
        (MONTH, (2024, 2, 29), (2024, 2, 1), (2024, 3, 1)),
        (MONTH, (2026, 12, 31), (2026, 12, 1), (2027, 1, 1)),
    ],
)
def test_periods_have_their_days(
    kind: str, of: tuple[int, ...], first: tuple[int, ...], after: tuple[int, ...]
) -> None:
    """Weeks begin on Monday unless told otherwise, months on their first day."""
    calendar = Calendar()

    assert calendar.first_of(kind, ordinal(*of)) == ordinal(*first)
    assert calendar.after(kind, ordinal(*first)) == ordinal(*after)
    assert calendar.before(kind, ordinal(*after)) == ordinal(*first)


def test_weeks_begin_on_the_day_that_was_set() -> None:
    """With Sunday as first day, Saturday is the last one of its week."""
    calendar = Calendar(first_day=6)

    assert calendar.first_of(WEEK, ordinal(2026, 11, 28)) == ordinal(2026, 11, 22)
    assert calendar.first_of(WEEK, ordinal(2026, 11, 29)) == ordinal(2026, 11, 29)


@given(_instants, st.sampled_from(KINDS), st.sampled_from(ZONES))
def test_periods_follow_each_other(at: int, kind: str, zone: str) -> None:
    """Going on and back again leads to where one was."""
    calendar = Calendar(zone)
    first = calendar.period(kind, at)

    assert calendar.before(kind, calendar.after(kind, first)) == first
    assert calendar.after(kind, calendar.period(kind, at, 1)) == first


@given(_instants)
def test_days_of_utc_are_counted(at: int) -> None:
    """The quick count of UTC is that of a calendar."""
    shown = datetime.fromtimestamp(at // 1000, UTC) + timedelta(0)
    assert utc_day(at) == shown.toordinal() == Calendar().day_of(at)
