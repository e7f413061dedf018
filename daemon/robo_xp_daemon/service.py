"""The daemon as a whole, from an open vault to an exit: its parts, its signals, its reload."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Mapping

from robo_xp import RoboXP, settings_file
from robo_xp.errors import RoboXPError
from robo_xp_daemon import innards, logs, options
from robo_xp_daemon.additions import ADDITIONS
from robo_xp_daemon.bot import Bot
from robo_xp_daemon.options import Given, Options
from robo_xp_daemon.supervise import Supervisor
from robo_xp_daemon.token import Token
from robo_xp_daemon.work import LOCK_WAIT_SECONDS, Work
from robo_xp_daemon.writer import Writer

log = logging.getLogger("robo_xp_daemon")

ACTOR = "daemon"
_COMMIT_SECONDS = 20.0


class Service:
    """One run of the daemon on an open vault."""

    def __init__(
        self, robo: RoboXP, given: Given, environ: Mapping[str, str], found: Options
    ) -> None:
        """Prepare; ``given`` and ``environ`` are looked at again when asked to reload."""
        self._robo = robo
        self._given = given
        self._environ = environ
        self._options = found
        self._work = Work()
        self._writer = Writer(robo)
        self._supervisor: Supervisor | None = None

    async def run(self) -> None:
        """Return after SIGTERM or SIGINT, when all that was in hand is stored. Raises Fatal."""
        supervisor = self._supervisor = Supervisor(self._make)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        self._writer.start()
        try:
            await supervisor.run()
        finally:
            await asyncio.to_thread(self._writer.stop, _COMMIT_SECONDS)
            self._work.close()
            log.info("stopped; %s", self._writer.summary())

    def _stop(self, number: int) -> None:
        log.info("%s: finishing what is in hand", signal.Signals(number).name)
        if self._supervisor is not None:
            self._supervisor.stop()

    def reload(self) -> None:
        """Read the configuration again; with faults in it, the earlier one holds on."""
        try:
            found = options.load(self._given, self._environ)
        except RoboXPError as error:
            log.error("not reloaded, since %s (%s)", error.message, error.advice)
            return
        before, self._options = self._options, found
        logs.set_up(
            found.daemon.log_format, found.daemon.log_level, found.token.text, self._environ
        )
        log.info("reloaded the configuration")
        if keys := before.needs_restart(found):
            log.warning("%s will count after a restart", ", ".join(keys))
        if before.needs_reconnect(found) and self._supervisor is not None:
            self._supervisor.reconnect()

    def _make(self) -> tuple[Bot, Token]:
        """A fresh client under the options that hold now."""
        daemon = self._options.daemon
        innards.keep_close_codes()
        innards.aim(daemon.api_base, daemon.gateway)
        bot = Bot(
            self._robo,
            self._writer,
            self._work,
            members_intent=daemon.members_intent,
            admin_permission=daemon.admin_permission,
            additions=ADDITIONS,
        )
        return bot, self._options.token


def open_vault(found: Options) -> RoboXP:
    """The vault of these options; raises what ``RoboXP.open`` raises, InvalidValue for a curve."""
    return RoboXP.open(
        found.data_dir,
        durability=found.durability,
        by=ACTOR,
        curve_for=settings_file.load_function(found.get_curve),
        lock_wait=LOCK_WAIT_SECONDS,
    )
