"""One writer at a time, among handles, threads and processes; readers see whole states only."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from robo_xp.errors import VaultBusy
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.memory import MemoryVault
from tests.vault.acts import ANN, BOB, NAME, ORIGIN, content, disk_content, give, path_of

spawn = multiprocessing.get_context("spawn")
PROCESSES, TIMES = 4, 250


def test_a_waiter_gives_up_and_names_the_holder(data_dir: Path) -> None:
    """The wait ends after its time with the process that holds the lock; then all goes on."""
    holding = FileVault(data_dir, durability="os")
    waiting = FileVault(data_dir, durability="os", lock_wait=0.05)
    with holding.namespace(NAME).transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, {"xp": 1})
        start = time.monotonic()
        with pytest.raises(VaultBusy, match=rf"locked by process {os.getpid()} \(.*python") as busy:
            give(waiting.namespace(NAME))
        waited = time.monotonic() - start

    assert 0.05 <= waited < 5
    assert str(path_of(data_dir, ".lock")) in busy.value.message
    assert give(waiting.namespace(NAME)) == 2
    holding.close()
    waiting.close()


def test_readers_and_dry_runs_do_not_wait(data_dir: Path) -> None:
    """While a writer holds the lock, others read what is committed."""
    holding = FileVault(data_dir, durability="os")
    reading = FileVault(data_dir, durability="os", lock_wait=0)
    give(holding.namespace(NAME))
    with holding.namespace(NAME).transaction(ORIGIN) as transaction:
        transaction.put("users", ANN, {"xp": 999})
        assert content(reading.namespace(NAME)) == {"users": {ANN: {"xp": 10}}}
        with reading.namespace(NAME).transaction(ORIGIN, dry_run=True) as dry:
            assert dry.get("users", ANN) == {"xp": 10}
    holding.close()
    reading.close()


def test_namespaces_have_locks_of_their_own(data_dir: Path) -> None:
    """A transaction in one namespace does not keep another one waiting."""
    holding = FileVault(data_dir, durability="os")
    other = FileVault(data_dir, durability="os", lock_wait=0)
    with holding.namespace(NAME).transaction(ORIGIN):
        assert give(other.namespace("global")) == 1
    holding.close()
    other.close()


@pytest.mark.parametrize("exists", [True, False])
def test_a_lock_file_removed_while_held_lets_nobody_in(data_dir: Path, exists: bool) -> None:
    """The journal is locked too, so removing the lock file of a running writer loses no batch."""
    holding = FileVault(data_dir, durability="os")
    other = FileVault(data_dir, durability="os", lock_wait=0)
    if exists:
        give(holding.namespace(NAME))
    with holding.namespace(NAME).transaction(ORIGIN) as transaction:
        path_of(data_dir, ".lock").unlink()
        transaction.put("users", BOB, {"xp": 1})
        if exists:
            with pytest.raises(VaultBusy):
                give(other.namespace(NAME))
    give(other.namespace(NAME))
    give(holding.namespace(NAME))

    xp = 30 if exists else 20
    assert disk_content(data_dir) == {"users": {ANN: {"xp": xp}, BOB: {"xp": 1}}}
    holding.close()
    other.close()


def test_a_lock_file_removed_while_idle_is_made_again(data_dir: Path) -> None:
    """Both handles come to lock the new file."""
    first, second = (FileVault(data_dir, durability="os", lock_wait=0) for _ in range(2))
    give(first.namespace(NAME))
    give(second.namespace(NAME))
    path_of(data_dir, ".lock").unlink()
    give(first.namespace(NAME))
    give(second.namespace(NAME))
    with first.namespace(NAME).transaction(ORIGIN), pytest.raises(VaultBusy):
        give(second.namespace(NAME))

    assert disk_content(data_dir) == {"users": {ANN: {"xp": 40}}}
    first.close()
    second.close()


def test_two_handles_in_two_threads_lose_nothing(data_dir: Path) -> None:
    """Handles of their own, one record, compactions in between: the sum is exact."""

    def run() -> None:
        vault = FileVault(data_dir, durability="os", compact_from=5000)
        for _ in range(100):
            give(vault.namespace(NAME), ANN, 1)
        vault.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert disk_content(data_dir) == {"users": {ANN: {"xp": 200}}}


def add_many(root: str, numbers: Any) -> None:
    """A process that adds to one record, and moves XP between two others."""
    vault = FileVault(root, durability="os", compact_from=20_000)
    namespace = vault.namespace(NAME)
    for _ in range(TIMES):
        with namespace.transaction(ORIGIN) as transaction:
            total = (transaction.get("users", ANN) or {"xp": 0})["xp"] + 1
            transaction.put("users", ANN, {"xp": total})
            transaction.put("users", BOB, {"xp": -total})
        numbers.put(transaction.seq)
    vault.close()


def look_on(root: str, stop: Any, verdict: Any) -> None:
    """A process that reads all the time; reports states that no batch left, and how many it saw."""
    vault = FileVault(root)
    namespace = vault.namespace(NAME)
    wrong, seen, last = 0, set(), 0
    while not stop.is_set():
        state = namespace.read()
        users = state.records("users")
        ann = users.get(ANN, {"xp": 0})["xp"]
        bob = users.get(BOB, {"xp": 0})["xp"]
        wrong += not (ann == -bob == state.seq and state.seq >= last)
        last = state.seq
        seen.add(last)
    vault.close()
    verdict.put((wrong, len(seen)))


def test_four_processes_add_up_exactly(data_dir: Path) -> None:
    """4 × 250 additions make 1,000, all numbers differ, and a reader sees whole states only."""
    numbers, verdict, stop = spawn.Queue(), spawn.Queue(), spawn.Event()
    reader = spawn.Process(target=look_on, args=(str(data_dir), stop, verdict))
    writers = [spawn.Process(target=add_many, args=(str(data_dir), numbers)) for _ in range(4)]
    for process in [reader, *writers]:
        process.start()
    found = [numbers.get(timeout=60) for _ in range(PROCESSES * TIMES)]
    for process in writers:
        process.join(60)
    stop.set()
    wrong, seen = verdict.get(timeout=60)
    reader.join(60)

    assert sorted(found) == list(range(1, PROCESSES * TIMES + 1))
    assert disk_content(data_dir)["users"] == {ANN: {"xp": 1000}, BOB: {"xp": -1000}}
    assert wrong == 0
    assert seen > 1
    vault = FileVault(data_dir)
    assert [batch.seq for batch in vault.namespace(NAME).batches()] == sorted(found)
    vault.close()


def test_a_forked_process_has_locks_of_its_own(data_dir: Path) -> None:
    """A vault that was used before a fork does not share its lock with the child."""
    vault = FileVault(data_dir, durability="os", lock_wait=0.02)
    namespace = vault.namespace(NAME)
    give(namespace)
    held, tried = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.read(held[0], 1)
            with pytest.raises(VaultBusy):
                give(namespace)
            status = 0
        finally:
            os.write(tried[1], b"!")
            os._exit(status)
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", BOB, {"xp": 1})
        os.write(held[1], b"!")
        os.read(tried[0], 1)
    _, status = os.waitpid(child, 0)
    for fd in (*held, *tried):
        os.close(fd)

    assert status == 0
    assert give(namespace) == 3
    vault.close()


def test_memory_has_no_lock_to_wait_for() -> None:
    """Two vaults in memory share nothing."""
    first, second = MemoryVault(), MemoryVault()
    with first.namespace(NAME).transaction(ORIGIN):
        give(second.namespace(NAME))

    assert content(first.namespace(NAME)) == {}
