"""The daemon as a whole, from an open vault to an exit: it wires everything, and nothing but
``main`` imports it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import discord

from robo_xp import RoboXP
from robo_xp.errors import Refused, RoboXPError
from robo_xp.machine.curve_code import curve_code
from robo_xp_daemon.awards.writer import Writer
from robo_xp_daemon.base.counters import GIVEAWAYS, Counters
from robo_xp_daemon.base.health_cause import Cause
from robo_xp_daemon.base.painter import painter
from robo_xp_daemon.base.work import LOCK_WAIT_SECONDS, Work
from robo_xp_daemon.client import innards
from robo_xp_daemon.client.client import Client
from robo_xp_daemon.client.identify import IdentifySlots
from robo_xp_daemon.client.port import Discord
from robo_xp_daemon.client.refusals import NETWORK
from robo_xp_daemon.client.supervise import Supervisor
from robo_xp_daemon.client.trial import try_out
from robo_xp_daemon.context import Context
from robo_xp_daemon.giveaways.lifecycle import Lifecycle
from robo_xp_daemon.http.daemon import Doors
from robo_xp_daemon.http.part import answering
from robo_xp_daemon.http.public import showing
from robo_xp_daemon.ops import counters_wiring
from robo_xp_daemon.ops.counters_wiring import timings_of
from robo_xp_daemon.ops.expiry import expiring
from robo_xp_daemon.ops.health import Pulse, health_of, watching
from robo_xp_daemon.ops.systemd import Notifier, notifying
from robo_xp_daemon.outbox.gauge import Progress
from robo_xp_daemon.session import Session
from robo_xp_daemon.setup import logs, options
from robo_xp_daemon.setup.http_tokens import Tokens
from robo_xp_daemon.setup.options import Given, Options
from robo_xp_daemon.setup.token import Token
from robo_xp_daemon.slash import sync

log = logging.getLogger("robo_xp_daemon")

ACTOR = "daemon"
_COMMIT_SECONDS = 20.0


class Service:
    """One run of the daemon on an open vault.

    ``session`` is the client that was made last, with its features. ``doors`` are all places where
    the daemon answers, and ``waits_for_restart`` the keys that a reload could not change;
    ``started_at`` is epoch ms.
    """

    def __init__(
        self,
        robo: RoboXP,
        given: Given,
        environ: Mapping[str, str],
        found: Options,
        *,
        counters: Counters | None = None,
    ) -> None:
        """Prepare; ``given`` and ``environ`` are looked at again when asked to reload.

        ``counters`` are those that the vault was opened with.
        """
        self.context = Context(
            robo,
            Work(),
            Counters() if counters is None else counters,
            painter=painter(found.card_template, found.card_background),
            relays=found.relays,
            shards=found.shards,
        )
        self.writer = Writer(robo, self.context.counters)
        self.environ = environ
        self.options = found
        self.supervisor = Supervisor(self._make)
        self.pulse = Pulse()
        self.notifier = Notifier(environ)
        self.started_at = time.time_ns() // 1_000_000
        self.publish: Callable[[str], None] = lambda _: None
        self.doors = Doors()
        self.waits_for_restart: list[str] = []
        self.session: Session | None = None
        self._slots = IdentifySlots(found.data_dir, robo.vault)
        self._given = given
        self._began_with = found
        self._reloading = asyncio.Lock()
        self._reloads: set[asyncio.Task[None]] = set()

    @property
    def connection(self) -> Client | None:
        """The client that runs now; None between two."""
        return self.supervisor.client

    @property
    def giveaways(self) -> Lifecycle | None:
        """The giveaways that this client looks after."""
        session = self.session
        return None if session is None or self.connection is None else session.giveaways

    @property
    def discord(self) -> Discord | None:
        """Discord, as the features of this client see it."""
        session = self.session
        return None if session is None or self.connection is None else session.discord

    @property
    def is_stopping(self) -> bool:
        """Whether the end has begun."""
        return self.supervisor.is_stopping

    @property
    def backlog(self) -> int:
        """How many messages wait for their commit."""
        return self.writer.backlog

    @property
    def troubles(self) -> Sequence[Cause]:
        """What ails it beside the connection."""
        return self.writer.troubles

    @property
    def counted(self) -> int:
        """How many messages were counted since the start."""
        return self.writer.counted

    def effects_left(self) -> dict[str, int]:
        """How many changes Discord has yet to be told of, by the kinds of ``counters``."""
        session = self.session
        if session is None or self.connection is None:
            return {}
        return {**session.pipeline.left_by_kind(), GIVEAWAYS: session.giveaways.left}

    def progress(self) -> list[Progress]:
        """How far the daemon is where many members of a guild wait for Discord."""
        session = self.session
        return [] if session is None or self.connection is None else session.pipeline.progress()

    async def run(self) -> None:
        """Return after SIGTERM or SIGINT, when all that was in hand is stored. Raises Fatal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._reload_soon)
        self.writer.start()
        shards = self.context.shards
        if shards.count:  # early, so that daemons that start together know of each other
            with suppress(OSError):  # who identifies is told of it
                ids = range(shards.first, shards.last + 1)
                await asyncio.to_thread(self._slots.announce, ids)
        try:
            async with self._beside():
                await self.supervisor.run()
        finally:
            await asyncio.to_thread(self.writer.stop, _COMMIT_SECONDS)
            self.context.work.close()
            if self.context.painter is not None:
                self.context.painter.close()
            log.info("stopped; %s", self.writer.summary())

    @asynccontextmanager
    async def _beside(self) -> AsyncIterator[None]:
        """What runs beside the clients: begun before the first, ended after the last."""
        async with (
            counters_wiring.wiring(self.context.counters),
            expiring(self.context),
            watching(self),
            answering(self, self.environ, self._publish),
            showing(self.context, self.options.pages if self.context.shards.has_first else None),
            notifying(self, self.notifier),
        ):
            yield

    def _publish(self, doors: Doors) -> None:
        """Tell the routes and other programs where the daemon answers."""
        self.doors = doors
        self.publish(doors.socket)

    def stop(self, why: str) -> None:
        """Finish what is in hand, then let ``run`` return; ``why`` goes to the log."""
        log.info("%s: finishing what is in hand", why)
        self.notifier.stopping()
        self.supervisor.stop()

    async def reload(self) -> list[str]:
        """Read the configuration again; the keys that will count after a restart only.

        Raises RoboXPError for faults in it, and for what Discord refuses of it; the earlier one
        holds on.
        """
        async with self._reloading:
            with self.notifier.reloading():
                return await self._reload_parts()

    async def _reload_parts(self) -> list[str]:
        try:
            found = options.load(self._given, self.environ)
            if self.options.needs_reconnect(found):
                await self._try_out(found)
        except RoboXPError:
            self._renew_tokens()
            raise
        before, self.options = self.options, found
        logs.set_up(found.daemon.log_format, found.daemon.log_level, found.token.text, self.environ)
        log.info("reloaded the configuration")
        self.waits_for_restart = keys = self._began_with.needs_restart(found)
        if keys:
            log.warning("%s will count after a restart", ", ".join(keys))
        if before.needs_reconnect(found):
            self.supervisor.reconnect()
        return keys

    async def _try_out(self, found: Options) -> None:
        """Raises RoboXPError unless Discord would take a client with these options."""
        _aim(found)
        try:
            await try_out(found.token, members_intent=found.daemon.members_intent)
        except RoboXPError:
            _aim(self.options)
            raise

    async def tell_commands(self) -> int:
        """Tell Discord of the slash commands, even if it has them; how many there are.

        Raises Refused where that is not possible now.
        """
        client = self.connection
        if client is None or not client.is_ready():
            raise Refused("the daemon is not connected to Discord", advice="try again in a moment")
        try:
            await sync.sync(self.context, client.tree, force=True)
        except (*NETWORK, discord.HTTPException) as error:
            raise Refused(f"Discord did not take the slash commands: {error}") from error
        return len(client.tree.get_commands())

    def _renew_tokens(self) -> None:
        """Let no token hold on that may have been revoked, whatever else of a reload failed."""
        rest = self.options.rest
        tokens, why = Tokens(), "there is none"
        try:
            tokens = options.tokens_of(self._given, self.environ, rest.tokens_file)
        except RoboXPError as error:
            why = f"{error.message} ({error.advice})"
        if rest.listen is not None and not tokens:
            log.error("no API token holds and TCP is closed: %s", why)
        self.options = replace(self.options, rest=replace(rest, tokens=tokens))

    def _reload_soon(self) -> None:
        task = asyncio.create_task(self._reload_if_right())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _reload_if_right(self) -> None:
        """Reload, and tell faults in the log."""
        try:
            await self.reload()
        except RoboXPError as error:
            log.error("not reloaded, since %s (%s)", error.message, error.advice)

    def _make(self) -> tuple[Client, Token]:
        """A fresh client under the options that hold now, with all features."""
        daemon = self.options.daemon
        innards.keep_close_codes()
        _aim(self.options)
        self.context.counters.clients.add()
        context = replace(self.context, admin_permission=daemon.admin_permission)
        client = Client(context, members_intent=daemon.members_intent, slots=self._slots)
        self.session = Session(context, client, self.writer, lambda: health_of(self).causes)
        return client, self.options.token


def _aim(found: Options) -> None:
    innards.aim(found.daemon.api_base, found.daemon.gateway)


def open_vault(found: Options, counters: Counters | None = None) -> RoboXP:
    """The vault of these options, its syncs and waits noted in ``counters``.

    Raises what ``RoboXP.open`` raises, and CurveCodeRefused.
    """
    code = curve_code(found.get_curve, found.path)
    if code is not None:
        code.load()
    robo = RoboXP.open(
        found.address,
        durability=found.durability,
        by=ACTOR,
        curve_for=code,
        lock_wait=LOCK_WAIT_SECONDS,
        archive_days=found.archive_days,
        timings=timings_of(Counters() if counters is None else counters),
    )
    for line in robo.taken_up:
        log.warning("%s", line)
    return robo
