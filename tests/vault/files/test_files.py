"""What a vault on disk promises of its files: modes, syncs, folders that come and go."""

from __future__ import annotations

import gc
import os
import resource
import shutil
import stat
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from robo_xp.errors import RoboXPError, VaultUnavailable
from robo_xp.vault.files.options import Room
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.port import Durability
from tests.vault.acts import ANN, BOB, GUILD, NAME, ORIGIN, content, disk_content, give, path_of
from tests.vault.faults import Fault, FaultyFiles


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """The process's umask, put back afterwards."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(root: Path) -> tuple[set[int], set[int]]:
    """The modes of all folders below ``root``, and of all files."""
    below = list(root.rglob("*"))
    return (
        {stat.S_IMODE(path.stat().st_mode) for path in below if path.is_dir()},
        {stat.S_IMODE(path.stat().st_mode) for path in below if path.is_file()},
    )


def fill(root: Path) -> None:
    """A vault with all kinds of files."""
    vault = FileVault(root, durability="os")
    for name in (NAME, "global"):
        give(vault.namespace(name))
        vault.namespace(name).compact()
    with path_of(root, ".journal").open("ab") as file:
        file.write(b"torn")
    give(vault.namespace(NAME))
    vault.close()
    assert {path.suffix for path in root.rglob("*")} >= {".json", ".journal", ".lock", ".torn"}


@pytest.mark.usefixtures("umask")
def test_everything_is_private(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600 whatever the umask, also folders made on the way."""
    root = tmp_path / "made" / "on the way" / "data"
    fill(root)

    assert modes(tmp_path) == ({0o700}, {0o600})


@pytest.mark.usefixtures("umask")
def test_a_folder_shared_with_a_group_stays_shared(tmp_path: Path) -> None:
    """In a data folder that its group may write to, all is for the group and nobody else."""
    root = tmp_path / "data"
    root.mkdir()
    root.chmod(0o2770)
    fill(root)

    assert modes(root) == ({0o2770}, {0o660})
    assert stat.S_IMODE(root.stat().st_mode) == 0o2770


@pytest.mark.parametrize(("durability", "syncs"), [("batch", 3), ("interval", 0), ("os", 0)])
def test_durability_decides_which_commits_sync(
    data_dir: Path, durability: Durability, syncs: int
) -> None:
    """With ``batch`` each commit is one sync; with the others a commit makes none."""
    files = FaultyFiles()
    vault = FileVault(data_dir, durability=durability, files=files)
    give(vault.namespace(NAME))
    before = files.made["sync"]
    for _ in range(3):
        give(vault.namespace(NAME))

    assert files.made["sync"] - before == syncs
    vault.namespace(NAME).sync()
    vault.namespace(NAME).sync()
    assert files.made["sync"] - before == (syncs or 1)
    vault.close()


def test_with_interval_a_thread_syncs(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed is synced soon, again after trouble, and again after ``close``."""
    monkeypatch.setattr("robo_xp.vault.files.vault.FLUSH_SECONDS", 0.001)
    synced = threading.Event()

    class Telling(FaultyFiles):
        def sync(self, fd: int) -> None:
            super().sync(fd)
            if threading.current_thread().name == "robo-xp-flush":
                synced.set()

    files = Telling()
    vault = FileVault(data_dir, durability="interval", files=files)
    give(vault.namespace(NAME))
    assert synced.wait(30)
    files.fault = Fault(files.count + 1, "EIO", lasting=True)
    with pytest.raises(VaultUnavailable):
        give(vault.namespace(NAME))
    files.heal()
    vault.close()
    synced.clear()
    give(vault.namespace(NAME))

    assert synced.wait(30)
    vault.close()


def test_closing_with_interval_syncs_first(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left to the operating system when the vault is closed."""
    monkeypatch.setattr("robo_xp.vault.files.vault.FLUSH_SECONDS", 1000)
    files = FaultyFiles()
    vault = FileVault(data_dir, durability="interval", files=files)
    give(vault.namespace(NAME))
    before = files.made["sync"]
    vault.close()

    assert files.made["sync"] == before + 1


def test_a_failed_sync_is_not_built_upon(data_dir: Path) -> None:
    """After it the next commit writes everything anew: what the system dropped may be anything."""
    files = FaultyFiles()
    vault = FileVault(data_dir, files=files)
    namespace = vault.namespace(NAME)
    give(namespace)
    journal = path_of(data_dir, ".journal")
    inode = journal.stat().st_ino
    files.fault = Fault(files.count + 2, "EIO")
    with pytest.raises(VaultUnavailable, match="disk reported an error"):
        give(namespace)

    assert content(namespace) == disk_content(data_dir) == {"users": {ANN: {"xp": 10}}}
    assert give(namespace) == 2
    assert journal.stat().st_ino != inode
    assert path_of(data_dir, ".json").exists()
    assert disk_content(data_dir) == {"users": {ANN: {"xp": 20}}}
    vault.close()


def test_only_the_longest_unused_namespaces_are_closed(data_dir: Path) -> None:
    """At most so many stay in memory, and the others open again with all they had."""
    vault = FileVault(data_dir, durability="os", open_at_once=3)
    names = [f"xp/default/{10**17 + number}" for number in range(6)]
    open_before = len(os.listdir("/proc/self/fd"))
    for turn in range(3):
        for name in names:
            give(vault.namespace(name), ANN, turn + 1)

    # besides them the data folder, and its sign
    assert len(os.listdir("/proc/self/fd")) - open_before <= 2 * 3 + 2
    for name in names:
        assert content(vault.namespace(name)) == {"users": {ANN: {"xp": 6}}}
    vault.close()
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_what_stays_open_fits_the_limit_of_the_process(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of few descriptors most are for journals; some lock files are then opened for each use."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (128, 128))
    vault = FileVault(data_dir, durability="os")
    names = [f"xp/default/{10**17 + number}" for number in range(60)]
    gc.collect()  # what other tests forgot
    open_before = len(os.listdir("/proc/self/fd"))
    for count, journals in ((20, 20), (40, 40), (60, 48)):
        for _ in range(2):
            for name in names[:count]:
                give(vault.namespace(name), ANN, 1)
                in_use = len(os.listdir("/proc/self/fd")) - open_before
                assert in_use <= 64 + 2 + 1  # the folder, the sign, and a lock file that is in use
        assert sum(one._journal is not None for one in vault._open.values()) == journals
    vault.close()

    assert len(os.listdir("/proc/self/fd")) == open_before
    assert content(vault.namespace(names[0])) == {"users": {ANN: {"xp": 6}}}
    vault.close()


def test_large_namespaces_make_room_for_others(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where what is open takes too much memory, the longest unused is closed."""
    monkeypatch.setattr(Room, "memory", 3 * 10_000)
    vault = FileVault(data_dir, durability="os")
    open_before = len(os.listdir("/proc/self/fd"))
    for number in range(256):
        give(vault.namespace(f"xp/default/{10**17 + number}"), ANN, 1)

    assert len(os.listdir("/proc/self/fd")) - open_before <= 2 * 3 + 1
    vault.close()


def test_a_namespace_in_use_is_not_closed(data_dir: Path) -> None:
    """Opening others inside a transaction or dry run does not pull the ground from under it."""
    vault = FileVault(data_dir, durability="os", open_at_once=1)
    namespace = vault.namespace(NAME)
    give(namespace)
    with namespace.transaction(ORIGIN) as transaction:
        give(vault.namespace("global"))
        give(vault.namespace(f"names/{GUILD}"))
        transaction.put("users", BOB, {"xp": 1})
    with namespace.transaction(ORIGIN, dry_run=True) as dry:
        give(vault.namespace("global"))
        assert dry.get("users", ANN) == {"xp": 10}

    assert disk_content(data_dir) == {"users": {ANN: {"xp": 10}, BOB: {"xp": 1}}}
    vault.close()


def test_a_state_that_was_read_outlives_closing(data_dir: Path) -> None:
    """Who holds a state when its namespace is closed keeps what it said, not emptiness."""
    vault = FileVault(data_dir, durability="os", open_at_once=1)
    give(vault.namespace(NAME))
    state = vault.namespace(NAME).read()
    give(vault.namespace("global"))

    assert state.records("users") == {ANN: {"xp": 10}}
    vault.close()


def test_one_name_is_one_object_while_somebody_holds_it(data_dir: Path) -> None:
    """A namespace that was closed to make room is the same one when it is asked for again."""
    vault = FileVault(data_dir, durability="os", open_at_once=1)
    namespace = vault.namespace(NAME)
    vault.namespace("global")
    assert vault.namespace(NAME) is namespace
    vault.namespace("global")
    gone = weakref.ref(namespace)
    del namespace
    gc.collect()

    assert gone() is None
    vault.close()


def test_a_forgotten_vault_leaves_no_open_files(data_dir: Path) -> None:
    """Files and locks of a vault that nobody closed go with it."""
    gc.collect()  # what other tests forgot
    before = len(os.listdir("/proc/self/fd"))
    vault = FileVault(data_dir, durability="os")
    give(vault.namespace(NAME))
    del vault
    gc.collect()

    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_removed_while_in_use_is_missed(data_dir: Path) -> None:
    """Reading and writing say what is gone; nothing is silently begun anew before ``close``."""
    vault = FileVault(data_dir, durability="os")
    namespace = vault.namespace(NAME)
    give(namespace)
    shutil.rmtree(data_dir)
    for act in (namespace.read, lambda: give(namespace), lambda: give(namespace)):
        with pytest.raises(RoboXPError, match=GUILD):
            act()
    assert not data_dir.exists()
    vault.close()

    assert content(namespace) == {}
    assert give(namespace) == 1
    vault.close()


def test_a_folder_removed_before_the_first_commit_is_made_again(data_dir: Path) -> None:
    """Where nothing was committed there is nothing to miss."""
    vault = FileVault(data_dir, durability="os")
    namespace = vault.namespace(NAME)
    with namespace.transaction(ORIGIN):
        pass
    shutil.rmtree(data_dir)

    assert give(namespace) == 1
    vault.close()


def exit_code_as_nobody(act: Callable[[Path], None]) -> int:
    """Run ``act`` with a folder of its own in a process that has no rights beyond it."""
    folder = Path(tempfile.mkdtemp())
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            act(folder)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o700)
    shutil.rmtree(folder)
    return os.waitstatus_to_exitcode(status)


def read_but_not_write(folder: Path) -> None:
    """In a folder without write permission reading works, and writing says why it does not."""
    root = folder / "data"
    vault = FileVault(root, durability="os")
    give(vault.namespace(NAME))
    vault.close()
    for path in [*root.rglob("*"), root]:
        path.chmod(0o500 if path.is_dir() else 0o400)
    namespace = vault.namespace(NAME)
    assert content(namespace) == {"users": {ANN: {"xp": 10}}}
    assert [batch.seq for batch in namespace.batches()] == [1]
    with pytest.raises(VaultUnavailable, match="permission denied"):
        give(namespace)
    with pytest.raises(VaultUnavailable, match="permission denied"):
        namespace.compact()
    with pytest.raises(VaultUnavailable, match="permission denied"):
        give(vault.namespace("global"))
    assert content(namespace) == {"users": {ANN: {"xp": 10}}}
    for path in [root, *root.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert give(namespace) == 2


def do_not_see(folder: Path) -> None:
    """A vault that may not be read is an error, never an empty one."""
    root = folder / "data"
    vault = FileVault(root, durability="os")
    give(vault.namespace(NAME))
    vault.close()
    path_of(root, ".journal").chmod(0)
    with pytest.raises(VaultUnavailable, match="permission denied"):
        vault.namespace(NAME).read()
    (root / "format.json").chmod(0)
    with pytest.raises(VaultUnavailable, match="permission denied"):
        FileVault(root)
    path_of(root, ".journal").chmod(0o600)
    (root / "xp").chmod(0)
    with pytest.raises(VaultUnavailable, match="permission denied"):
        vault.namespace(NAME).read()
    with pytest.raises(VaultUnavailable, match="permission denied"):
        vault.names()


@pytest.mark.parametrize("act", [read_but_not_write, do_not_see])
def test_missing_rights_are_named(act: Callable[[Path], None]) -> None:
    """The system's refusals become errors that say what was refused, and pass when they do."""
    assert exit_code_as_nobody(act) == 0


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    """A data folder that is a file is an error that names it."""
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(VaultUnavailable, match=r"data.*is no folder"):
        FileVault(tmp_path / "data", durability="os")


def test_foreign_files_are_no_namespaces(file_vault: FileVault, data_dir: Path) -> None:
    """Files that operators leave in the folder are not listed."""
    give(file_vault.namespace(NAME))
    for name in ("notes.json", "xp/default/old.json", f"{NAME}.bak.journal", f"{NAME}.json.new"):
        (data_dir / name).write_text("{}")

    assert file_vault.names() == [NAME]
    assert file_vault.names("giveaways") == []


def test_the_format_file_is_made_once_and_may_say_more(data_dir: Path) -> None:
    """Ten handles that start together leave one whole file; unknown fields in it are fine."""
    threads = [
        threading.Thread(target=lambda: give(FileVault(data_dir, durability="os").namespace(NAME)))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (data_dir / "format.json").read_text() == '{"format":2}\n'
    assert disk_content(data_dir) == {"users": {ANN: {"xp": 100}}}
    assert {path.name for path in data_dir.iterdir()} == {"format.json", "intent.lock", "xp"}
    (data_dir / "format.json").write_text('{"format": 1, "since": "2024", "more": [1]}')
    assert disk_content(data_dir) == {"users": {ANN: {"xp": 100}}}
