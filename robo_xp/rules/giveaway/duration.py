"""When a giveaway ends, from what somebody typed: a span of time, or an instant with its zone."""

from __future__ import annotations

import re
from typing import Final

from robo_xp.errors import InvalidDuration, InvalidValue, LimitExceeded
from robo_xp.model import short_text
from robo_xp.text import count_text

DAY_MS: Final = 86_400_000
MIN_MS: Final = 10_000
_LONGEST: Final = 64
_UNIT_MS: Final = {"w": 7 * DAY_MS, "d": DAY_MS, "h": 3_600_000, "m": 60_000, "s": 1_000}
_ADVICE = "write it like 10m, 1h30m, 2d, PT1H30M, 2026-05-01T18:30Z, or seconds since 1970"

_PART = re.compile(r"([0-9]{1,9})\s*([wdhms])")
_SPAN = re.compile(r"(?:[0-9]+\s*[wdhms]\s*)+")
_ISO_SPAN = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
)
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})"
    r"(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s*(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_DISCORD = re.compile(r"<t:([0-9]{1,12})(?::[tTdDfFR])?>")


def span_ms(text: str) -> int:
    """The length in milliseconds of ``1h30m``, ``2d``, ``1w`` or ``PT1H30M``; at least 10 s.

    Raises InvalidValue for anything else.
    """
    span = span_of(text.strip())
    if span is None:
        raise _wrong(text, "is not a length of time")
    if span < MIN_MS:
        raise _wrong(text, f"is too short: at least {MIN_MS // 1000} seconds")
    return span


def end_ms(text: str, now_ms: int) -> int:
    """The instant in epoch milliseconds that ``text`` means: a span from now on, or an instant.

    Raises InvalidValue for what is neither, or lies less than 10 seconds ahead.
    """
    written = text.strip()
    span = span_of(written)
    at = instant_or_span(written, now_ms)
    if at is None:
        raise _wrong(text, "is neither a length of time nor an instant")
    if at <= now_ms and span is None:
        raise _wrong(text, "is in the past", advice="give an instant that is still to come")
    return ahead(text, at, now_ms)


def ahead(text: str, at: int, now_ms: int) -> int:
    """The instant that the text means; InvalidValue where it is less than 10 seconds ahead."""
    if at - now_ms < MIN_MS:
        raise _wrong(text, f"is too soon: at least {MIN_MS // 1000} seconds ahead")
    return at


def instant_or_span(text: str, now_ms: int) -> int | None:
    """The instant in epoch milliseconds that the text says, or a span from now on; None for text
    that looks like neither.

    Raises InvalidValue for one that cannot be.
    """
    written = text.strip()
    span = span_of(written)
    return now_ms + span if span is not None else _instant(written)


def check_length(start_ms: int, ends_at: int, max_days: int) -> None:
    """Raise LimitExceeded when the giveaway would last longer than ``max_days``."""
    if ends_at - start_ms > max_days * DAY_MS:
        days = -(-(ends_at - start_ms) // DAY_MS)
        raise LimitExceeded(
            f"a giveaway of {days} days is too long: at most {count_text(max_days, 'day')}",
            advice="choose an earlier end, or raise limits.maxDurationDays in the settings",
        )


def span_of(text: str) -> int | None:
    """The length in milliseconds that the text means; None if it does not look like one."""
    if len(text) > _LONGEST:
        return None
    lowered = text.lower()
    if _SPAN.fullmatch(lowered):
        return _of_parts(text, _PART.findall(lowered))
    if not lowered.startswith("p"):
        return None
    match = _ISO_SPAN.fullmatch(text.upper())
    if match is None:
        if re.fullmatch(r"P[0-9.,WYMD]*[YM][0-9.,WYMDTHS]*", text.upper().partition("T")[0]):
            raise _wrong(text, "counts months or years, which have no fixed length")
        return None
    found = zip(match.groups(), "wdhms", strict=True)
    return sum(int(number) * _UNIT_MS[unit] for number, unit in found if number)


def _of_parts(text: str, parts: list[tuple[str, str]]) -> int:
    """The sum of the parts; each unit may come once, from weeks down to seconds."""
    units = [unit for _, unit in parts]
    if any(len(digits) > 9 for digits in re.findall("[0-9]+", text)):
        raise _wrong(text, "is far too long")
    if units != sorted(set(units), key="wdhms".index):
        raise _wrong(text, "must name each unit once, from weeks down to seconds")
    return sum(int(number) * _UNIT_MS[unit] for number, unit in parts)


def _instant(text: str) -> int | None:
    """The instant in epoch milliseconds that the text means; None if it looks like none."""
    if re.fullmatch(r"[0-9]{10}", text):
        return int(text) * 1000
    if re.fullmatch(r"[0-9]{13}", text):
        return int(text)
    if re.fullmatch(r"[0-9]{1,18}", text):
        advice = f"add one: {text[:9]}m, {text[:9]}h, {text[:9]}d"
        raise _wrong(text, "has no unit", advice=advice)
    if discord := _DISCORD.fullmatch(text):
        return int(discord.group(1)) * 1000
    if match := _INSTANT.fullmatch(text):
        return _of_calendar(text, match)
    return None


def _of_calendar(text: str, match: re.Match[str]) -> int:
    """The instant of a date, a time of day and a zone."""
    year, month, day, hour, minute = (int(match.group(place)) for place in range(1, 6))
    second, zone = int(match.group(6) or 0), match.group(8)
    if zone is None:
        raise _wrong(text, "has no time zone", advice="end it with Z, or an offset like +02:00")
    is_date = 1 <= month <= 12 and 1 <= day <= _days_in(year, month)
    if not is_date or hour > 23 or minute > 59 or second > 59:
        raise _wrong(text, "is not in the calendar")
    seconds = (_days_since_1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    fraction = int((match.group(7) or "").ljust(3, "0")[:3])
    return (seconds - _offset_seconds(text, zone)) * 1000 + fraction


def _offset_seconds(text: str, zone: str) -> int:
    """How far ahead of UTC the zone is."""
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise _wrong(text, "has an offset that no zone has")
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def _days_in(year: int, month: int) -> int:
    """How many days the month has."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _days_since_1970(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to the date in the Gregorian calendar."""
    # years that begin in March, so that the leap day comes last
    year, month = (year - 1, month + 9) if month < 3 else (year, month - 3)
    days = year * 365 + year // 4 - year // 100 + year // 400
    return days + (month * 153 + 2) // 5 + day - 719_469


def _wrong(text: str, what: str, *, advice: str = _ADVICE) -> InvalidValue:
    return InvalidDuration(f"{short_text(text)} {what}", advice=advice)
