"""The lock that names the daemon of a data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from robo_xp import __version__
from robo_xp.errors import VaultBusy, VaultUnavailable
from robo_xp.machine.daemon_lock import DaemonLock, daemon_of, daemons_of
from robo_xp.model.shards import Shards


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


def test_ranges_of_shards_share_a_folder(tmp_path: Path) -> None:
    """Each range has a holder, found by its guilds; the lowest is the daemon of the folder."""
    high, low = (DaemonLock(tmp_path, Shards.of(text)) for text in ("4-7/8", "0-3/8"))
    high.take()
    low.take()
    high.publish("/run/high.sock")

    assert [one.shards for one in daemons_of(tmp_path)] == ["0-3/8", "4-7/8"]
    lowest, other = daemon_of(tmp_path), daemon_of(tmp_path, str(5 << 22))
    assert lowest is not None and lowest.shards == "0-3/8"
    assert other is not None and other.socket == "/run/high.sock"
    low.release()
    assert [one.shards for one in daemons_of(tmp_path)] == ["4-7/8"]
    assert daemon_of(tmp_path, str(1 << 22)) is None
    high.release()
    assert daemons_of(tmp_path) == []


@pytest.mark.parametrize(
    ("first", "second", "is_free"),
    [
        ("0-3/8", "3-4/8", False),
        ("0-3/8", "0-3/8", False),
        ("0-3/8", "4-7/8", True),
        ("0-0/2", "0-0/4", False),
        ("0-0/2", "1-1/4", True),
        ("", "4-7/8", False),
        ("4-7/8", "", False),
    ],
)
def test_a_range_that_overlaps_is_refused(
    tmp_path: Path, first: str, second: str, is_free: bool
) -> None:
    """Where a guild would have two daemons the second is refused, exit code 5, the first named."""
    one, two = (DaemonLock(tmp_path, Shards.of(text)) for text in (first, second))
    one.take()
    if not is_free:
        with pytest.raises(VaultBusy, match=f"process {os.getpid()}, works on .*{first}") as caught:
            two.take()
        assert caught.value.exit_code == 5
        one.release()
    two.take()
    assert str(two._shards) in [holder.shards for holder in daemons_of(tmp_path)]
    two.release()
    one.release()
