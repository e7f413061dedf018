"""A check finds every damage at its place, goes on after the first, and changes nothing."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import NotFound
from robo_xp.ports import SystemClock
from robo_xp.usecases.maintenance import Checked
from robo_xp.vault import Origin
from robo_xp.vault.batch import Batch, line_of
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ANN, BOB, GUILD, NAME, path_of

OTHER = "888888888888888888"
SECOND = f"xp/default/{OTHER}"


@pytest.fixture
def root(data_dir: Path) -> Path:
    """A vault with two guilds: each has a snapshot, a journal after it, and an archive."""
    with RoboXP.open(data_dir, durability="os") as robo:
        for guild in (GUILD, OTHER):
            for number in range(4):
                robo.xp.add(guild, ANN, 100 + number)
            robo.vault.namespace(f"xp/default/{guild}").compact()
            robo.xp.add(guild, BOB, 5)
            robo.xp.add(guild, BOB, 6)
    return data_dir


def check(root: Path, *names: str) -> Checked:
    with RoboXP.open(root, to_mend=True) as robo:
        return robo.maintenance.check(names)


def files_of(root: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def damage(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def line_starts(path: Path) -> list[int]:
    data = path.read_bytes()
    return [0, *(at + 1 for at in range(len(data)) if data[at : at + 1] == b"\n")][:-1]


def test_a_whole_vault_is_clean(root: Path) -> None:
    """Every batch, folded ones too, is counted; nothing is damaged and nothing to note."""
    found = check(root)

    assert (found.namespaces, found.batches, found.members) == (2, 12, 4)
    assert [*found.damaged, *found.warnings, *found.unread] == []


def test_no_vault_is_clean(data_dir: Path) -> None:
    """A folder that is not there has nothing wrong, and is not made."""
    assert check(data_dir) == Checked()
    assert not data_dir.exists()


def test_only_named_namespaces_are_looked_at(root: Path) -> None:
    """Names choose; one that is not there is an error."""
    damage(path_of(root, ".journal", SECOND), lambda data: b"x" + data)

    assert check(root, NAME).damaged == []
    assert check(root, SECOND).damaged != []
    with pytest.raises(NotFound):
        check(root, "xp/default/777777777777777777")


def test_nothing_is_locked_or_changed(root: Path) -> None:
    """A check works beside a writer that holds the lock, and leaves every byte as it is."""
    before = files_of(root)
    vault = FileVault(root)
    with vault.namespace(NAME).transaction(Origin("t", "t")):
        found = check(root)
    vault.close()

    assert found.damaged == []
    assert files_of(root) == before


def test_all_damage_is_found_at_once(root: Path) -> None:
    """Several damaged lines, snapshot, archive and format are told together, each with its byte."""
    journal = path_of(root, ".journal")
    second = line_starts(journal)[1]
    damage(journal, lambda data: data[: second + 9] + b"?" + data[second + 10 :])
    damage(path_of(root, ".json", SECOND), lambda data: data.replace(b"406", b"407"))
    folded = next((root / "archive" / NAME).glob("*.gz"))
    lines = gzip.decompress(folded.read_bytes()).split(b"\n")
    lines[2] = lines[2].replace(b"xp", b"XP")
    folded.write_bytes(gzip.compress(b"\n".join(lines)))
    (root / "format.json").write_text("{")
    found = check(root)

    assert [(Path(one.file).name, one.byte) for one in found.damaged] == [
        ("format.json", None),
        (journal.name, second),
        (folded.name, len(lines[0]) + len(lines[1]) + 2),
        (f"{OTHER}.json", None),
    ]
    assert "batch 5 lost" in found.damaged[1].what


JOURNAL_DAMAGE: list[tuple[str, Callable[[bytes, list[int]], bytes], list[int | None], str]] = [
    ("head lost", lambda d, s: d[s[1] :], [0], "no head"),
    ("line lost", lambda d, s: d[: s[1]] + d[s[2] :], [-1], "batch 6 follows batch 4"),
    ("line twice", lambda d, s: d[: s[2]] + d[s[1] :], [-2], "batch 5 follows batch 5"),
    ("head twice", lambda d, s: d[: s[1]] + d, [-1], "second head"),
    ("garbage", lambda d, s: d[: s[1]] + b"garbage\n" + d[s[1] :], [-1], "not as it was written"),
    ("newline lost", lambda d, s: d[: s[2] - 1] + d[s[2] :], [-1], "not as it was written"),
    ("zeros inside", lambda d, s: d[: s[1]] + bytes(40) + d[s[1] :], [-1], "not as it was written"),
    ("empty", lambda d, s: b"", [0], "no head"),
]


@pytest.mark.parametrize(
    ("change", "bytes_", "what"),
    [pytest.param(*case[1:], id=case[0]) for case in JOURNAL_DAMAGE],
)
def test_journal_damage(
    root: Path, change: Callable[[bytes, list[int]], bytes], bytes_: list[int], what: str
) -> None:
    """Each kind of damage in a journal is told at the byte of the line that is wrong."""
    path = path_of(root, ".journal")
    starts = line_starts(path)
    damage(path, lambda data: change(data, starts))
    found = [one for one in check(root).damaged if one.file == str(path)]

    expected = [{-1: starts[1], -2: starts[2]}.get(byte, byte) for byte in bytes_]
    assert [one.byte for one in found] == expected
    assert what in found[0].what


@pytest.mark.parametrize("missing", [".journal", ".json"])
def test_a_missing_half_is_damage(root: Path, missing: str) -> None:
    """A snapshot without its journal, and a journal without its snapshot, are told."""
    path_of(root, missing).unlink()

    assert [Path(one.file) for one in check(root).damaged] == [path_of(root, missing)]


def test_a_mixed_pair_is_damage(root: Path) -> None:
    """Snapshot and journal of two guilds do not pass for one namespace."""
    path_of(root, ".json").write_bytes(path_of(root, ".json", SECOND).read_bytes())

    assert f"it belongs to {SECOND}" in check(root, NAME).damaged[0].what


def test_an_unfinished_end_is_no_damage(root: Path) -> None:
    """What a crash leaves after the last whole line is a warning: it was never acknowledged."""
    path = path_of(root, ".journal")
    damage(path, lambda data: data + data[-50:-20])
    found = check(root)

    assert found.damaged == []
    assert [(note.file, "never finished" in note.what) for note in found.warnings] == [
        (str(path), True)
    ]


def test_records_are_looked_at(data_dir: Path) -> None:
    """A record with a wrong type, range or id is damage, told with the line that stores it."""
    with RoboXP.open(data_dir, durability="os") as robo:
        robo.xp.add(GUILD, ANN, 100)
        namespace = robo.vault.namespace(NAME)
        good = dict(namespace.read().records("users")[ANN])
        namespace.compact()
        with namespace.transaction(Origin("t", "t")) as transaction:
            transaction.put("users", ANN, {**good, "xp": -1, "level": "1"})
            transaction.put("users", "12", good)
            transaction.put("users", BOB, {**good, "lastMessageId": 5})
            transaction.put("config", "1", {"xpRate": 11, "rewardsMode": "stack", "odd": 1})
            transaction.put("config", "2", {})
        names = robo.vault.namespace(f"names/{GUILD}")
        with names.transaction(Origin("t", "t")) as transaction:
            transaction.put("members", ANN, {"name": 5})
        giveaways = robo.vault.namespace(f"giveaways/{GUILD}")
        with giveaways.transaction(Origin("t", "t")) as transaction:
            transaction.put("giveaways", "1", {"id": "x"})
    found = check(data_dir)
    byte = line_starts(path_of(data_dir, ".journal"))[1]

    told = [one.what for one in found.damaged if one.file == str(path_of(data_dir, ".journal"))]
    assert {one.byte for one in found.damaged if NAME in one.file} == {byte}
    assert told[0] == f"member {ANN}: xp is -1, level is '1'"
    assert told[1] == "'12' is no id of a member"
    assert told[2] == f"member {BOB}: lastMessageId is 5"
    assert told[3].startswith("settings: xpRate") and "odd" in told[3]
    assert told[4] == "'2' is no document of settings"
    assert len(found.damaged) == 7


def test_stale_levels_are_a_warning(root: Path) -> None:
    """Levels that the curve does not give are counted, under the curve of the global defaults."""
    with RoboXP.open(root, durability="os") as robo:
        robo.config.change_global(
            lambda own: {**own, "levels": {"type": "linear", "params": {"xpPerLevel": 5}}},
            recalculate=False,
        )
    found = check(root)

    assert found.damaged == []
    assert [note.what[:26] for note in found.warnings] == ["2 members at another level"] * 2


def test_awards_at_a_time_to_come_are_a_warning(root: Path) -> None:
    """Members whose last award lies ahead are counted, with a minute for clocks that differ."""
    with RoboXP.open(root, durability="os") as robo:
        now = SystemClock().now_ms()
        namespace = robo.vault.namespace(NAME)
        with namespace.transaction(Origin("t", "t")) as transaction:
            for member, at in ((ANN, now + 3_600_000), (BOB, now + 30_000)):
                record = transaction.get("users", member)
                assert record is not None
                transaction.put("users", member, {**record, "lastAwardedAt": at})
    found = check(root)

    assert found.damaged == []
    assert [note.what for note in found.warnings] == [
        "1 member last awarded at a time to come; awards ignore it"
    ]


def test_leftovers_are_told(root: Path) -> None:
    """Half-written files older than a minute, kept copies and strange files are warnings; the
    socket of the daemon is none.
    """
    os.mknod(root / "robo-xpd.sock", 0o600 | stat.S_IFSOCK)
    now = path_of(root, ".json.new")
    old = path_of(root, ".journal.new", SECOND)
    for path in (now, old, path_of(root, ".journal.torn"), root / "xp" / "notes.txt"):
        path.write_text("x")
        path.chmod(0o600)
    os.utime(old, (0, 0))
    (root / "my-own-file").write_text("x")
    (root / "my-own-file").chmod(0o600)
    found = check(root)

    assert sorted(Path(note.file).name for note in found.warnings) == [
        f"{GUILD}.journal.torn",
        old.name,
        "notes.txt",
    ]


@pytest.mark.parametrize("has_backup", [True, False])
@pytest.mark.parametrize("lost", [SECOND, "global", f"giveaways/{GUILD}", "cursors"])
def test_data_that_is_gone_is_told(lost: str, has_backup: bool, root: Path) -> None:
    """Where a lock says that there was data and nothing is left, that is a warning, which names
    a backup that has it; reads and writes go on, and a change that was refused leaves none.
    """
    with RoboXP.open(root, durability="os") as robo:
        for name in (lost, "xp/default/777777777777777777"):
            with robo.vault.namespace(name).transaction(Origin("t", "t")) as transaction:
                transaction.reason = "nothing"
                if name == lost:
                    transaction.put("some", "1", {})
        seq = robo.vault.namespace(lost).read().seq
        path = robo.maintenance.create_backup().path if has_backup else "no backup"
    for ending in (".journal", ".json"):
        (root / f"{lost}{ending}").unlink(missing_ok=True)
    shutil.rmtree(root / "archive" / lost, ignore_errors=True)
    with RoboXP.open(root, to_mend=True) as robo:
        names = robo.maintenance.lost_names()
        found = robo.maintenance.check()
        (note,) = [one for one in found.warnings if one.file == str(root / f"{lost}.lock")]
        with robo.vault.namespace(lost).transaction(Origin("t", "t")) as transaction:
            transaction.put("some", "1", {})

        assert (names, robo.maintenance.lost_names()) == ([lost], [])
    assert f"all that is left of {lost}" in note.what and path in note.what
    assert (f"as of batch {seq}" in note.what) == has_backup


def test_modes_and_links_are_told(root: Path) -> None:
    """Files that others may read, that the owner cannot change, and links are warnings."""
    path_of(root, ".json").chmod(0o644)
    path_of(root, ".journal").chmod(0o400)
    (root / "xp").chmod(0o750)
    real = path_of(root, ".json", SECOND)
    real.rename(root / "elsewhere")
    real.symlink_to(root / "elsewhere")
    told = {Path(note.file).name: note.what for note in check(root).warnings}

    assert "others may read" in told[f"{GUILD}.json"]
    assert "cannot change" in told[f"{GUILD}.journal"]
    assert "the group may read" in told["xp"]
    assert "symbolic link" in told[f"{OTHER}.json"]
    assert len(told) == 4


def test_a_shared_folder_may_be_shared(root: Path) -> None:
    """In a folder that is open to a group, so may the files be; not to others."""
    root.chmod(0o2770)
    for path in root.rglob("*"):
        path.chmod(0o2770 if path.is_dir() else 0o660)

    assert check(root).warnings == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owners_are_told(root: Path) -> None:
    """A private file of somebody else than the folder's owner is a warning."""
    os.chown(path_of(root, ".json"), 12345, -1)

    assert [note.what for note in check(root).warnings] == [
        f"belongs to user 12345, the folder to user {os.geteuid()}"
    ]


def test_a_gap_in_the_archive_is_told(root: Path) -> None:
    """What comes before a file that is missing cannot be proved to belong, and is damage."""
    with RoboXP.open(root, durability="os") as robo:
        namespace = robo.vault.namespace(NAME)
        namespace.compact()
        robo.xp.add(GUILD, ANN, 1)
        namespace.compact()
    (root / "archive" / NAME / "000000000005-000000000006.jsonl.gz").unlink()
    (found,) = check(root).damaged

    assert Path(found.file).name == "000000000001-000000000004.jsonl.gz"
    assert "batch 5 to 6" in found.what


def test_hostile_lines_are_damage_like_any_other(root: Path) -> None:
    """JSON nested a hundred thousand deep, NaN and wrong types neither pass nor stop the check."""
    path = path_of(root, ".journal")
    deep = b'{"seq":7,"ts":1,"by":"t","cmd":"t","ops":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    nan = line_of(Batch(seq=7, ts=1, by="t", cmd="t", ops=[], events=[])).replace(b"1", b"NaN", 1)
    number = b'{"seq":"7","ts":1,"by":"t","cmd":"t","ops":[],"events":[]}'
    lines = [signed(deep), nan, signed(number), signed(b"[]"), b""]
    damage(path, lambda data: data + b"\n".join(lines) + b"\n")
    found = check(root)

    assert [one.what[:23] for one in found.damaged] == ["a line is not as it was"] * 5
    assert found.batches == 12


def signed(body: bytes) -> bytes:
    """The line with the crc of its own content, as the vault would sign it."""
    return b'%b,"crc":"%08x"}' % (body[:-1], zlib.crc32(body))
