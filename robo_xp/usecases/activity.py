"""What goes on in a store right now: awards and XP a minute, who rises, what ends soon.

Counted from the event stream over the last minutes, so it is the same whoever causes it.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING, Protocol

from robo_xp.model.events import AWARD, Event, LevelDown, LevelMoved, LevelUp, XpChanged
from robo_xp.model.giveaway_results import Listed
from robo_xp.usecases.core import DEFAULT_STORE
from robo_xp.vault import xp_name

if TYPE_CHECKING:
    from robo_xp.usecases.giveaways.use import Giveaways
    from robo_xp.usecases.members.board import Leaderboard
    from robo_xp.usecases.members.use import XP
    from robo_xp.vault import Vault

SLOTS = 60
"""Into how many parts the time that is looked at is cut."""
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Riser:
    """A member who gained XP; ``level`` and ``rank`` are those of now, None without a record."""

    user_id: str
    gained: int
    levels: int
    xp: int
    level: int
    rank: int | None


@dataclass(frozen=True, slots=True)
class Glance:
    """The activity at one moment: of the last minute, and of the time that is looked at.

    ``at`` and ``window_ms`` are in milliseconds. ``history`` counts the awards of each of the 60
    parts of that time, oldest first.
    """

    at: int
    window_ms: int
    awards_per_minute: int
    xp_per_minute: int
    awards: int
    members: int
    level_ups: int
    level_downs: int
    history: tuple[int, ...]
    rising: tuple[Riser, ...]
    giveaways: tuple[Listed, ...]


@dataclass(slots=True)
class _Part:
    """What happened in one part of the time."""

    awards: int = 0
    ups: int = 0
    downs: int = 0
    gained: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)


class Count:
    """Counts events of a store over the last ``window_ms``; knows nothing of vaults or clocks."""

    def __init__(self, window_ms: int) -> None:
        self.window_ms = window_ms
        self.whole = _Part()
        self._width = max(1, window_ms // SLOTS)
        self._parts: dict[int, _Part] = {}
        self._awards: deque[tuple[int, int]] = deque()
        self._newest = 0

    def add(self, at: int, event: Event) -> None:
        """Count one event of that moment (epoch ms) in."""
        part = self._parts.setdefault(at // self._width, _Part())
        for into in (part, self.whole):
            _count(into, event)
        if isinstance(event, XpChanged) and event.how == AWARD:
            self._add_award(at, event.delta)

    def forget(self, now: int) -> None:
        """Leave out what is older than the window, and of the rate what is older than a minute."""
        oldest = (now - self.window_ms) // self._width + 1
        for number in [number for number in self._parts if number < oldest]:
            _take_away(self.whole, self._parts.pop(number))
        while self._awards and self._awards[0][0] <= now - _MINUTE_MS:
            self._awards.popleft()

    def _add_award(self, at: int, xp: int) -> None:
        """Keep an award of the last minute for the rate, whichever way the events come."""
        self._newest = max(self._newest, at)
        if at <= self._newest - _MINUTE_MS:
            return
        if self._awards and at < self._awards[0][0]:
            self._awards.appendleft((at, xp))
        else:
            self._awards.append((at, xp))

    def rate(self) -> tuple[int, int]:
        """The awards of the last minute, and their XP."""
        return len(self._awards), sum(xp for _, xp in self._awards)

    def history(self, now: int) -> tuple[int, ...]:
        """The awards of each part, oldest first."""
        last = now // self._width
        numbers = range(last - SLOTS + 1, last + 1)
        return tuple(self._parts[n].awards if n in self._parts else 0 for n in numbers)

    def rising(self, limit: int) -> list[tuple[str, int, int]]:
        """The members who gained most, with their XP and the levels they rose."""
        gained = ((xp, user) for user, xp in self.whole.gained.items() if xp > 0)
        found = nlargest(limit, gained, key=lambda pair: (pair[0], -int(pair[1])))
        return [(user, xp, self.whole.levels[user]) for xp, user in found]


class Library(Protocol):
    """What is asked of the library here."""

    @property
    def vault(self) -> Vault:
        """Where the batches are."""

    @property
    def xp(self) -> XP:
        """Members' records."""

    @property
    def leaderboard(self) -> Leaderboard:
        """Members' ranks."""

    @property
    def giveaways(self) -> Giveaways:
        """What ends soon."""


class Activity:
    """What goes on in one store of a guild, brought up to date at each look."""

    def __init__(
        self, robo: Library, guild_id: str, *, store: str = DEFAULT_STORE, window_ms: int = 600_000
    ) -> None:
        """Count what happened in the window up to now."""
        self._robo = robo
        self._guild_id = guild_id
        self._store = store
        self._count = Count(window_ms)
        self._name = xp_name(store, guild_id)
        self._namespace = robo.vault.namespace(self._name)
        self._seen = self._namespace.read().seq
        self._count_back(self._now() - window_ms)

    def look(self, limit: int = 10) -> Glance:
        """How it is now, with at most ``limit`` members and giveaways."""
        self._catch_up()
        now, count = self._now(), self._count
        count.forget(now)
        awards, xp = count.rate()
        listed = self._robo.giveaways.list(self._guild_id, which="active")
        return Glance(
            at=now,
            window_ms=count.window_ms,
            awards_per_minute=awards,
            xp_per_minute=xp,
            awards=count.whole.awards,
            members=sum(1 for xp in count.whole.gained.values() if xp > 0),
            level_ups=count.whole.ups,
            level_downs=count.whole.downs,
            history=count.history(now),
            rising=tuple(self._riser(*found) for found in count.rising(limit)),
            giveaways=tuple(listed[:limit]),
        )

    def _riser(self, user_id: str, gained: int, levels: int) -> Riser:
        record = self._robo.xp.record(self._guild_id, user_id, store=self._store)
        rank = self._robo.leaderboard.rank(self._guild_id, user_id, store=self._store)
        xp, level = (0, 0) if record is None else (record.xp, record.level)
        return Riser(user_id, gained, levels, xp, level, None if rank is None else rank.rank)

    def _catch_up(self) -> None:
        """Count what was committed since the last look."""
        if self._namespace.read().seq <= self._seen:
            return
        for batch in self._namespace.batches(self._seen):
            self._seen = batch.seq
            for event in batch.told():
                self._count.add(batch.ts, event)

    def _count_back(self, since: int) -> None:
        """Count what was seen already, the newest first, back to that moment."""
        for batch in self._namespace.batches_back():
            if batch.ts < since:
                return
            if batch.seq <= self._seen:
                for event in batch.told():
                    self._count.add(batch.ts, event)

    def _now(self) -> int:
        return self._robo.vault.clock.now_ms()


def _count(part: _Part, event: Event) -> None:
    match event:
        case XpChanged():
            part.gained[event.user_id] += event.delta
            part.awards += event.how == AWARD
        case LevelMoved():
            part.levels[event.user_id] += event.new_level - event.old_level
            part.ups += isinstance(event, LevelUp)
            part.downs += isinstance(event, LevelDown)


def _take_away(whole: _Part, part: _Part) -> None:
    """Make ``whole`` what it is without ``part``; members of whom nothing is left go."""
    whole.awards -= part.awards
    whole.ups -= part.ups
    whole.downs -= part.downs
    for of, gone in ((whole.gained, part.gained), (whole.levels, part.levels)):
        for user_id, value in gone.items():
            of[user_id] -= value
            if not of[user_id]:
                del of[user_id]
