"""The lock that names the daemon of a data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from robo_xp import __version__
from robo_xp.errors import VaultBusy, VaultUnavailable
from robo_xp.machine.daemon_lock import DaemonLock, daemon_of


def test_the_holder_is_named(tmp_path: Path) -> None:
    """Whoever looks learns process and version; nobody holds a folder before or after."""
    folder = tmp_path / "data"
    assert daemon_of(folder) is None
    lock = DaemonLock(folder)
    lock.take()
    holder = daemon_of(folder)
    assert holder is not None
    assert (holder.pid, holder.version) == (os.getpid(), __version__)
    assert holder.started_at > 1_700_000_000_000
    lock.release()

    assert daemon_of(folder) is None
    assert folder.stat().st_mode & 0o777 == 0o700


def test_only_one_has_it(tmp_path: Path) -> None:
    """A second one is refused with the name of the first, and has it once the first let go."""
    first, second = DaemonLock(tmp_path), DaemonLock(tmp_path)
    first.take()
    with pytest.raises(VaultBusy, match=f"process {os.getpid()}") as caught:
        second.take()
    assert caught.value.exit_code == 5
    first.release()
    second.take()
    second.release()
    second.release()


def test_a_file_that_says_nonsense_is_still_a_lock(tmp_path: Path) -> None:
    """What another version wrote does not hide that somebody holds it."""
    lock = DaemonLock(tmp_path)
    lock.take()
    lock.path.write_text("{not json")

    holder = daemon_of(tmp_path)
    lock.release()
    assert holder is not None
    assert holder.pid == 0


def test_the_socket_of_the_holder_is_told(tmp_path: Path) -> None:
    """Whoever looks finds the path that was published last, however long the one before was."""
    lock = DaemonLock(tmp_path)
    lock.take()
    told = []
    for socket in ("/run/a/longer/name.sock", "/run/x.sock", ""):
        lock.publish(socket)
        holder = daemon_of(tmp_path)
        assert holder is not None and holder.pid == os.getpid()
        told.append(holder.socket)
    lock.release()
    lock.publish("/run/late.sock")

    assert told == ["/run/a/longer/name.sock", "/run/x.sock", ""]
    assert "late" not in lock.path.read_text()


def test_what_a_later_version_says_of_its_holder_is_passed_over(tmp_path: Path) -> None:
    """Fields that this version does not know hide none of those that it knows."""
    lock = DaemonLock(tmp_path)
    lock.take()
    lock.path.write_text('{"pid": 7, "version": "9", "moon": "full"}')

    holder = daemon_of(tmp_path)
    lock.release()
    assert holder is not None
    assert (holder.pid, holder.version, holder.socket) == (7, "9", "")


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A path that can be no folder is told with the path."""
    (tmp_path / "file").write_text("")

    with pytest.raises(VaultUnavailable, match="daemon.lock"):
        DaemonLock(tmp_path / "file").take()


def test_the_group_may_look_where_the_folder_is_its_own(tmp_path: Path) -> None:
    """The file is private unless the data folder is shared with a group."""
    for mode, wanted in ((0o700, 0o600), (0o770, 0o660)):
        folder = tmp_path / oct(mode)
        folder.mkdir()
        folder.chmod(mode)
        before = os.umask(0)
        lock = DaemonLock(folder)
        lock.take()
        os.umask(before)
        lock.release()
        assert lock.path.stat().st_mode & 0o777 == wanted
