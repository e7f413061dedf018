"""Routes about the daemon itself: how it is, reload, stop, health, metrics, the document."""

from __future__ import annotations

import os
import time

from robo_xp import __version__
from robo_xp.errors import (
    FileMissing,
    InvalidConfig,
    InvalidValue,
    NotConfigured,
    Refused,
    RoboXPError,
    Unhealthy,
)
from robo_xp.text import count_text
from robo_xp.views.daemon import (
    DaemonStatus,
    Discord,
    HealthStatus,
    RefusalRow,
    Reloaded,
    Stopping,
    Synced,
    VaultState,
    WorkProgress,
)
from robo_xp_daemon.awards.writer import WARN_AT
from robo_xp_daemon.http.route import Ask, Route, Text
from robo_xp_daemon.ops import metrics
from robo_xp_daemon.ops.health import health_of


async def daemon_status(ask: Ask) -> DaemonStatus:
    """Everything that an operator wants to know first."""
    daemon, health = ask.daemon, health_of(ask.daemon)
    found = daemon.options
    context = daemon.context
    refused = await context.work(context.robo.outbox.refused)
    refused = [one for one in refused if context.shards.has(one.guild_id)]
    return DaemonStatus(
        version=__version__,
        shards=str(context.shards) or None,
        pid=os.getpid(),
        started_at=daemon.started_at,
        uptime_seconds=_uptime_ms(daemon.started_at) / 1000,
        state=health.state,
        healthy=health.is_well,
        causes=[cause.text for cause in health.causes],
        guilds=health.guilds,
        latency_seconds=health.latency_seconds,
        messages=sum(daemon.context.counters.messages.read().values()),
        backlog=daemon.backlog,
        effects_left=sum(daemon.effects_left().values()),
        data_dir=found.address,
        config=None if found.path is None else str(found.path.absolute()),
        socket=daemon.doors.socket,
        listen=list(daemon.doors.listen),
        refused=[RefusalRow.of(one, user_ids=list(one.user_ids)) for one in refused],
        progress=[WorkProgress.of(one) for one in daemon.progress()],
        warnings=_warnings(ask),
    )


def _warnings(ask: Ask) -> list[str]:
    """What an operator should look at."""
    daemon, listen = ask.daemon, ask.daemon.options.rest.listen
    found = []
    if daemon.waits_for_restart:
        found.append(f"{', '.join(daemon.waits_for_restart)} will count after a restart")
    if listen is not None and not daemon.options.rest.tokens:
        found.append("no API token holds, so nobody is answered over TCP")
    if listen is not None and listen.is_public:
        found.append(f"REST listens on {listen}, where nothing is encrypted")
    if daemon.backlog >= WARN_AT:
        found.append(f"{count_text(daemon.backlog, 'message')} waiting for the vault")
    return found


async def reload(ask: Ask) -> Reloaded:
    """The configuration is read again."""
    return Reloaded(await ask.daemon.reload())


async def sync(ask: Ask) -> Synced:
    """Discord has our slash commands, and no others."""
    return Synced(await ask.daemon.tell_commands())


async def stop(ask: Ask) -> Stopping:
    """The daemon begins to end; this answer is still sent."""
    ask.daemon.stop(f"asked by {ask.caller.actor}")
    return Stopping(os.getpid())


async def health(ask: Ask) -> HealthStatus:
    """The state while it is healthy. Raises Unhealthy when it is not."""
    daemon, found = ask.daemon, health_of(ask.daemon)
    if not found.is_well:
        why = "; ".join(cause.text for cause in found.causes) or f"the daemon is {found.state}"
        raise Unhealthy(why, advice="see its log")
    try:
        await daemon.context.work(daemon.context.robo.config.get_global)
    except RoboXPError as error:
        raise Unhealthy(f"the vault cannot be read: {error.message}") from None
    return HealthStatus(
        status="healthy",
        timestamp=time.time_ns() // 1_000_000,
        uptime=_uptime_ms(daemon.started_at),
        discord=Discord(found.state == "connected", found.guilds, found.latency_seconds),
        vault=VaultState(accessible=True),
        flashcore=VaultState(accessible=True),
        version=__version__,
    )


async def exposition(ask: Ask) -> Text:
    """The numbers for Prometheus, which no busy vault holds up."""
    return Text(*await metrics.exposition(ask.daemon))


def _uptime_ms(started_at: int) -> int:
    return max(time.time_ns() // 1_000_000 - started_at, 0)


ROUTES = (
    Route(
        name="getDaemon",
        method="GET",
        path="/api/daemon",
        summary="How the daemon is",
        call=daemon_status,
        data=DaemonStatus,
        is_local=True,
        errors=(),
    ),
    Route(
        name="reloadDaemon",
        method="POST",
        path="/api/daemon/reload",
        summary="Read the configuration again",
        call=reload,
        data=Reloaded,
        is_local=True,
        writes=True,
        errors=(InvalidConfig, InvalidValue, NotConfigured, FileMissing, Refused, RoboXPError),
    ),
    Route(
        name="syncDaemon",
        method="POST",
        path="/api/daemon/sync",
        summary="Tell Discord of the slash commands again",
        call=sync,
        data=Synced,
        is_local=True,
        writes=True,
        errors=(Refused,),
    ),
    Route(
        name="stopDaemon",
        method="POST",
        path="/api/daemon/stop",
        summary="Finish what is in hand and end",
        call=stop,
        data=Stopping,
        is_local=True,
        writes=True,
        errors=(),
    ),
    Route(
        name="getHealth",
        method="GET",
        path="/api/xp/health",
        summary="Whether the daemon works",
        call=health,
        data=HealthStatus,
        of_guilds=False,
        errors=(Unhealthy,),
    ),
    Route(
        name="getMetrics",
        method="GET",
        path="/metrics",
        summary="Numbers for Prometheus",
        call=exposition,
        data=Text,
        errors=(),
    ),
)
