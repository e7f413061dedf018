"""The process that draws starts also where the sandbox refuses what would only be polite."""

from __future__ import annotations

import os

import pytest

from robo_xp.pictures import worker


def test_it_draws_where_its_priority_cannot_be_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The filter of the service refuses a lower priority, and the pictures come all the same."""
    began = []

    def refused(_: int) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "nice", refused)
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(worker, "_limit", lambda *_: None)
    monkeypatch.setattr(worker, "answer_all", lambda *_: began.append(True))

    assert worker.main() == 0
    assert began == [True]
