"""The thread that hears what changes."""

from __future__ import annotations

import threading
from collections.abc import Collection

import pytest

from robo_xp.errors import VaultUnavailable
from robo_xp.vault import Look, Watch
from robo_xp_daemon.base.following import Following
from robo_xp_daemon.base.unfailing import log_failure
from tests.daemon.stage import warnings_in


class Weather:
    """Changes at every look."""

    def changes(self, kind: object, since: Look | None = None) -> Look:
        """One more change."""
        return Look(["rain"], {"rain": since})


def test_what_fails_is_followed_by_another_try(caplog: pytest.LogCaptureFixture) -> None:
    """What goes wrong again and again is in the log once; it goes on until it is stopped."""
    calls, enough = [0], threading.Event()

    def act(names: Collection[str]) -> bool:
        calls[0] += 1
        if calls[0] < 3:
            raise OSError("out of reach")
        enough.set()
        return False

    following = Following(Watch(Weather(), "xp", poll_seconds=0.001), act, "weather")
    following.start()
    assert enough.wait(5.0)
    assert not following.is_ending
    following.stop()
    seen = calls[0]
    assert following.is_ending
    assert not [one for one in threading.enumerate() if one.name == "robo-xp-weather"]
    assert calls[0] == seen
    (told,) = warnings_in(caplog)
    assert "what the weather does failed" in told.getMessage()


def test_a_vault_that_is_away_is_no_surprise(caplog: pytest.LogCaptureFixture) -> None:
    """What the vault says is in the log in one line, with what to do, and without a traceback."""
    away = VaultUnavailable("the server is away", advice="start it")
    log_failure("what the weather does", away)
    (told,) = warnings_in(caplog)

    assert told.getMessage() == "what the weather does waits: the server is away; start it"
    assert told.exc_info is None


def test_what_could_not_be_done_is_tried_again_soon() -> None:
    """Where something is left, nothing has to change for another call; nor after a wake."""
    calls, again, woken = list[Collection[str]](), threading.Event(), threading.Event()

    def act(names: Collection[str]) -> bool:
        calls.append(names)
        (again if len(calls) == 2 else woken).set()
        return len(calls) == 1

    following = Following(Watch(Weather(), "xp", poll_seconds=60.0), act, "weather")
    following.start()
    assert again.wait(5.0)
    woken.clear()
    following.wake()
    assert woken.wait(5.0)
    following.stop()

    assert calls == [["rain"], [], []]
