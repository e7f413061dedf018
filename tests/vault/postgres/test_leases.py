"""Leases: one holder at a time, and nothing committed by who lost one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from robo_xp.errors import VaultBusy, VaultUnavailable
from robo_xp.vault.postgres.leases import Lease
from robo_xp.vault.postgres.vault import PostgresVault
from tests.vault.acts import ANN, NAME, content, give
from tests.vault.postgres.conftest import Opened

_HOLDER = """
import sys
from robo_xp.vault.postgres.leases import Lease
from robo_xp.vault.postgres.vault import PostgresVault
from robo_xp.errors import VaultBusy
from tests.vault.acts import NAME, give

vault = PostgresVault(sys.argv[1], durability="os")
with Lease(vault._shared, "daemon", lambda: None, seconds=0.6):
    print(give(vault.namespace(NAME)), flush=True)
    sys.stdin.readline()
    try:
        give(vault.namespace(NAME))
    except VaultBusy as error:
        print(error.message, flush=True)
"""


def lease(vault: PostgresVault, lost: threading.Event | None = None) -> Lease:
    """A short lease of the daemon's work."""
    return Lease(vault._shared, "daemon", (lost or threading.Event()).set, seconds=0.6)


def test_a_second_holder_is_refused_and_the_first_named(opened: Opened) -> None:
    """While one holds it, and prolongs it, another waits in vain."""
    one, two = opened(), opened()
    with lease(one), pytest.raises(VaultBusy, match=rf"robo-xp {os.getpid()} on .* is the daemon"):
        with lease(two):
            pass


def test_a_lease_that_was_given_back_is_free_at_once(opened: Opened) -> None:
    """After the block others have it without a wait, and the first commits as anybody."""
    one, two = opened(), opened()
    with one.only("daemon", lambda: None):
        give(one.namespace(NAME))
    with two.only("daemon", lambda: None):
        give(two.namespace(NAME))
        give(one.namespace(NAME))

    assert content(two.namespace(NAME)) == {"users": {ANN: {"xp": 30}}}


def test_a_holder_that_stood_still_commits_nothing_more(
    opened: Opened, postgresql_address: str
) -> None:
    """A process stopped for longer than its lease wakes, and is refused; nothing of it is kept."""
    words = [sys.executable, "-c", _HOLDER, postgresql_address]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=os.getcwd()
    ) as sleeper:
        assert sleeper.stdin is not None and sleeper.stdout is not None
        assert sleeper.stdout.readline() == "1\n"
        sleeper.send_signal(signal.SIGSTOP)
        vault = opened()
        with lease(vault):
            give(vault.namespace(NAME))
            sleeper.send_signal(signal.SIGCONT)
            sleeper.stdin.write("\n")
            sleeper.stdin.flush()
            said = sleeper.stdout.readline()
            sleeper.wait()

            assert "has taken over" in said
            assert give(vault.namespace(NAME)) == 3


def test_who_lost_a_lease_is_told(opened: Opened) -> None:
    """The holder hears of it, so that it can end."""
    one, lost = opened(), threading.Event()
    with lease(one, lost):
        one._shared.ask(
            f"update {one.address.schema}.lease set token = token + 1 returning token", []
        )
        assert lost.wait(10)


def test_an_outage_is_told_once(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However often the server does not answer; the lease is kept as soon as it does."""
    vault, tries, enough = opened(), [0], threading.Event()

    def away(*_: object) -> bool:
        tries[0] += 1
        if tries[0] == 4:
            enough.set()
        raise VaultUnavailable("the server is away")

    kept = lease(vault)
    with kept:
        monkeypatch.setattr(kept, "_prolong", away)
        assert enough.wait(10.0)
        monkeypatch.undo()

    assert caplog.messages == ["the lease could not be kept for now: the server is away"]
