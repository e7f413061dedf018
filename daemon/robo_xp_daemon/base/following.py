"""A thread that hears what changes in the vault and acts on it, until it is stopped.

Threads of their own hear, since those that read and write wait for locks, and these must not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Final

from robo_xp.vault import POLL_SECONDS, Watch
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.base.unfailing import log_failure

TOGETHER_SECONDS: Final = 0.01
"""What happens so soon after something else is acted on together."""


class Following:
    """Calls ``act`` with the namespaces that may have changed, in one thread.

    ``act`` says whether anything is left that it could not do now: it is called again soon then.
    When it fails, that is logged, and it goes on.
    """

    def __init__(self, watch: Watch, act: Callable[[Collection[str]], bool], name: str) -> None:
        self._watch = watch
        self._act = act
        self._name = name
        self._throttle = Throttle()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"robo-xp-{name}", daemon=True)

    @property
    def is_ending(self) -> bool:
        """Whether what is in hand should come to its end."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin to hear."""
        self._thread.start()

    def wake(self) -> None:
        """Let ``act`` be called now; any thread may ask."""
        self._watch.wake()

    def stop(self) -> None:
        """Hear no more; returns when the last call has ended."""
        self._stop.set()
        self._watch.wake()
        self._thread.join()
        self._watch.close()

    def _run(self) -> None:
        is_left = False
        while not self._stop.is_set():
            try:
                names = self._watch.changed(POLL_SECONDS if is_left else None)
                is_left = not self.is_ending and self._act(names)
                self._stop.wait(TOGETHER_SECONDS)
            except Exception as error:
                is_left = True
                if self._throttle.lets(type(error)):
                    log_failure(f"what the {self._name} does", error)
                self._stop.wait(POLL_SECONDS)
