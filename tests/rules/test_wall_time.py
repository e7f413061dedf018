"""Times as people say them: the next one by the clock of a zone, and windows of a week."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from robo_xp.errors import InvalidValue
from robo_xp.rules.wall_time import check_zone, instant_ms, past_ms, period_ms, weekly_of


def at(text: str) -> int:
    """The epoch ms of an instant with its offset."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


# a Friday evening in Berlin, the day before the clock is put back there
NOW = at("2026-10-23T20:00+02:00")
BERLIN = check_zone("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sat 18:00", "2026-10-24T18:00+02:00"),
        ("Saturday 18:00", "2026-10-24T18:00+02:00"),
        ("fri 20:00", "2026-10-30T20:00+01:00"),
        ("fri 20:01", "2026-10-23T20:01+02:00"),
        ("sun 12:00", "2026-10-25T12:00+01:00"),
        ("19:59", "2026-10-24T19:59+02:00"),
        ("2026-10-25 02:30", "2026-10-25T02:30+02:00"),
        ("2026-10-26", "2026-10-26T00:00+01:00"),
        ("2026-10-25 12:00:30.5", "2026-10-25T12:00:30.500+01:00"),
        ("1792922400", "2026-10-25T12:00+02:00"),
        ("2h", "2026-10-23T22:00+02:00"),
        ("2026-10-25T12:00Z", "2026-10-25T12:00+00:00"),
    ],
)
def test_instants(text: str, said: str) -> None:
    """The next such time by Berlin's clock, or the instant that is named."""
    assert instant_ms(text, NOW, BERLIN) == at(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sat 18:00", "2026-10-17T18:00+02:00"),
        ("fri 20:00", "2026-10-23T20:00+02:00"),
        ("fri 20:01", "2026-10-16T20:01+02:00"),
        ("19:59", "2026-10-23T19:59+02:00"),
        ("2026-03-29 02:30", "2026-03-29T03:00+02:00"),
        ("2h", "2026-10-23T18:00+02:00"),
        ("999999999w", "1970-01-01T00:00+00:00"),
    ],
)
def test_instants_of_the_past(text: str, said: str) -> None:
    """The last such time by Berlin's clock, and a span back from now, at most to 1970."""
    assert past_ms(text, NOW, BERLIN) == at(said)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sat",
        "2026-10-25 12:00:60",
        "1960-01-01",
        "25:00",
        "12:60",
        "xyz 12:00",
        "2026-02-30",
        "2026-02-30 12:00",
        "soon",
        "5",
    ],
)
def test_what_is_no_time(text: str) -> None:
    """It is refused with an advice."""
    with pytest.raises(InvalidValue) as caught:
        instant_ms(text, NOW, BERLIN)
    assert caught.value.advice


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd", "/etc/localtime", "a\0b"])
def test_what_is_no_zone(zone: str) -> None:
    """A name that is no IANA name is refused, whatever file it would name."""
    with pytest.raises(InvalidValue, match="is not a time zone"):
        check_zone(zone)


@pytest.mark.parametrize(
    ("text", "days", "begin", "to"),
    [
        ("sat 18:00-22:00", ["sat"], "18:00", "22:00"),
        ("fri, sat 18:00-2:00", ["fri", "sat"], "18:00", "02:00"),
        ("mon-fri 9:00-17:30", ["mon", "tue", "wed", "thu", "fri"], "09:00", "17:30"),
        ("sat-mon 0:00-24:00", ["mon", "sat", "sun"], "00:00", "00:00"),
    ],
)
def test_weekly(text: str, days: list[str], begin: str, to: str) -> None:
    """Days by name, lists or ranges, in the order of the week; 24:00 is the next midnight."""
    stored: dict[str, Any] = {"days": days, "from": begin, "to": to, "tz": "UTC"}
    assert weekly_of(text, "UTC") == stored


@pytest.mark.parametrize(
    "text", ["", "sat", "18:00-22:00", "sun 18:00", "abc 1:00-2:00", "sat 1-2"]
)
def test_what_is_no_weekly_window(text: str) -> None:
    """It is refused."""
    with pytest.raises(InvalidValue):
        weekly_of(text, "UTC")


def test_an_end_counts_from_the_beginning() -> None:
    """A length and a next time start at the beginning; an end beside a length is refused."""
    begin = at("2026-10-24T00:00+02:00")
    assert period_ms("sat 00:00", None, "2d", NOW, "Europe/Berlin") == (begin, begin + 172_800_000)
    assert period_ms("sat 00:00", "sun 00:00", None, NOW, "Europe/Berlin") == (
        begin,
        at("2026-10-25T00:00+02:00"),
    )
    assert period_ms(None, None, "2026-10-24", NOW, "Europe/Berlin") == (NOW, begin)
    assert period_ms(None, None, None, NOW, "UTC") == (NOW, None)
    with pytest.raises(InvalidValue, match="cannot go together"):
        period_ms(None, "sun 00:00", "2d", NOW, "UTC")
