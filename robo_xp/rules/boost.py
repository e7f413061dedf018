"""Boosts: multipliers for a time, by the clock of their zone, and when they run.

A weekly window begins at the first instant at which the clock of its zone shows its beginning or
more, and ends likewise, so it runs once on a day whose clock is put back or forward.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import lru_cache
from itertools import chain, groupby, pairwise
from math import prod
from typing import Final

DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_MINUTE_MS: Final = 60_000
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HIGHEST, MULTIPLY = "highest", "multiply"
PLANNED, RUNNING, OVER = "planned", "running", "over"
Span = tuple[int, int]
_ALWAYS: Final[Span] = (-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Windows on some days of the week (0 is Monday), in minutes of the day in a time zone.

    ``to`` at or before ``begin`` lies on the next day.
    """

    days: frozenset[int]
    begin: int
    to: int
    zone: str


@dataclass(frozen=True, slots=True)
class Boost:
    """A factor from ``begins_at`` until ``ends_at`` (epoch ms, None: without end), within its
    weekly windows if it has any, in its channels and for its roles if it names any.
    """

    id: str
    name: str
    factor: Fraction
    begins_at: int
    ends_at: int | None = None
    weekly: Weekly | None = None
    channel_ids: frozenset[str] = frozenset()
    role_ids: frozenset[str] = frozenset()

    def is_running(self, at: int) -> bool:
        """Whether it runs at the instant."""
        if at < self.begins_at or (self.ends_at is not None and at >= self.ends_at):
            return False
        return self.weekly is None or any(
            begin <= at < end for begin, end in windows_near(self.weekly, at)
        )

    def steady(self, at: int) -> Span:
        """A time around the instant in which it runs all along, or does not run."""
        low, high = _ALWAYS
        changes = [self.begins_at, high if self.ends_at is None else self.ends_at]
        if self.weekly is not None:
            low = at // _HOUR_MS * _HOUR_MS  # further away there may be windows that are not near
            high = low + _HOUR_MS
            changes += chain.from_iterable(windows_near(self.weekly, at))
        begin = max((one for one in changes if one <= at), default=low)
        end = min((one for one in changes if one > at), default=high)
        return max(low, begin), min(high, end)

    def counts_for(self, places: Sequence[str | None], role_ids: Collection[str]) -> bool:
        """Whether it counts at these places, from channel to category, for these roles."""
        if self.channel_ids and self.channel_ids.isdisjoint(places):
            return False
        return not self.role_ids or not self.role_ids.isdisjoint(role_ids)

    def ends_after(self, at: int) -> int | None:
        """When it stops after an instant at which it runs; None where that is not to be seen."""
        if self.weekly is None:
            return self.ends_at
        return spans_of(self, at, at + 8 * DAY_MS)[0][1]

    def state_at(self, at: int) -> str:
        """Running, over after it ended, or planned: also between two of its windows."""
        if self.ends_at is not None and at >= self.ends_at:
            return OVER
        return RUNNING if self.is_running(at) else PLANNED


@dataclass(frozen=True, slots=True)
class Boosts:
    """The boosts of a guild, and what several at once come to."""

    all: tuple[Boost, ...] = ()
    stack: str = HIGHEST

    def factor(
        self, at: int, places: Sequence[str | None], role_ids: Collection[str]
    ) -> Fraction | None:
        """What the boosts of an instant come to; None where none counts."""
        return self.product(self.in_force(at, places, role_ids))

    def steady(self, at: int) -> Span:
        """A time around the instant in which the same of them run."""
        begins, ends = zip(_ALWAYS, *(boost.steady(at) for boost in self.all), strict=True)
        return max(begins), min(ends)

    def in_force(
        self, at: int, places: Sequence[str | None] = (), role_ids: Collection[str] = ()
    ) -> Iterator[Boost]:
        """The boosts that count at an instant; without places those that count everywhere."""
        for boost in self.all:
            if boost.is_running(at) and boost.counts_for(places, role_ids):
                yield boost

    def product(self, boosts: Iterable[Boost]) -> Fraction | None:
        """What these come to together: the highest, or their product."""
        factors = [boost.factor for boost in boosts]
        if not factors:
            return None
        return max(factors) if self.stack == HIGHEST else prod(factors, start=Fraction(1))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the same boosts run, and what they come to where all of them count."""

    begins_at: int
    ends_at: int
    factor: Fraction
    boosts: tuple[Boost, ...]


def preview(boosts: Boosts, begin: int, end: int) -> Iterator[Stretch]:
    """The times between two instants in which boosts run, in order."""
    running: list[tuple[int, Boost, int]] = [
        (one_begin, boost, one_end)
        for boost in boosts.all
        for one_begin, one_end in spans_of(boost, begin, end)
    ]
    edges = sorted({begin, end, *(b for b, _, _ in running), *(e for _, _, e in running)})
    parts = (
        (left, right, tuple(boost for b, boost, e in running if b <= left < e))
        for left, right in pairwise(edges)
    )
    for there, group in groupby(parts, key=lambda part: part[2]):
        stretches = list(group)
        factor = boosts.product(there)
        if factor is not None:
            yield Stretch(stretches[0][0], stretches[-1][1], factor, there)


def edges(boosts: Boosts, begin: int, end: int) -> list[tuple[int, Boost, bool]]:
    """When boosts begin (True) or end after one instant and up to another, in order."""
    far = 8 * DAY_MS
    found = [
        (at, boost, is_beginning)
        for boost in boosts.all
        for span in spans_of(boost, begin - far, end + far)
        for at, is_beginning in zip(span, (True, False), strict=True)
        if begin < at <= end
    ]
    return sorted(found, key=lambda one: (one[0], one[2], one[1].id))


def spans_of(boost: Boost, begin: int, end: int) -> list[Span]:
    """When the boost runs between two instants."""
    low = max(begin, boost.begins_at)
    high = end if boost.ends_at is None else min(end, boost.ends_at)
    if boost.weekly is None:
        return [(low, high)] if low < high else []
    zone = zone_of(boost.weekly.zone)
    first, last = _day_of(zone, low) - timedelta(1), _day_of(zone, high) + timedelta(1)
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    windows = (window_of(boost.weekly, day) for day in days if low < high)
    cut = ((max(low, one[0]), min(high, one[1])) for one in windows if one is not None)
    return _joined_spans([span for span in cut if span[0] < span[1]])


def windows_near(weekly: Weekly, at: int) -> tuple[Span, ...]:
    """The windows of the local day of an instant, and of the days around it."""
    return _windows_in(weekly, at // _HOUR_MS)


@lru_cache(maxsize=4096)
def _windows_in(weekly: Weekly, hour: int) -> tuple[Span, ...]:
    """Those that an instant of this hour since 1970 can lie in, also where a day begins in it."""
    day = _day_of(zone_of(weekly.zone), hour * _HOUR_MS)
    found = (window_of(weekly, day + timedelta(step)) for step in (-1, 0, 1))
    return tuple(window for window in found if window is not None)


@lru_cache(maxsize=4096)
def window_of(weekly: Weekly, day: date) -> Span | None:
    """Begin and end of the window of a day in epoch ms; None on other days of the week."""
    if day.weekday() not in weekly.days:
        return None
    zone, next_day = zone_of(weekly.zone), weekly.to <= weekly.begin
    return (
        first_instant(zone, day, weekly.begin),
        first_instant(zone, day + timedelta(next_day), weekly.to),
    )


def first_instant(zone: tzinfo, day: date, minute: int) -> int:
    """The first instant in epoch ms at which the clock of the zone shows this or a later time.

    Where the clock skips that time, this is when it skips; where it shows it twice, the first.
    """
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    late = _seconds(wall.replace(tzinfo=zone))
    if _wall_of(zone, late) == wall:
        return late * 1000
    early = _seconds(wall.replace(tzinfo=zone, fold=1))
    while early < late:
        middle = (early + late) // 2
        if _wall_of(zone, middle) >= wall:
            late = middle
        else:
            early = middle + 1
    return late * 1000


def clock_of(at_ms: int, zone: tzinfo) -> int:
    """What the clock of the zone shows at an instant, in ms since midnight."""
    local = datetime.fromtimestamp(at_ms // 1000, zone)
    return (local.hour * 3600 + local.minute * 60 + local.second) * 1000 + at_ms % 1000


def days_later(at_ms: int, days: int, zone: tzinfo, clock: int) -> int:
    """The epoch ms, so many days after the day of an instant, at which the clock of the zone shows
    ``clock``, in ms since midnight.
    """
    day = datetime.fromtimestamp(at_ms // 1000, zone).date() + timedelta(days)
    return first_instant(zone, day, clock // _MINUTE_MS) + clock % _MINUTE_MS


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name; ValueError or ZoneInfoNotFoundError for others."""
    # most starts of a program need no other time zone
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def ids_of(boosts: Mapping[str, object]) -> list[str]:
    """The ids of boosts, the oldest first."""
    return sorted(boosts, key=int)


def _joined_spans(spans: list[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _wall_of(zone: tzinfo, seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None, fold=0)


def _day_of(zone: tzinfo, at: int) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date()
