"""Files outside the vault are written as a whole or not at all, whoever writes them."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from robo_xp.errors import FileFailed, FileMissing
from robo_xp.machine.whole_file import write_whole


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_has_the_modes_of_the_account(tmp_path: Path) -> None:
    """Without a mode the umask says who may read a new file; its size comes back in bytes."""
    before = os.umask(0o027)
    try:
        size = write_whole(tmp_path / "new", "é")
    finally:
        os.umask(before)

    assert (size, mode_of(tmp_path / "new")) == (2, 0o640)
    assert (tmp_path / "new").read_bytes() == "é".encode()


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    """What stood there says who may read it, unless a mode is given."""
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o604)
    write_whole(path, "new")
    assert (path.read_text(), mode_of(path)) == ("new", 0o604)

    write_whole(path, "newer", mode=0o600)
    assert mode_of(path) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file where a link leads is replaced, in its own folder."""
    folder, link = tmp_path / "elsewhere", tmp_path / "link"
    folder.mkdir()
    (folder / "file").write_text("old")
    link.symlink_to("elsewhere/file")
    write_whole(link, "new")

    assert link.is_symlink()
    assert (folder / "file").read_text() == "new"
    assert [one.name for one in folder.iterdir()] == ["file"]


def test_file_and_folder_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content is synced before it is put in place, and the folder afterwards."""
    path, seen = tmp_path / "file", []
    real = os.fsync

    def fsync(fd: int) -> None:
        seen.append((stat.S_ISDIR(os.fstat(fd).st_mode), path.exists()))
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(path, "text")

    assert seen == [(False, False), (True, True)]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room the file is named and as it was, and nothing is left beside it."""
    path = tmp_path / "file"
    path.write_text("old")

    def no_room(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(FileFailed, match=f"{path} cannot be written: the disk is full"):
        write_whole(path, "new")

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("file", "old")]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """No folder is made for a path that may be a slip."""
    with pytest.raises(FileMissing, match=f"no folder {tmp_path}/none"):
        write_whole(tmp_path / "none" / "file", "text")


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """What cannot be replaced gets the text itself."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(path.read_text()))
    reader.start()
    write_whole(path, "text")
    reader.join()

    assert read == ["text"]
    assert stat.S_ISFIFO(path.stat().st_mode)
