"""How long to wait before the next try."""

from __future__ import annotations

from robo_xp_daemon.base.backoff import Backoff

SPANS = (1.0, 2.0, 4.0, 8.0, 10.0, 10.0)


def waits(backoff: Backoff) -> list[float]:
    """The next waits."""
    return [backoff.seconds() for _ in SPANS]


def test_waits_double_up_to_the_bound() -> None:
    """Each wait is at least half of its span and never longer than it."""
    for seconds, span in zip(waits(Backoff(1.0, 10.0)), SPANS, strict=True):
        assert span / 2 <= seconds <= span


def test_no_two_wait_alike() -> None:
    """Two that fail together do not come again together."""
    assert waits(Backoff(1.0, 10.0)) != waits(Backoff(1.0, 10.0))


def test_success_starts_anew() -> None:
    """After a reset the first wait is the shortest again."""
    backoff = Backoff(1.0, 10.0)
    waits(backoff)
    backoff.reset()

    assert backoff.seconds() <= 1.0
