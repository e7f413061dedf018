"""Hearing which namespaces may have changed, whoever changed them: by looking, in any engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from robo_xp.vault.name import NamespaceKind

POLL_SECONDS: Final = 0.25
_SHARE: Final = 25
_REST: Final = 5
_MOST_REST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a kind of namespaces saw: the cursor of the next look.

    ``changed`` are those that may have changed since the look before, new ones among them.
    """

    changed: list[str]
    stamps: Mapping[str, object]
    listing: object = None


class Looked(Protocol):
    """A vault, as far as it can be looked at."""

    def changes(self, kind: NamespaceKind, since: Look | None = None) -> Look:
        """What changed since."""


class Watch:
    """Looks at all namespaces of a kind every ``poll_seconds``, more seldom where that costs much.

    Where it takes long to act on what changed it rests longer, so that more is acted on at once.
    One thread waits for changes; any other may wake it.
    """

    def __init__(
        self, vault: Looked, kind: NamespaceKind, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._vault = vault
        self._kind = kind
        self._poll_seconds = poll_seconds
        self._last: Look | None = None
        self._due = 0.0
        self._found_at: float | None = None
        self._woken = threading.Event()

    def changed(self, most: float | None = None) -> list[str]:
        """What may have changed since the last call, as soon as anything has; at first all.

        Nothing when another thread called ``wake``, or after ``most`` seconds.
        """
        if self._found_at is not None:
            acted, self._found_at = time.monotonic() - self._found_at, None
            self._due = max(self._due, time.monotonic() + min(_REST * acted, _MOST_REST))
        left = self._left(most)
        if self._woken.wait(left):
            self._woken.clear()
            return []
        found = self._look_if_due()
        if found:
            self._found_at = time.monotonic()
        return found

    def wake(self) -> None:
        """Let ``changed`` return now."""
        self._woken.set()

    def close(self) -> None:
        """Hear nothing more."""

    def _left(self, most: float | None) -> float:
        """For how many seconds there is nothing to do."""
        left = max(self._due - time.monotonic(), 0.0)
        return left if most is None else min(left, most)

    def _look_if_due(self) -> list[str]:
        """What a look at all finds, where the time for one has come."""
        return self._look_at_all() if time.monotonic() >= self._due else []

    def _look_at_all(self) -> list[str]:
        """What changed since the last look at all."""
        began = time.monotonic()
        self._last = self._vault.changes(self._kind, self._last)
        ended = time.monotonic()
        self._due = ended + max(self._poll_seconds, _SHARE * (ended - began))
        return self._last.changed


def look(stamps: Mapping[str, object], since: Look | None, listing: object = None) -> Look:
    """The look that saw these stamps; one that differs from before is a change."""
    before = {} if since is None else since.stamps
    changed = [name for name, stamp in stamps.items() if before.get(name) != stamp]
    return Look(changed, stamps, listing)
