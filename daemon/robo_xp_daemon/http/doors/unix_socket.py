"""The daemon's Unix socket: where it is, who may use it, and that it never takes a living one."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from robo_xp.errors import NotConfigured
from robo_xp.model.shards import ALL, Shards
from robo_xp_daemon.setup.http import LONGEST_PATH, Rest

NAME = "robo-xpd.sock"
_BACKLOG = 128
_LOCK_SECONDS = 2.0

log = logging.getLogger("robo_xp_daemon.http")


class _Unusable(Exception):
    """Why there can be no socket at a path."""


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A socket that is listened on; ``note`` says why it is not where it is usual, or nothing.

    ``scratch`` is the folder that was made for it alone, and ``inode`` the number of its file.
    """

    path: Path
    socket: socket.socket
    note: str = ""
    scratch: Path | None = None
    inode: int = 0

    def remove(self) -> None:
        """Take the path away, if it is still this socket's."""
        with suppress(OSError):
            if self.path.lstat().st_ino == self.inode:
                self.path.unlink()
        if self.scratch is not None:
            with suppress(OSError):
                self.scratch.rmdir()


def open_socket(
    rest: Rest, environ: Mapping[str, str], data_dir: Path, shards: Shards = ALL
) -> UnixSocket:
    """A socket where the configuration says, else in the first place that can have one.

    Daemons of other shards than the first have these in their sockets' names.

    Raises NotConfigured where the configured path cannot be used, or no place at all.
    """
    if rest.socket:
        return _socket_at(_for(Path(rest.socket), shards), rest.group_id)
    why: list[str] = []
    for folder in _folders(environ, data_dir):
        path = _for(folder / NAME, shards)
        try:
            _make(folder)
            return _open(path, rest.group_id, "; ".join(why))
        except (_Unusable, OSError) as error:
            why.append(f"not at {path}, since {_words(error)}")
    return _in_scratch(rest.group_id, why)


def _for(path: Path, shards: Shards) -> Path:
    """The path as the daemon of these shards has it."""
    if shards.has_first:
        return path
    mark = f"-{shards.first}-{shards.last}-{shards.count}"
    return path.with_name(f"{path.stem}{mark}{path.suffix}")


def _socket_at(path: Path, group_id: int | None) -> UnixSocket:
    try:
        return _open(path, group_id)
    except (_Unusable, OSError) as error:
        raise NotConfigured(
            f"the socket {path} cannot be used: {_words(error)}",
            advice="set socket in the table [rest] to another path, or mend that one",
        ) from None


def _folders(environ: Mapping[str, str], data_dir: Path) -> Iterator[Path]:
    """The folders that may have the socket, the best first."""
    if given := environ.get("RUNTIME_DIRECTORY"):
        yield Path(given.partition(":")[0])
    elif given := environ.get("XDG_RUNTIME_DIR"):
        yield Path(given) / "robo-xp"
    yield data_dir


def _make(folder: Path) -> None:
    """Make the last folder of the path, private, if it is not there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def _in_scratch(group_id: int | None, why: list[str]) -> UnixSocket:
    """A socket in a folder of its own among the temporary files."""
    scratch = Path(tempfile.mkdtemp(prefix="robo-xpd-"))
    path = scratch / NAME
    try:
        return replace(_open(path, group_id, "; ".join(why)), scratch=scratch)
    except (_Unusable, OSError) as error:
        scratch.rmdir()
        raise NotConfigured(
            f"there is no place for a Unix socket: {'; '.join([*why, _words(error)])}",
            advice="set socket in the table [rest] to a path that the daemon may write",
        ) from None


def _open(path: Path, group_id: int | None, note: str = "") -> UnixSocket:
    """A socket at the path that is listened on. Raises _Unusable or OSError."""
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise _Unusable(f"the path has more than {LONGEST_PATH} bytes")
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        # the file gets the mode of the socket, so there is no moment at which it is open to all
        os.fchmod(made.fileno(), 0o600)
        with _alone_in(path.parent):
            _clear(path)
            made.bind(str(path))
            found = UnixSocket(path, made, note, inode=path.lstat().st_ino)
            _share(found, group_id)
            made.listen(_BACKLOG)
    except BaseException:
        made.close()
        raise
    return found


def _share(found: UnixSocket, group_id: int | None) -> None:
    """Let the group use the socket, on which nobody listens yet."""
    if group_id is None:
        return
    try:
        # a sandbox may forbid what is not needed, where the group is the daemon's own
        if os.stat(found.path).st_gid != group_id:
            os.chown(found.path, -1, group_id)
        os.chmod(found.path, 0o660)
    except OSError:
        found.remove()
        raise


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other daemons from looking for a stale socket in the folder meanwhile.

    Whoever may look into the folder can hold this lock, so it is not waited for without end.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(fd)
        yield
    finally:
        os.close(fd)


def _lock(fd: int) -> None:
    """Return with the lock, or without it when nobody lets go of it for a while."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while time.monotonic() < deadline:
        with suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.02)
    log.warning("the lock of the socket's folder is held by another process; going on without it")


def _clear(path: Path) -> None:
    """Remove a socket that nobody listens on; raises _Unusable for anything else that is there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise _Unusable("something else is there, which is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(1.0)
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError as error:
            raise _Unusable(f"it is in use: {_words(error)}") from None
    raise _Unusable("another process listens on it")


def _words(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
