"""What the kernel tells of changes in the data folder."""

from __future__ import annotations

import errno
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.files.watching import folders, inotify
from robo_xp.vault.files.watching.folders import FolderWatch
from tests.vault.acts import NAME, give

OTHER = f"xp/default/{10**17 + 1}"
SOON = 5.0


@pytest.fixture
def watch(file_vault: FileVault) -> Iterator[FolderWatch]:
    """A watch of the XP of a vault in which one namespace is."""
    give(file_vault.namespace(NAME))
    made = FolderWatch(file_vault, "xp", file_vault.root)
    assert made.changed() == [NAME]
    yield made
    made.close()


def heard(watch: FolderWatch) -> list[str]:
    """The next names that are told, within a time; looks at all are too seldom to help."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        if names := watch.changed(until - time.monotonic()):
            return names
    return []


def test_a_commit_of_another_process_is_told(file_vault: FileVault, watch: FolderWatch) -> None:
    """Appending and compacting are told by name, at once; what did not change is not."""
    other = FileVault(file_vault.root, durability="os")
    give(other.namespace(OTHER))
    assert heard(watch) == [OTHER]
    other.namespace(NAME).compact()
    assert heard(watch) == [NAME]
    began = time.monotonic()
    assert watch.changed(0.2) == []
    assert time.monotonic() - began >= 0.19
    other.close()


def test_folders_that_come_are_watched(data_dir: Path) -> None:
    """The first store of a vault, another one, and one that a restore put in its place."""
    vault = FileVault(data_dir, durability="os")
    data_dir.mkdir(exist_ok=True)
    watch = FolderWatch(vault, "xp", vault.root)
    assert watch.changed() == []
    for store in ("default", "second"):
        name = NAME.replace("default", store)
        give(vault.namespace(name))
        assert name in heard(watch)
        while watch.changed(0.0):
            pass
        give(vault.namespace(name))
        assert heard(watch) == [name]
    vault.close()
    shutil.copytree(data_dir / "xp", data_dir / "copy")
    (data_dir / "xp").rename(data_dir / "old")
    (data_dir / "copy").rename(data_dir / "xp")
    heard(watch)
    give(vault.namespace(NAME))
    assert NAME in heard(watch)
    watch.close()
    vault.close()


def test_another_thread_wakes_it(watch: FolderWatch) -> None:
    """A wake ends the wait with nothing, and one that came before counts as well."""
    threading.Timer(0.05, watch.wake).start()
    assert watch.changed() == []
    watch.wake()
    assert watch.changed() == []


def test_an_overflow_is_a_look_at_all(
    file_vault: FileVault, watch: FolderWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kernel has dropped something, all that changed is found all the same."""
    give(file_vault.namespace(OTHER))
    watch.changed(SOON)
    give(file_vault.namespace(NAME))
    told = [inotify.Told(-1, inotify.OVERFLOW, "")]
    monkeypatch.setattr(inotify.Inotify, "read", lambda _: iter(told))
    assert heard(watch) == sorted([NAME, OTHER])


@pytest.mark.parametrize("why", ["no watches", "a network"])
def test_without_the_kernel_it_looks_again_and_again(
    file_vault: FileVault, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where inotify cannot be had, or would not hear of all, changes are found by looking."""

    def refused(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no watches left")

    if why == "a network":
        monkeypatch.setattr(folders, "tells_all", lambda _: False)
    else:
        monkeypatch.setattr(inotify.Inotify, "watch", refused)
    watch = FolderWatch(file_vault, "xp", file_vault.root)
    assert watch.changed() == []
    give(file_vault.namespace(NAME))
    assert heard(watch) == [NAME]
    watch.close()


def test_where_the_kernel_hears_of_all(tmp_path: Path) -> None:
    """The folder of the tests is on a disk of this machine, and so is the machine's root."""
    assert inotify.tells_all(str(tmp_path)) and inotify.tells_all("/")
