"""Slots to identify, which all daemons of a folder share."""

from __future__ import annotations

import time
from pathlib import Path

from robo_xp import RoboXP
from robo_xp_daemon.client.identify import SECONDS, IdentifySlots


def test_a_bucket_is_free_after_its_time(tmp_path: Path) -> None:
    """Whoever asks sooner hears for how long it is taken; other buckets are free meanwhile."""
    clock = [1000.0]
    one, two = (IdentifySlots(tmp_path, now=lambda: clock[0]) for _ in range(2))

    assert one.try_now(0) == 0.0
    assert (two.try_now(0), two.try_now(1)) == (SECONDS, 0.0)
    clock[0] += 2.0
    assert one.try_now(0) == SECONDS - 2.0
    clock[0] += SECONDS - 2.0
    assert two.try_now(0) == 0.0
    assert one.try_now(0) == SECONDS


def test_machines_take_turns_in_a_vault_that_they_share(
    tmp_path: Path, postgresql_address: str
) -> None:
    """Each has a file of its own, and none identifies in a bucket before the time of another."""
    with RoboXP.open(postgresql_address) as here, RoboXP.open(postgresql_address) as there:
        (tmp_path / "a").mkdir()
        one = IdentifySlots(tmp_path / "a", here.vault)
        two = IdentifySlots(tmp_path / "b", there.vault)
        assert (one.try_now(0), one.try_now(1)) == (0.0, 0.0)
        assert SECONDS - 2.0 < two.try_now(0) <= SECONDS
        assert two.try_now(2) == 0.0
        assert here.vault.turn("short", 0.02) == 0.0
        while left := there.vault.turn("short", 0.02):
            assert 0.0 < left <= 0.02
            time.sleep(left)


def test_what_cannot_be_so_is_not_waited_for(tmp_path: Path) -> None:
    """Neither a time that is yet to come nor nonsense in the file keeps a shard away."""
    clock = [1000.0]
    slots = IdentifySlots(tmp_path, now=lambda: clock[0])
    assert slots.try_now(0) == 0.0
    clock[0] -= 500.0
    assert slots.try_now(0) == 0.0
    (tmp_path / "shards.lock").write_text("[nonsense" * 9)
    assert slots.try_now(0) == 0.0
    assert slots.try_now(0) == SECONDS
