"""Work that goes on, whatever it stumbles over."""

from __future__ import annotations

import pytest

from robo_xp_daemon.base import backoff
from robo_xp_daemon.base.unfailing import unfailing
from tests.daemon.stage import played


@played
async def test_it_is_begun_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What it failed of is logged, once of each kind."""
    monkeypatch.setattr(backoff.Backoff, "seconds", lambda _: 0.0)
    troubles = [ValueError("odd"), ValueError("odd"), KeyError("away")]

    async def run() -> None:
        if troubles:
            raise troubles.pop()

    await unfailing("counting", run)

    assert troubles == []
    assert caplog.messages == ["counting failed; it goes on"] * 2
