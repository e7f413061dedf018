"""What the log tells of work that waits."""

from __future__ import annotations

import pytest

from robo_xp.errors import VaultUnavailable
from robo_xp_daemon.outbox.trouble import Trouble
from tests.daemon.fake_discord import refusal


@pytest.mark.parametrize(("error", "lines"), [(refusal(503), 1), (VaultUnavailable("full"), 100)])
def test_an_outage_is_told_once_for_all(
    caplog: pytest.LogCaptureFixture, error: Exception, lines: int
) -> None:
    """However many guilds wait for Discord; what is wrong with one guild is told of each."""
    trouble = Trouble("role rewards of guild %s")
    for _ in range(3):
        for guild_id in range(100):
            trouble.note(str(guild_id), error, 1.0)

    assert len(caplog.messages) == lines
