"""What members gained day by day, of all members of a store at once.

Built from the kept batches when somebody first asks, and brought up to date from those that came
since; nothing is kept in the vault for it.
"""

from __future__ import annotations

import threading
from typing import Final

from robo_xp.rules.period import Calendar
from robo_xp.rules.what import moves_in
from robo_xp.vault import Batch, Namespace

DAYS: Final = 90


class DaySums:
    """The XP that each member gained on each of the last days of a calendar."""

    def __init__(self, namespace: Namespace, calendar: Calendar, now: int) -> None:
        self._namespace = namespace
        self._calendar = calendar
        self._guard = threading.Lock()
        self._seq = namespace.read().seq
        self._today = calendar.day_of(now)
        self._gained: dict[int, dict[str, int]] = {}
        since = calendar.begins_at(self._today - DAYS + 1)
        for batch in namespace.batches_back():
            if batch.ts < since:
                break
            if batch.seq <= self._seq:
                self._count(batch)

    @classmethod
    def of(cls, namespace: Namespace, calendar: Calendar, now: int) -> DaySums:
        """The sums of the namespace as of now."""
        clock = (calendar.zone, calendar.hour)
        known = namespace.attached.get("days")
        if not isinstance(known, tuple) or known[0] != clock or not known[1].catch_up(now):
            known = namespace.attached["days"] = (clock, cls(namespace, calendar, now))
        found: DaySums = known[1]
        return found

    def catch_up(self, now: int) -> bool:
        """Count what was committed since; False for a history that begins anew."""
        with self._guard:
            seq = self._namespace.read().seq
            if seq < self._seq:
                return False
            if seq > self._seq:
                for batch in self._namespace.batches(self._seq):
                    self._count(batch)
                    self._seq = batch.seq
            self._forget(self._calendar.day_of(now))
        return True

    def rows(self, user_id: str) -> list[tuple[int, int]]:
        """The last days, oldest first, and what the member gained on each."""
        days = range(self._today - DAYS + 1, self._today + 1)
        return [(day, self._gained.get(day, {}).get(user_id, 0)) for day in days]

    def _count(self, batch: Batch) -> None:
        gained = self._gained.setdefault(self._calendar.day_of(batch.ts), {})
        for user_id, delta in moves_in(batch.told()):
            gained[user_id] = gained.get(user_id, 0) + delta

    def _forget(self, today: int) -> None:
        """Leave out the days that are too long ago once a new one has begun."""
        if today == self._today:
            return
        self._today = today
        for day in [day for day in self._gained if day <= today - DAYS]:
            del self._gained[day]
