"""A thread that looks at something again and again, until it is stopped.

Threads of their own look, since those that read and write wait for locks, and a look must not.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from robo_xp_daemon.base.throttle import Throttle

log = logging.getLogger("robo_xp_daemon")

POLL_SECONDS = 0.15


class Polling:
    """Looks until it is stopped; a look that fails is logged, and the next one comes."""

    def __init__(
        self, look: Callable[[], None], name: str, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._look = look
        self._name = name
        self._poll_seconds = poll_seconds
        self._throttle = Throttle()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"robo-xp-{name}", daemon=True)

    @property
    def is_ending(self) -> bool:
        """Whether a look should come to its end."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when the last look has ended."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Exception as error:
                if self._throttle.lets(type(error)):
                    log.exception("a look of the %s failed; it goes on", self._name)
            self._stop.wait(self._poll_seconds)
