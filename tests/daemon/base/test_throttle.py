"""How often a warning is repeated."""

from __future__ import annotations

from robo_xp_daemon.base.throttle import Throttle


def test_a_throttle_lets_each_key_through_once() -> None:
    """The same key waits, another does not."""
    throttle = Throttle(1000.0)

    assert [throttle.lets(key) for key in ("a", "b", "a")] == [True, True, False]
    assert all(Throttle(0.0).lets("a") for _ in range(2))
