"""What every test of the daemon starts from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp_daemon.base.counters import Counters
from robo_xp_daemon.base.throttle import Throttle
from robo_xp_daemon.base.work import Work
from robo_xp_daemon.client import refusals
from robo_xp_daemon.context import Context


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has warned of nothing yet: ids are the same in every test."""
    monkeypatch.setattr(refusals, "_throttle", Throttle())


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """What a feature is given, on a vault of its own."""
    with RoboXP.open(tmp_path, durability="os") as robo:
        work = Work()
        yield Context(robo, work, Counters())
        work.close()
