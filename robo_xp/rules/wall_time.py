"""Times as people say them: ``sat 18:00``, ``2026-05-01 18:00``, ``2h``, windows of a week."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from robo_xp.errors import InvalidValue
from robo_xp.model import short_text
from robo_xp.rules.boost import DAYS, first_instant, zone_of
from robo_xp.rules.giveaway.duration import ahead, end_ms, instant_or_span, span_of

_DAY_TIME: Final = re.compile(r"(?:([a-z]{3})[a-z]* )?([0-9]{1,2}):([0-9]{2})")
_DATE_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[t ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,9})?))?)?"
)
_WEEKLY: Final = re.compile(r"([a-z, -]+?) ([0-9]{1,2}:[0-9]{2})-([0-9]{1,2}:[0-9]{2})")
_ADVICE: Final = "write it like 'sat 18:00', '2026-05-01 18:00', 2h or 2026-05-01T18:00Z"


def check_zone(name: str) -> tzinfo:
    """The time zone; InvalidValue for a name that is none."""
    try:
        return zone_of(name)
    except (ValueError, OSError, LookupError):
        raise InvalidValue(
            f"{short_text(name)} is not a time zone that this machine knows",
            advice="give an IANA name such as Europe/Berlin or UTC",
        ) from None


def is_by_clock(text: str) -> bool:
    """Whether the text says what some clock shows, so that it takes a zone to know when that is."""
    written = _plain(text)
    return bool(_DAY_TIME.fullmatch(written) or _DATE_TIME.fullmatch(written))


def instant_ms(text: str, now_ms: int, zone: tzinfo) -> int:
    """The epoch ms of a time: the next ``sat 18:00`` or ``18:00`` of the zone's clock, a date with
    or without a time, a span from now, or an instant with its own zone. Raises InvalidValue.
    """
    return _instant(text, now_ms, zone, range(9))


def past_ms(text: str, now_ms: int, zone: tzinfo) -> int:
    """The same of what has been: the last ``sat 18:00``, a span back from now, but not to before
    1970. Raises InvalidValue.
    """
    span = span_of(text.strip())
    return _instant(text, now_ms, zone, range(0, -9, -1)) if span is None else max(0, now_ms - span)


def end_of(text: str, start_ms: int, zone: tzinfo) -> int:
    """The epoch ms at which what starts then ends: a length, an instant, or a time of the zone's
    clock. Raises InvalidValue for what is neither, or lies less than 10 seconds ahead.
    """
    if is_by_clock(text):
        return ahead(text, instant_ms(text, start_ms, zone), start_ms)
    return end_ms(text, start_ms)


def weekly_of(text: str, zone: str) -> dict[str, Any]:
    """``sat,sun 18:00-22:00`` or ``mon-fri 9:00-17:00`` as it is stored; raises InvalidValue."""
    check_zone(zone)
    match = _WEEKLY.fullmatch(" ".join(text.lower().split()))
    if match is None:
        raise InvalidValue(
            f"{short_text(text)} is not a time of the week",
            advice="write it like 'sat 18:00-22:00' or 'mon-fri 09:00-17:00'",
        )
    days = sorted({day for part in match[1].split(",") for day in _days_of(part.strip())})
    begin, to = (minute_of(match[place]) for place in (2, 3))
    return {
        "days": [DAYS[day] for day in days],
        "from": _clock(begin),
        "to": _clock(to),
        "tz": zone,
    }


def minute_of(text: str) -> int:
    """The minute of the day of ``18:30``; 24:00 is 0. Raises InvalidValue."""
    hours, _, minutes = text.partition(":")
    if minutes.isdecimal() and hours.isdecimal() and int(minutes) < 60:
        if int(hours) < 24 or (int(hours), int(minutes)) == (24, 0):
            return int(hours) % 24 * 60 + int(minutes)
    raise InvalidValue(f"{short_text(text)} is not a time of day", advice="write it like 18:30")


def weekly_text(weekly: Mapping[str, Any]) -> str:
    """A weekly window as it is typed, with its zone."""
    return f"{','.join(weekly['days'])} {weekly['from']}-{weekly['to']} {weekly['tz']}"


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _instant(text: str, now_ms: int, zone: tzinfo, days: range) -> int:
    """The instant; a time of day on the first of the days, counted from today, that has it."""
    written = _plain(text)
    if match := _DAY_TIME.fullmatch(written):
        return _nearest(zone, match, now_ms, days)
    match = _DATE_TIME.fullmatch(written)
    at = instant_or_span(text, now_ms) if match is None else _of_date(text, match, zone)
    if at is None or at < 0:
        raise InvalidValue(f"{short_text(text)} is not a time", advice=_ADVICE)
    return at


def _of_date(text: str, match: re.Match[str], zone: tzinfo) -> int:
    """The instant at which the clock of the zone shows this date and time."""
    try:
        day, second = date(*(int(part) for part in match.groups()[:3])), float(match[6] or 0)
        if second >= 60:
            raise ValueError
        at = first_instant(zone, day, minute_of(f"{match[4] or '0'}:{match[5] or '00'}"))
    except (ValueError, OverflowError):
        raise InvalidValue(f"{short_text(text)} is not in the calendar", advice=_ADVICE) from None
    return at + round(second * 1000)


def _nearest(zone: tzinfo, match: re.Match[str], now_ms: int, days: range) -> int:
    """When the clock shows this on the first of the days, of those of the week that are named."""
    minute = minute_of(f"{match[2]}:{match[3]}")
    weekdays = range(7) if match[1] is None else _days_of(match[1])
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    named = (day for step in days if (day := today + timedelta(step)).weekday() in weekdays)
    instants = (first_instant(zone, day, minute) for day in named)
    return next(at for at in instants if (at > now_ms) is (days.step > 0))


def _days_of(text: str) -> list[int]:
    """The days of ``sat`` or ``fri-mon``, Monday being 0."""
    first, dash, last = (part.strip() for part in text.partition("-"))
    ends = [first, last] if dash else [first, first]
    if any(end[:3] not in DAYS for end in ends):
        raise InvalidValue(
            f"{short_text(text)} is no day of the week", advice=f"write one of {', '.join(DAYS)}"
        )
    low, high = (DAYS.index(end[:3]) for end in ends)
    return [day % 7 for day in range(low, high + 1 + 7 * (high < low))]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def period_ms(
    begin: str | None, until: str | None, length: str | None, now_ms: int, zone: str
) -> tuple[int, int | None]:
    """Beginning (now, unless another was typed) and end of a boost, which counts from then on.

    Raises InvalidValue, also for an end beside a length.
    """
    if until is not None and length is not None:
        raise InvalidValue("an end and a length cannot go together", advice="give one of them")
    place = check_zone(zone)
    begins_at = now_ms if begin is None else instant_ms(begin, now_ms, place)
    if length is not None:
        return begins_at, end_of(length, begins_at, place)
    return begins_at, None if until is None else instant_ms(until, begins_at, place)
