"""The thread that looks again and again."""

from __future__ import annotations

import threading

import pytest

from robo_xp_daemon.base.polling import Polling
from tests.daemon.stage import warnings_in


def test_a_look_that_fails_is_followed_by_another(caplog: pytest.LogCaptureFixture) -> None:
    """What goes wrong again and again is in the log once; looking goes on until it is stopped."""
    looks, enough = [0], threading.Event()

    def look() -> None:
        looks[0] += 1
        if looks[0] < 5:
            raise OSError("out of reach")
        enough.set()

    polling = Polling(look, "weather", poll_seconds=0.001)
    polling.start()
    assert enough.wait(5.0)
    assert not polling.is_ending
    polling.stop()
    seen = looks[0]
    assert polling.is_ending
    assert not [one for one in threading.enumerate() if one.name == "robo-xp-weather"]
    assert looks[0] == seen
    (told,) = warnings_in(caplog)
    assert "a look of the weather failed" in told.getMessage()
