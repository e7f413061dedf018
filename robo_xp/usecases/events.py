"""Events: what happened, told after the commit, to listeners in this process and to followers.

A listener can never break a change: what it raises is logged and ends there. Events of other
processes come through ``follow``, which reads the journals.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from inspect import iscoroutine, iscoroutinefunction
from typing import Any

from robo_xp.errors import InvalidValue, Refused
from robo_xp.model import short_text
from robo_xp.model.event_reading import event_of
from robo_xp.model.events import KINDS, Event, LevelDown, LevelUp, XpChanged
from robo_xp.rules.checks import meant
from robo_xp.usecases.core import Core
from robo_xp.vault import Batch, Part, name_of

log = logging.getLogger("robo_xp")

POLL_SECONDS = 0.25
EVERY = "*"
"""What stands for any text in the name of namespaces to follow."""


class Told(dict[str, Any]):
    """An event as listeners get it: its fields, with guild, store, number and time."""

    @property
    def event(self) -> Event:
        """The event as its class, to match on."""
        return event_of(self)


EventListener = Callable[[Told], object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events somebody wants to see, types by name; empty parts want all.

    ``since`` is epoch ms.
    """

    types: frozenset[str] = frozenset()
    user_id: str | None = None
    since: int = 0

    def of(self, events: Iterable[Told]) -> Iterator[Told]:
        """Those of the events that are wanted."""
        for told in events:
            event = told.event
            if (
                told["ts"] >= self.since
                and (not self.types or event.type in self.types)
                and (self.user_id is None or self.user_id in event.user_ids)
            ):
                yield told


EVERYTHING = Wanted()


class Events:
    """Listeners of this handle's vault, and the stream of all that is committed."""

    def __init__(self, core: Core) -> None:
        """Listen to the vault."""
        self._core = core
        self._listeners: dict[type[Event], list[EventListener]] = {}
        self._follower: threading.Thread | None = None
        core.vault.listeners.append(self._tell)

    def on(self, kind: str | type[Event], listener: EventListener) -> EventListener:
        """Call the listener with each event of that type from now on; returns the listener.

        The type is its class or its name. Raises InvalidValue for a name that no event has, and
        for a listener that would have to be awaited.
        """
        _check_plain(listener)
        self._listeners.setdefault(_kind_of(kind), []).append(listener)
        return listener

    def once(self, kind: str | type[Event], listener: EventListener) -> EventListener:
        """Call the listener with the next event of that type only; returns what ``off`` takes."""
        _check_plain(listener)

        def first(told: Told) -> object:
            self.off(kind, first)
            return listener(told)

        return self.on(kind, first)

    def off(self, kind: str | type[Event], listener: EventListener) -> None:
        """Call the listener no more; one that is not known is fine."""
        listeners = self._listeners.get(_kind_of(kind), [])
        if listener in listeners:
            listeners.remove(listener)

    def on_level_up(self, listener: EventListener) -> EventListener:
        """Call the listener when a member's level rises."""
        return self.on(LevelUp, listener)

    def on_level_down(self, listener: EventListener) -> EventListener:
        """Call the listener when a member's level falls."""
        return self.on(LevelDown, listener)

    def on_xp_change(self, listener: EventListener) -> EventListener:
        """Call the listener when a member's XP is changed."""
        return self.on(XpChanged, listener)

    def _tell(self, name: str, batch: Batch) -> None:
        """Tell the listeners of a batch that was committed through this handle.

        Where a thread follows the vault, it tells them of this batch as of all others.
        """
        if self._follower is None and self._listeners:
            for told in told_in(name, batch):
                self._hear(told)

    def _hear(self, told: Told) -> None:
        for listener in list(self._listeners.get(type(told.event), ())):
            _call(listener, told)

    @contextmanager
    def listen(self, pattern: str = EVERY, *, poll_seconds: float = POLL_SECONDS) -> Iterator[None]:
        """Within the block the listeners hear of what other programs commit, too.

        A thread follows the namespaces that fit the pattern from now on, and calls the listeners:
        each event once, that of this program like those of others. Raises Refused within another
        such block.
        """
        if self._follower is not None:
            raise Refused("somebody listens already", advice="leave that block first")
        seen = {
            name: self._core.vault.namespace(name).read().seq for name in self.namespaces(pattern)
        }
        ended = threading.Event()

        def follow() -> None:
            for told in self.follow({**seen, pattern: 0}, stop=ended, poll_seconds=poll_seconds):
                self._hear(told)

        self._follower = threading.Thread(target=follow, name="robo-xp-events", daemon=True)
        self._follower.start()
        try:
            yield
        finally:
            ended.set()
            self._follower.join()
            self._follower = None

    def past(
        self, namespace: str, *, after: int = 0, wanted: Wanted = EVERYTHING
    ) -> Iterator[Told]:
        """The kept events of batches above number ``after``, oldest first."""
        for batch in self._core.vault.namespace(namespace).batches(after):
            yield from wanted.of(told_in(namespace, batch))

    def last(self, namespace: str, limit: int, *, wanted: Wanted = EVERYTHING) -> list[Told]:
        """The last ``limit`` kept events that are wanted, oldest first."""
        found: list[Told] = []
        user_id = wanted.user_id
        part = Part(naming=user_id, types=wanted.types, last=limit if user_id is None else None)
        batches = iter(self._core.vault.namespace(namespace).heads_back(part))
        while len(found) < limit and (batch := next(batches, None)) is not None:
            found += reversed(list(wanted.of(told_in(namespace, batch))))
        return found[:limit][::-1]

    def follow(
        self,
        cursor: Mapping[str, int],
        *,
        stop: threading.Event | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> Iterator[Told]:
        """Every event above the cursor, whoever committed it, and then each new one as it comes.

        ``cursor`` gives the last number that was seen for each namespace to follow; each event
        carries ``namespace`` and ``seq`` to make the next cursor of. A name with ``*``
        in it (``xp/*``, ``xp/*/123…``) stands for all that fit and are not named, also those made
        later, from its number on. Ends when ``stop`` is set.
        """
        if poll_seconds <= 0:
            raise InvalidValue(f"poll_seconds must be above 0, not {poll_seconds}")
        ended = stop or threading.Event()
        seen = {name: after for name, after in cursor.items() if EVERY not in name}
        patterns = {name: after for name, after in cursor.items() if EVERY in name}
        while True:
            self._find_new(seen, patterns)
            for name, after in seen.items():
                namespace = self._core.vault.namespace(name)
                if namespace.read().seq <= after:
                    continue
                for batch in namespace.batches(after):
                    yield from told_in(name, batch)
                    seen[name] = batch.seq
            if ended.wait(poll_seconds):
                return

    def _find_new(self, seen: dict[str, int], patterns: Mapping[str, int]) -> None:
        """Add the namespaces that fit a pattern and were not seen before."""
        for pattern, after in patterns.items():
            for name in self.namespaces(pattern):
                seen.setdefault(name, after)

    def namespaces(self, pattern: str) -> list[str]:
        """The namespaces whose names fit, such as ``xp/*``; sorted."""
        return [name for name in self._core.vault.names() if fnmatchcase(name, pattern)]


def type_named(name: str) -> type[Event]:
    """The type of event of that name; InvalidValue that offers the nearest for an unknown one."""
    kind = KINDS.get(name)
    if kind is None:
        raise InvalidValue(f"no event is called {short_text(name)}{meant(name, KINDS)}")
    return kind


def told_in(namespace: str, batch: Batch) -> Iterator[Told]:
    """The events of a batch as listeners get them: with guild, store, number and time."""
    name = name_of(namespace)
    place: dict[str, Any] = {}
    if name.guild_id:
        place["guildId"] = name.guild_id
    if name.store_id:
        place["storeId"] = name.store_id
    if batch.reason is not None:
        place["reason"] = batch.reason
    for raw in batch.raw_events():
        yield Told(
            {
                "type": raw["type"],
                **place,
                **raw,
                "namespace": namespace,
                "seq": batch.seq,
                "ts": batch.ts,
                "by": batch.by,
                "cmd": batch.cmd,
            }
        )


def _kind_of(kind: str | type[Event]) -> type[Event]:
    return type_named(kind) if isinstance(kind, str) else kind


def _check_plain(listener: EventListener) -> None:
    """Raise InvalidValue for a listener that would have to be awaited."""
    if iscoroutinefunction(listener):
        raise InvalidValue(
            "a listener is called without a loop, so an async one would never run",
            advice="give a plain function that hands the event to your loop:"
            " asyncio.run_coroutine_threadsafe(listener(event), loop)",
        )


def _call(listener: EventListener, told: Told) -> None:
    """Have the listener hear of the event; what goes wrong is logged and ends there."""
    try:
        answer = listener(told)
        if iscoroutine(answer):
            answer.close()
            raise TypeError("it gave a coroutine, which nobody awaits")
    except Exception:
        log.exception("a listener of %s failed; the change stands", told.event.type)
