"""Files and folders below a trusted folder, reached by descriptors from it.

Whoever may write in a folder may plant a link, a pipe or a device there, and may change what
stands at a path between two looks at it. So nothing below the folder is opened by its path: each
part is opened from the descriptor of the one above, no link is followed on the way, and what is
opened must be a regular file. Owners and modes are set on descriptors only.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_WAY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_LISTED = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
LINK = "it is a symbolic link, and none is followed here"
NO_FILE = "it is no regular file"
ROOTS_FILE = "it is a second name of a file of root's"
NO_FOLDER = "it stands where a folder should be"


def folder_at(top: str, parts: Sequence[str] = (), *, to_list: bool = False) -> int:
    """A descriptor of the folder ``parts`` below ``top``, to go on from, or to list and sync.

    Only ``top`` itself may be reached through links. Raises FileNotFoundError where a part is
    missing, and OSError with ELOOP or EINVAL where one is a link or no folder.
    """
    flags = _LISTED if to_list else _WAY
    fd = os.open(top, _WAY if parts else flags)
    for number, part in enumerate(parts, start=1):
        try:
            below = _step(fd, part, flags if number == len(parts) else _WAY)
        finally:
            os.close(fd)
        fd = below
    return fd


def _step(fd: int, part: str, flags: int) -> int:
    """The folder of this name inside the open one."""
    try:
        return os.open(part, flags | os.O_NOFOLLOW, dir_fd=fd)
    except NotADirectoryError:
        raise _wrong(look_at(fd, part), part) from None


def _wrong(found: os.stat_result | None, name: str) -> OSError:
    """The error for what stands where a folder should be."""
    if found is None:
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    if stat.S_ISLNK(found.st_mode):
        return OSError(errno.ELOOP, LINK, name)
    return OSError(errno.EINVAL, NO_FOLDER, name)


@contextmanager
def within(top: str, parts: Sequence[str] = (), *, to_list: bool = False) -> Iterator[int]:
    """``folder_at``, closed at the end."""
    fd = folder_at(top, parts, to_list=to_list)
    try:
        yield fd
    finally:
        os.close(fd)


def look_at(fd: int, name: str) -> os.stat_result | None:
    """What stands in the open folder under this name, itself and not where it points."""
    try:
        return os.stat(name, dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        return None


def names_in(fd: int) -> list[str]:
    """What stands in a folder that was opened to be listed, in order of name."""
    return sorted(os.listdir(fd))


def open_file(fd: int, name: str, flags: int, mode: int = 0o600) -> int:
    """Open a regular file in the open folder; nothing else is waited for or written to.

    With O_CREAT a missing file is made with exactly ``mode`` and, by root, for the owner of the
    folder; with O_TRUNC an existing one is left to its other names and a new one made. Raises
    OSError with ELOOP or EINVAL where something else stands there.
    """
    if flags & os.O_TRUNC:
        flags = flags & ~os.O_TRUNC | os.O_EXCL
        _remove(fd, name)
    if not flags & os.O_CREAT:
        return _checked_file(fd, name, flags)
    while True:
        if not flags & os.O_EXCL:
            try:
                return _checked_file(fd, name, flags & ~os.O_CREAT, mode)
            except FileNotFoundError:
                pass
        try:
            made = os.open(name, flags | _FILE | os.O_EXCL, mode, dir_fd=fd)
        except FileExistsError:
            if flags & os.O_EXCL:
                raise
            continue
        _settle(made, fd, mode)
        return made


def _remove(fd: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=fd)
    except FileNotFoundError:
        return


def _checked_file(fd: int, name: str, flags: int, mode: int | None = None) -> int:
    """An existing regular file; one of ours that should have another mode gets it."""
    try:
        found = os.open(name, flags | _FILE, dir_fd=fd)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, LINK, name) from None
        if error.errno in (errno.ENXIO, errno.EISDIR, errno.ENODEV):
            raise OSError(errno.EINVAL, NO_FILE, name) from None
        raise
    try:
        there = os.fstat(found)
        if not stat.S_ISREG(there.st_mode):
            raise OSError(errno.EINVAL, NO_FILE, name)
        if os.geteuid() == 0 and is_roots_elsewhere(there, os.fstat(fd)):
            raise OSError(errno.EINVAL, ROOTS_FILE, name)
        is_ours = there.st_uid == os.geteuid() and there.st_nlink == 1
        if mode is not None and is_ours and stat.S_IMODE(there.st_mode) != mode:
            os.fchmod(found, mode)
    except BaseException:
        os.close(found)
        raise
    return found


def is_roots_elsewhere(there: os.stat_result, folder: os.stat_result) -> bool:
    """Whether a file may be one of root's that somebody gave a second name in their folder.

    In a folder of root's that a group may write, the vault's own are the group's too.
    """
    if there.st_uid != 0 or there.st_nlink == 1:
        return False
    is_the_groups = there.st_gid == folder.st_gid and there.st_mode & 0o060 == 0o060
    return folder.st_uid != 0 or (bool(folder.st_mode & 0o022) and not is_the_groups)


def _settle(made: int, folder: int, mode: int) -> None:
    """Undo what the umask took away, and let root's new file belong to the folder's owner."""
    if os.geteuid() == 0:
        above = os.fstat(folder)
        if above.st_uid:
            os.fchown(made, above.st_uid, above.st_gid)
    if stat.S_IMODE(os.fstat(made).st_mode) != mode:
        os.fchmod(made, mode)


def make_folder(fd: int, name: str, mode: int) -> None:
    """Make a folder in the open one with exactly ``mode``, unless somebody else just did."""
    try:
        # below a folder that hands down its group the new one does so too; a service that may
        # not ask for that bit (RestrictSUIDSGID) gets it in this way only
        os.mkdir(name, mode & 0o777 | 0o700, dir_fd=fd)
    except FileExistsError:
        return
    made = _own_folder(fd, name)
    try:
        _settle(made, fd, mode)
    finally:
        os.close(made)


def _own_folder(fd: int, name: str) -> int:
    """A new folder, opened; the umask may have taken away even its owner's right to read it."""
    try:
        return os.open(name, _LISTED | os.O_NOFOLLOW, dir_fd=fd)
    except PermissionError:
        way = os.open(name, _WAY | os.O_NOFOLLOW, dir_fd=fd)
        try:
            os.chmod(f"/proc/self/fd/{way}", 0o700)
            return os.open(f"/proc/self/fd/{way}", _LISTED)
        finally:
            os.close(way)


_TOP_SECONDS = 1.0


class Top:
    """The data folder, opened again when the descriptor is older than a second."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.prefix = path.rstrip(os.sep) + os.sep
        self._fd = -1
        self._until = 0.0
        self._guard = threading.Lock()

    def fd(self) -> int:
        """A descriptor of what stands at the path, or did a second ago."""
        if time.monotonic() > self._until:
            with self._guard:
                fresh = folder_at(self.path)
                if self._fd < 0:
                    self._fd = fresh
                else:  # in place: another thread may be about to use the number
                    os.dup2(fresh, self._fd, inheritable=False)
                    os.close(fresh)
                self._until = time.monotonic() + _TOP_SECONDS
        return self._fd

    def close(self) -> None:
        """Give the descriptor back; the next ``fd`` opens another."""
        with self._guard:
            fd, self._fd, self._until = self._fd, -1, 0.0
            if fd >= 0:
                os.close(fd)

    def __del__(self) -> None:
        """Give the descriptor back."""
        self.close()
