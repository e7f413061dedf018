"""Every call of the vault to the file system, in one thin layer.

The vault touches disk through one ``Files`` object only, so that a test can put a layer in its
place that fails, or stops the world, at the N-th call. Nothing here knows journals or snapshots.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import BinaryIO

from robo_xp import descent
from robo_xp.errors import FolderGiven, RoboXPError, VaultUnavailable
from robo_xp.errors.causes import cause_of

PRIVATE_FILE = 0o600
SHARED_FILE = 0o660
PRIVATE_FOLDER = 0o700
SHARED_FOLDER = 0o2770
_GROUP_WRITE = 0o020
_CHUNK = 1 << 20

_MOST_WAYS = 100_000


class Files:
    """The operating system's file calls that the vault needs, one method each.

    Below a folder that was given to ``anchor`` no link is followed; elsewhere, the folder that a
    path stands in is believed.
    """

    _tops: tuple[descent.Top, ...] = ()
    # by path; an instance has its own from the first folder on
    _ways: Mapping[str, tuple[descent.Top | None, str]] = MappingProxyType({})

    def anchor(self, root: str) -> None:
        """Reach everything below the folder by descriptors from it."""
        if all(top.path != root for top in self._tops):
            self._tops = tuple(
                sorted((*self._tops, descent.Top(root)), key=lambda top: len(top.path))
            )
            self._ways = {}

    def rest(self) -> None:
        """Keep no folder open until it is needed again."""
        for top in self._tops:
            top.close()

    def _split(self, path: str) -> tuple[str, list[str]]:
        """The folder to start from, and the parts of the path below it."""
        for top in self._tops:
            if path == top.path:
                return path, []
            if path.startswith(top.prefix):
                return top.path, [part for part in path[len(top.prefix) :].split(os.sep) if part]
        above, name = os.path.split(path)
        return above or os.curdir, [name] if name else []

    @contextmanager
    def _at(self, path: str) -> Iterator[tuple[int, str]]:
        """The open folder that the path stands in, and the last part of the path."""
        top, parts = self._split(path)
        if not parts:  # a data folder itself: it stands among folders of the machine
            top, name = os.path.split(path)
            parts = [name]
        with descent.within(top or os.curdir, parts[:-1]) as fd:
            yield fd, parts[-1]

    def open(self, path: str, flags: int, mode: int = PRIVATE_FILE) -> int:
        """A new descriptor of a regular file; with O_CREAT a new file has exactly ``mode``."""
        with self._at(path) as (fd, name):
            return descent.open_file(fd, name, flags, mode)

    def close(self, fd: int) -> None:
        """Close the descriptor."""
        os.close(fd)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        """At most ``size`` bytes from ``offset``; fewer only at the end of the file."""
        chunks: list[bytes] = []
        while size > 0:
            chunk = os.pread(fd, size, offset)
            if not chunk:
                break
            chunks.append(chunk)
            size -= len(chunk)
            offset += len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def chunks(self, fd: int, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The same from ``start`` to ``end``, or that of the file, piece by piece."""
        end = os.fstat(fd).st_size if end is None else end
        for at in range(start, end, _CHUNK):
            yield self.read(fd, min(_CHUNK, end - at), at)

    def write(self, fd: int, data: bytes) -> int:
        """Append ``data`` as far as the system takes it; returns how many bytes it took."""
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Return when the file's content is on the disk."""
        os.fdatasync(fd)

    def sync_folder(self, path: str) -> None:
        """Return when the folder's entries are on the disk."""
        top, parts = self._split(path)
        with descent.within(top, parts, to_list=True) as fd:
            os.fsync(fd)

    def size(self, fd: int) -> int:
        """How many bytes the file has; cheaper than all that ``stat`` tells."""
        return os.lseek(fd, 0, os.SEEK_END)

    def end(self, fd: int) -> int:
        """The size of the file; where a power cut left more than a megabyte of zeros at its end,
        that up to the first of those megabytes and one zero of it.
        """
        size = end = self.size(fd)
        while end > _CHUNK and not self.read(fd, _CHUNK, end - _CHUNK).strip(b"\0"):
            end -= _CHUNK
        return min(size, end + 1)

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file to ``size`` bytes."""
        os.ftruncate(fd, size)

    def rename(self, source: str, target: str) -> None:
        """Put ``source`` in the place of ``target`` in one step."""
        with self._at(source) as (old_fd, old), self._at(target) as (new_fd, new):
            os.replace(old, new, src_dir_fd=old_fd, dst_dir_fd=new_fd)

    def link(self, source: str, target: str) -> None:
        """Give the file at ``source`` a second name; a copy where the system has no such thing."""
        with self._at(source) as (old_fd, old), self._at(target) as (new_fd, new):
            try:
                os.link(old, new, src_dir_fd=old_fd, dst_dir_fd=new_fd, follow_symlinks=False)
                return
            except FileExistsError:
                return
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP):
                    raise
        self.copy(source, target)

    def copy(self, source: str, target: str) -> None:
        """Put a copy at ``target``, of the same age; whole or not at all."""
        old = self.open(source, os.O_RDONLY)
        try:
            found = os.fstat(old)
            beside = f"{target}.new"
            new = self.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, found.st_mode & 0o777)
            try:
                offset = 0
                while chunk := self.read(old, _CHUNK, offset):
                    offset += len(chunk)
                    while chunk:
                        chunk = chunk[self.write(new, chunk) :]
                os.utime(new, ns=(found.st_atime_ns, found.st_mtime_ns))
                self.sync(new)
            except OSError:
                with suppress(OSError):
                    self.remove(beside)
                raise
            finally:
                self.close(new)
            self.rename(beside, target)
        finally:
            self.close(old)

    def move_folder(self, source: str, target: str, *, root: str) -> None:
        """Put a folder of files at ``target``; on another disk as a copy that is whole."""
        try:
            self.rename(source, target)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        beside = f"{target}.new"
        self.remove_tree(beside)
        self.make_folder(beside, root=root)
        for name in self.names_in(source):
            self.copy(os.path.join(source, name), os.path.join(beside, name))
        self.sync_folder(beside)
        self.rename(beside, target)
        self.sync_folder(os.path.dirname(target))
        self.remove_tree(source)

    def remove(self, path: str) -> None:
        """Remove the file; a missing one is fine."""
        try:
            with self._at(path) as (fd, name):
                os.unlink(name, dir_fd=fd)
        except FileNotFoundError:
            return

    def remove_tree(self, path: str) -> None:
        """Remove the folder with all that is in it, as far as that can be done."""
        import shutil  # slow to import, and only a restore needs it

        with suppress(OSError), self._at(path) as (fd, name):
            shutil.rmtree(name, dir_fd=fd, ignore_errors=True)

    def stat(self, path: str) -> os.stat_result | None:
        """What stands at the path itself, a link too, or None when nothing is there.

        Raises VaultUnavailable when it may not be seen: that is not the same as nothing.
        """
        try:
            with self._at(path) as (fd, name):
                return descent.look_at(fd, name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unavailable(error, "look at", path) from error

    def look(self, path: str) -> os.stat_result | None:
        """``stat`` for whoever looks again and again, at what is opened with ``open`` alone.

        A link among the folders may lead the look astray, but never says that nothing is there.
        """
        top, below = self._ways.get(path) or self._way(path)  # this is asked for every award
        if top is not None:
            try:
                return os.stat(below, dir_fd=top.fd(), follow_symlinks=False)
            except (FileNotFoundError, NotADirectoryError):
                if os.sep not in below:
                    return None
            except OSError as error:
                raise unavailable(error, "look at", path) from error
        return self.stat(path)

    def is_there(self, path: str) -> bool:
        """Whether something is at the path: cheaper than ``look`` where mostly nothing is."""
        top, below = self._ways.get(path) or self._way(path)
        if top is not None:
            try:
                if os.access(below, os.F_OK, dir_fd=top.fd(), follow_symlinks=False):
                    return True
            except OSError:  # the folder itself: the whole look says what there is to say
                return self.stat(path) is not None
        return (top is None or os.sep in below) and self.stat(path) is not None

    def _way(self, path: str) -> tuple[descent.Top | None, str]:
        """The data folder that the path lies below, and the way from there; remembered."""
        top = next((one for one in self._tops if path.startswith(one.prefix)), None)
        way = (top, path if top is None else path[len(top.prefix) :])
        known = self._ways
        if isinstance(known, dict):
            if len(known) > _MOST_WAYS:
                known.clear()
            known[path] = way
        return way

    def try_lock(self, fd: int) -> bool:
        """Whether the exclusive lock of the file is now held through this descriptor."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(self, fd: int) -> None:
        """Give the lock back."""
        fcntl.flock(fd, fcntl.LOCK_UN)

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands at the path."""
        return stat.S_ISDIR(self._mode(path))

    def is_file(self, path: str) -> bool:
        """Whether a regular file stands at the path."""
        return stat.S_ISREG(self._mode(path))

    def _mode(self, path: str) -> int:
        """The mode of what stands at the path; 0 for nothing, or what cannot be seen."""
        try:
            found = self.stat(path)
        except VaultUnavailable:
            return 0
        return 0 if found is None else found.st_mode

    def make_folder(self, path: str, *, root: str) -> None:
        """Make the folder and its missing parents; inside ``root`` as private as ``root`` is."""
        is_ours = any(path.startswith(top.prefix) for top in self._tops)
        if self.is_folder(path) if is_ours else os.path.isdir(path):
            return
        parent = os.path.dirname(path)
        self.make_folder(parent, root=root)
        is_shared = path.startswith(f"{root}{os.sep}") and self.is_shared(root)
        self.make_one_folder(path, SHARED_FOLDER if is_shared else PRIVATE_FOLDER)
        self.sync_folder(parent)

    def make_one_folder(self, path: str, mode: int) -> None:
        """Make the folder with exactly ``mode``, unless somebody else just did."""
        with self._at(path) as (fd, name):
            descent.make_folder(fd, name, mode)

    def names_in(self, path: str) -> list[str]:
        """The names in the folder, sorted; none when there is no such folder."""
        top, parts = self._split(path)
        try:
            with descent.within(top, parts, to_list=True) as fd:
                return sorted(os.listdir(fd))
        except FileNotFoundError:
            return []

    def tree(
        self, path: str, below: str = "", *, into: Callable[[str], bool] = lambda _: True
    ) -> Iterator[tuple[str, os.stat_result]]:
        """Everything below the folder: its path from there, and what it is; links are not followed.

        Of a folder that ``into`` refuses only itself is told. What goes away meanwhile is left
        out; nothing when there is no such folder.
        """
        folder = os.path.join(path, below) if below else path
        top, parts = self._split(folder)
        try:
            with descent.within(top, parts, to_list=True) as fd:
                names = sorted(os.listdir(fd))
                found = [(name, descent.look_at(fd, name)) for name in names]
        except FileNotFoundError:
            return
        except OSError as error:
            raise unavailable(error, "list", folder) from error
        for name, what in found:
            if what is not None:
                inner = os.path.join(below, name)
                yield inner, what
                if stat.S_ISDIR(what.st_mode) and into(inner):
                    yield from self.tree(path, inner, into=into)

    def read_whole(self, path: str) -> bytes:
        """The content of the file to its ``end``; raises FileNotFoundError when there is none."""
        fd = self.open(path, os.O_RDONLY)
        try:
            return self.read(fd, self.end(fd), 0)
        finally:
            self.close(fd)

    def room_in(self, path: str) -> int:
        """How many bytes still fit into the file system of the folder."""
        with descent.within(*self._split(path), to_list=True) as fd:
            found = os.fstatvfs(fd)
        return found.f_bavail * found.f_frsize

    @staticmethod
    def is_shared(root: str) -> bool:
        """Whether the data folder was opened to a group, by its mode."""
        try:
            return bool(os.stat(root).st_mode & _GROUP_WRITE)
        except OSError:
            return False


def open_named(path: str) -> BinaryIO:
    """The regular file that somebody named, to read; links that lead to it are theirs."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        if stat.S_ISDIR(mode):
            raise FolderGiven(f"{path} is a folder, not a file")
        raise OSError(errno.EINVAL, descent.NO_FILE, path)
    return os.fdopen(fd, "rb")


@contextmanager
def explain_errors(what: str, path: str) -> Iterator[None]:
    """Turn an error of the operating system into VaultUnavailable that says what and where."""
    try:
        yield
    except RoboXPError:
        raise
    except OSError as error:
        raise unavailable(error, what, path) from error


def unavailable(error: OSError, what: str, path: str) -> VaultUnavailable:
    """The error to raise when the system refused to ``what`` the file at ``path``."""
    cause = cause_of(error)
    advice = f"nothing was changed; {cause.advice}" if cause.advice else None
    return VaultUnavailable(f"cannot {what} {path}: {cause.said}", advice=advice)
