"""Tells systemd how the daemon is: ready, reloading, stopping, a line of status, signs of life.

Only a service manager gives ``NOTIFY_SOCKET``; without it nothing here does anything. The signs of
life come from the event loop itself, so they end when it hangs, and they are held back while the
connection to Discord is dead: systemd then starts the daemon again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from robo_xp.text import count_text
from robo_xp_daemon.base.fatal import Fatal
from robo_xp_daemon.ops.health import Health, Vitals, health_of

log = logging.getLogger("robo_xp_daemon")

_TICK_SECONDS = 0.25
_STATUS_SECONDS = 3.0
_MORE_TIME_SECONDS = 60


class Notifier:
    """One way to the service manager; silent where there is none.

    ``watchdog_seconds`` is how long the manager waits for a sign of life, 0.0 for ever;
    ``is_ready`` says whether it knows that the start is over.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.is_ready = False
        self.address = _address(environ.get("NOTIFY_SOCKET", ""))
        self.watchdog_seconds = _watchdog_seconds(environ) if self.address else 0.0

    def tell(self, **values: object) -> bool:
        """Send assignments such as ``READY=1``; whether the manager got them.

        A line break inside a value would begin another assignment, so it becomes a space.
        """
        if not self.address:
            return False
        lines = [f"{name}={' '.join(str(value).split())}" for name, value in values.items()]
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
                way.setblocking(False)
                way.sendto("\n".join(lines).encode(), self.address)
        except OSError as error:
            log.debug("the service manager cannot be told: %s", error)
            return False
        return True

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """Say that the configuration is read anew, and when that is over, however it went.

        While the daemon starts nothing is said, since the end of it would count as ready.
        """
        if not self.is_ready:
            yield
            return
        self.tell(RELOADING=1, MONOTONIC_USEC=time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
        try:
            yield
        finally:
            self.tell(READY=1)

    def stopping(self) -> None:
        """Say that the end has begun."""
        self.tell(STOPPING=1, STATUS="stopping: finishing what is in hand")


@asynccontextmanager
async def notifying(daemon: Vitals, notifier: Notifier) -> AsyncIterator[None]:
    """Within the block the service manager knows how the daemon is."""
    if not notifier.address:
        yield
        return
    telling = asyncio.create_task(_Telling(daemon, notifier).run())
    try:
        yield
    except Fatal as fatal:
        notifier.tell(STATUS=f"ended: {fatal.message}")
        raise
    finally:
        telling.cancel()


class _Telling:
    """What the manager was told so far, and when."""

    def __init__(self, daemon: Vitals, notifier: Notifier) -> None:
        self._daemon = daemon
        self._notifier = notifier
        self._shards = 0
        self._state = ""
        self._status = ""
        self._status_at = 0.0
        self._alive_at = 0.0

    async def run(self) -> None:
        """Go on until cancelled."""
        half = self._notifier.watchdog_seconds / 2
        tick = min(_TICK_SECONDS, half / 4) if half else _TICK_SECONDS
        while True:
            self._look(half)
            await asyncio.sleep(tick)

    def _look(self, half: float) -> None:
        """Say what there is to say now."""
        health, now = health_of(self._daemon), time.monotonic()
        if self._notifier.is_ready:
            self._tell_status(health, now)
        elif health.state == "connected":
            self._notifier.is_ready = self._tell_status(health, now, READY=1)
        else:
            self._tell_status(health, now)
            self._ask_for_time()
        if half and now - self._alive_at >= half and _lives(health):
            self._alive_at = now
            self._notifier.tell(WATCHDOG=1)

    def _ask_for_time(self) -> None:
        """With many shards a start takes long; as long as one after the other joins, it goes on."""
        connection = self._daemon.connection
        shards = 0 if connection is None else connection.connected_shards
        if shards > self._shards:
            self._notifier.tell(EXTEND_TIMEOUT_USEC=_MORE_TIME_SECONDS * 1_000_000)
        self._shards = shards

    def _tell_status(self, health: Health, now: float, **more: object) -> bool:
        """A line of status: at once when the state changed, else now and then if it did."""
        status = _status(health, self._daemon.counted)
        is_due = health.state != self._state or now - self._status_at >= _STATUS_SECONDS
        if not more and not (is_due and status != self._status):
            return False
        if not self._notifier.tell(**more, STATUS=status):
            return False
        self._state, self._status, self._status_at = health.state, status, now
        return True


def _lives(health: Health) -> bool:
    """Whether a sign of life is right; one that starts or stops has limits of its own."""
    return health.is_alive or health.state in ("starting", "stopping")


def _status(health: Health, messages: int) -> str:
    """The daemon in one line."""
    if health.state == "stopping":
        return "stopping: finishing what is in hand"
    if health.state == "starting":
        return "connecting to Discord"
    parts = [count_text(health.guilds, "guild")]
    if health.state == "connected" and health.latency_seconds is not None:
        parts.append(f"latency {health.latency_seconds * 1000:.0f} ms")
    return f"{_word(health)}; {', '.join(parts)}, {count_text(messages, 'message')} counted"


def _word(health: Health) -> str:
    if health.state == "reconnecting":
        return "reconnecting to Discord"
    if health.causes:
        return health.causes[0].text
    return "connected" if health.is_alive else "Discord does not answer"


def _address(name: str) -> str:
    """Where to send; a name that begins with @ is no file. Empty for a kind that is not spoken."""
    if name.startswith("@"):
        return "\0" + name[1:]
    return name if name.startswith("/") else ""


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    """How long the manager waits for a sign of life of this very process; 0.0 if it does not."""
    whom, limit = environ.get("WATCHDOG_PID", ""), environ.get("WATCHDOG_USEC", "")
    if (whom and whom != str(os.getpid())) or not (limit.isascii() and limit.isdigit()):
        return 0.0
    return int(limit) / 1_000_000
