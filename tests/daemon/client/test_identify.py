"""Slots to identify, which all daemons of a vault share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultBusy
from robo_xp_daemon.client.identify import LAPSE_SECONDS, SECONDS, SETTLE_SECONDS, IdentifySlots


class Clock:
    """A clock that stands."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_is_free_after_its_time(tmp_path: Path) -> None:
    """Whoever asks sooner hears for how long it is taken; other buckets are free meanwhile."""
    clock = Clock()
    one, two = (IdentifySlots(tmp_path, now=clock) for _ in range(2))

    assert one.try_now(0, 2) == 0.0
    clock.now += 1.0
    assert one.try_now(1, 2) == 0.0
    assert two.try_now(2, 2) == SECONDS - 1.0
    clock.now += SECONDS - 1.0
    assert two.try_now(2, 2) == 0.0
    assert two.try_now(3, 2) == 1.0
    assert one.try_now(0, 2) == SECONDS


def test_the_time_runs_from_when_discord_let_the_shard_in(tmp_path: Path) -> None:
    """What reaches Discord late keeps its bucket taken for as long as if it had come at once."""
    clock = Clock()
    one, two = (IdentifySlots(tmp_path, now=clock) for _ in range(2))

    assert one.try_now(0, 1) == 0.0
    clock.now += 3.0
    one.confirm(0)
    assert two.try_now(1, 1) == SECONDS
    clock.now += SECONDS
    assert two.try_now(1, 1) == 0.0


def test_a_shard_waits_for_lower_ones_that_may_just_start(tmp_path: Path) -> None:
    """Only for a while, and not at all for those that are known to run."""
    clock = Clock()
    slots = IdentifySlots(tmp_path, now=clock)
    assert slots.try_now(1, 2) == SETTLE_SECONDS
    clock.now += SETTLE_SECONDS - 1.0
    assert slots.try_now(1, 2) == 1.0
    clock.now += 1.0
    assert slots.try_now(1, 2) == 0.0


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_shards_that_wait_go_from_the_lowest_on(tmp_path: Path, order: tuple[int, ...]) -> None:
    """In whatever order four daemons ask that start together, and ask again."""
    clock, went = Clock(), list[tuple[int, float]]()
    slots = {shard_id: IdentifySlots(tmp_path, now=clock) for shard_id in order}
    while slots:
        for shard_id in order:
            if shard_id in slots and slots[shard_id].try_now(shard_id, 2) == 0.0:
                went.append((shard_id, clock.now))
                del slots[shard_id]
        clock.now += 0.1

    assert [shard_id for shard_id, _ in went] == [0, 1, 2, 3]
    for bucket in (0, 1):
        first, second = (at for shard_id, at in went if shard_id % 2 == bucket)
        assert second - first >= SECONDS


def test_who_waits_no_more_is_not_waited_for(tmp_path: Path) -> None:
    """A daemon that died while its shard waited keeps no other away."""
    clock = Clock()
    dead, other = (IdentifySlots(tmp_path, now=clock) for _ in range(2))
    dead.announce([0])
    assert other.try_now(1, 1) > 0.0
    clock.now += LAPSE_SECONDS - 1.0
    assert other.try_now(1, 1) > 0.0
    clock.now += 1.0
    assert other.try_now(1, 1) == 0.0


def test_a_shard_whose_bucket_is_taken_keeps_no_other_bucket_waiting(tmp_path: Path) -> None:
    """A higher one whose bucket is free goes first."""
    clock = Clock()
    slots, other = (IdentifySlots(tmp_path, now=clock) for _ in range(2))
    assert [slots.try_now(shard_id, 4) for shard_id in range(3)] == [0.0, 0.0, 0.0]
    assert slots.try_now(0, 4) == SECONDS
    assert other.try_now(3, 4) == 0.0


def test_a_bucket_that_is_nearly_free_comes_first(tmp_path: Path) -> None:
    """Where Discord let the lower of two in a little later, the order of the next two stays."""
    clock = Clock()
    slots = [IdentifySlots(tmp_path, now=clock) for _ in range(4)]
    assert [slots[shard_id].try_now(shard_id, 2) for shard_id in (0, 1)] == [0.0, 0.0]
    slots[1].confirm(1)
    clock.now += 0.4
    slots[0].confirm(0)
    clock.now += SECONDS - 0.3
    slots[2].announce([2])
    assert slots[3].try_now(3, 2) > 0.0
    clock.now += 0.3
    assert slots[2].try_now(2, 2) == slots[3].try_now(3, 2) == 0.0


def test_machines_take_turns_in_a_vault_that_they_share(
    tmp_path: Path, postgresql_address: str
) -> None:
    """Each has a file of its own, and none identifies in a bucket before the time of another."""
    with RoboXP.open(postgresql_address) as here, RoboXP.open(postgresql_address) as there:
        (tmp_path / "a").mkdir()
        one = IdentifySlots(tmp_path / "a", here.vault)
        two = IdentifySlots(tmp_path / "b", there.vault)
        two.announce([1])
        assert one.try_now(0, 1) == 0.0
        assert SECONDS - 2.0 < two.try_now(1, 1) <= SECONDS
        assert not (tmp_path / "a/shards.lock").exists()


def test_a_note_that_others_are_at_is_waited_for(
    tmp_path: Path, postgresql_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the shared vault is busy the machine does not fall back to a file of its own, in
    which the turns of others are missing.
    """
    clock, busy = Clock(), [VaultBusy("another writer was in the way")] * 2
    with RoboXP.open(postgresql_address) as robo:
        note = robo.vault.note

        def sometimes_busy(key: str, change: Callable[[str, float], str]) -> bool:
            if busy:
                raise busy.pop()
            return note(key, change)

        assert IdentifySlots(tmp_path / "one", robo.vault, clock).try_now(0, 1) == 0.0
        monkeypatch.setattr(robo.vault, "note", sometimes_busy)
        left = IdentifySlots(tmp_path / "two", robo.vault, clock).try_now(1, 1)

    assert not busy and 0.0 < left <= SECONDS


def test_what_cannot_be_so_is_not_waited_for(tmp_path: Path) -> None:
    """Neither a time that is yet to come nor nonsense in the file keeps a shard away."""
    clock = Clock()
    slots = IdentifySlots(tmp_path, now=clock)
    assert slots.try_now(0, 1) == 0.0
    clock.now -= 500.0
    assert slots.try_now(0, 1) == 0.0
    (tmp_path / "shards.lock").write_text("[nonsense" * 9)
    assert slots.try_now(0, 1) == 0.0
    assert slots.try_now(0, 1) == SECONDS
