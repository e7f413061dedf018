"""Which daemons work on a data folder: lock files that name their holders.

A daemon holds its lock as long as it lives, so it ends with the process whatever happens.
Others only look: they can say that nobody follows the vault, and whom to send a signal.

One for all guilds has ``daemon.lock`` for itself. Those for some shards share that file, and each
has one of its own that names it; whoever takes a lock holds ``shards.lock`` meanwhile.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from robo_xp import __version__, descent
from robo_xp.errors import InvalidValue, VaultBusy, VaultUnavailable
from robo_xp.errors.causes import cause_of
from robo_xp.model.shards import ALL, Shards

LOCK_NAME = "daemon.lock"
SHARED_NAME = "shards.lock"
_START, _END = "daemon-", ".lock"
# somebody who only looks holds the lock for an instant
_TRIES, _PAUSE_SECONDS = 20, 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """The daemon that holds the lock; ``started_at`` is epoch ms, 0 where it is not known.

    ``socket`` is the path of the Unix socket that it answers on, empty while there is none;
    ``shards`` is what it looks after, empty for all guilds.
    """

    pid: int
    version: str = ""
    started_at: int = 0
    socket: str = ""
    shards: str = ""

    @property
    def range(self) -> Shards:
        """What it looks after."""
        return Shards.of(self.shards)

    @property
    def lock_name(self) -> str:
        """The file that it holds."""
        return name_of(self.range)


class DaemonLock:
    """The lock of a daemon on a data folder and some shards, held until ``release``."""

    def __init__(self, data_dir: Path, shards: Shards = ALL) -> None:
        self.path = data_dir / name_of(shards)
        self._shards = shards
        self._fd = -1
        self._shared_fd = -1
        self._holder = Holder(0)

    def take(self) -> None:
        """Hold the lock; VaultBusy names the daemon that holds it, VaultUnavailable the trouble."""
        folder = self.path.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with alone(folder):
                self._fd = open_lock(folder, self.path.name)
                held = _try_lock(self._fd, fcntl.LOCK_EX)
                if self._shards.count:
                    self._shared_fd = open_lock(folder, LOCK_NAME)
                    held = held and _try_lock(self._shared_fd, fcntl.LOCK_SH)
                other = self._other(held)
                if other is None:
                    self._holder = Holder(
                        os.getpid(), __version__, time.time_ns() // 1_000_000, "", str(self._shards)
                    )
                    self._name_holder()
        except OSError as error:
            self.release()
            cause = cause_of(error)
            said = f"cannot lock {self.path}: {cause.said}"
            raise VaultUnavailable(said, advice=cause.advice) from error
        if other is not None:
            self.release()
            raise _busy(other, self._shards, folder)

    def publish(self, socket: str) -> None:
        """Say in the file on which Unix socket the holder answers; empty for none."""
        self._holder = replace(self._holder, socket=socket)
        if self._fd >= 0:
            self._name_holder()

    def release(self) -> None:
        """Let another daemon have the folder."""
        fds, self._fd, self._shared_fd = (self._fd, self._shared_fd), -1, -1
        for fd in fds:
            if fd >= 0:
                os.close(fd)

    def _other(self, held: bool) -> Holder | None:
        """The daemon that stands in the way; ``held`` is whether our own files were free."""
        mine = self.path.name if held else ""
        found = [one for one in daemons_of(self.path.parent) if one.lock_name != mine]
        overlapping = [one for one in found if one.range.overlaps(self._shards)]
        if overlapping:
            return overlapping[0]
        return None if held else Holder(0)

    def _name_holder(self) -> None:
        """Say in the file who holds it."""
        line = json.dumps(asdict(self._holder)).encode() + b"\n"
        # blanks hide what was longer before, so that a reader never meets an empty file
        os.pwrite(self._fd, line.ljust(os.fstat(self._fd).st_size), 0)


def name_of(shards: Shards) -> str:
    """The name of the lock file of a daemon for these shards."""
    if not shards.count:
        return LOCK_NAME
    return f"{_START}{shards.first}-{shards.last}-{shards.count}{_END}"


def daemon_of(data_dir: Path, guild_id: str = "") -> Holder | None:
    """The daemon that works on the data folder now, or None.

    Of several it is the one of the guild, or the one of the lowest shards where none is named.
    """
    found = daemons_of(data_dir)
    if guild_id:
        found = [one for one in found if one.range.has(guild_id)]
    return found[0] if found else None


def daemons_of(data_dir: Path) -> list[Holder]:
    """All daemons that work on the data folder now, those of the lowest shards first."""
    found = []
    with suppress(OSError), descent.within(str(data_dir), to_list=True) as folder:
        for name in descent.names_in(folder):
            shards = _shards_of(name)
            if shards is None:
                continue
            with suppress(OSError):
                holder = _holder(folder, name, shards)
                if holder is not None:
                    found.append(holder)
    return sorted(found, key=lambda one: (one.range.first, one.range.count))


@contextmanager
def alone(data_dir: Path) -> Iterator[int]:
    """In the block no other daemon of the folder takes its lock; yields the file that is locked.

    Raises OSError where the file cannot be had.
    """
    fd = open_lock(data_dir, SHARED_NAME)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield fd
    finally:
        os.close(fd)


def open_lock(data_dir: Path, name: str) -> int:
    """A descriptor of the lock file, which is made where it is not there. Raises OSError."""
    with descent.within(str(data_dir)) as folder:
        fd = descent.open_file(folder, name, os.O_RDWR | os.O_CREAT, _mode(data_dir))
    if os.fstat(fd).st_nlink > 1:  # what is written here would be written there too
        os.close(fd)
        raise OSError(errno.EMLINK, "")
    return fd


def _mode(data_dir: Path) -> int:
    """Private, or readable for the group where the data folder is the group's too."""
    return 0o660 if data_dir.stat().st_mode & 0o020 else 0o600


def _shards_of(name: str) -> Shards | None:
    """Whose lock a file of this name is; None for another file."""
    if name == LOCK_NAME:
        return ALL
    if not (name.startswith(_START) and name.endswith(_END)):
        return None
    span, _, count = name[len(_START) : -len(_END)].rpartition("-")
    try:
        return Shards.of(f"{span}/{count}")
    except InvalidValue:
        return None


def _holder(folder: int, name: str, shards: Shards) -> Holder | None:
    """Who holds the file in the open folder; None where nobody does. Raises OSError."""
    fd = descent.open_file(folder, name, os.O_RDONLY)
    try:
        # daemons for some shards share the first file, which does not hinder this
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return replace(_read(fd), shards=str(shards))
    finally:
        os.close(fd)
    return None


def _try_lock(fd: int, how: int) -> bool:
    """Whether the lock is ours now."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(fd, how | fcntl.LOCK_NB)
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def _read(fd: int) -> Holder:
    """What the lock file says of its holder; process 0 where it says nothing."""
    try:
        said = json.loads(os.pread(fd, 4096, 0))
        return Holder(**{name: said[name] for name in Holder.__slots__ if name in said})
    except (OSError, ValueError, TypeError):
        return Holder(0)


def _busy(other: Holder, shards: Shards, folder: Path) -> VaultBusy:
    advice = "one daemon a data folder; stop the other one first"
    if other.shards or shards.count:
        advice = "no guild may have two daemons: give each other --shards, or stop the other one"
    works = f" for the shards {other.shards}" if other.shards else ""
    return VaultBusy(
        f"another daemon, process {other.pid}, works on {folder}{works}", advice=advice
    )
