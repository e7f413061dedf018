"""The daemon as a whole, from an open vault to an exit: its parts, its signals, its reload."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from robo_xp import RoboXP
from robo_xp.errors import RoboXPError
from robo_xp.machine import config_file as settings_file
from robo_xp_daemon.additions import ADDITIONS
from robo_xp_daemon.awards.writer import Writer
from robo_xp_daemon.base.counters import Counts
from robo_xp_daemon.base.work import LOCK_WAIT_SECONDS, Work
from robo_xp_daemon.client import innards
from robo_xp_daemon.client.client import Bot
from robo_xp_daemon.client.supervise import Supervisor
from robo_xp_daemon.http.part import Doors
from robo_xp_daemon.ops.counters_wiring import timings_of
from robo_xp_daemon.ops.health import Pulse
from robo_xp_daemon.ops.systemd import Notifier
from robo_xp_daemon.parts import PARTS
from robo_xp_daemon.setup import logs, options
from robo_xp_daemon.setup.options import Given, Options
from robo_xp_daemon.setup.token import Token

log = logging.getLogger("robo_xp_daemon")

ACTOR = "daemon"
_COMMIT_SECONDS = 20.0


class Service:
    """One run of the daemon on an open vault.

    ``robo``, ``writer`` and ``work`` are what it works with, ``counts`` what it did, ``pulse``
    says when the connection was last whole, ``notifier`` speaks to systemd; ``started_at`` is
    epoch ms. ``publish`` tells other programs the path of the socket, ``doors`` are all places
    where it answers, and ``waits_for_restart`` the keys that a reload could not change.
    """

    def __init__(
        self,
        robo: RoboXP,
        given: Given,
        environ: Mapping[str, str],
        found: Options,
        *,
        counts: Counts | None = None,
    ) -> None:
        """Prepare; ``given`` and ``environ`` are looked at again when asked to reload.

        ``counts`` are those that the vault was opened with.
        """
        self.robo = robo
        self.counts = Counts() if counts is None else counts
        self.writer: Writer = Writer(robo, self.counts)
        self.work = Work()
        self.environ = environ
        self.options = found
        self.supervisor = Supervisor(self._make)
        self.pulse = Pulse()
        self.notifier = Notifier(environ)
        self.started_at = time.time_ns() // 1_000_000
        self.publish: Callable[[str], None] = lambda _: None
        self.doors = Doors()
        self.waits_for_restart: list[str] = []
        self._given = given
        self._began_with = found

    @property
    def bot(self) -> Bot | None:
        """The client that runs now; None between two."""
        return self.supervisor.bot

    async def run(self) -> None:
        """Return after SIGTERM or SIGINT, when all that was in hand is stored. Raises Fatal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._reload_if_right)
        self.writer.start()
        try:
            async with AsyncExitStack() as running:
                for part in PARTS:
                    await running.enter_async_context(part(self))
                await self.supervisor.run()
        finally:
            await asyncio.to_thread(self.writer.stop, _COMMIT_SECONDS)
            self.work.close()
            log.info("stopped; %s", self.writer.summary())

    def stop(self, why: str) -> None:
        """Finish what is in hand, then let ``run`` return; ``why`` goes to the log."""
        log.info("%s: finishing what is in hand", why)
        self.notifier.stopping()
        self.supervisor.stop()

    def reload(self) -> list[str]:
        """Read the configuration again; the keys that will count after a restart only.

        Raises RoboXPError for faults in it; the earlier one holds on.
        """
        with self.notifier.reloading():
            return self._reloaded()

    def _reloaded(self) -> list[str]:
        found = options.load(self._given, self.environ)
        before, self.options = self.options, found
        logs.set_up(found.daemon.log_format, found.daemon.log_level, found.token.text, self.environ)
        log.info("reloaded the configuration")
        self.waits_for_restart = keys = self._began_with.needs_restart(found)
        if keys:
            log.warning("%s will count after a restart", ", ".join(keys))
        if before.needs_reconnect(found):
            self.supervisor.reconnect()
        return keys

    def _reload_if_right(self) -> None:
        """Reload, and tell faults in the log."""
        try:
            self.reload()
        except RoboXPError as error:
            log.error("not reloaded, since %s (%s)", error.message, error.advice)

    def _make(self) -> tuple[Bot, Token]:
        """A fresh client under the options that hold now."""
        daemon = self.options.daemon
        innards.keep_close_codes()
        innards.aim(daemon.api_base, daemon.gateway)
        self.counts.clients.add()
        bot = Bot(
            self.robo,
            self.writer,
            self.work,
            members_intent=daemon.members_intent,
            admin_permission=daemon.admin_permission,
            additions=ADDITIONS,
        )
        return bot, self.options.token


def open_vault(found: Options, counts: Counts | None = None) -> RoboXP:
    """The vault of these options, its syncs and waits noted in ``counts``.

    Raises what ``RoboXP.open`` raises, and InvalidValue for a curve.
    """
    return RoboXP.open(
        found.data_dir,
        durability=found.durability,
        by=ACTOR,
        curve_for=settings_file.load_function(found.get_curve),
        lock_wait=LOCK_WAIT_SECONDS,
        timings=timings_of(Counts() if counts is None else counts),
    )
