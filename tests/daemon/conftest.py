"""What every test of the daemon starts from."""

from __future__ import annotations

import pytest

from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.client import refusals


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has warned of nothing yet: ids are the same in every test."""
    monkeypatch.setattr(refusals, "_throttle", Throttle())
