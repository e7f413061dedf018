"""A repair keeps what proves itself, says what is lost, keeps the originals, and ends clean."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import Refused, VaultBusy, VaultUnavailable
from robo_xp.usecases.maintenance import RepairReport
from robo_xp.vault import Origin
from robo_xp.vault.batch import batch_of, line_of
from robo_xp.vault.files.disk import Files
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.port import Namespace
from tests.vault.acts import ANN, BOB, CARL, GUILD, NAME, ORIGIN, content, disk_content, path_of
from tests.vault.care.test_check import check, damage, files_of, line_starts
from tests.vault.faults import Fault, FaultyFiles, Stop

Change = Callable[[bytes, list[int]], bytes]


def member(xp: int) -> dict[str, Any]:
    """A sound record."""
    return {"xp": xp, "level": 0, "lastAwardedAt": 0, "messages": 0, "xpMessages": 0}


def give(namespace: Namespace, user_id: str = ANN, xp: int = 10) -> int:
    """Add XP in one batch; the number of the batch."""
    with namespace.transaction(ORIGIN) as transaction:
        held = transaction.get("users", user_id) or member(0)
        transaction.put("users", user_id, member(held["xp"] + xp))
    assert transaction.seq is not None
    return transaction.seq


def written(root: Path) -> list[Any]:
    """A namespace with a folded journal, a snapshot of batch 4 and batches 5 to 8; all states."""
    vault = FileVault(root, durability="os")
    namespace = vault.namespace(NAME)
    states = [content(namespace)]
    for number in range(1, 9):
        give(namespace, (ANN, BOB)[number % 2], number)
        states.append(content(namespace))
        if number == 4:
            namespace.compact()
    vault.close()
    return states


def repair(root: Path, **options: Any) -> RepairReport:
    with RoboXP.open(root, to_mend=True, by="cli:alice") as robo:
        return robo.maintenance.repair(**options)


def last_batch(root: Path) -> Any:
    vault = FileVault(root)
    batch = next(iter(vault.namespace(NAME).batches_back()))
    vault.close()
    return batch


# what happens to the journal -> the lost batches, and the state of which batch is there again
JOURNAL_CASES: dict[str, tuple[Change, tuple[tuple[int, int], ...], int | None]] = {
    "head": (lambda d, s: b"?" + d[1:], (), 8),
    "last but one": (lambda d, s: d[: s[3] + 9] + b"?" + d[s[3] + 10 :], ((7, 7),), None),
    "first": (lambda d, s: d[: s[1] + 9] + b"?" + d[s[1] + 10 :], ((5, 5),), None),
    "two": (lambda d, s: d[: s[1] + 9] + b"??\n" + d[s[3] - 9 :], ((5, 6),), None),
    "newline": (lambda d, s: d[: s[2] - 1] + d[s[2] :], (), 8),
    "second writer": (lambda d, s: d[: s[3]] + d[s[2] :], (), 8),
    "garbage": (lambda d, s: d[: s[1]] + b"garbage\n" + d[s[1] :], (), 8),
    "all but the head": (lambda d, s: d[: s[1]] + b"?\n?\n", (), 4),
    "all": (lambda d, s: b"", (), 4),
}


@pytest.mark.parametrize("case", JOURNAL_CASES)
def test_a_damaged_journal(case: str, data_dir: Path) -> None:
    """Whole batches are kept, also after lost ones, whose numbers are told; originals are kept."""
    change, lost, seq = JOURNAL_CASES[case]
    states = written(data_dir)
    journal = path_of(data_dir, ".journal")
    starts = line_starts(journal)
    damage(journal, lambda data: change(data, starts))
    original = journal.read_bytes()
    (done,) = repair(data_dir).files

    assert done.lost == lost
    assert original in [Path(copy).read_bytes() for copy in done.copies]
    assert check(data_dir).damaged == []
    if seq is not None:
        assert disk_content(data_dir) == states[seq]


def test_a_number_that_two_lines_claim_is_named(data_dir: Path) -> None:
    """Of two different whole lines with one number the first is kept, and the number is told."""
    written(data_dir)
    journal = path_of(data_dir, ".journal")
    start, end = line_starts(journal)[2:4]
    line = batch_of(journal.read_bytes()[start : end - 1])
    twin = line_of(msgspec.structs.replace(line, by="another"))
    damage(journal, lambda data: data[:end] + twin + data[end:])
    (done,) = repair(data_dir).files

    assert done.lost == ((6, 6),)
    assert check(data_dir).damaged == []


def test_a_last_line_with_its_newline_is_named(data_dir: Path) -> None:
    """A batch that is not as it was written, but has its end, may have been acknowledged."""
    states = written(data_dir)
    journal = path_of(data_dir, ".journal")
    start = line_starts(journal)[-1]
    damage(journal, lambda data: data[: start + 9] + b"?" + data[start + 10 :])
    (done,) = repair(data_dir).files

    assert done.lost == ((8, 8),)
    assert disk_content(data_dir) == states[7]


def test_an_empty_journal_says_that_nothing_is_left(data_dir: Path) -> None:
    """Without snapshot and archive it is no beginning: the way leads to the backups."""
    vault = FileVault(data_dir, durability="os")
    give(vault.namespace(NAME))
    vault.close()
    path_of(data_dir, ".journal").write_bytes(b"")
    (done,) = repair(data_dir).files

    assert "nothing is left" in done.refused and "backup list" in done.refused
    repair(data_dir, salvage=True)
    assert (disk_content(data_dir), check(data_dir).damaged) == ({}, [])


def test_an_empty_journal_beside_an_archive(data_dir: Path) -> None:
    """What was folded away is the state to go on from, also where the snapshot is lost too."""
    states = written(data_dir)
    path_of(data_dir, ".json").unlink()
    path_of(data_dir, ".journal").write_bytes(b"")
    (done,) = repair(data_dir).files

    assert done.kept.startswith("the archive from batch 1 on")
    assert disk_content(data_dir) == states[4]
    assert check(data_dir).damaged == []


def test_after_images_survive_a_lost_batch(data_dir: Path) -> None:
    """Members that a later batch wrote are as it says; others fall back to before the lost one."""
    vault = FileVault(data_dir, durability="os")
    namespace = vault.namespace(NAME)
    for user in (ANN, BOB, CARL):
        give(namespace, user, 1)
    with namespace.transaction(Origin("t", "t")) as transaction:
        transaction.put("users", ANN, member(50))
        transaction.put("users", BOB, member(50))
    give(namespace, BOB, 7)
    vault.close()
    journal = path_of(data_dir, ".journal")
    start = line_starts(journal)[4]
    damage(journal, lambda data: data[: start + 9] + b"?" + data[start + 10 :])
    (done,) = repair(data_dir).files

    assert done.lost == ((4, 4),)
    assert disk_content(data_dir) == {"users": {ANN: member(1), BOB: member(57), CARL: member(1)}}


def test_the_history_tells_of_a_repair(data_dir: Path) -> None:
    """The first batch afterwards names author, reason and loss; whole batches stay in history."""
    written(data_dir)
    journal = path_of(data_dir, ".journal")
    start = line_starts(journal)[2]
    damage(journal, lambda data: data[: start + 9] + b"?" + data[start + 10 :])
    repair(data_dir, reason="disk died")
    vault = FileVault(data_dir)
    batches = list(vault.namespace(NAME).batches())
    vault.close()

    assert [batch.seq for batch in batches] == [1, 2, 3, 4, 5, 7, 8, 10]
    told = batches[-1]
    assert (told.by, told.cmd, told.reason) == ("cli:alice", "vault repair", "disk died")
    assert next(told.raw_events())["lost"] == [[6, 6]]


def test_numbers_are_never_given_twice(data_dir: Path) -> None:
    """After a repair numbers go on above all that the damaged files tell of, however odd."""
    written(data_dir)
    damage(path_of(data_dir, ".journal"), lambda data: b"?" + data[1:])
    repair(data_dir)
    vault = FileVault(data_dir)
    number = give(vault.namespace(NAME))
    vault.close()

    assert number == 8 + 3  # one left out, one that tells of the repair, this one


def test_a_lost_journal(data_dir: Path) -> None:
    """The snapshot alone is the state to go on from."""
    states = written(data_dir)
    path_of(data_dir, ".journal").unlink()
    (done,) = repair(data_dir).files

    assert done.kept == "the snapshot of batch 4"
    assert disk_content(data_dir) == states[4]
    assert check(data_dir).damaged == []


@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_a_lost_snapshot_is_rebuilt_from_the_archive(how: str, data_dir: Path) -> None:
    """An archive that reaches back to batch 1 gives the whole state again."""
    states = written(data_dir)
    snapshot = path_of(data_dir, ".json")
    if how == "gone":
        snapshot.unlink()
    else:
        damage(snapshot, lambda data: data[:20] + b"?" + data[21:])
    (done,) = repair(data_dir).files

    assert done.lost == ()
    assert done.kept == "the archive from batch 1 on and 8 later batches"
    assert disk_content(data_dir) == states[8]
    assert check(data_dir).damaged == []


def test_a_lost_snapshot_is_rebuilt_from_an_archived_one(data_dir: Path) -> None:
    """Where the first batches are gone, a snapshot in the archive will do."""
    states = written(data_dir)
    vault = FileVault(data_dir)
    vault.namespace(NAME).compact()
    give(vault.namespace(NAME), ANN, 1)
    states.append(content(vault.namespace(NAME)))
    vault.close()
    (data_dir / "archive" / NAME / "000000000001-000000000004.jsonl.gz").unlink()
    path_of(data_dir, ".json").unlink()
    (done,) = repair(data_dir).files

    assert done.kept == "the archived snapshot of batch 4 and 5 later batches"
    assert disk_content(data_dir) == states[9]


def without_archive(root: Path) -> None:
    for path in (root / "archive" / NAME).iterdir():
        path.unlink()


def test_a_snapshot_that_nothing_replaces_is_left_alone(data_dir: Path) -> None:
    """Without archive a lost snapshot is no matter of a repair: everything stays as it is."""
    written(data_dir)
    without_archive(data_dir)
    damage(path_of(data_dir, ".json"), lambda data: data[:20] + b"?" + data[21:])
    before = files_of(data_dir)
    (done,) = repair(data_dir).files

    assert "--salvage" in done.refused
    assert files_of(data_dir) == before


def test_salvage_keeps_what_can_be_read(data_dir: Path) -> None:
    """With salvage a snapshot with a wrong crc is read as it stands, and batches come on top."""
    states = written(data_dir)
    without_archive(data_dir)
    damage(path_of(data_dir, ".json"), lambda data: data.replace(b'"crc":"', b'"crc":"f', 1))
    (done,) = repair(data_dir, salvage=True).files

    assert done.kept.startswith("what can be read of the snapshot")
    assert disk_content(data_dir) == states[8]
    assert check(data_dir).damaged == []


def test_salvage_keeps_later_batches(data_dir: Path) -> None:
    """With salvage and no snapshot at all, the members of kept batches are what is left."""
    states = written(data_dir)
    without_archive(data_dir)
    path_of(data_dir, ".json").write_bytes(b"\0" * 100)
    (done,) = repair(data_dir, salvage=True).files

    assert done.lost == ((1, 4),)
    assert disk_content(data_dir) == states[8]  # both members were written since


def test_a_mixed_pair(data_dir: Path) -> None:
    """Of two files from different lives the journal's life is kept where the archive has it all."""
    states = written(data_dir)
    other = f"xp/default/{CARL}"
    vault = FileVault(data_dir)
    give(vault.namespace(other), CARL, 5)
    vault.namespace(other).compact()
    vault.close()
    foreign = path_of(data_dir, ".json", other).read_bytes()
    path_of(data_dir, ".json").write_bytes(foreign)
    repair(data_dir)

    assert disk_content(data_dir) == states[8]
    assert check(data_dir).damaged == []


def test_a_mixed_pair_without_archive(data_dir: Path) -> None:
    """Without an archive nothing is made of another's snapshot, and nothing is changed."""
    written(data_dir)
    other = f"xp/default/{CARL}"
    vault = FileVault(data_dir)
    give(vault.namespace(other), CARL, 5)
    vault.namespace(other).compact()
    vault.close()
    without_archive(data_dir)
    path_of(data_dir, ".json").write_bytes(path_of(data_dir, ".json", other).read_bytes())
    before = files_of(data_dir)
    for salvage in (False, True):
        (done,) = repair(data_dir, salvage=salvage).files
        assert "another namespace" in done.refused

    assert files_of(data_dir) == before


def test_a_damaged_archive(data_dir: Path) -> None:
    """Whole batches of a damaged folded journal stay in history; the state is not touched."""
    states = written(data_dir)
    folded = next((data_dir / "archive" / NAME).iterdir())
    lines = gzip.decompress(folded.read_bytes()).split(b"\n")
    lines[2] = b"?" + lines[2][1:]
    folded.write_bytes(gzip.compress(b"\n".join(lines)))
    (done,) = repair(data_dir).files

    assert "batch 2 gone from the history" in done.kept
    assert check(data_dir).damaged == []
    assert disk_content(data_dir) == states[8]
    vault = FileVault(data_dir)
    assert [batch.seq for batch in vault.namespace(NAME).batches()] == [1, 3, 4, 5, 6, 7, 8]
    vault.close()


def test_an_archive_cut_short(data_dir: Path) -> None:
    """Of a gzip file that lost its end, what comes before is kept."""
    written(data_dir)
    folded = next((data_dir / "archive" / NAME).iterdir())
    damage(folded, lambda data: data[:-12])
    repair(data_dir)

    assert check(data_dir).damaged == []


def test_an_unfinished_end_is_cut(data_dir: Path) -> None:
    """The torn bytes are kept beside, and nothing else changes."""
    states = written(data_dir)
    journal = path_of(data_dir, ".journal")
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"seq":9,')
    (done,) = repair(data_dir).files

    assert journal.read_bytes() == whole
    assert Path(done.copies[0]).read_bytes() == b'{"seq":9,'
    assert disk_content(data_dir) == states[8]


def test_the_format_is_written_anew(data_dir: Path) -> None:
    """A format that cannot be read is kept beside and made again; a later one is refused."""
    states = written(data_dir)
    path = data_dir / "format.json"
    path.write_text("{")
    report = repair(data_dir)

    assert Path(report.format_copy or "").read_text() == "{"
    assert disk_content(data_dir) == states[8]
    path.write_text('{"format": 3}')
    with pytest.raises(VaultUnavailable):
        repair(data_dir)


def test_records_are_made_sound(data_dir: Path) -> None:
    """Wrong counters go to the nearest right ones, wrong settings and ids are dropped, all in one
    batch that keeps the old records.
    """
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 200)
        good = dict(robo.vault.namespace(NAME).read().records("users")[ANN])
        with robo.vault.namespace(NAME).transaction(Origin("t", "t")) as transaction:
            transaction.put("users", ANN, {**good, "xp": -1, "messages": 2.5, "extra": 1})
            transaction.put("users", "12", good)
            transaction.put("config", "1", {"xpRate": 11, "rewardsMode": "stack"})
    report = repair(data_dir, reason="typed by hand")

    assert [one.removed for one in report.records] == [False, True, False]
    assert disk_content(data_dir) == {
        "users": {ANN: {**good, "xp": 0, "messages": 0, "extra": 1}},
        "config": {"1": {"rewardsMode": "stack"}},
    }
    assert check(data_dir).damaged == []
    told = last_batch(data_dir)
    assert (told.cmd, told.reason) == ("vault repair", "typed by hand")
    assert [event["old"] for event in told.raw_events() if event["id"] == "12"] == [good]


def test_leftovers_are_removed(data_dir: Path) -> None:
    """Half-written files older than a minute go; younger ones may still be written."""
    written(data_dir)
    old, young = path_of(data_dir, ".json.new"), path_of(data_dir, ".journal.new")
    for path in (old, young):
        path.write_text("x")
    os.utime(old, (0, 0))
    report = repair(data_dir)

    assert report.removed == (str(old),)
    assert young.exists() and not old.exists()


def test_a_dry_run_changes_nothing(data_dir: Path) -> None:
    """A dry run tells the same result and leaves every byte."""
    written(data_dir)
    journal = path_of(data_dir, ".journal")
    start = line_starts(journal)[2]
    damage(journal, lambda data: data[: start + 9] + b"?" + data[start + 10 :])
    before = files_of(data_dir)
    tried = repair(data_dir, dry_run=True)

    assert files_of(data_dir) == before
    (done,) = repair(data_dir).files
    assert (tried.files[0].kept, tried.files[0].lost) == (done.kept, done.lost)


def test_a_whole_vault_is_left_alone(data_dir: Path) -> None:
    """Where nothing is wrong nothing is written."""
    written(data_dir)
    before = files_of(data_dir)
    report = repair(data_dir)

    assert (report.files, report.records, report.removed) == ((), (), ())
    assert files_of(data_dir) == before


def test_a_writer_is_waited_for(data_dir: Path) -> None:
    """While somebody writes, the repair waits, and then gives up with nothing changed."""
    written(data_dir)
    vault = FileVault(data_dir)
    with vault.namespace(NAME).transaction(Origin("t", "t")):
        damage(path_of(data_dir, ".journal"), lambda data: b"?" + data[1:])
        before = files_of(data_dir)
        with RoboXP.open(data_dir, lock_wait=0.05) as robo, pytest.raises(VaultBusy):
            robo.maintenance.repair()
    vault.close()

    assert files_of(data_dir) == before


def test_an_open_handle_follows(data_dir: Path) -> None:
    """A handle that was open before goes on with the repaired state."""
    written(data_dir)
    vault = FileVault(data_dir)
    namespace: Namespace = vault.namespace(NAME)
    before = content(namespace)
    journal = path_of(data_dir, ".journal")
    start = line_starts(journal)[4]
    damage(journal, lambda data: data[: start + 9] + b"?" + data[start + 10 :])
    damage(journal, lambda data: data + data[start:])
    repair(data_dir)

    assert content(namespace) == disk_content(data_dir) != before
    give(namespace, CARL, 3)
    assert disk_content(data_dir)["users"][CARL] == member(3)
    vault.close()


def test_memory_has_nothing_to_repair() -> None:
    """A vault without files says so."""
    from robo_xp.ports import SystemChance, SystemClock
    from robo_xp.usecases.core import Core
    from robo_xp.vault.memory import MemoryVault

    core = Core(MemoryVault(), SystemClock(), SystemChance(), Origin("t", ""))
    with pytest.raises(Refused):
        RoboXP(core).maintenance.check()


def open_with(root: Path, files: Files) -> RoboXP:
    """A handle on a vault with a file layer of the test's own."""
    from robo_xp.ports import SystemChance
    from robo_xp.usecases.core import Core
    from robo_xp.vault.care.file_care import FileCare

    vault = FileVault(root, files=files, to_mend=True, care=FileCare)
    return RoboXP(Core(vault, vault.clock, SystemChance(), Origin("t", "")))


def test_a_repair_that_is_stopped_is_repeated(tmp_path: Path) -> None:
    """Killed at any call to the disk, the next repair gives the same state, and it is clean."""
    outcomes: set[str] = set()
    at = 1
    while True:
        root = tmp_path / str(at)
        states = written(root)
        journal = path_of(root, ".journal")
        damage(journal, lambda data: b"?" + data[1:])
        files = FaultyFiles(Fault(at, "stop"))
        try:
            open_with(root, files).maintenance.repair()
        except Stop:
            pass
        repair(root)
        assert check(root).damaged == []
        assert disk_content(root) == states[8]
        outcomes.add("stopped" if files.fired else "whole")
        if not files.fired:
            break
        at += 1

    assert outcomes == {"stopped", "whole"}
    assert at > 10


damages = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "drop", "repeat", "insert"]),
        st.sampled_from([".journal", ".json", "archive"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 200),
    ),
    min_size=1,
    max_size=3,
)


def hurt(path: Path, kind: str, where: float, size: int) -> None:
    """Damage a file in one of several ways."""
    data = path.read_bytes()
    at = int(where * len(data))
    end = at + size
    path.write_bytes(
        {
            "flip": data[:at] + bytes([(data + b"\0")[at] ^ (1 << size % 8)]) + data[at + 1 :],
            "cut": data[:at],
            "drop": data[:at] + data[end:],
            "repeat": data[:end] + data[at:],
            "insert": data[:at] + bytes(size) + data[at:],
        }[kind]
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damages)
@example([("flip", ".journal", 0.0, 1), ("flip", ".json", 0.0, 1)])
def test_any_damage_ends_clean(hurts: list[tuple[str, str, float, int]]) -> None:
    """Whatever happens to the bytes, what was true of each member at some batch is what is left;
    a second repair finds nothing, and the namespace can be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        states = written(root)
        for kind, part, where, size in hurts:
            folded = sorted((root / "archive" / NAME).glob("*.gz"))
            hurt(folded[0] if part == "archive" else path_of(root, part), kind, where, size)
        report = repair(root, salvage=True)

        assert report.refused == ()
        assert check(root).damaged == []
        again = repair(root)
        assert (again.files, again.records) == ((), ())
        users = disk_content(root).get("users", {})
        if not any("can be read" in one.kept for one in report.files):
            for user_id, record in users.items():
                assert record in [state.get("users", {}).get(user_id) for state in states]
        vault = FileVault(root)
        give(vault.namespace(NAME), CARL, 1)
        vault.close()
        assert disk_content(root)["users"][CARL] == member(1)
