"""The thread that sees which guilds' giveaways changed, whichever process changed them.

A thread of its own, since those that read and write wait for locks, and a look must not.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from robo_xp.vault import Vault, Watch
from robo_xp_daemon.logs import Throttle

log = logging.getLogger("robo_xp_daemon")

POLL_SECONDS = 0.15
FOLLOWED = "giveaways/"


class Watching:
    """Tells of guilds until it is stopped: of all that have giveaways at first."""

    def __init__(self, vault: Vault, changed: Callable[[str], None]) -> None:
        """``changed`` is called with a guild's id, in the thread."""
        self._watch = Watch(vault, FOLLOWED)
        self._changed = changed
        self._throttle = Throttle()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="robo-xp-giveaways", daemon=True)

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
                for name in self._watch.changed():
                    self._changed(name.removeprefix(FOLLOWED))
            except Exception:
                if self._throttle.lets("look"):
                    log.exception("following the giveaways failed; it goes on")
            self._stop.wait(POLL_SECONDS)
