"""The one thread that counts messages: what arrived while it wrote becomes the next batch.

It takes messages without ever making the event loop wait. While another process holds a guild's
lock, the messages of that guild stay in memory and those of others go on.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from robo_xp import Awarded, RoboXP
from robo_xp.errors import InvalidId, RoboXPError, VaultBusy
from robo_xp.text import count_text
from robo_xp_daemon.base.backoff import Backoff
from robo_xp_daemon.base.counters import BUSY, FAULTY, QUEUE_FULL, TROUBLE, Counters
from robo_xp_daemon.base.health_cause import Cause
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.client.convert import Arrival

log = logging.getLogger("robo_xp_daemon")

LIMIT = 200_000
WARN_AT = 10_000
_BUSY_PAUSE, FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5, 5.0
_SAMPLES = 20_000
TROUBLE_SECONDS = 3.0
"""So long the end waits for a vault that cannot be written."""


@dataclass(slots=True)
class _Waiting:
    """What is yet to be committed for one guild, not before an instant (monotonic seconds)."""

    arrivals: list[Arrival] = field(default_factory=list)
    not_before: float = 0.0
    backoff: Backoff = field(default_factory=lambda: Backoff(FIRST_PAUSE, LONGEST_PAUSE))


class Writer:
    """Counts messages and awards XP for them, in the order in which they came.

    ``counters`` are where it notes what it did. ``came_back`` is called, in its thread, with the
    guild and the id of a member with a level that came back since its last award.
    """

    def __init__(
        self, robo: RoboXP, counters: Counters | None = None, *, limit: int = LIMIT
    ) -> None:
        self.counters = Counters() if counters is None else counters
        self.came_back: Callable[[str, str], None] = lambda _guild_id, _user_id: None
        self._robo = robo
        self._limit = limit
        self._queue: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._guilds: dict[str, _Waiting] = {}
        self._kept: dict[str, str] = {}
        self._in_hand = 0
        self._give_up_at = self._no_use_at = float("inf")
        self._throttle = Throttle(10.0)
        self._waits: deque[float] = deque(maxlen=_SAMPLES)
        self._counted = 0
        self._thread = threading.Thread(target=self._run, name="robo-xp-writer", daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    @property
    def backlog(self) -> int:
        """How many messages wait for their commit."""
        return self._queue.qsize() + self._in_hand

    def put(self, arrival: Arrival) -> None:
        """Take a message; returns at once."""
        backlog = self.backlog
        if backlog >= WARN_AT and self._throttle.lets("backlog"):
            log.warning("%d messages wait for the vault; the disk or a lock is slow", backlog)
        if backlog >= self._limit:
            if self._throttle.lets("dropped"):
                log.error("more than %d messages wait; new ones are not counted", self._limit)
            self.counters.lost.add(QUEUE_FULL)
            return
        self._queue.put(arrival)

    def stop(self, seconds: float) -> int:
        """Commit what is in hand, for so long at most; how many messages are lost."""
        began = time.monotonic()
        self._give_up_at, self._no_use_at = began + seconds, began + min(seconds, TROUBLE_SECONDS)
        self._queue.put(None)
        self._thread.join(seconds + 5.0)
        left = sum(len(waiting.arrivals) for waiting in self._guilds.values())
        if left:
            log.error("%d messages could not be counted before the end", left)
        return left

    @property
    def counted(self) -> int:
        """How many messages were counted since the start."""
        return self._counted

    @property
    def troubles(self) -> tuple[Cause, ...]:
        """What keeps messages from being counted."""
        found = []
        if kept := dict(self._kept):
            why = next(iter(kept.values()))
            found.append(Cause("vault", f"messages are not counted yet: {why}"))
        if (backlog := self.backlog) >= WARN_AT:
            found.append(
                Cause("backlog", f"{count_text(backlog, 'message')} waiting for the vault")
            )
        return tuple(found)

    def summary(self) -> str:
        """How many messages were counted, and how long the last ones waited for their commit."""
        waits = sorted(self._waits)
        if not waits:
            return "no messages counted"
        half, most = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
        return (
            f"{count_text(self._counted, 'message')} counted; from gateway to commit"
            f" {half * 1000:.1f} ms in the median, {most * 1000:.1f} ms for 99 of 100"
        )

    def _run(self) -> None:
        """Collect and commit until told to stop and nothing is left."""
        stopping = False
        while not (stopping and self._is_over()):
            stopping = self._collect(block=not stopping) or stopping
            for guild_id in list(self._guilds):
                self._commit(guild_id)

    def _is_over(self) -> bool:
        """Whether nothing is left, or waiting is no use: locks get free, full disks do not."""
        in_trouble = self._guilds.keys() <= self._kept.keys()
        until = self._no_use_at if in_trouble else self._give_up_at
        return not self._guilds or time.monotonic() >= until

    def _collect(self, *, block: bool) -> bool:
        """Take what has come, waiting for the first when there is nothing to do; whether to end."""
        ended = False
        try:
            item = self._queue.get(timeout=self._idle_for()) if block else self._next()
            while True:
                if item is None:
                    ended = True
                else:
                    self._guilds.setdefault(item.guild_id, _Waiting()).arrivals.append(item)
                    self._in_hand += 1
                item = self._queue.get_nowait()
        except queue.Empty:
            return ended

    def _next(self) -> Arrival | None:
        """The next message without an endless wait: the end is near, a lock may still be held."""
        return self._queue.get(timeout=_BUSY_PAUSE if self._guilds else 0.0)

    def _idle_for(self) -> float | None:
        """How long nothing can be done; None while nothing waits."""
        if not self._guilds:
            return None
        first = min(waiting.not_before for waiting in self._guilds.values())
        return max(first - time.monotonic(), 0.001)

    def _commit(self, guild_id: str) -> None:
        """Count the messages of one guild in one batch, or keep them for later."""
        waiting = self._guilds[guild_id]
        if time.monotonic() < waiting.not_before:
            return
        try:
            self._award(guild_id, waiting.arrivals)
        except VaultBusy:
            waiting.not_before = time.monotonic() + _BUSY_PAUSE
            self.counters.postponed.add(BUSY)
            return
        except InvalidId:
            self._commit_singly(guild_id, waiting.arrivals)
        except RoboXPError as error:
            self._keep(guild_id, waiting, error)
            return
        except Exception:
            log.exception("messages of guild %s cannot be counted together", guild_id)
            self._commit_singly(guild_id, waiting.arrivals)
        self._note_commit(guild_id, waiting.arrivals)

    def _award(self, guild_id: str, arrivals: Sequence[Arrival]) -> None:
        """Count these messages in one batch; raises what the vault raises."""
        began = time.perf_counter()
        found = self._robo.xp.award_many(guild_id, [arrival.post for arrival in arrivals])
        self.counters.note_batch(found, time.perf_counter() - began)
        for arrival, one in zip(arrivals, found, strict=True):
            if isinstance(one, Awarded) and one.old_level and one.before_at < arrival.joined_at:
                self.came_back(guild_id, arrival.post.user_id)

    def _keep(self, guild_id: str, waiting: _Waiting, error: RoboXPError) -> None:
        """Try again later: the disk may be full, and an operator may mend that."""
        waiting.not_before = time.monotonic() + waiting.backoff.seconds()
        self._kept[guild_id] = error.message
        self.counters.postponed.add(TROUBLE)
        if self._throttle.lets((guild_id, error.code)):
            log.error(
                "%d messages of guild %s are not counted yet: %s (%s)",
                len(waiting.arrivals), guild_id, error.message, error.advice,
                extra={"guild_id": guild_id},
            )  # fmt: skip

    def _commit_singly(self, guild_id: str, arrivals: Sequence[Arrival]) -> None:
        """Count each message by itself, so that one that cannot be counted stops no other."""
        for arrival in arrivals:
            try:
                self._award(guild_id, [arrival])
            except Exception:
                self.counters.lost.add(FAULTY)
                log.exception("message %s cannot be counted", arrival.post.message_id)

    def _note_commit(self, guild_id: str, arrivals: Sequence[Arrival]) -> None:
        """Forget what was committed, and note how long it took."""
        now = time.monotonic()
        waits = [now - arrival.received_at for arrival in arrivals]
        self._waits.extend(waits)
        self.counters.waits.note(*waits)
        self._counted += len(arrivals)
        self._in_hand -= len(arrivals)
        del self._guilds[guild_id]
        self._kept.pop(guild_id, None)
