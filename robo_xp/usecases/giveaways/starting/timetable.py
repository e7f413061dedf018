"""When giveaways start and end, and when they come again, out of what somebody asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from robo_xp.errors import InvalidDuration, InvalidValue
from robo_xp.model.giveaway import Giveaway, Series
from robo_xp.rules.boost import clock_of
from robo_xp.rules.giveaway.duration import DAY_MS, MIN_MS, check_length, span_ms, span_of
from robo_xp.rules.wall_time import end_of, instant_ms
from robo_xp.settings.giveaway import GiveawaySettings
from robo_xp.settings.kinds import Whole
from robo_xp.usecases.giveaways.starting.terms import AskedWhen, Terms

TIMES = Whole(2, 1000)
"""How many giveaways a series can have."""

_AHEAD_DAYS = 365


@dataclass(frozen=True, slots=True)
class Moment:
    """A giveaway, the time now in epoch ms, and the zone of times by the clock."""

    giveaway_id: str
    now_ms: int
    zone: tzinfo


def fields_in_time(
    asked: AskedWhen, terms: Terms, settings: GiveawaySettings, moment: Moment
) -> dict[str, Any]:
    """The fields of a new giveaway that say when it starts and ends, and its series.

    Raises InvalidValue, LimitExceeded.
    """
    at, now = asked.get("at"), moment.now_ms
    starts_at = now if at is None else _start(at, moment.zone, now)
    duration = terms.get("duration", settings.duration)
    ends_at = end_of(duration, starts_at, moment.zone)
    check_length(starts_at, ends_at, settings.max_duration_days)
    _check_last_chance(asked.get("last_chance"), ends_at - starts_at)
    series = _series(asked, moment, starts_at, ends_at)
    if at is None and series is None:
        return {"ends_at": ends_at}
    is_length = span_of(duration.strip()) is not None or series is not None
    return {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "lasts_for": ends_at - starts_at if is_length else None,
        "series": series,
    }


def moved_to(giveaway: Giveaway, starts: str | None, ends: str | None, moment: Moment) -> Giveaway:
    """The giveaway with another start, which moves its end too, and another end.

    Raises InvalidValue; also for another start of one that has started.
    """
    after = giveaway
    if starts is not None:
        if not giveaway.is_scheduled:
            raise InvalidValue(f"giveaway {giveaway.id} has started already")
        starts_at = _start(starts, moment.zone, moment.now_ms)
        length = giveaway.ends_at - giveaway.began_at
        after = replace(after, starts_at=starts_at, ends_at=starts_at + length)
    if ends is not None:
        begin = after.began_at if after.is_scheduled else moment.now_ms
        after = replace(after, ends_at=end_of(ends, begin, moment.zone))
    return after


def _check_last_chance(asked: str | None, length_ms: int) -> None:
    """That of a template may be longer: it is left out then."""
    if asked is not None and span_ms(asked) > length_ms:
        raise InvalidDuration(
            f"the last chance, {asked.strip()} before the end, is longer than the giveaway",
            advice="give a shorter one, or a longer duration",
        )


def _start(text: str, zone: tzinfo, now_ms: int) -> int:
    at = instant_ms(text, now_ms, zone)
    if at - now_ms < MIN_MS:
        raise InvalidDuration(
            "the start is past, or too soon", advice="leave it out to start at once"
        )
    if at - now_ms > _AHEAD_DAYS * DAY_MS:
        raise InvalidDuration(f"the start is more than {_AHEAD_DAYS} days ahead")
    return at


def _series(asked: AskedWhen, moment: Moment, starts_at: int, ends_at: int) -> Series | None:
    """The first place of the series that was asked for, if one was."""
    every, times, until = asked.get("every"), asked.get("times"), asked.get("until")
    if times is not None and until is not None:
        raise InvalidValue("times and until contradict each other", advice="give one of them")
    if every is None:
        if times is not None or until is not None:
            raise InvalidValue("how often it comes is missing", advice="say it like --every 1w")
        return None
    if times is None and until is None:
        raise InvalidValue(
            "a series needs an end",
            advice="give how many there are (times), or until when they start (until)",
        )
    if times is not None and (faults := TIMES.faults("times", times)):
        raise InvalidValue(str(faults[0]))
    if span_ms(every) < ends_at - starts_at:
        raise InvalidValue(
            f"a giveaway of the series would last longer than {every.strip()}",
            advice="give a shorter duration, or let them come less often",
        )
    last = None if until is None else instant_ms(until, starts_at, moment.zone)
    if last is not None and last <= starts_at:
        raise InvalidValue("the series would end before it begins")
    left = None if times is None else times - 1
    return Series(
        id=moment.giveaway_id,
        number=1,
        every=every.strip(),
        left=left,
        until=last,
        slot=starts_at,
        tz=str(moment.zone),
        clock=clock_of(starts_at, moment.zone),
    )
