"""Crashes leave a prefix of whole batches; damage is refused with its place, never read over."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultDamaged, VaultUnavailable
from robo_xp.vault.batch import line_of
from robo_xp.vault.files.journal import scan
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import (
    ANN,
    BOB,
    NAME,
    ORIGIN,
    Content,
    content,
    disk_content,
    give,
    path_of,
)
from tests.vault.faults import FaultyFiles


def written(root: Path, batches: int = 5) -> bytes:
    """A small vault on disk; the bytes of its journal."""
    vault = FileVault(root, durability="os")
    namespace = vault.namespace(NAME)
    for number in range(1, batches):
        give(namespace, ANN, number)
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", BOB, {"name": 'a "crc":"0" line\n'})
        transaction.put("users", ANN, {"xp": 99})
    vault.close()
    return path_of(root, ".journal").read_bytes()


def ends_of(journal: bytes) -> list[int]:
    """Where the lines of a journal end."""
    return scan(journal, path="journal")[1]


def contents_of(journal: bytes) -> list[Content]:
    """What the tables are after each line of a journal."""
    found: list[Content] = [{}]
    for batch in scan(journal, path="journal")[0][1:]:
        users = dict(found[-1].get("users", {}))
        users.update({doc_id: record or {} for _, doc_id, record in batch.ops})
        found.append({"users": users})
    return found


def refusal(root: Path) -> VaultDamaged | None:
    """The error that reading gives now, if any."""
    vault = FileVault(root)
    try:
        vault.namespace(NAME).read()
    except VaultDamaged as error:
        return error
    finally:
        vault.close()
    return None


def test_a_cut_anywhere_leaves_whole_batches(data_dir: Path) -> None:
    """Cut at every byte of its last three batches, a journal opens as a prefix of whole ones."""
    journal = written(data_dir)
    ends, contents = ends_of(journal), contents_of(journal)
    path = path_of(data_dir, ".journal")
    for cut in range(ends[-4], len(journal) + 1):
        path.write_bytes(journal[:cut])
        whole = sum(end <= cut for end in ends)

        assert disk_content(data_dir) == contents[whole - 1], cut


def test_a_cut_journal_can_be_written_to(data_dir: Path) -> None:
    """The next commit follows the last whole batch, and the torn bytes are kept beside."""
    journal = written(data_dir)
    ends, contents = ends_of(journal), contents_of(journal)
    path, torn = path_of(data_dir, ".journal"), path_of(data_dir, ".journal.torn")
    for cut in range(ends[-4], len(journal) + 1):
        path.write_bytes(journal[:cut])
        torn.unlink(missing_ok=True)
        whole = max(end for end in ends if end <= cut)
        vault = FileVault(data_dir, files=FaultyFiles())  # makes no real syncs, which take long
        seq = give(vault.namespace(NAME), ANN, 0)
        vault.close()

        assert seq == ends.index(whole) + 1
        assert path.read_bytes()[:whole] == journal[:whole]
        assert disk_content(data_dir)["users"][ANN] == contents[seq - 1]["users"][ANN]
        assert (torn.read_bytes() if torn.exists() else b"") == journal[whole:cut]


def test_each_torn_end_is_kept(data_dir: Path) -> None:
    """What a second crash cut short does not take the place of the first."""
    written(data_dir)
    path = path_of(data_dir, ".journal")
    for cut in (b'{"seq":1', b'{"seq":2'):
        path.write_bytes(path.read_bytes() + cut)
        vault = FileVault(data_dir, durability="os")
        give(vault.namespace(NAME), ANN, 0)
        vault.close()

    assert path_of(data_dir, ".journal.torn").read_bytes() == b'{"seq":1'
    assert path_of(data_dir, ".journal.torn-2").read_bytes() == b'{"seq":2'


def test_zeros_of_a_power_cut_take_no_memory(data_dir: Path, tmp_path: Path) -> None:
    """A journal that ends in 200 MB of zeros is read, checked, copied and written to in a few."""
    written(data_dir)
    path = path_of(data_dir, ".journal")
    before, whole = disk_content(data_dir), path.stat().st_size
    os.truncate(path, 200_000_000)
    tracemalloc.start()
    with RoboXP.open(data_dir, durability="os") as robo:
        checked = robo.maintenance.check()
        robo.maintenance.create_backup(str(tmp_path / "b.tar.gz"))
        read = content(robo.vault.namespace(NAME))
        give(robo.vault.namespace(NAME), "899999999999999999", 1)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert read == before
    assert [note.file for note in checked.warnings] == [str(path)]
    assert whole < path.stat().st_size < whole + 1000
    assert most < 20_000_000


def test_a_flipped_bit_before_the_last_line_is_refused(data_dir: Path) -> None:
    """Whichever bit it is, the error names the file and the byte where the bad line starts."""
    journal = written(data_dir)
    path = path_of(data_dir, ".journal")
    starts = [0, *ends_of(journal)]
    for at in range(starts[-2]):
        start = max(start for start in starts if start <= at)
        for bit in range(8):
            flipped = bytearray(journal)
            flipped[at] ^= 1 << bit
            path.write_bytes(flipped)
            error = refusal(data_dir)

            assert error is not None, (at, bit)
            assert (error.path, error.offset) == (str(path), start)


def test_a_flipped_bit_in_the_last_line_is_never_believed(data_dir: Path) -> None:
    """A bad last line is refused, or left out like one that a crash cut short."""
    journal = written(data_dir)
    path = path_of(data_dir, ".journal")
    before_last = contents_of(journal)[-2]
    for at in range(ends_of(journal)[-2], len(journal)):
        for bit in range(8):
            flipped = bytearray(journal)
            flipped[at] ^= 1 << bit
            path.write_bytes(flipped)

            assert refusal(data_dir) or disk_content(data_dir) == before_last, (at, bit)


def test_a_flipped_bit_in_the_snapshot_is_refused(data_dir: Path) -> None:
    """Whichever bit it is, the snapshot is not read."""
    written(data_dir)
    vault = FileVault(data_dir)
    vault.namespace(NAME).compact()
    vault.close()
    path = path_of(data_dir, ".json")
    snapshot = path.read_bytes()
    for at in range(len(snapshot)):
        flipped = bytearray(snapshot)
        flipped[at] ^= 1 << (at % 8)
        path.write_bytes(flipped)
        error = refusal(data_dir)

        assert error is not None and error.path == str(path), at
    path.write_bytes(b"")
    assert refusal(data_dir) is not None
    path.write_bytes(snapshot)
    assert refusal(data_dir) is None


def test_damage_stays_refused_and_is_not_written_over(data_dir: Path) -> None:
    """A handle that found damage refuses each later read and write, and leaves the file alone."""
    journal = bytearray(written(data_dir))
    journal[ends_of(bytes(journal))[1] + 5] ^= 1
    path_of(data_dir, ".journal").write_bytes(journal)
    vault = FileVault(data_dir)
    namespace = vault.namespace(NAME)
    for _ in range(2):
        with pytest.raises(VaultDamaged):
            namespace.read()
        with pytest.raises(VaultDamaged):
            give(namespace)
        with pytest.raises(VaultDamaged):
            namespace.compact()
        with pytest.raises(VaultDamaged):
            list(namespace.batches())
    vault.close()

    assert path_of(data_dir, ".journal").read_bytes() == journal
    assert namespace.exists() and vault.names() == [NAME]


def test_damage_under_an_open_handle_is_refused(data_dir: Path) -> None:
    """A batch that does not follow the last one is refused by those who only read on, each time."""
    written(data_dir)
    vault = FileVault(data_dir)
    namespace = vault.namespace(NAME)
    namespace.read()
    (batch,) = namespace.batches(after=4)
    with path_of(data_dir, ".journal").open("ab") as file:
        file.write(line_of(batch))
    for _ in range(2):
        with pytest.raises(VaultDamaged, match="batch 5 follows batch 5"):
            namespace.read()
    vault.close()


@pytest.mark.parametrize("compactions", [0, 1, 2])
def test_a_missing_journal_is_no_empty_namespace(data_dir: Path, compactions: int) -> None:
    """A snapshot without its journal is refused, by an open handle and by a new one."""
    written(data_dir)
    vault = FileVault(data_dir)
    namespace = vault.namespace(NAME)
    for _ in range(compactions):
        give(namespace)
        namespace.compact()
    namespace.read()
    path_of(data_dir, ".journal").unlink()
    with pytest.raises(VaultDamaged, match="journal"):
        namespace.read()
    with pytest.raises(VaultDamaged, match="journal"):
        give(namespace)
    vault.close()

    assert (refusal(data_dir) is not None) == (compactions > 0)
    assert vault.names() == ([NAME] if compactions else [])


def test_a_missing_snapshot_is_refused(data_dir: Path) -> None:
    """A journal that continues a snapshot does not stand alone."""
    written(data_dir)
    vault = FileVault(data_dir)
    vault.namespace(NAME).compact()
    vault.close()
    path_of(data_dir, ".json").unlink()
    error = refusal(data_dir)

    assert error is not None
    assert error.path == str(path_of(data_dir, ".json")) and "batch 5 is missing" in error.message


@pytest.mark.parametrize("mixed", ["older snapshot", "older journal", "another's snapshot"])
def test_a_mixed_up_pair_is_refused(data_dir: Path, tmp_path: Path, mixed: str) -> None:
    """A snapshot and a journal that do not belong together are not read as one."""
    journal, snapshot = path_of(data_dir, ".journal"), path_of(data_dir, ".json")
    written(data_dir)
    vault = FileVault(data_dir)
    namespace = vault.namespace(NAME)
    namespace.compact()
    give(namespace)
    older = {"older snapshot": snapshot, "older journal": journal}.get(mixed)
    kept = older.read_bytes() if older else b""
    give(namespace)
    namespace.compact()
    vault.close()
    if older:
        older.write_bytes(kept)
    else:
        written(tmp_path / "other")
        other = FileVault(tmp_path / "other")
        other.namespace(NAME).compact()
        other.close()
        snapshot.write_bytes(path_of(tmp_path / "other", ".json").read_bytes())

    assert refusal(data_dir) is not None


@pytest.mark.parametrize("head", [b"", b'{"seq":1}\n'])
def test_a_journal_without_a_head_is_refused(data_dir: Path, head: bytes) -> None:
    """An empty journal, or one that starts with something else, is damaged from byte 0."""
    journal = written(data_dir)
    path_of(data_dir, ".journal").write_bytes(head + journal[len(journal) :])
    error = refusal(data_dir)

    assert error is not None and error.offset == 0


def test_a_lost_first_line_is_refused(data_dir: Path) -> None:
    """A journal whose head was cut away is not read as an empty or shorter one."""
    journal = written(data_dir)
    path_of(data_dir, ".journal").write_bytes(journal[ends_of(journal)[0] :])
    error = refusal(data_dir)

    assert error is not None and "no head" in error.message


def test_a_lost_line_is_refused(data_dir: Path) -> None:
    """A gap in the numbers is damage."""
    journal = written(data_dir)
    ends = ends_of(journal)
    path_of(data_dir, ".journal").write_bytes(journal[: ends[1]] + journal[ends[2] :])
    error = refusal(data_dir)

    assert error is not None and "batch 3 follows batch 1" in error.message


def test_a_later_format_is_refused(data_dir: Path) -> None:
    """A journal or folder of a later format is left to the later version."""
    journal = written(data_dir)
    path = path_of(data_dir, ".journal")
    (head, *_), ends = scan(journal, path="journal")
    assert head.head is not None
    head.head["format"] = 3
    path.write_bytes(line_of(head) + journal[ends[0] :])
    with pytest.raises(VaultUnavailable, match="format 3"):
        disk_content(data_dir)
    (data_dir / "format.json").write_text('{"format": 3}')
    with pytest.raises(VaultUnavailable, match="format 3"):
        FileVault(data_dir)
    (data_dir / "format.json").write_text("[]")
    with pytest.raises(VaultDamaged):
        FileVault(data_dir)


def test_a_batch_that_was_taken_back_is_forgotten(data_dir: Path) -> None:
    """A reader that saw a batch which its writer had to take back follows what came instead."""
    journal = written(data_dir)
    path = path_of(data_dir, ".journal")
    ends = ends_of(journal)
    vault = FileVault(data_dir)
    namespace = vault.namespace(NAME)
    for instead in (1, 4):
        path.write_bytes(journal)
        assert namespace.read().seq == 5
        other = FileVault(data_dir, durability="os")
        path.write_bytes(journal[: ends[-2]])
        for _ in range(instead):
            give(other.namespace(NAME), ANN, 1000)

        assert content(namespace) == content(other.namespace(NAME))
        assert namespace.read().seq == 4 + instead
        other.close()
    vault.close()
