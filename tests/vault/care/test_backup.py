"""Backups hold a state that was there; restoring gives exactly it, or changes nothing."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import (
    FileMissing,
    InvalidValue,
    NotFound,
    Refused,
    RoboXPError,
    TooFarBack,
    VaultBusy,
    VaultDamaged,
    VaultUnavailable,
)
from robo_xp.vault import Origin, Restored
from robo_xp.vault.care.restore import Restore
from robo_xp.vault.care_port import RestoreOrder
from robo_xp.vault.files.archive import Archive
from robo_xp.vault.files.disk import Files
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.name import name_of
from tests.vault.acts import (
    ANN,
    BOB,
    GUILD,
    NAME,
    Content,
    HandClock,
    content,
    disk_content,
    path_of,
)
from tests.vault.care.test_check import check, damage, files_of
from tests.vault.care.test_repair import give, member, open_with
from tests.vault.faults import Fault, FaultyFiles, Stop

OTHER = "888888888888888888"
SECOND = f"xp/default/{OTHER}"
ROOT = Path(__file__).parents[3]
DAY = 86_400_000


def fill(root: Path, clock: HandClock | None = None) -> None:
    """Two guilds and names: with snapshot, journal and archive, and without."""
    vault = FileVault(root, durability="os", clock=clock)
    for number in range(1, 7):
        give(vault.namespace(NAME), (ANN, BOB)[number % 2], number)
        if number == 3:
            vault.namespace(NAME).compact()
    give(vault.namespace(SECOND), ANN, 5)
    with vault.namespace(f"names/{GUILD}").transaction(Origin("t", "names")) as transaction:
        transaction.put("members", ANN, {"name": "Zoë"})
    vault.close()


def backup(root: Path, target: Path) -> Path:
    with RoboXP.open(root) as robo:
        return Path(robo.maintenance.create_backup(str(target)).path)


def restore(root: Path, source: Path | None = None, **options: Any) -> Restored:
    with RoboXP.open(root, to_mend=True, by="cli:alice") as robo:
        return robo.maintenance.restore(None if source is None else str(source), **options)


def contents(root: Path) -> dict[str, Content]:
    """The content of each namespace that has any."""
    vault = FileVault(root)
    found = {name: content(vault.namespace(name)) for name in vault.names()}
    vault.close()
    return {name: tables for name, tables in found.items() if tables}


def history(root: Path) -> list[tuple[int, str]]:
    vault = FileVault(root)
    found = [(batch.seq, batch.cmd) for batch in vault.namespace(NAME).batches()]
    vault.close()
    return found


# -- create ----------------------------------------------------------------------------------------


def test_a_backup_gives_everything_back(data_dir: Path, tmp_path: Path) -> None:
    """In an empty folder all namespaces are as they were, their history too, and one batch tells
    of it.
    """
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    fresh = tmp_path / "fresh"
    done = restore(fresh, made, reason="moved")

    assert contents(fresh) == contents(data_dir)
    assert history(fresh) == [*history(data_dir), (7, "backup restore")]
    assert {one.name: one.from_seq for one in done.namespaces}[NAME] == 6
    assert done.kept is None
    assert [*check(fresh).damaged, *check(fresh).warnings] == []


def test_a_backup_is_private_and_named_by_its_time(data_dir: Path, tmp_path: Path) -> None:
    """A folder gets a file with the time in its name, for its owner alone; no two share a name."""
    fill(data_dir)
    first, second = backup(data_dir, tmp_path), backup(data_dir, tmp_path)

    assert first != second and first.name.startswith("robo-xp-")
    assert first.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == sorted([data_dir, first, second])


def test_the_usual_place_is_beside_the_data_folder(data_dir: Path) -> None:
    """Without a place the backup goes into the folder that has -backups behind the name."""
    fill(data_dir)
    with RoboXP.open(data_dir) as robo:
        path = Path(robo.maintenance.create_backup().path)
        rows = robo.maintenance.backups()

    assert path.parent == data_dir.with_name("data-backups")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [row.path for row in rows] == [str(path)]


def test_no_backup_is_overwritten(data_dir: Path, tmp_path: Path) -> None:
    """A file that is there stays as it is."""
    fill(data_dir)
    taken = tmp_path / "b.tar.gz"
    taken.write_text("mine")

    with pytest.raises(Refused):
        backup(data_dir, taken)
    assert taken.read_text() == "mine"


def test_nothing_to_keep(data_dir: Path, tmp_path: Path) -> None:
    """An empty vault has no backup."""
    with pytest.raises(Refused):
        backup(data_dir, tmp_path / "b.tar.gz")
    assert list(tmp_path.iterdir()) == []


def spoil(root: Path, suffix: str = ".json") -> bytes:
    """Damage a file of the first guild; what is in it then."""
    damage(path_of(root, suffix), lambda data: data[:9] + b"?" + data[10:])
    return path_of(root, suffix).read_bytes()


@pytest.mark.parametrize("suffix", [".json", ".journal"])
def test_a_damaged_namespace_is_kept_as_it_is(suffix: str, data_dir: Path, tmp_path: Path) -> None:
    """Whatever file is damaged, all others are backed up, and its files byte by byte, marked."""
    fill(data_dir)
    left = contents(data_dir)
    del left[NAME]
    spoiled = spoil(data_dir, suffix)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    restored = restore(tmp_path / "fresh", made)

    assert (contents(tmp_path / "fresh"), restored.damaged) == (left, (NAME,))
    with tarfile.open(made) as tar:
        file = tar.extractfile(f"damaged/{NAME}{suffix}")
        assert file is not None and file.read() == spoiled
        inside = tar.getnames()
    assert not [name for name in inside if name.startswith((NAME, f"archive/{NAME}"))]
    assert [name for name in inside if name.startswith(f"damaged/archive/{NAME}/")]


def test_what_a_backup_has_only_damaged_stays(data_dir: Path, tmp_path: Path) -> None:
    """Damaged is not missing: a restore does not empty what the backup has damaged."""
    fill(data_dir)
    before = contents(data_dir)
    whole = path_of(data_dir, ".json").read_bytes()
    spoil(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    path_of(data_dir, ".json").write_bytes(whole)
    with RoboXP.open(data_dir) as robo:
        robo.xp.set(OTHER, ANN, 9_999)
    restore(data_dir, made)

    assert contents(data_dir) == before


def test_a_backup_of_nothing_whole(data_dir: Path, tmp_path: Path) -> None:
    """Where every namespace is damaged their files are kept, and there is nothing to restore."""
    vault = FileVault(data_dir)
    give(vault.namespace(NAME), ANN, 5)
    vault.namespace(NAME).compact()
    vault.close()
    spoil(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")

    with pytest.raises(VaultDamaged, match=NAME):
        restore(data_dir, made)


WRITER = f"""
import sys
from robo_xp.vault import Origin
from robo_xp.vault.files.vault import FileVault
vault = FileVault(sys.argv[1], durability="os", compact_from=3000)
count = 0
print("on", flush=True)
while True:
    count += 1
    for name in ("{NAME}", "{SECOND}"):
        namespace = vault.namespace(name)
        with namespace.transaction(Origin("w", "w")) as transaction:
            held = transaction.get("users", "{ANN}") or {{"xp": 0}}
            transaction.put("users", "{ANN}", {{**held, "xp": held["xp"] + 1}})
            transaction.put("users", "{BOB}", {{**held, "xp": -held["xp"] - 1}})
"""


@pytest.fixture
def writer(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes without a pause, and compacts every few batches."""
    command = [sys.executable, "-c", WRITER, str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None and process.stdout.readline() == b"on\n"
        yield process
        process.kill()


def test_backups_while_a_writer_runs(
    data_dir: Path, tmp_path: Path, writer: subprocess.Popen[bytes]
) -> None:
    """Each namespace is as it stood between two batches, with all its history, whatever is
    written or compacted meanwhile.
    """
    with RoboXP.open(path=data_dir) as robo:
        while robo.vault.namespace(SECOND).read().seq == 0:
            pass
    made = [backup(data_dir, tmp_path / f"{number}.tar.gz") for number in range(12)]
    assert writer.poll() is None
    for number, path in enumerate(made):
        fresh = tmp_path / f"fresh{number}"
        restore(fresh, path)
        with RoboXP.open(path=fresh) as robo:
            for name in (NAME, SECOND):
                namespace = robo.vault.namespace(name)
                users = namespace.read().records("users")
                numbers = [batch.seq for batch in namespace.batches()]
                assert users[ANN]["xp"] == -users[BOB]["xp"] == numbers[-2]
                assert numbers == list(range(1, numbers[-1] + 1))


# -- what is no backup -----------------------------------------------------------------------------


def test_a_backup_cut_anywhere_is_refused(data_dir: Path, tmp_path: Path) -> None:
    """Of a file that lost its end, nothing is restored: nothing is changed, nothing left."""
    fill(data_dir)
    whole = backup(data_dir, tmp_path / "b.tar.gz").read_bytes()
    before = files_of(data_dir)
    short = tmp_path / "short.tar.gz"
    for size in [0, 1, 9, *range(20, len(whole), 37), len(whole) - 1]:
        short.write_bytes(whole[:size])
        with pytest.raises((VaultDamaged, VaultUnavailable)):
            restore(data_dir, short)

    assert files_of(data_dir) == before
    assert not list(data_dir.glob("restore-*"))


def repacked(path: Path, target: Path, change: Callable[[list[tarfile.TarInfo]], None]) -> Path:
    """The backup with other members."""
    with tarfile.open(path) as tar, tarfile.open(target, "w:gz") as out:
        members = tar.getmembers()
        data = {member.name: tar.extractfile(member).read() for member in members}  # type: ignore[union-attr]
        change(members)
        for one in members:
            bytes_ = data.get(one.name, b"bad")[: one.size].ljust(one.size, b"x")
            out.addfile(one, io.BytesIO(bytes_) if one.isreg() else None)
    return target


def strange(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[list[tarfile.TarInfo]], None]:
    def change(members: list[tarfile.TarInfo]) -> None:
        one = tarfile.TarInfo(name)
        one.type, one.size = kind, 3 if kind == tarfile.REGTYPE else 0
        one.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
        members.insert(0, one)

    return change


def resized(members: list[tarfile.TarInfo]) -> None:
    members[0].size -= 1


def dropped(members: list[tarfile.TarInfo]) -> None:
    del members[0]


def twice(members: list[tarfile.TarInfo]) -> None:
    members.insert(1, members[0])


def without_manifest(members: list[tarfile.TarInfo]) -> None:
    del members[-1]


HOSTILE = {
    "parent": strange("../evil.json"),
    "absolute": strange("/tmp/evil.json"),
    "inside": strange("xp/../../evil.json"),
    "other name": strange("xp/default/evil.json"),
    "more": strange("global.json"),
    "dots in a store": strange(f"xp/../{GUILD}.json"),
    "archive": strange("archive/global/../../x.json"),
    "symlink": strange("global.json", tarfile.SYMTYPE),
    "hard link": strange("global.json", tarfile.LNKTYPE),
    "device": strange("global.json", tarfile.CHRTYPE),
    "fifo": strange("global.json", tarfile.FIFOTYPE),
    "folder": strange("xp", tarfile.DIRTYPE),
    "cut": resized,
    "missing": dropped,
    "twice": twice,
    "no manifest": without_manifest,
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_changed_backup_is_refused(how: str, data_dir: Path, tmp_path: Path) -> None:
    """Nothing but the files of the manifest, as it says, is ever taken out of a backup."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    bad = repacked(made, tmp_path / "bad.tar.gz", HOSTILE[how])
    before = files_of(tmp_path)
    with pytest.raises(VaultDamaged):
        restore(data_dir, bad)

    assert files_of(tmp_path) == before


def test_a_backup_of_a_later_version_is_refused(data_dir: Path, tmp_path: Path) -> None:
    """The advice is to upgrade."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    with tarfile.open(made) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
    bad = tmp_path / "later.tar.gz"
    with tarfile.open(bad, "w:gz") as out:
        data = json.dumps({**manifest, "format": 2}).encode()
        info = tarfile.TarInfo("manifest.json")
        info.size = len(data)
        out.addfile(info, io.BytesIO(data))

    with pytest.raises(VaultUnavailable, match="format 2"):
        restore(data_dir, bad)


def test_little_that_becomes_very_much_is_refused(data_dir: Path, tmp_path: Path) -> None:
    """Neither a backup nor a folded journal unpacks to far more than anything of ours does."""
    fill(data_dir)
    path = tmp_path / "bomb.tar.gz"
    member = tarfile.TarInfo(f"{NAME}.journal")
    member.size = 1 << 28
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(member, Zeros())  # type: ignore[arg-type]  # it reads
    folded = next(one for one in (data_dir / "archive" / NAME).iterdir() if one.suffix == ".gz")
    folded.write_bytes(gzip.compress(b" " * (1 << 24)))
    with RoboXP.open(data_dir, to_mend=True) as robo:
        with pytest.raises(VaultDamaged, match="300 times"):
            robo.maintenance.restore(str(path))
        with pytest.raises(VaultDamaged, match="300 times"):
            Archive(str(folded.parent), Files(), name=NAME, days=1).content(str(folded))
        for read in (robo.vault.namespace(NAME).batches, robo.vault.namespace(NAME).heads_back):
            with pytest.raises(VaultDamaged):
                list(read())
        (row,) = robo.maintenance.backups(str(tmp_path))
        assert folded.name in str([one.file for one in robo.maintenance.check().damaged])

    assert "300 times" in row.fault


class Zeros:
    """A file of zeros without an end."""

    def read(self, size: int) -> bytes:
        return bytes(size)


def test_what_is_no_backup(data_dir: Path, tmp_path: Path) -> None:
    """A missing file, text, and no source at all have their own errors."""
    fill(data_dir)
    text = tmp_path / "text.tar.gz"
    text.write_text("hello")

    with pytest.raises(FileMissing):
        restore(data_dir, tmp_path / "none")
    with pytest.raises(RoboXPError):
        restore(data_dir, text)
    with pytest.raises(InvalidValue):
        restore(data_dir)


def test_the_list_tells_whole_from_cut(data_dir: Path, tmp_path: Path) -> None:
    """Backups are listed oldest first; one that was cut short says so; others are left out."""
    fill(data_dir)
    place = tmp_path / "b"
    place.mkdir()
    whole = backup(data_dir, place)
    (place / "a.tar.gz").write_bytes(whole.read_bytes()[:-40])
    (place / "notes.txt").write_text("x")
    with RoboXP.open(data_dir) as robo:
        cut, good = robo.maintenance.backups(str(place))
        with pytest.raises(NotFound):
            robo.maintenance.backups(str(tmp_path / "none"))

    assert cut.backup is None and cut.fault
    assert good.backup is not None and good.backup.manifest.namespaces[NAME].seq == 6


# -- restore ---------------------------------------------------------------------------------------


def test_a_restore_replaces_everything(data_dir: Path, tmp_path: Path) -> None:
    """What was changed is as before, what came later is empty, and numbers go on."""
    fill(data_dir)
    then = contents(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    vault = FileVault(data_dir, durability="os")
    for name in (NAME, f"xp/other/{GUILD}", "global"):
        give(vault.namespace(name), BOB, 1)
    vault.close()
    now = contents(data_dir)
    done = restore(data_dir, made, reason="oops")

    assert contents(data_dir) == then
    assert history(data_dir)[-2:] == [(6, "xp give"), (8, "backup restore")]
    assert {one.name for one in done.namespaces if one.from_seq is None} == {
        "global",
        f"xp/other/{GUILD}",
    }
    assert contents(Path(done.kept or "")) == now
    assert check(data_dir).damaged == []


def test_a_restore_can_be_taken_back(data_dir: Path, tmp_path: Path) -> None:
    """What it kept is a data folder, and restoring that gives the state before."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    vault = FileVault(data_dir)
    give(vault.namespace(NAME), BOB, 1)
    vault.close()
    now = contents(data_dir)
    first = restore(data_dir, made)
    restore(data_dir, Path(first.kept or ""))

    assert contents(data_dir) == now


def test_taking_back_a_restore_of_a_part_touches_that_part_alone(
    data_dir: Path, tmp_path: Path
) -> None:
    """The rest of the vault stays, also what was written since, and what it began is gone."""
    fill(data_dir)
    begun = f"xp/begun/{GUILD}"
    vault = FileVault(data_dir)
    give(vault.namespace(begun), ANN, 1)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    vault.close()
    for path in (*data_dir.rglob("*"),):
        if path.is_file() and "begun" in str(path):
            path.unlink()
    vault = FileVault(data_dir)
    give(vault.namespace(NAME), BOB, 1)
    now = contents(data_dir)
    first = restore(data_dir, made, guild_id=GUILD)
    assert begun in contents(data_dir) and contents(data_dir) != now
    give(vault.namespace(SECOND), BOB, 3)
    give(vault.namespace("global"), BOB, 4)
    others = {
        SECOND: content(vault.namespace(SECOND)),
        "global": content(vault.namespace("global")),
    }
    vault.close()
    kept = Path(first.kept or "")
    assert check(kept).damaged == []
    done = restore(data_dir, kept)

    assert contents(data_dir) == {**now, **others}
    assert not {SECOND, "global"} & {one.name for one in done.namespaces}
    (kept / "replaced.json").write_bytes(b"{")
    with pytest.raises(VaultDamaged):
        restore(data_dir, kept)


def test_a_kept_folder_without_its_record_empties_nothing_else(data_dir: Path) -> None:
    """What an earlier version kept does not say what was in hand: only what is in it comes back."""
    clock = HandClock()
    fill(data_dir, clock)
    moment = clock.at
    clock.at += 1000
    vault = FileVault(data_dir, clock=clock)
    give(vault.namespace(NAME), BOB, 1)
    with RoboXP.open(data_dir, clock=clock) as robo:
        kept = Path(robo.maintenance.restore(at=moment, guild_id=GUILD).kept or "")
    (kept / "replaced.json").unlink()
    give(vault.namespace(SECOND), BOB, 3)
    second = content(vault.namespace(SECOND))
    vault.close()
    now = contents(kept)
    done = restore(data_dir, kept)

    assert contents(data_dir) == {**now, SECOND: second}
    assert all(one.from_seq is not None for one in done.namespaces)


def test_a_restore_over_damage(data_dir: Path, tmp_path: Path) -> None:
    """However damaged the files are, format included, a backup puts them right."""
    fill(data_dir)
    then = contents(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    path_of(data_dir, ".json").write_bytes(b"x")
    path_of(data_dir, ".journal", SECOND).unlink()
    next((data_dir / "archive" / NAME).iterdir()).write_bytes(b"x")
    (data_dir / "format.json").write_bytes(b"x")
    restore(data_dir, made)

    assert contents(data_dir) == then
    assert check(data_dir).damaged == []


def test_a_dry_run_opens_everything_and_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    """The same result, and every byte stays."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    before = files_of(tmp_path)
    tried = restore(data_dir, made, dry_run=True)
    with pytest.raises(FileMissing):
        restore(data_dir, tmp_path / "none", dry_run=True)

    assert files_of(tmp_path) == before
    done = restore(data_dir, made)
    assert [one.from_seq for one in tried.namespaces] == [one.from_seq for one in done.namespaces]


def test_a_writer_is_waited_for(data_dir: Path, tmp_path: Path) -> None:
    """While somebody writes, the restore waits, and then gives up with nothing changed."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    (data_dir / "intent.lock").touch()
    before = files_of(data_dir)
    vault = FileVault(data_dir)
    with vault.namespace(SECOND).transaction(Origin("t", "t")):
        with RoboXP.open(data_dir, lock_wait=0.05) as robo, pytest.raises(VaultBusy):
            robo.maintenance.restore(str(made))
    vault.close()

    assert files_of(data_dir) == before


def test_cursors_stay(data_dir: Path, tmp_path: Path) -> None:
    """Who follows the events is not set back: numbers go on above those that they have seen."""
    fill(data_dir)
    vault = FileVault(data_dir)
    give(vault.namespace("cursors"), ANN, 6)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    give(vault.namespace("cursors"), ANN, 1)
    vault.close()
    restore(data_dir, made)
    restore(tmp_path / "fresh", made)

    assert disk_content(data_dir, "cursors")["users"][ANN]["xp"] == 7
    assert disk_content(tmp_path / "fresh", "cursors")["users"][ANN]["xp"] == 6


FOLLOWER = f"""
import sys
from robo_xp.vault import Origin
from robo_xp.vault.files.vault import FileVault
vault = FileVault(sys.argv[1])
namespace = vault.namespace("{NAME}")
other = vault.namespace("{SECOND}")
for line in sys.stdin:
    if line == "write\\n":
        with namespace.transaction(Origin("f", "f")) as transaction:
            transaction.put("users", "{BOB}", {member(1000)!r})
    users = namespace.read().records("users")
    print(namespace.state.seq, sorted((key, value["xp"]) for key, value in users.items()),
          other.read().seq, flush=True)
"""


def test_an_open_handle_of_another_process_follows(data_dir: Path, tmp_path: Path) -> None:
    """A process that had the vault open sees the restored state at its next look, and what it
    writes then goes on from there: nothing of the state before comes back.
    """
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    vault = FileVault(data_dir)
    command = [sys.executable, "-c", FOLLOWER, str(data_dir)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, bufsize=1, **pipes) as follower:
        to, back = follower.stdin, follower.stdout
        assert to is not None and back is not None

        def ask(what: str) -> str:
            to.write(f"{what}\n")
            return str(back.readline()).strip()

        assert ask("look") == f"6 [('{ANN}', 12), ('{BOB}', 9)] 1"
        give(vault.namespace(NAME), ANN, 100)
        assert ask("look") == f"7 [('{ANN}', 112), ('{BOB}', 9)] 1"
        restore(data_dir, made)
        assert ask("look") == f"8 [('{ANN}', 12), ('{BOB}', 9)] 2"
        assert ask("write") == f"9 [('{ANN}', 12), ('{BOB}', 1000)] 2"
        # the handle here saw all that was there before, and slept through restore and write
        assert content(vault.namespace(NAME)) == {"users": {ANN: member(12), BOB: member(1000)}}
        to.close()
    vault.close()


def test_a_handle_that_saw_everything_does_not_keep_it(data_dir: Path, tmp_path: Path) -> None:
    """A restore to the same number, with another state, is not taken for a compaction."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    fresh = tmp_path / "fresh"
    vault = FileVault(fresh)
    for _ in range(6):
        give(vault.namespace(NAME), ANN, 1)
    assert vault.namespace(NAME).read().seq == 6
    restore(fresh, made)

    assert content(vault.namespace(NAME)) == disk_content(data_dir)
    vault.close()


def test_restores_while_a_writer_runs(
    data_dir: Path, tmp_path: Path, writer: subprocess.Popen[bytes]
) -> None:
    """A writer that never stops goes on from each restored state, and from nothing else."""
    with RoboXP.open(path=data_dir) as robo:
        while robo.vault.namespace(SECOND).read().seq == 0:
            pass
    made = backup(data_dir, tmp_path / "b.tar.gz")
    for _ in range(6):
        restore(data_dir, made)
        assert writer.poll() is None
    writer.kill()
    writer.wait()
    restored = contents_of_restore(tmp_path / "fresh", made)
    vault = FileVault(data_dir)
    for name in (NAME, SECOND):
        after = [batch for batch in vault.namespace(name).batches() if batch.by == "w"]
        last = max(b.seq for b in vault.namespace(name).batches() if b.cmd == "backup restore")
        totals = [batch.ops[0][2]["xp"] for batch in after if batch.seq > last]  # type: ignore[index]
        first = restored[name]["users"][ANN]["xp"] + 1
        assert totals == list(range(first, first + len(totals)))
    vault.close()

    assert [one for one in check(data_dir).damaged if "member" not in one.what] == []


def contents_of_restore(root: Path, source: Path) -> dict[str, Content]:
    """What the backup gives in an empty folder."""
    restore(root, source)
    return contents(root)


def test_a_restore_that_is_stopped_leaves_old_or_new(data_dir: Path, tmp_path: Path) -> None:
    """Killed at any call to the disk, each namespace is whole, as before or restored; the next
    restore finishes it.
    """
    fill(tmp_path / "source")
    made = backup(tmp_path / "source", tmp_path / "b.tar.gz")
    wanted = contents(tmp_path / "source")
    seen: set[tuple[bool, ...]] = set()
    at = 1
    while True:
        root = tmp_path / str(at)
        fill(root)
        vault = FileVault(root, durability="os")
        for name in (NAME, SECOND):
            give(vault.namespace(name), BOB, 1)
        vault.close()
        old = contents(root)
        files = FaultyFiles(Fault(at, "stop"))
        try:
            open_with(root, files).maintenance.restore(str(made))
        except Stop:
            pass
        now = contents(root)
        assert all(now[name] in (old[name], wanted[name]) for name in wanted)
        seen.add(tuple(now[name] == wanted[name] for name in (NAME, SECOND)))
        if not files.fired:
            break
        restore(root, made)
        assert contents(root) == wanted
        at += 3

    assert {(False, False), (True, True)} <= seen
    assert at > 50


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works for others")
def test_root_leaves_files_to_the_owner_of_the_folder(data_dir: Path, tmp_path: Path) -> None:
    """What root restores, repairs or compacts in the folder of a service belongs to that."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    home = tmp_path / "service"
    home.mkdir(mode=0o700)
    os.chown(home, 12345, 12345)
    restore(home, made)
    vault = FileVault(home)
    give(vault.namespace(NAME))
    vault.namespace(NAME).compact()
    vault.close()

    owners = {(path.stat().st_uid, path.stat().st_gid) for path in home.rglob("*")}
    assert owners == {(12345, 12345)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has anything to lose")
def test_root_does_not_follow_links_out_of_the_folder(data_dir: Path, tmp_path: Path) -> None:
    """A link that somebody put where a file will be written is never written through."""
    fill(data_dir)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path_of(data_dir, ".json.new").symlink_to(victim)
    vault = FileVault(data_dir)
    vault.namespace(NAME).compact()
    vault.close()

    assert victim.read_text() == "precious"
    assert not path_of(data_dir, ".json").is_symlink()


# -- moments ---------------------------------------------------------------------------------------

steps = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.integers(0, 3 * DAY)),
        st.tuples(st.just("compact"), st.integers(0, 3 * DAY)),
        st.tuples(st.just("back"), st.integers(1, DAY)),
    ),
    min_size=1,
    max_size=25,
)


def state_then(made: list[tuple[int, Content]], moment: int) -> Content:
    """The state after the last batch, by number, with a time not after the moment."""
    fitting = [number for number, (ts, _) in enumerate(made) if ts <= moment]
    return made[fitting[-1]][1] if fitting else {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.randoms(use_true_random=False))
def test_every_moment_comes_back_exactly(
    history_of: list[tuple[str, int]], chance: random.Random
) -> None:
    """Going back to any moment gives the state of that moment, however the journal was folded
    and the clock ran; from the data folder and from a backup alike.
    """
    with tempfile.TemporaryDirectory() as folder:
        root, clock = Path(folder) / "data", HandClock()
        vault = FileVault(root, durability="os", clock=clock, archive_days=10_000)
        made: list[tuple[int, Content]] = []
        for kind, amount in history_of:
            clock.at += -amount if kind == "back" else amount
            if kind == "give":
                give(vault.namespace(NAME), (ANN, BOB)[len(made) % 2], len(made) + 1)
                made.append((clock.at, content(vault.namespace(NAME))))
            elif kind == "compact":
                vault.namespace(NAME).compact()
        vault.close()
        if not made:
            return
        now = max(clock.at, *(ts for ts, _ in made))
        clock.at = now + 1
        for _ in range(3):
            moment = chance.randint(min(ts for ts, _ in made), now)
            source = chance.choice([root, backup(root, Path(folder))])
            target = Path(tempfile.mkdtemp(dir=folder)) / "x"
            with RoboXP.open(target, clock=clock, durability="os") as robo:
                robo.maintenance.restore(str(source), at=moment)
            assert contents(target).get(NAME, {}) == state_then(made, moment)


lives = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.integers(0, 3 * DAY)),
        st.tuples(st.just("give"), st.integers(0, 3 * DAY)),
        st.tuples(st.just("compact"), st.integers(0, 3 * DAY)),
        st.tuples(st.just("back"), st.integers(1, DAY)),
        st.tuples(st.just("backup"), st.integers(0, DAY)),
        st.tuples(st.just("restore other"), st.integers(0, DAY)),
        st.tuples(st.just("restore"), st.integers(0, DAY)),
    ),
    min_size=2,
    max_size=25,
)
STORES = (NAME, f"xp/second/{GUILD}", f"xp/third/{GUILD}")
"""Each begins when it is first given something, so some begin after a moment to go back to."""


@dataclass(frozen=True)
class Source:
    """Something to restore from: how many of the states of each namespace it knows."""

    path: Path
    ends: dict[str, int]
    kept: frozenset[str] | None = None
    """What the restore had in hand that left this folder; None for a backup."""


@dataclass
class Life:
    """A data folder, and the state after each batch that it ever had, restores among them."""

    root: Path
    archive_days: int = 10_000
    clock: HandClock = field(default_factory=HandClock)
    made: dict[str, list[tuple[int, Content]]] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    @property
    def ends(self) -> dict[str, int]:
        return {name: len(states) for name, states in self.made.items()}

    def truth(self, name: str, ends: dict[str, int], moment: int | None) -> Content:
        """The state at a moment, or the last one, of so many."""
        known = self.made.get(name, [])[: ends.get(name, 0)]
        if moment is None:
            return known[-1][1] if known else {}
        return state_then(known, moment)

    def act(self, kind: str, amount: int, chance: random.Random) -> None:
        """Do one thing; each restore is done twice, and the second time changes nothing."""
        self.clock.at += -amount if kind == "back" else amount
        vault = FileVault(
            self.root, durability="os", clock=self.clock, archive_days=self.archive_days
        )
        if kind == "give":
            name = chance.choice(STORES)
            states = self.made.setdefault(name, [])
            give(vault.namespace(name), (ANN, BOB)[len(states) % 2], len(states) + 1)
            states.append((self.clock.at, content(vault.namespace(name))))
        elif kind == "compact":
            vault.namespace(chance.choice(STORES)).compact()
        elif kind == "backup" and self.made:
            self.sources.append(Source(backup(self.root, self.root.parent), self.ends))
        elif self.made and (kind == "restore" or (kind == "restore other" and self.sources)):
            moment: int | None = self.clock.at - chance.randint(0, 5 * DAY)
            source = chance.choice(self.sources) if kind == "restore other" else None
            if source is not None and chance.random() < 0.5:
                moment = None
            if self.go_back(source, moment):
                self.clock.at += chance.randint(0, DAY)
                assert self.go_back(source, moment)
        vault.close()

    def go_back(self, source: Source | None, moment: int | None) -> bool:
        """Whether a restore of the folder was done; then it holds what was true."""
        ends = self.ends if source is None else source.ends
        done, _ = self.restore(self.root, None if source is None else source.path, at=moment)
        if done is None:
            return False
        if done.kept is not None:
            hand = frozenset(one.name for one in done.namespaces)
            there = {name: end for name, end in self.ends.items() if name in hand}
            self.sources.append(Source(Path(done.kept), there, hand))
        for one in done.namespaces:
            state = self.truth(one.name, ends, moment)
            self.made.setdefault(one.name, []).append((self.clock.at, state))
        now = contents(self.root)
        assert now == {name: states[-1][1] for name, states in self.made.items() if states[-1][1]}
        if source is None or source.kept is None:
            assert all(now.get(name, {}) == self.truth(name, ends, moment) for name in self.made)
        return True

    def restore(self, target: Path, source: Path | None, **options: Any) -> tuple[Any, str]:
        """What was done, or None and the folder ``before-…`` that the refusal names."""
        with RoboXP.open(
            target, clock=self.clock, durability="os", archive_days=self.archive_days
        ) as robo:
            try:
                path = None if source is None else str(source)
                return robo.maintenance.restore(path, **options), ""
            except TooFarBack as error:
                found = re.search(r"before-[\dTZ-]+", str(error.advice))
                is_lost = self.archive_days < 10_000 and "does not reach" in error.message
                assert found or is_lost or "nothing at" in error.message
                return None, found[0] if found else ""

    def ask(self, source: Path, ends: dict[str, int], name: str, moment: int) -> None:
        """Ask for one namespace at a moment, and follow the refusals to the true state."""
        folder = Path(tempfile.mkdtemp(dir=self.root.parent))
        part = {"guild_id": GUILD, "store": name_of(name).store_id}
        for turn in range(len(self.sources) + 1):
            done, kept = self.restore(folder / f"{turn}", source, at=moment, **part)
            if self.archive_days < 10_000 and done is None:
                return  # it was not kept for so long
            if done is not None or not kept:
                found = contents(folder / f"{turn}").get(name, {})
                assert found == self.truth(name, ends, moment)
                return
            source = self.root / kept
        raise AssertionError("refusals lead round in a circle")


def lived(
    history_of: list[tuple[str, int]], chance: random.Random, archive_days: int = 10_000
) -> None:
    """Live through it, then ask the folder, a backup of it, and what restores kept."""
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder) / "data", archive_days)
        for kind, amount in history_of:
            life.act(kind, amount, chance)
        if not life.made:
            return
        times = [ts for states in life.made.values() for ts, _ in states]
        life.clock.at = max(life.clock.at, *times) + 1
        made = backup(life.root, Path(folder))
        other = chance.choice([*life.sources, Source(made, life.ends)])
        for source in (Source(life.root, life.ends), Source(made, life.ends), other):
            for _ in range(4):
                moment = chance.choice(
                    [chance.choice(times), chance.randint(min(times), max(times))]
                )
                life.ask(source.path, source.ends, chance.choice(sorted(source.ends)), moment)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lives, st.randoms(use_true_random=False))
def test_every_moment_of_a_life_with_restores_is_true(
    history_of: list[tuple[str, int]], chance: random.Random
) -> None:
    """However often a folder went back, a moment gives the state that was, or the folder that
    has it is named.
    """
    lived(history_of, chance)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lives, st.randoms(use_true_random=False))
def test_a_moment_that_no_archive_has_is_not_made_up(
    history_of: list[tuple[str, int]], chance: random.Random
) -> None:
    """Where no archive is kept a moment is told truly, or refused."""
    lived(history_of, chance, archive_days=0)


@pytest.mark.long
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lives, st.randoms(use_true_random=False))
def test_a_thousand_lives_with_restores_are_true(
    history_of: list[tuple[str, int]], chance: random.Random
) -> None:
    """The same a thousand times."""
    lived(history_of, chance)


class OtherDisk(FaultyFiles):
    """The archive is on another disk, which has room for so many more writes."""

    def __init__(self, root: Path, writes: int = 10**6) -> None:
        super().__init__()
        self._archive, self._writes = f"{root}/archive/", writes

    def _refuse_across(self, *paths: str) -> None:
        if len({path.startswith(self._archive) for path in paths}) == 2:
            raise OSError(errno.EXDEV, "another disk")

    def rename(self, source: str, target: str) -> None:
        self._refuse_across(source, target)
        super().rename(source, target)

    def copy(self, source: str, target: str) -> None:
        self._writes -= 1
        if self._writes < 0:
            # after both files were opened and the first part was read
            self.fault = Fault(self.count + 3, "ENOSPC", lasting=True)
        super().copy(source, target)


def test_a_restore_moves_an_archive_across_disks(data_dir: Path) -> None:
    """What cannot be renamed is copied, whole, and the history goes on in both folders."""
    clock = HandClock()
    fill(data_dir, clock)
    before = [batch.seq for batch in FileVault(data_dir).namespace(NAME).batches()]
    archived = list(files_of(data_dir / "archive").values())
    vault = FileVault(data_dir, clock=clock, files=OtherDisk(data_dir))
    order = RestoreOrder(at=clock.at)
    origin = Origin("t", "backup restore")
    work = Restore(vault.options, vault.changes_of_several, origin, order)
    kept = work.from_source(None).kept
    vault.close()

    assert kept is not None
    assert list(files_of(Path(kept) / "archive").values()) == archived
    told = [batch.seq for batch in FileVault(data_dir).namespace(NAME).batches()]
    assert told[: len(before)] == before
    assert check(data_dir).damaged == []


def test_a_copy_that_finds_no_room_leaves_nothing(data_dir: Path) -> None:
    """Where the other disk is full, no half file stays in the archive."""
    fill(data_dir)
    archived = files_of(data_dir / "archive")
    files = OtherDisk(data_dir, writes=0)
    with pytest.raises(OSError, match="ENOSPC"):
        files.copy(str(path_of(data_dir, ".json")), str(data_dir / "archive" / NAME / "1.json"))

    assert files_of(data_dir / "archive") == archived


def test_what_a_restore_took_out_is_not_made_up(data_dir: Path) -> None:
    """A moment between what was gone back to and the restore is refused, with the folder that
    has it; from there it comes back, and the history keeps both restores.
    """
    clock = HandClock()
    moments = []
    for xp in (100, 50):
        vault = FileVault(data_dir, clock=clock)
        give(vault.namespace(NAME), ANN, xp)
        vault.close()
        moments.append(clock.at)
        clock.at += 60_000
    with RoboXP.open(data_dir, clock=clock) as robo:
        kept = robo.maintenance.restore(at=moments[0]).kept
        clock.at += 60_000
        assert kept is not None
        with pytest.raises(TooFarBack) as caught:
            robo.maintenance.restore(at=moments[1])
        assert Path(kept).name in str(caught.value.advice)
        assert contents(data_dir)[NAME]["users"][ANN]["xp"] == 100
        robo.maintenance.restore(kept, at=moments[1])
        rows = [batch for batch in robo.vault.namespace(NAME).batches() if not batch.ops]

    assert contents(data_dir)[NAME]["users"][ANN]["xp"] == 150
    assert len(rows) == 2
    assert check(data_dir).damaged == []


def test_going_back_in_place(data_dir: Path) -> None:
    """With a moment alone the data folder goes back in its own past, and may go back again."""
    clock = HandClock()
    fill(data_dir, clock)
    then, moment = contents(data_dir), clock.at
    clock.at += 1000
    vault = FileVault(data_dir, clock=clock)
    give(vault.namespace(NAME), BOB, 1)
    vault.namespace(NAME).compact()
    give(vault.namespace(NAME), BOB, 1)
    vault.close()
    clock.at += 1000
    with RoboXP.open(data_dir, clock=clock) as robo:
        robo.maintenance.restore(at=moment)
        assert contents(data_dir) == then
        clock.at += 1000
        robo.xp.add(GUILD, ANN, 5)
        robo.maintenance.restore(at=moment)

    assert contents(data_dir) == then
    assert check(data_dir).damaged == []


def test_a_moment_that_is_not_kept(data_dir: Path) -> None:
    """Where the archive does not reach, the error says how far it does, and nothing changes."""
    clock = HandClock()
    vault = FileVault(data_dir, clock=clock, archive_days=0)
    for _ in range(4):
        clock.at += 60_000
        give(vault.namespace(NAME))
        vault.namespace(NAME).compact()
    vault.close()
    before = files_of(data_dir)
    with RoboXP.open(data_dir, clock=clock) as robo:
        with pytest.raises(Refused) as caught:
            robo.maintenance.restore(at=clock.at - 90_000)
        with pytest.raises(Refused):
            robo.maintenance.restore(at=5)
        with pytest.raises(InvalidValue):
            robo.maintenance.restore(at=clock.at + 1)

    assert caught.value.code == "TOO_FAR_BACK"
    assert "2024-11-21T06:24:00+00:00 is the earliest" in caught.value.advice
    assert files_of(data_dir) == before


def test_a_moment_after_the_backup(data_dir: Path, tmp_path: Path) -> None:
    """A backup cannot tell what came after it."""
    fill(data_dir)
    made = backup(data_dir, tmp_path / "b.tar.gz")
    with RoboXP.open(data_dir) as robo:
        later = robo.vault.clock.now_ms() + 60_000
        with RoboXP.open(data_dir, clock=HandClock(later)) as other, pytest.raises(Refused):
            other.maintenance.restore(str(made), at=later)


# -- the archive that moments need -----------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 12), min_size=4, max_size=25))
@example([0, 0, 3, 12, 12, 12, 12])
def test_the_archive_reaches_back_as_long_as_it_is_kept(waits: list[int]) -> None:
    """At every moment within the days that the archive is kept, each state can be had again,
    and what is older does not pile up.
    """
    with tempfile.TemporaryDirectory() as folder:
        root, clock = Path(folder) / "data", HandClock()
        vault = FileVault(root, durability="os", clock=clock, archive_days=30)
        made: list[tuple[int, Content]] = []
        for wait in waits:
            clock.at += wait * DAY
            give(vault.namespace(NAME))
            made.append((clock.at, content(vault.namespace(NAME))))
            vault.namespace(NAME).compact()
            stamp_all(root, clock.at)
        vault.close()
        kept = Archive(str(root / "archive" / NAME), FaultyFiles(), name=NAME, days=30)
        oldest = clock.at - 30 * DAY
        for moment in {ts for ts, _ in made if ts >= oldest}:
            target = Path(tempfile.mkdtemp(dir=folder)) / "x"
            with RoboXP.open(target, clock=clock, durability="os") as robo:
                robo.maintenance.restore(str(root), at=moment)
            assert contents(target)[NAME] == state_then(made, moment)
        ages = [clock.at - os.stat(path).st_mtime_ns // 10**6 for path, _ in kept.folded()]
        # 8 days lie between two bases, and what one makes needless goes with the next compaction
        assert max(ages, default=0) <= (30 + 8 + 2 * 12) * DAY
        assert len(kept.bases()) <= 7


def stamp_all(root: Path, now_ms: int) -> None:
    """Give files that were just written the time of the test's clock."""
    for path in root.rglob("*"):
        if path.is_file() and path.stat().st_mtime > 1_760_000_000:
            os.utime(path, (now_ms / 1000, now_ms / 1000))
