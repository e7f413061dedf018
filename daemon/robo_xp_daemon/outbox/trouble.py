"""What stands in the way of work that is tried again, told once a minute."""

from __future__ import annotations

import logging

from robo_xp.errors import RoboXPError
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.client.refusals import is_passing

log = logging.getLogger("robo_xp_daemon")


class Trouble:
    """Tells why the work of a guild waits."""

    def __init__(self, what: str) -> None:
        """``what`` names the work, with a place for the id of its guild."""
        self._what = what
        self._throttle = Throttle()

    def note(self, guild_id: str, error: Exception, pause: float) -> None:
        """Log why it goes on later; ``pause`` is in seconds. Discord's trouble is that of all."""
        extra = {"guild_id": guild_id}
        passes = is_passing(error)
        if not self._throttle.lets((None if passes else guild_id, type(error))):
            return
        if passes:
            log.warning(f"{self._what}: Discord is out of reach (%s), next try in %.0f s",
                        guild_id, error, pause, extra=extra)  # fmt: skip
        elif isinstance(error, RoboXPError):
            log.error(f"{self._what} wait: %s (%s)", guild_id, error.message, error.advice,
                      extra=extra)  # fmt: skip
        else:
            log.error(f"{self._what} failed; next try in %.0f s", guild_id, pause,
                      exc_info=error, extra=extra)  # fmt: skip
