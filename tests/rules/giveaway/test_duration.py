"""When a giveaway ends: spans, instants, limits, and what is said about everything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.errors import InvalidValue, LimitExceeded
from robo_xp.rules.giveaway.duration import DAY_MS, check_length, end_ms, span_ms

NOW = 1_750_000_000_000
HOUR, MINUTE, SECOND = 3_600_000, 60_000, 1_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10s", 10 * SECOND),
        ("10m", 10 * MINUTE),
        ("1h30m", HOUR + 30 * MINUTE),
        ("1h 30m", HOUR + 30 * MINUTE),
        ("2d", 2 * DAY_MS),
        ("1w", 7 * DAY_MS),
        ("1w2d3h4m5s", 9 * DAY_MS + 3 * HOUR + 4 * MINUTE + 5 * SECOND),
        (" 1D12H ", DAY_MS + 12 * HOUR),
        ("90m", 90 * MINUTE),
        ("0h10m", 10 * MINUTE),
        ("PT1H30M", HOUR + 30 * MINUTE),
        ("P2D", 2 * DAY_MS),
        ("P1W", 7 * DAY_MS),
        ("P1DT12H", DAY_MS + 12 * HOUR),
        ("pt10s", 10 * SECOND),
    ],
)
def test_a_length_of_time(text: str, expected: int) -> None:
    """Units from weeks to seconds, together or alone, and ISO 8601."""
    assert span_ms(text) == expected
    assert end_ms(text, NOW) == NOW + expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T18:30Z", 1_777_660_200_000),
        ("2026-05-01 18:30:15Z", 1_777_660_215_000),
        ("2026-05-01T18:30:15.25Z", 1_777_660_215_250),
        ("2026-05-01T20:30+02:00", 1_777_660_200_000),
        ("2026-05-01T14:30-0400", 1_777_660_200_000),
        ("2028-02-29T00:00Z", 1_835_395_200_000),
        ("1777660200", 1_777_660_200_000),
        ("1777660200123", 1_777_660_200_123),
        ("<t:1777660200:R>", 1_777_660_200_000),
    ],
)
def test_an_instant(text: str, expected: int) -> None:
    """ISO 8601 with a zone, epoch seconds and milliseconds, and what Discord shows as a time."""
    assert end_ms(text, NOW) == expected


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(9999, 12, 30)),
    st.integers(-23 * 60, 23 * 60),
)
def test_instants_agree_with_the_calendar(moment: datetime, offset: int) -> None:
    """Every date of the Gregorian calendar means the same as to the standard library."""
    zoned = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset)))

    assert end_ms(zoned.isoformat(), NOW) == round(zoned.astimezone(UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "neither"),
        ("soon", "neither"),
        ("1.5h", "neither"),
        ("-5m", "neither"),
        ("P", "neither"),
        ("PT", "neither"),
        ("P1DT", "neither"),
        ("1h" * 40, "neither"),
        ("5", "has no unit"),
        ("123456789", "has no unit"),
        ("30m1h", "each unit once"),
        ("1h1h", "each unit once"),
        ("99999999999d", "far too long"),
        ("P1Y", "months or years"),
        ("P1M", "months or years"),
        ("P1Y2M3DT4H", "months or years"),
        ("9s", "too soon"),
        ("0m", "too soon"),
        ("PT0S", "too soon"),
        ("1750000005", "too soon"),
        ("1750000000", "in the past"),
        ("2020-01-01T00:00Z", "in the past"),
        ("2026-05-01T18:30", "no time zone"),
        ("2026-02-29T18:30Z", "not in the calendar"),
        ("2026-13-01T18:30Z", "not in the calendar"),
        ("2026-05-01T24:00Z", "not in the calendar"),
        ("2026-05-01T18:30+99:00", "no zone has"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    """Each mistake has its own words, and a hint how to write it."""
    with pytest.raises(InvalidValue, match=message) as caught:
        end_ms(text, NOW)

    assert caught.value.code == "INVALID_DURATION"
    assert caught.value.advice


@pytest.mark.parametrize("text", ["2026-05-01T18:30Z", "1777660200", "9s", "x"])
def test_a_span_is_no_instant(text: str) -> None:
    """Where a length is wanted, an instant is refused, and so is less than ten seconds."""
    with pytest.raises(InvalidValue):
        span_ms(text)


def test_the_longest_is_allowed_and_one_more_is_not() -> None:
    """A giveaway may last exactly as many days as the settings say."""
    check_length(NOW, NOW + 30 * DAY_MS, 30)

    with pytest.raises(LimitExceeded, match="31 days is too long: at most 30"):
        check_length(NOW, NOW + 30 * DAY_MS + 1, 30)
