"""How far long work is, for operators: in the status, and a line in the log each minute."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from robo_xp.text import thousands
from robo_xp_daemon.base.throttle import Throttle

log = logging.getLogger("robo_xp_daemon")


@dataclass(frozen=True, slots=True)
class Progress:
    """Work for a guild: members that are done since it began, that are left, and for how long.

    ``seconds_left`` is None until that can be told.
    """

    what: str
    guild_id: str
    done: int
    left: int
    seconds_left: float | None


class Gauge:
    """The work for many members of one guild."""

    def __init__(self, what: str, guild_id: str, total: int) -> None:
        """It begins now, with so many members."""
        self.guild_id = guild_id
        self._what = what
        self._most = total
        self._began = time.monotonic()
        self._throttle = Throttle()
        self._throttle.lets(guild_id)

    def now(self, left: int) -> Progress:
        """How far it is with so many members left; more may have come meanwhile."""
        self._most = max(self._most, left)
        done = self._most - left
        spent = time.monotonic() - self._began
        seconds_left = spent / done * left if done else None
        return Progress(self._what, self.guild_id, done, left, seconds_left)

    def tell(self, left: int) -> None:
        """Log how far it is, once a minute."""
        if left and self._throttle.lets(self.guild_id):
            found = self.now(left)
            log.info(
                "%s of guild %s: %s done, %s left, about %.0f minutes",
                self._what, self.guild_id, thousands(found.done), thousands(left),
                (found.seconds_left or 0) / 60, extra={"guild_id": self.guild_id},
            )  # fmt: skip
