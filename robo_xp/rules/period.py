"""A guild's days, weeks and months: when each begins by the clock of the guild's time zone.

Days are named by their ordinal (1 is the first of January of year 1), weeks and months by that of
their first day; so a name stays what it was when the clock of a zone is put back or forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from robo_xp.rules.boost import first_instant, zone_of

DAY, WEEK, MONTH = "day", "week", "month"
KINDS: Final = (DAY, WEEK, MONTH)
MESSAGE, VOICE, HAND = "message", "voice", "hand"
COUNTABLE: Final = (MESSAGE, VOICE, HAND)
"""What XP can come from: messages, time in voice, and changes by hand."""

NO_DAY: Final = 0
"""The day of what counts in no period."""

_LATEST: Final = 253_000_000_000_000
_MOST_DAYS: Final = 1000
_Bounds = tuple[int, int, int]
_Firsts = tuple[int, int, int]


class Calendar:
    """The days of a guild, each beginning at ``hour`` in ``zone``; weeks begin at ``first_day``,
    0 being Monday.
    """

    __slots__ = ("_firsts", "_last", "first_day", "hour", "zone")

    def __init__(self, zone: str = "UTC", first_day: int = 0, hour: int = 0) -> None:
        self.zone, self.first_day, self.hour = zone, first_day, hour
        # begin, end and name of the day that was asked for last: most awards are of one day
        self._last: _Bounds = (0, 0, 0)
        self._firsts: dict[int, _Firsts] = {}

    def day_of(self, at: int) -> int:
        """The day of an instant (epoch ms)."""
        begin, end, day = self._last
        if begin <= at < end:
            return day
        at = min(max(at, 0), _LATEST)
        day = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone_of(self.zone)).toordinal() + 1
        while self.begins_at(day) > at:
            day -= 1
        self._last = (self.begins_at(day), self.begins_at(day + 1), day)
        return day

    def begins_at(self, day: int) -> int:
        """When the day begins, in epoch ms."""
        return first_instant(zone_of(self.zone), date.fromordinal(day), self.hour * 60)

    def first_of(self, kind: str, day: int) -> int:
        """The first day of the period that has the day."""
        if kind == WEEK:
            return day - (day - 1 - self.first_day) % 7
        if kind == MONTH:
            return date.fromordinal(day).replace(day=1).toordinal()
        return day

    def firsts_of(self, day: int) -> _Firsts:
        """The first days of the periods that have the day, in the order of ``KINDS``."""
        firsts = self._firsts.get(day)  # most awards are of few days
        if firsts is None:
            if len(self._firsts) > _MOST_DAYS:
                self._firsts.clear()
            firsts = self._firsts[day] = (day, self.first_of(WEEK, day), self.first_of(MONTH, day))
        return firsts

    def after(self, kind: str, first: int) -> int:
        """The first day of the next period."""
        if kind == MONTH:
            return (date.fromordinal(first) + timedelta(31)).replace(day=1).toordinal()
        return first + (7 if kind == WEEK else 1)

    def before(self, kind: str, first: int) -> int:
        """The first day of the period before."""
        return self.first_of(kind, first - 1)

    def period(self, kind: str, at: int, back: int = 0) -> int:
        """The period of an instant, or one so many earlier."""
        first = self.first_of(kind, self.day_of(at))
        for _ in range(back):
            first = self.before(kind, first)
        return first


@dataclass(frozen=True, slots=True)
class Prize:
    """What the ``first`` so many of each period of a kind get: a role, XP, or neither."""

    kind: str
    first: int = 1
    role_id: str | None = None
    xp: int = 0


@dataclass(frozen=True, slots=True)
class Periods:
    """What counts in periods, and what the first ones of each get."""

    calendar: Calendar
    counted: frozenset[str] = frozenset({MESSAGE, VOICE})
    prizes: tuple[Prize, ...] = ()


def utc_day(at: int) -> int:
    """The day of an instant (epoch ms) by UTC."""
    return at // 86_400_000 + 719_163
