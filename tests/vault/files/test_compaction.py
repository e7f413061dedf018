"""Compaction, by this handle or another, loses nothing; the archive keeps what it folded away."""

from __future__ import annotations

import gzip
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from robo_xp.errors import VaultDamaged
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import (
    ANN,
    BOB,
    NAME,
    ORIGIN,
    HandClock,
    content,
    disk_content,
    give,
    on_disk,
    path_of,
)
from tests.vault.faults import Fault, FaultyFiles, Stop

DAY_MS = 86_400_000


def archived(root: Path) -> list[str]:
    """The names of the folded journals."""
    folder = root / "archive" / NAME
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_compaction_changes_files_and_nothing_else(file_vault: FileVault, data_dir: Path) -> None:
    """The journal starts afresh, and records, numbers, history and versions stay."""
    namespace = on_disk(file_vault)
    for _ in range(5):
        give(namespace)
    before = content(namespace)
    version = namespace.read().version("users")
    changes = namespace.read().track("users")
    changes.take()
    assert namespace.compact() is True

    assert path_of(data_dir, ".journal").read_bytes().count(b"\n") == 1
    assert content(namespace) == before == disk_content(data_dir)
    assert namespace.read().version("users") == version
    assert changes.take() == (False, set())
    assert [batch.seq for batch in namespace.batches()] == [1, 2, 3, 4, 5]
    assert give(namespace) == 6


def test_nothing_new_is_not_compacted_again(file_vault: FileVault, data_dir: Path) -> None:
    """A second compaction right after the first leaves the files as they are."""
    namespace = on_disk(file_vault)
    give(namespace)
    namespace.compact()
    before = path_of(data_dir, ".journal").stat().st_ino

    assert namespace.compact() is False
    assert path_of(data_dir, ".journal").stat().st_ino == before


def test_other_handles_follow_a_compaction(file_vault: FileVault, data_dir: Path) -> None:
    """Two handles that commit and compact in turns always agree, without losing anything."""
    other_vault = FileVault(data_dir, durability="os")
    mine, theirs = on_disk(file_vault), on_disk(other_vault)
    total = 0
    for turn in range(12):
        writer, compacter = (mine, theirs) if turn % 2 else (theirs, mine)
        give(writer)
        give(compacter)
        total += 20
        if turn % 3:
            compacter.compact()
        if turn % 4 == 1:
            give(compacter)
            writer.compact()
            total += 10

        assert content(mine) == content(theirs) == {"users": {ANN: {"xp": total}}}
        assert mine.read().mark == theirs.read().mark
    assert [batch.seq for batch in mine.batches()] == list(range(1, mine.read().seq + 1))
    assert [batch.seq for batch in theirs.batches_back()] == list(range(mine.read().seq, 0, -1))
    other_vault.close()


def test_a_handle_that_missed_nothing_is_not_loaded_again(
    file_vault: FileVault, data_dir: Path
) -> None:
    """After another handle's compaction, trackers are told only what changed."""
    other = FileVault(data_dir, durability="os")
    mine, theirs = on_disk(file_vault), on_disk(other)
    give(mine)
    changes = mine.read().track("users")
    changes.take()
    give(theirs, BOB)
    theirs.compact()
    give(theirs, BOB)
    mine.read()

    assert changes.take() == (False, {BOB})
    other.close()


def test_a_bulk_that_outgrows_the_snapshot_is_read_from_the_next_one(data_dir: Path) -> None:
    """Whoever follows a change that is longer than all before loads what it made of it."""
    files = [FileVault(data_dir, durability="os", compact_from=2_000) for _ in range(2)]
    mine, theirs = map(on_disk, files)
    give(mine)
    changes = mine.read().track("users")
    changes.take()
    with theirs.transaction(ORIGIN) as transaction:
        for number in range(100):
            transaction.put("users", str(10**17 + number), {"xp": number})

    assert content(mine) == content(theirs)
    assert changes.take()[0]
    assert [batch.seq for batch in mine.batches()] == [1, 2]
    for one in files:
        one.close()


def test_a_handle_that_slept_through_two_compactions_loads_again(
    file_vault: FileVault, data_dir: Path
) -> None:
    """What it missed is read from the snapshot, and its trackers are told that all may differ."""
    other = FileVault(data_dir, durability="os")
    mine, theirs = on_disk(file_vault), on_disk(other)
    give(mine)
    changes = mine.read().track("users")
    changes.take()
    for _ in range(2):
        give(theirs, BOB)
        theirs.compact()

    assert content(mine) == {"users": {ANN: {"xp": 10}, BOB: {"xp": 20}}}
    assert changes.take()[0] is True
    other.close()


@pytest.mark.parametrize("at", range(1, 25))
def test_a_crash_in_a_compaction_is_harmless(data_dir: Path, at: int) -> None:
    """Stopped at any call, the next process finds everything, commits, and compacts again."""
    vault = FileVault(data_dir, durability="os")
    give(vault.namespace(NAME))
    give(vault.namespace(NAME), BOB)
    vault.close()
    files = FaultyFiles()
    stopping = FileVault(data_dir, files=files)
    files.fault = Fault(files.count + at, "stop")
    with suppress(Stop):
        stopping.namespace(NAME).compact()
    stopping.close()
    after = FileVault(data_dir, durability="os")
    namespace = after.namespace(NAME)

    assert content(namespace) == {"users": {ANN: {"xp": 10}, BOB: {"xp": 10}}}
    assert give(namespace) == 3
    namespace.compact()
    assert disk_content(data_dir) == {"users": {ANN: {"xp": 20}, BOB: {"xp": 10}}}
    assert [batch.seq for batch in namespace.batches()] == [1, 2, 3]
    after.close()


def test_a_journal_is_compacted_when_it_outgrows_its_snapshot(data_dir: Path) -> None:
    """Compaction comes by itself, and less often the larger the snapshot is."""
    vault = FileVault(data_dir, durability="os", compact_from=2100)
    namespace = on_disk(vault)
    compacted_at = []
    for number in range(200):
        give(namespace, str(10**17 + number))
        if namespace.read().mark.seq == namespace.read().seq:
            compacted_at.append(namespace.read().seq)
    gaps = [b - a for a, b in zip([0, *compacted_at], compacted_at, strict=False)]

    assert len(gaps) >= 3
    assert gaps == sorted(gaps) and gaps[0] < gaps[-1]
    assert len(disk_content(data_dir)["users"]) == 200
    vault.close()


def test_a_handle_that_switched_knows_the_snapshot_size(data_dir: Path) -> None:
    """A handle that never read the large snapshot still waits until the journal outgrows it."""
    small, large = (FileVault(data_dir, durability="os", compact_from=500) for _ in range(2))
    give(small.namespace(NAME))
    for number in range(50):
        give(large.namespace(NAME), str(10**17 + number))
        small.namespace(NAME).read()
    size = path_of(data_dir, ".json").stat().st_size
    assert size > 1500
    large.namespace(NAME).compact()
    small.namespace(NAME).read()
    generation = on_disk(small).read().mark.generation
    for _ in range(5):
        give(small.namespace(NAME))

    assert on_disk(small).read().mark.generation == generation
    small.close()
    large.close()


def test_trouble_with_a_compaction_does_not_fail_the_commit(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A commit stands although the compaction after it found the disk full."""
    files = FaultyFiles()
    vault = FileVault(data_dir, files=files, durability="os", compact_from=400)
    give(vault.namespace(NAME))
    files.fault = Fault(files.count + 2, "ENOSPC", lasting=True)  # the write itself still works

    assert give(vault.namespace(NAME)) == 2
    assert "could not be compacted" in caplog.text and "the disk is full" in caplog.text
    assert disk_content(data_dir) == {"users": {ANN: {"xp": 20}}}
    vault.close()


def test_folded_journals_are_kept_and_expire(
    file_vault: FileVault, data_dir: Path, clock: HandClock
) -> None:
    """Each is kept for its days, then the next compaction removes it and history begins later."""
    namespace = on_disk(file_vault)
    for _ in range(3):
        give(namespace)
        give(namespace)
        namespace.compact()
    names = archived(data_dir)
    assert names == [
        "000000000001-000000000002.jsonl.gz",
        "000000000002.json",
        "000000000003-000000000004.jsonl.gz",
        "000000000005-000000000006.jsonl.gz",
    ]
    for name, days in zip(names, (31, 31, 29, 1), strict=True):
        at = clock.at / 1000 - days * DAY_MS / 1000
        os.utime(data_dir / "archive" / NAME / name, (at, at))
    assert namespace.compact() is False

    assert archived(data_dir) == names[1:]
    assert [batch.seq for batch in namespace.batches()] == [3, 4, 5, 6]
    assert [batch.seq for batch in namespace.batches(after=4)] == [5, 6]
    assert [batch.seq for batch in namespace.batches_back()] == [6, 5, 4, 3]


def test_archives_of_idle_namespaces_expire(
    file_vault: FileVault, data_dir: Path, clock: HandClock
) -> None:
    """The whole vault can be looked through: what is old enough goes, without a compaction."""
    names = [NAME, f"{NAME[:-1]}7"]
    for name in names:
        give(file_vault.namespace(name))
        file_vault.namespace(name).compact()
    idle = data_dir / "archive" / NAME
    for path in (*idle.iterdir(), data_dir / f"{NAME}.json"):
        os.utime(path, (clock.at / 1000 - 31 * DAY_MS / 1000,) * 2)
    file_vault.close()

    assert file_vault.expire() == 1
    assert list(idle.iterdir()) == []
    assert len(list((data_dir / "archive" / names[1]).iterdir())) == 1
    assert file_vault.expire() == 0
    assert content(file_vault.namespace(NAME)) == {"users": {ANN: {"xp": 10}}}


YEARS = 3 * 365 * DAY_MS


@pytest.mark.parametrize("gives", [0, 1, 5])
def test_a_clock_that_runs_ahead_removes_nothing(
    file_vault: FileVault, data_dir: Path, clock: HandClock, gives: int
) -> None:
    """Neither a compaction nor a look through the vault, with batches of that time or without."""
    clock.at = int(time.time() * 1000)  # as the files have it
    namespace = on_disk(file_vault)
    give(namespace)
    namespace.compact()
    give(namespace)
    before = archived(data_dir)
    clock.at += YEARS
    for _ in range(gives):
        give(namespace)
        clock.at += 1000
    namespace.compact()
    file_vault.expire()

    assert set(before) <= set(archived(data_dir))


@pytest.mark.parametrize(("days", "is_kept"), [(29, True), (33, False)])
def test_an_idle_guild_expires_by_the_others(
    file_vault: FileVault, data_dir: Path, clock: HandClock, days: int, is_kept: bool
) -> None:
    """What counts is the newest batch of the whole vault, once it went on for a day."""
    idle = on_disk(file_vault)
    give(idle)
    idle.compact()
    for path in (*(data_dir / "archive" / NAME).iterdir(), path_of(data_dir, ".json")):
        os.utime(path, (clock.at / 1000, clock.at / 1000))
    for _ in range(days):
        clock.at += DAY_MS
        give(file_vault.namespace(f"{NAME[:-1]}7"))
    file_vault.expire()

    assert bool(archived(data_dir)) == is_kept


def test_no_days_keep_no_archive(data_dir: Path) -> None:
    """With 0 days nothing is folded away, and what is there goes."""
    keeping = FileVault(data_dir, durability="os")
    give(keeping.namespace(NAME))
    keeping.namespace(NAME).compact()
    assert archived(data_dir) != []
    keeping.close()
    vault = FileVault(data_dir, durability="os", archive_days=0)
    namespace = vault.namespace(NAME)
    os.utime(next((data_dir / "archive" / NAME).iterdir()), (0, 0))
    give(namespace)
    namespace.compact()

    assert archived(data_dir) == []
    assert list(namespace.batches()) == []
    assert content(namespace) == {"users": {ANN: {"xp": 20}}}
    vault.close()


def test_archives_that_overlap_are_read_once(file_vault: FileVault, data_dir: Path) -> None:
    """A journal that was folded twice, after a crash, gives each batch once."""
    namespace = on_disk(file_vault)
    give(namespace)
    give(namespace)
    journal = path_of(data_dir, ".journal").read_bytes()
    give(namespace)
    namespace.compact()
    twin = data_dir / "archive" / NAME / "000000000001-000000000002.jsonl.gz"
    twin.write_bytes(gzip.compress(journal))

    assert [batch.seq for batch in namespace.batches()] == [1, 2, 3]
    assert [batch.seq for batch in namespace.batches_back()] == [3, 2, 1]


DAMAGES = {"empty": b"", "no gzip": b"no gzip", "cut short": gzip.compress(b'{"seq":1}\n')}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_archive_is_named(file_vault: FileVault, data_dir: Path, damage: bytes) -> None:
    """History stops with the name of the file; records are not affected."""
    namespace = on_disk(file_vault)
    give(namespace)
    namespace.compact()
    path = data_dir / "archive" / NAME / archived(data_dir)[0]
    path.write_bytes(damage)
    with pytest.raises(VaultDamaged) as caught:
        list(namespace.batches())

    assert caught.value.path == str(path)
    assert give(namespace) == 2


def test_history_goes_on_while_batches_come_and_files_change(file_vault: FileVault) -> None:
    """Somebody in the middle of reading history is not disturbed by commits and compactions."""
    namespace = on_disk(file_vault)
    for _ in range(4):
        give(namespace)
    reading = namespace.batches()
    seen = [next(reading).seq]
    give(namespace)
    namespace.compact()
    give(namespace)
    seen += [batch.seq for batch in reading]

    assert seen == [1, 2, 3, 4]
    assert [batch.seq for batch in namespace.batches()] == [1, 2, 3, 4, 5, 6]
