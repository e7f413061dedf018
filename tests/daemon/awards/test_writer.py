"""The thread that counts messages."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultUnavailable
from robo_xp.model import Message, Post
from robo_xp.vault import Origin
from robo_xp_daemon.awards import writer as writing
from robo_xp_daemon.awards.writer import Writer
from robo_xp_daemon.client.convert import Arrival

GUILDS = ["100000000000000001", "100000000000000002"]
USER, CHANNEL = "200000000000000001", "300000000000000001"


def arrival(number: int, guild_id: str = GUILDS[0], user_id: str = USER) -> Arrival:
    """A message; its number is its id."""
    post = Post(user_id, Message(CHANNEL, at=number), str(10**17 + number))
    return Arrival(guild_id, post, "ann")


def counted(robo: RoboXP, guild_id: str = GUILDS[0]) -> int:
    """How many messages of the member are in the vault."""
    record = robo.xp.record(guild_id, USER)
    return 0 if record is None else record.messages


def wait_for(condition: Callable[[], object]) -> None:
    """Return when the condition is true."""
    deadline = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def robo(tmp_path: Path) -> Any:
    """A vault whose locks are waited for as the daemon does."""
    with RoboXP.open(tmp_path, durability="os", lock_wait=0.05) as opened:
        yield opened


def test_what_arrived_meanwhile_is_one_batch(robo: RoboXP) -> None:
    """All messages of a guild that wait become one batch, in their order."""
    writer = Writer(robo)
    for number in range(50):
        writer.put(arrival(number))
    writer.start()

    assert writer.stop(5.0) == 0
    assert counted(robo) == 50
    assert robo.vault.namespace(f"xp/default/{GUILDS[0]}").read().seq == 1
    assert writer.summary().startswith("50 messages counted")


def test_a_busy_guild_stops_no_other(robo: RoboXP, tmp_path: Path) -> None:
    """While one guild is locked by somebody else, others are counted; then it is, too."""
    writer = Writer(robo)
    writer.start()
    with RoboXP.open(tmp_path) as other:
        namespace = other.vault.namespace(f"xp/default/{GUILDS[0]}")
        with namespace.transaction(Origin("test", "hold")):
            for number in range(5):
                writer.put(arrival(number))
                writer.put(arrival(number, GUILDS[1]))
            wait_for(lambda: counted(robo, GUILDS[1]) == 5)
            assert counted(other) == 0
        wait_for(lambda: counted(robo) == 5)

    assert writer.stop(5.0) == 0


def test_the_end_waits_for_a_lock_so_long_and_no_longer(
    robo: RoboXP, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A lock that does not come free in time costs the messages, and the log says how many."""
    writer = Writer(robo)
    writer.start()
    with RoboXP.open(tmp_path) as other:
        namespace = other.vault.namespace(f"xp/default/{GUILDS[0]}")
        with namespace.transaction(Origin("test", "hold")):
            for number in range(3):
                writer.put(arrival(number))

            assert writer.stop(0.2) == 3
    assert "3 messages could not be counted" in caplog.text


def test_a_full_disk_loses_nothing(
    robo: RoboXP, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages that cannot be stored are kept and tried again, and an operator is told."""
    monkeypatch.setattr(writing, "FIRST_PAUSE", 0.01)
    award_many, failures = robo.xp.award_many, iter(range(3))

    def full(*args: Any) -> Any:
        if next(failures, None) is not None:
            raise VaultUnavailable("the disk is full")
        return award_many(*args)

    monkeypatch.setattr(robo.xp, "award_many", full)
    writer = Writer(robo)
    writer.start()
    for number in range(4):
        writer.put(arrival(number))
    wait_for(lambda: counted(robo) == 4)

    assert writer.stop(5.0) == 0
    assert caplog.text.count("the disk is full") == 1


def test_the_end_does_not_wait_for_a_full_disk(
    robo: RoboXP, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What will not be written soon is named and left, and says meanwhile that it is not well."""
    monkeypatch.setattr(writing, "TROUBLE_SECONDS", 0.1)

    def full(*_args: Any) -> Any:
        raise VaultUnavailable("the disk is full")

    monkeypatch.setattr(robo.xp, "award_many", full)
    writer = Writer(robo)
    writer.start()
    writer.put(arrival(1))
    wait_for(lambda: writer.troubles)
    assert [cause.code for cause in writer.troubles] == ["vault"]
    assert "the disk is full" in writer.troubles[0].text
    began = time.monotonic()

    assert writer.stop(20.0) == 1
    assert time.monotonic() - began < 10.0


def test_one_message_that_cannot_be_counted_stops_no_other(
    robo: RoboXP, caplog: pytest.LogCaptureFixture
) -> None:
    """A message with an id that cannot be is left out and logged; those beside it count."""
    writer = Writer(robo)
    writer.put(arrival(1))
    writer.put(arrival(2, user_id="5"))
    writer.put(arrival(3))
    writer.start()

    assert writer.stop(5.0) == 0
    assert counted(robo) == 2
    assert f"message {10**17 + 2} cannot be counted" in caplog.text


def test_memory_is_bounded(robo: RoboXP, caplog: pytest.LogCaptureFixture) -> None:
    """More messages than the limit are not taken, which is told once and not for each."""
    writer = Writer(robo, limit=10)
    for number in range(15):
        writer.put(arrival(number))
    writer.start()

    assert writer.stop(5.0) == 0
    assert counted(robo) == 10
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1


def test_nothing_counted_is_said_so(robo: RoboXP) -> None:
    """A run without messages has no figures."""
    writer = Writer(robo)
    writer.start()

    assert (writer.stop(5.0), writer.summary()) == (0, "no messages counted")
