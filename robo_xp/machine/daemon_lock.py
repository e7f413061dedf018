"""Whether a daemon works on a data folder, and which: a lock file that names its holder.

The daemon holds the lock as long as it lives, so it ends with the process whatever happens.
Others only look: they can say that nobody follows the vault, and whom to send a signal.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from robo_xp import __version__, descent
from robo_xp.errors import VaultBusy, VaultUnavailable
from robo_xp.errors.causes import cause_of

LOCK_NAME = "daemon.lock"
# somebody who only looks holds the lock for an instant
_TRIES, _PAUSE_SECONDS = 20, 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """The daemon that holds the lock; ``started_at`` is epoch ms, 0 where it is not known.

    ``socket`` is the path of the Unix socket that it answers on, empty while there is none.
    """

    pid: int
    version: str = ""
    started_at: int = 0
    socket: str = ""


class DaemonLock:
    """The lock of the one daemon of a data folder, held until ``release``."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / LOCK_NAME
        self._fd = -1
        self._holder = Holder(0)

    def take(self) -> None:
        """Hold the lock; VaultBusy names the daemon that holds it, VaultUnavailable the trouble."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with descent.within(str(self.path.parent)) as folder:
                flags = os.O_RDWR | os.O_CREAT
                self._fd = descent.open_file(folder, LOCK_NAME, flags, self._mode())
            if os.fstat(self._fd).st_nlink > 1:  # what is written here would be written there too
                raise OSError(errno.EMLINK, "")
            held = _locked(self._fd)
        except OSError as error:
            self.release()
            cause = cause_of(error)
            said = f"cannot lock {self.path}: {cause.said}"
            raise VaultUnavailable(said, advice=cause.advice) from error
        if not held:
            holder = _read(self._fd)
            self.release()
            raise VaultBusy(
                f"another daemon, process {holder.pid}, works on {self.path.parent}",
                advice="one daemon a data folder; stop the other one first",
            )
        self._holder = Holder(os.getpid(), __version__, time.time_ns() // 1_000_000)
        self._name_holder()

    def publish(self, socket: str) -> None:
        """Say in the file on which Unix socket the holder answers; empty for none."""
        self._holder = replace(self._holder, socket=socket)
        if self._fd >= 0:
            self._name_holder()

    def release(self) -> None:
        """Let another daemon have the folder."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _mode(self) -> int:
        """Private, or readable for the group where the data folder is the group's too."""
        return 0o660 if self.path.parent.stat().st_mode & 0o020 else 0o600

    def _name_holder(self) -> None:
        """Say in the file who holds it."""
        line = json.dumps(asdict(self._holder)).encode() + b"\n"
        # blanks hide what was longer before, so that a reader never meets an empty file
        os.pwrite(self._fd, line.ljust(os.fstat(self._fd).st_size), 0)


def daemon_of(data_dir: Path) -> Holder | None:
    """The daemon that works on the data folder now, or None."""
    try:
        with descent.within(str(data_dir)) as folder:
            fd = descent.open_file(folder, LOCK_NAME, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _read(fd)
    finally:
        os.close(fd)
    return None


def _locked(fd: int) -> bool:
    """Whether the lock is ours now."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
