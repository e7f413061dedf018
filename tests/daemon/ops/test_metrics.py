"""The page for Prometheus: what happens shows in it, and it keeps to the conventions."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from robo_xp.model import REFUSAL_RULES
from robo_xp_daemon.app import Service
from robo_xp_daemon.base.counters import Counters, Spread, Tally
from robo_xp_daemon.ops import metrics
from tests.daemon.http.serving import serving
from tests.daemon.loopback import Guild, Loopback
from tests.daemon.stage import played

PAGE = Path(__file__).parents[3] / "docs/metrics.md"
UNITS = ("_seconds", "_bytes", "_messages", "_info")


class Scraped:
    """One page, parsed as Prometheus does."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self.content_type = content_type
        self.families = list(text_string_to_metric_families(body.decode()))
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families
            for sample in family.samples
        }

    def value(self, metric: str, /, **labels: str) -> float:
        """One number; KeyError where there is none."""
        return self._samples[f"robo_xp_{metric}", frozenset(labels.items())]

    @property
    def ours(self) -> list[Metric]:
        """The metrics that are not those of every process."""
        return [family for family in self.families if family.name.startswith("robo_xp_")]


async def scraped(service: Service) -> Scraped:
    """The page as the daemon serves it."""
    return Scraped(*await metrics.exposition(service))


async def until(service: Service, least: float, metric: str, /, **labels: str) -> None:
    """Return when the number is there."""
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline:
        page = await scraped(service)
        try:
            if page.value(metric, **labels) >= least:
                return
        except KeyError:
            pass
        await asyncio.sleep(0.02)
    raise AssertionError(f"{metric} {labels} did not come to {least}")


def guild_of(discord: Loopback) -> Guild:
    """A guild with a member and a role below the bot's."""
    return discord.add_guild("G", roles=["Bronze"], members=["ann", "bob"], channels=["general"])


@played
async def test_messages_show(tmp_path: Path) -> None:
    """Awards, refusals by rule, batches, waits and syncs are counted as they happen."""
    async with Loopback() as discord:
        guild = guild_of(discord)
        async with serving(discord, tmp_path) as service:
            for _ in range(3):
                guild.say("ann", "general")
            await until(service, 3, "messages_total")
            await until(service, 1, "state", state="connected")
            await until(service, 1, "gateway_connections_total", how="new")
            page = await scraped(service)

            assert page.value("awards_total") == 1
            assert 15 <= page.value("awarded_xp_total") <= 25
            assert page.value("refusals_total", rule="cooldown") == 2
            assert page.value("refusals_total", rule="zero") == 0
            assert page.value("message_wait_seconds_count") == 3
            assert page.value("batch_messages_sum") == 3
            assert 1 <= page.value("batch_seconds_count") <= 3
            assert page.value("queue_messages") == 0
            assert page.value("guilds") == 1
            assert page.value("discord_responses_total", status="200") > 0
            assert page.value("vault_bytes", namespace="xp", part="journal") > 0
            assert page.value("vault_namespaces", namespace="xp") == 1


@played
async def test_effects_and_what_hinders_them_show(tmp_path: Path) -> None:
    """Role rewards are counted when they are done, and so is what keeps them from being given."""
    async with Loopback() as discord:
        guild = guild_of(discord)
        async with serving(discord, tmp_path) as service:
            robo, guild_id = service.context.robo, str(guild.id)
            robo.rewards.add(guild_id, 1, str(guild.role("Bronze").id))
            robo.rewards.add(guild_id, 2, "999999999999999999")
            robo.xp.add(guild_id, str(guild.member("ann").id), 160)
            await discord.until(lambda: guild.role("Bronze") in guild.member("ann").roles)
            robo.xp.add(guild_id, str(guild.member("bob").id), 400)
            await until(service, 1, "effects_total", kind="role_rewards", outcome="refused")
            page = await scraped(service)

            assert page.value("hindrances_total", kind="missing") == 1
            assert page.value("effects_pending", kind="role_rewards") == 0
            assert page.value("effects_total", kind="role_rewards", outcome="done") == 1
            assert page.value("effects_total", kind="role_rewards", outcome="failed") == 0


@played
async def test_refusals_of_discord_show_by_code(tmp_path: Path) -> None:
    """What Discord refuses is counted by its code, and the warning by its logger."""
    async with Loopback() as discord:
        guild = guild_of(discord)
        async with serving(discord, tmp_path) as service:
            service.context.robo.rewards.add(str(guild.id), 1, str(guild.role("Bronze").id))
            discord.refuse_rest(403, 1, matching="*/roles/*", code=50013)
            service.context.robo.xp.add(str(guild.id), str(guild.member("ann").id), 160)
            await until(service, 1, "hindrances_total", kind="50013")
            page = await scraped(service)

            assert page.value("discord_responses_total", status="403") == 1
            assert page.value("log_records_total", level="warning", logger="robo_xp_daemon") == 1


@played
async def test_slash_commands_show(tmp_path: Path) -> None:
    """A command counts by its name, with whether it was answered or refused."""
    async with Loopback() as discord:
        guild = guild_of(discord)
        async with serving(discord, tmp_path) as service:
            await discord.until(lambda: "xp" in discord.commands)
            guild.say("ann", "general")
            await until(service, 1, "awards_total")
            await guild.slash("ann", "rank", options={})
            await guild.slash("ann", "xp give", options={"user": guild.member("bob"), "amount": 1})
            await until(service, 1, "commands_total", name="rank", outcome="done")
            await until(service, 1, "commands_total", name="xp give", outcome="refused")


@played
async def test_a_connection_that_was_lost_shows(tmp_path: Path) -> None:
    """A resumed session counts as one, and the client stays the same."""
    async with Loopback() as discord:
        guild_of(discord)
        async with serving(discord, tmp_path) as service:
            await until(service, 1, "state", state="connected")
            discord.abort_sockets()
            await until(service, 1, "gateway_connections_total", how="resumed")
            page = await scraped(service)

            assert page.value("clients_total") == 1


@played
async def test_the_page_keeps_to_the_conventions(tmp_path: Path) -> None:
    """Counters end in _total, others in a unit or a count; all are explained; no label is an id."""
    async with Loopback() as discord:
        guild = guild_of(discord)
        async with serving(discord, tmp_path) as service:
            guild.say("ann", "general")
            service.context.robo.config.set(str(guild.id), {"xpRate": 2})
            await until(service, 1, "messages_total")
            page = await scraped(service)

    assert page.content_type.startswith("text/plain")
    assert len(page.ours) == len(metrics.ROWS)
    for family in page.ours:
        assert re.fullmatch(r"robo_xp(_[a-z]+)+", family.name)
        assert family.documentation.endswith(".")
        for sample in family.samples:
            assert not re.search(r"\d{6}", " ".join(sample.labels.values()))
    counters = [row.name for row in metrics.ROWS if row.kind == "counter"]
    others = [row.name for row in metrics.ROWS if row.kind == "gauge"]
    assert all(name.endswith("_total") for name in counters)
    assert not any(name.endswith("_total") for name in others)
    assert all(row.name.endswith(UNITS) for row in metrics.ROWS if row.kind == "histogram")


@played
async def test_two_services_count_apart(tmp_path: Path) -> None:
    """What one service counted does not show in another one's page."""
    async with Loopback() as discord:
        guild = guild_of(discord)
        async with serving(discord, tmp_path) as first:
            guild.say("ann", "general")
            await until(first, 1, "messages_total")
        async with serving(discord, tmp_path) as second:
            await until(second, 1, "gateway_connections_total", how="new")
            page = await scraped(second)

            assert page.value("messages_total") == 0
            assert page.value("gateway_connections_total", how="new") == 1


def test_no_rule_is_missing() -> None:
    """Each rule that refuses is in the page before it refused anything, so that rates work."""
    assert {rule for (rule,) in Counters().refusals.read()} == REFUSAL_RULES


def test_a_spread_counts_up_to_each_bound() -> None:
    """A value at a bound belongs below it; the last range has no bound."""
    spread = Spread((1, 5))
    spread.note(0.5, 1, 3, 9)

    assert spread.read() == ([("1.0", 2.0), ("5.0", 3.0), ("+Inf", 4.0)], 13.5)


def test_the_log_counts_what_an_operator_would_mend(caplog: pytest.LogCaptureFixture) -> None:
    """Errors and warnings count by logger; a connection that discord.py makes again is no error."""
    from robo_xp_daemon.ops.counters_wiring import Ear

    counts = Counters()
    ear = Ear(counts)
    lost = (OSError, OSError("reset"), None)
    for name, level, error in (
        ("discord.client", logging.ERROR, lost),
        ("robo_xp_daemon", logging.ERROR, None),
    ):
        ear.handle(logging.LogRecord(name, level, "", 0, "x", (), error))

    assert counts.logged.read() == {
        ("warning", "discord.client"): 1,
        ("error", "robo_xp_daemon"): 1,
    }


def test_a_tally_starts_with_what_is_known() -> None:
    """Labels that are known from the start are there with 0."""
    tally = Tally(("a",))
    tally.add("b", by=2)

    assert tally.read() == {("a",): 0, ("b",): 2}


def rows_in(text: str) -> Iterator[tuple[str, str, str]]:
    """Name, type and labels in each row of the table."""
    for name, kind, labels in re.findall(
        r"^\| `(robo_xp_\w+)` \| (\w+) \|([^|]*)\|", text, re.MULTILINE
    ):
        yield name, kind, labels.replace("`", "").strip()


def test_the_document_has_the_same_table() -> None:
    """Every metric stands in the document, with its type and labels, in the same order."""
    expected = [
        (metrics.PREFIX + row.name, row.kind, ", ".join(row.labels)) for row in metrics.ROWS
    ]

    assert list(rows_in(PAGE.read_text())) == expected
