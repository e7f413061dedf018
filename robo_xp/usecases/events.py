"""Events: what happened, told after the commit, to listeners in this process and to followers.

A listener can never break a change: what it raises is logged and ends there. Events of other
processes come through ``follow``, which reads the journals.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from robo_xp.errors import InvalidValue
from robo_xp.usecases.core import Core
from robo_xp.vault import Batch, name_of

log = logging.getLogger("robo_xp")

Event = Mapping[str, Any]
EventListener = Callable[[Event], object]
LEVEL_UP, LEVEL_DOWN, XP_CHANGE = "levelUp", "levelDown", "xpChange"
POLL_SECONDS = 0.25
TYPES = (
    XP_CHANGE,
    LEVEL_UP,
    LEVEL_DOWN,
    "countersChange",
    "memberDelete",
    "memberRestore",
    "recalc",
    "configChange",
    "restore",
    "repair",
    "recordRepair",
)
"""The types of events in the namespaces of stores and of the global defaults."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events somebody wants to see; empty parts want all. ``since`` is epoch ms."""

    types: frozenset[str] = frozenset()
    user_id: str | None = None
    since: int = 0

    def of(self, events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Those of the events that are wanted."""
        for event in events:
            if (
                event["ts"] >= self.since
                and (not self.types or event["type"] in self.types)
                and (
                    self.user_id in (None, event.get("userId"))
                    or self.user_id in event.get("entries", ())
                )
            ):
                yield event


EVERYTHING = Wanted()


class Events:
    """Listeners of this handle's vault, and the stream of all that is committed."""

    def __init__(self, core: Core) -> None:
        """Listen to the vault."""
        self._core = core
        self._listeners: dict[str, list[EventListener]] = {}
        core.vault.listeners.append(self._tell)

    def on(self, name: str, listener: EventListener) -> EventListener:
        """Call the listener with each event of that type from now on; returns the listener."""
        self._listeners.setdefault(name, []).append(listener)
        return listener

    def once(self, name: str, listener: EventListener) -> EventListener:
        """Call the listener with the next event of that type only; returns what ``off`` takes."""

        def first(event: Event) -> None:
            self.off(name, first)
            listener(event)

        return self.on(name, first)

    def off(self, name: str, listener: EventListener) -> None:
        """Call the listener no more; one that is not known is fine."""
        if listener in self._listeners.get(name, ()):
            self._listeners[name].remove(listener)

    def on_level_up(self, listener: EventListener) -> EventListener:
        """Call the listener when a member's level rises."""
        return self.on(LEVEL_UP, listener)

    def on_level_down(self, listener: EventListener) -> EventListener:
        """Call the listener when a member's level falls."""
        return self.on(LEVEL_DOWN, listener)

    def on_xp_change(self, listener: EventListener) -> EventListener:
        """Call the listener when a member's XP is changed."""
        return self.on(XP_CHANGE, listener)

    def _tell(self, name: str, batch: Batch) -> None:
        """Tell the listeners of a batch that was committed through this handle."""
        if not self._listeners:
            return
        for event in events_of(name, batch):
            for listener in list(self._listeners.get(event["type"], ())):
                try:
                    listener(event)
                except Exception:
                    log.exception("a listener of %s failed; the change stands", event["type"])

    def past(
        self, namespace: str, *, after: int = 0, wanted: Wanted = EVERYTHING
    ) -> Iterator[dict[str, Any]]:
        """The kept events of batches above number ``after``, oldest first."""
        for batch in self._core.vault.namespace(namespace).batches(after):
            yield from wanted.of(events_of(namespace, batch))

    def last(
        self, namespace: str, limit: int, *, wanted: Wanted = EVERYTHING
    ) -> list[dict[str, Any]]:
        """The last ``limit`` kept events that are wanted, oldest first."""
        found: list[dict[str, Any]] = []
        batches = iter(self._core.vault.namespace(namespace).batches_back())
        while len(found) < limit and (batch := next(batches, None)) is not None:
            found += reversed(list(wanted.of(events_of(namespace, batch))))
        return found[:limit][::-1]

    def follow(
        self,
        cursor: Mapping[str, int],
        *,
        stop: threading.Event | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> Iterator[dict[str, Any]]:
        """Every event above the cursor, whoever committed it, and then each new one as it comes.

        ``cursor`` gives the last number that was seen for each namespace to follow; each event
        carries ``namespace`` and ``seq`` to make the next cursor of. Ends when ``stop`` is set.
        """
        if poll_seconds <= 0:
            raise InvalidValue(f"poll_seconds must be above 0, not {poll_seconds}")
        ended = stop or threading.Event()
        seen = dict(cursor)
        while True:
            for name, after in seen.items():
                namespace = self._core.vault.namespace(name)
                if namespace.read().seq <= after:
                    continue
                for batch in namespace.batches(after):
                    yield from events_of(name, batch)
                    seen[name] = batch.seq
            if ended.wait(poll_seconds):
                return


def events_of(namespace: str, batch: Batch) -> Iterator[dict[str, Any]]:
    """The events of a batch as listeners get them: with guild, store, number and time."""
    name = name_of(namespace)
    place: dict[str, Any] = {}
    if name.guild_id:
        place["guildId"] = name.guild_id
    if name.store_id:
        place["storeId"] = name.store_id
    if batch.reason is not None:
        place["reason"] = batch.reason
    for event in batch.events:
        yield {
            "type": event["type"],
            **place,
            **event,
            "namespace": namespace,
            "seq": batch.seq,
            "ts": batch.ts,
            "by": batch.by,
            "cmd": batch.cmd,
        }
