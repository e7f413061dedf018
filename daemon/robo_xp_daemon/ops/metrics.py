"""The daemon's numbers as a page for Prometheus.

One table says what there is; ``docs/metrics.md`` shows the same one. Everything is read when it is
asked for, so that counting costs no more than adding numbers. No label is an id.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Literal, Protocol

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from robo_xp import __version__
from robo_xp.vault import NamespaceKind, Usage
from robo_xp_daemon.base.counters import EFFECTS, Spread, Tally
from robo_xp_daemon.context import Context
from robo_xp_daemon.ops.health import Health, Vitals, health_of

PREFIX: Final = "robo_xp_"
STATES: Final = ("starting", "connected", "reconnecting", "stopping")
Sample = tuple[tuple[str, ...], float]


class Figures(Vitals, Protocol):
    """A daemon whose numbers can be read."""

    @property
    def context(self) -> Context:
        """Its vault and its counters."""

    @property
    def backlog(self) -> int:
        """How many messages wait for their commit."""

    def effects_left(self) -> Mapping[str, int]:
        """How many changes Discord has yet to be told of, by the kinds of ``counters``."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read once for a page: the daemon, how it is, and the room on the disk."""

    daemon: Figures
    health: Health
    usage: dict[NamespaceKind, Usage]


@dataclass(frozen=True, slots=True)
class Row:
    """One metric: its name without the prefix, its labels, and where its numbers come from."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[Reading], Tally | Spread | Iterable[Sample]]


def _counter_reader(name: str) -> Callable[[Reading], Tally | Spread]:
    """What reads one of the ``Counters``."""
    return lambda reading: attrgetter(name)(reading.daemon.context.counters)


def _counter(name: str, of: str, help: str, *labels: str) -> Row:
    """A number of ``Counters`` that only grows."""
    return Row("counter", name, help, labels, _counter_reader(of))


def _histogram(name: str, of: str, help: str) -> Row:
    """A spread of ``Counters``."""
    return Row("histogram", name, help, (), _counter_reader(of))


def _gauge(name: str, help: str, read: Callable[[Reading], Iterable[Sample]], *labels: str) -> Row:
    """A number that may fall."""
    return Row("gauge", name, help, labels, read)


def _states(reading: Reading) -> Iterator[Sample]:
    for state in STATES:
        yield (state,), float(state == reading.health.state)


def _latency(reading: Reading) -> Iterator[Sample]:
    if reading.health.latency_seconds is not None:
        yield (), reading.health.latency_seconds


def _pending(reading: Reading) -> Iterator[Sample]:
    left = reading.daemon.effects_left()
    for kind in EFFECTS:
        yield (kind,), left.get(kind, 0)


def _bytes(reading: Reading) -> Iterator[Sample]:
    for kind, usage in reading.usage.items():
        yield (kind, "snapshot"), usage.sizes.snapshot
        yield (kind, "journal"), usage.sizes.journal
        yield (kind, "archive"), usage.sizes.archive


def _namespaces(reading: Reading) -> Iterator[Sample]:
    for kind, usage in reading.usage.items():
        yield (kind,), usage.namespaces


ROWS: Final = (
    _gauge(
        "build_info", "The version of Robo XP and of Python; always 1.",
        lambda _: [((__version__, platform.python_version()), 1.0)], "version", "python",
    ),
    _gauge("state", "1 for the state that the daemon is in, 0 for the others.", _states, "state"),
    _gauge("healthy", "1 while it works or is about to, with a vault that takes messages.",
           lambda reading: [((), float(reading.health.is_well))]),
    _gauge("guilds", "Guilds that the bot is in.", lambda reading: [((), reading.health.guilds)]),
    _gauge("gateway_latency_seconds",
           "Time that Discord takes to answer a heartbeat, the mean of all shards.", _latency),
    _counter("gateway_connections_total", "connections",
             "Connections to the gateway: new sessions, and sessions that were resumed.", "how"),
    _counter("clients_total", "clients",
             "Clients made; more than one means that a connection could not be mended."),
    _counter("discord_responses_total", "responses",
             "Discord's answers to requests by status; none where there was no answer.", "status"),
    _counter("messages_total", "messages", "Messages of members that were counted."),
    _counter("awards_total", "awards", "Messages that earned XP."),
    _counter("awarded_xp_total", "awarded_xp", "XP that messages earned."),
    _counter("voice_seconds_total", "voice_seconds",
             "Seconds in voice channels in which members could earn XP."),
    _counter("voice_xp_total", "voice_xp", "XP that time in voice channels earned."),
    _counter("refusals_total", "refusals",
             "Messages that earned no XP, by the rule that said so.", "rule"),
    _counter("messages_lost_total", "lost",
             "Messages that were not counted: the queue was full, or they were faulty.", "why"),
    _gauge("queue_messages", "Messages that wait for their commit.",
           lambda reading: [((), reading.daemon.backlog)]),
    _histogram("message_wait_seconds", "waits",
               "Time from a message's arrival to its commit."),
    _histogram("batch_seconds", "batches", "Time to count one batch of messages and commit it."),
    _histogram("batch_messages", "batch_sizes", "Messages in one batch."),
    _counter("batches_postponed_total", "postponed",
             "Batches put off: another process held the lock, or there was trouble.", "why"),
    _histogram("vault_sync_seconds", "syncs", "Time until the disk had the vault's data."),
    _histogram("vault_lock_wait_seconds", "lock_waits",
               "Waits for a lock that another process held; locks that were free do not count."),
    _gauge("vault_bytes", "Size of the vault's files, by kind of namespace and part.", _bytes,
           "namespace", "part"),
    _gauge("vault_namespaces", "Namespaces in the vault by kind.", _namespaces, "namespace"),
    _gauge("effects_pending", "Changes for Discord that wait or are under way.", _pending, "kind"),
    _counter("effects_total", "effects",
             "Changes for Discord that were made, refused for now, or given up.",
             "kind", "outcome"),
    _counter("hindrances_total", "hindrances",
             "What kept something from being done at Discord: a kind, or Discord's error code.",
             "kind"),
    _counter("commands_total", "commands", "Slash commands used.", "name", "outcome"),
    _counter("http_logins_refused_total", "logins_refused",
             "Requests without a token, or with one that is not known.", "why"),
    _counter("log_records_total", "logged", "Warnings and errors in the log.", "level", "logger"),
)  # fmt: skip


async def exposition(daemon: Figures) -> tuple[bytes, str]:
    """The page as Prometheus reads it, and its content type.

    The files of the vault are listed in a thread that waits for no lock; all else is read in the
    event loop, where the client does not change meanwhile.
    """
    usage = await asyncio.to_thread(daemon.context.robo.vault.usage)
    registry = CollectorRegistry()
    registry.register(Page(Reading(daemon, health_of(daemon), usage)))
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST


class Page(Collector):
    """The metrics of one daemon at one moment."""

    def __init__(self, reading: Reading) -> None:
        self._seen = reading

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are only read, so they need not be asked for before."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every metric with its numbers now."""
        for row in ROWS:
            yield _family(row, row.read(self._seen))


def _family(row: Row, found: Tally | Spread | Iterable[Sample]) -> Metric:
    """A metric as the library wants it."""
    name = PREFIX + row.name
    if isinstance(found, Spread):
        buckets, total = found.read()
        return HistogramMetricFamily(name, row.help, buckets=buckets, sum_value=total)
    make = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
    family = make(name, row.help, labels=row.labels)
    samples = found.read().items() if isinstance(found, Tally) else found
    for labels, value in samples:
        family.add_metric(labels, value)
    return family
