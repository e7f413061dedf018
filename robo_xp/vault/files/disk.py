"""Every call of the vault to the file system, in one thin layer.

The vault touches disk through one ``Files`` object only, so that a test can put a layer in its
place that fails, or stops the world, at the N-th call. Nothing here knows journals or snapshots.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from robo_xp.errors import RoboXPError, VaultUnavailable

PRIVATE_FILE = 0o600
SHARED_FILE = 0o660
PRIVATE_FOLDER = 0o700
SHARED_FOLDER = 0o2770
_GROUP_WRITE = 0o020


class Files:
    """The operating system's file calls that the vault needs, one method each."""

    def open(self, path: str, flags: int, mode: int = PRIVATE_FILE) -> int:
        """A new file descriptor, closed on exec; with O_CREAT the file has ``mode`` afterwards."""
        if not flags & os.O_CREAT:
            return os.open(path, flags | os.O_CLOEXEC, mode)
        # whoever owns the folder must not have root write to where a link of theirs points
        fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        if os.fstat(fd).st_mode & 0o777 != mode:
            self._set_mode(fd, mode)
        if os.geteuid() == 0:
            self._hand_over(fd, os.path.dirname(path))
        return fd

    @staticmethod
    def _hand_over(fd: int, folder: str) -> None:
        """Give root's new file to the folder's owner, who could not open it otherwise."""
        there, made = os.stat(folder), os.fstat(fd)
        if made.st_uid == 0 and there.st_uid != 0 and made.st_size == 0 and made.st_nlink == 1:
            os.fchown(fd, there.st_uid, there.st_gid)

    @staticmethod
    def _set_mode(fd: int, mode: int) -> None:
        """Undo what the umask took away; a file of another owner keeps the mode it has."""
        try:
            os.fchmod(fd, mode)
        except PermissionError:
            return

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

    def write(self, fd: int, data: bytes) -> int:
        """Append ``data`` as far as the system takes it; returns how many bytes it took."""
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Return when the file's content is on the disk."""
        os.fdatasync(fd)

    def sync_folder(self, path: str) -> None:
        """Return when the folder's entries are on the disk."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file to ``size`` bytes."""
        os.ftruncate(fd, size)

    def rename(self, source: str, target: str) -> None:
        """Put ``source`` in the place of ``target`` in one step."""
        os.replace(source, target)

    def link(self, source: str, target: str) -> None:
        """Give the file at ``source`` a second name; a copy where the system has no such thing."""
        with suppress(FileExistsError):
            try:
                os.link(source, target)
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP):
                    raise
                import shutil  # slow to import, and hardly any system needs it

                shutil.copy2(source, target)

    def remove(self, path: str) -> None:
        """Remove the file; a missing one is fine."""
        try:
            os.unlink(path)
        except FileNotFoundError:
            return

    def stat(self, path: str) -> os.stat_result | None:
        """What the system knows of the path, or None when nothing is there.

        Raises VaultUnavailable when it may not be seen: that is not the same as nothing.
        """
        try:
            return os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise unavailable(error, "look at", path) from error

    def is_there(self, path: str) -> bool:
        """Whether something is at the path: cheaper than ``stat`` where mostly nothing is."""
        return os.access(path, os.F_OK)

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

    def make_folder(self, path: str, *, root: str) -> None:
        """Make the folder and its missing parents; inside ``root`` as private as ``root`` is."""
        if os.path.isdir(path):
            return
        parent = os.path.dirname(path)
        self.make_folder(parent, root=root)
        is_shared = path.startswith(f"{root}{os.sep}") and self.is_shared(root)
        self.make_one_folder(path, SHARED_FOLDER if is_shared else PRIVATE_FOLDER)
        self.sync_folder(parent)

    def make_one_folder(self, path: str, mode: int) -> None:
        """Make the folder with exactly ``mode``, unless somebody else just did."""
        try:
            # below a folder that hands down its group the new one does so too; a service that may
            # not ask for that bit (RestrictSUIDSGID) gets it in this way only
            os.mkdir(path, mode & 0o777)
        except FileExistsError:
            return
        if os.geteuid() == 0:
            above = os.stat(os.path.dirname(path))
            os.chown(path, above.st_uid, above.st_gid)
        if os.stat(path).st_mode & 0o7777 != mode:
            os.chmod(path, mode)

    def names_in(self, path: str) -> list[str]:
        """The names in the folder, sorted; none when there is no such folder."""
        try:
            return sorted(os.listdir(path))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def read_whole(self, path: str) -> bytes:
        """The content of the file; raises FileNotFoundError when there is none."""
        fd = self.open(path, os.O_RDONLY)
        try:
            return self.read(fd, os.fstat(fd).st_size, 0)
        finally:
            self.close(fd)

    @staticmethod
    def is_shared(root: str) -> bool:
        """Whether the data folder was opened to a group, by its mode."""
        try:
            return bool(os.stat(root).st_mode & _GROUP_WRITE)
        except OSError:
            return False


_SAID: dict[int, str] = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EMFILE: "this process has too many open files",
    errno.ENFILE: "the machine has too many open files",
    errno.EIO: "the disk reported an error",
}


@contextmanager
def explained(what: str, path: str) -> Iterator[None]:
    """Turn an error of the operating system into VaultUnavailable that says what and where."""
    try:
        yield
    except RoboXPError:
        raise
    except OSError as error:
        raise unavailable(error, what, path) from error


def unavailable(error: OSError, what: str, path: str) -> VaultUnavailable:
    """The error to raise when the system refused to ``what`` the file at ``path``."""
    said = _SAID.get(error.errno or 0, error.strerror or str(error))
    return VaultUnavailable(f"cannot {what} {path}: {said}")
