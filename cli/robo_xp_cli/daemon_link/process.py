"""The process of a running daemon: proves which one it is, signals it, waits for its end.

The lock file gives a number; numbers are used again, and those of a container mean others here.
So a process is signalled only while it is seen to hold that very lock file open.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from robo_xp import descent
from robo_xp.errors import (
    DaemonBusy,
    DaemonNotRunning,
    DaemonNotSignalled,
    Refused,
    VaultUnavailable,
)
from robo_xp.machine.daemon_lock import LOCK_NAME, Holder, daemon_of, daemons_of
from robo_xp.model.shards import ALL, Shards

_LOOK_SECONDS = 0.05


def there(data_dir: Path, guild_id: str = "") -> Holder | None:
    """The daemon of the data folder, of several that of the guild or of the lowest shards, or None.

    Raises VaultUnavailable where this account cannot see whether there is one.
    """
    check_visible(data_dir)
    return daemon_of(data_dir, guild_id)


def check_visible(data_dir: Path) -> None:
    """Raise VaultUnavailable where this account cannot see whether a daemon runs."""
    try:
        with descent.within(str(data_dir)) as folder:
            os.close(descent.open_file(folder, LOCK_NAME, os.O_RDONLY))
    except PermissionError:
        raise VaultUnavailable(
            f"this account cannot see whether a daemon runs: {data_dir / LOCK_NAME} is not for it",
            advice="use the account that the daemon runs under, or join the folder's group",
        ) from None
    except OSError:
        return


def running(data_dir: Path, shards: Shards = ALL) -> list[Holder]:
    """The daemons of the data folder, or the one of these shards; NotFound (exit code 3) without.

    Raises VaultUnavailable where this account cannot see whether there are any.
    """
    check_visible(data_dir)
    found = daemons_of(data_dir)
    if shards.count:
        found = [one for one in found if one.range == shards]
    if not found:
        part = f" for the shards {shards}" if shards.count else ""
        raise DaemonNotRunning(f"no daemon works on {data_dir}{part}")
    return found


def send(holder: Holder, data_dir: Path, number: signal.Signals) -> None:
    """Send the daemon a signal; Refused (exit code 4) where it is not surely that process."""
    try:
        process = os.pidfd_open(holder.pid)
    except (OSError, ValueError):
        raise _unsure(holder, "it is not a process that can be seen from here") from None
    try:
        if not _holds(holder.pid, data_dir / holder.lock_name):
            raise _unsure(holder, "the process of that number cannot be proved to be it")
        signal.pidfd_send_signal(process, number)
    except PermissionError:
        raise _unsure(holder, "it belongs to another account") from None
    except ProcessLookupError:
        return  # it has just ended
    finally:
        os.close(process)


def wait_until_gone(holder: Holder, data_dir: Path, seconds: float) -> float:
    """Return when the daemon has ended: after how many seconds.

    Raises VaultBusy (exit code 5) when it still holds the lock after ``seconds``.
    """
    began = time.monotonic()
    while any(_is_same(now, holder) for now in daemons_of(data_dir)):
        if time.monotonic() - began >= seconds:
            raise DaemonBusy(
                f"the daemon, process {holder.pid}, was told to stop and has not ended within"
                f" {seconds:g} s",
            )
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - began


def _is_same(now: Holder, before: Holder) -> bool:
    return (now.pid, now.started_at) == (before.pid, before.started_at)


def _holds(pid: int, lock: Path) -> bool:
    """Whether the process has the lock file open."""
    wanted = os.stat(lock)
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        try:
            found = os.stat(f"{folder}/{name}")
        except OSError:
            continue
        if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
            return True
    return False


def _unsure(holder: Holder, why: str) -> Refused:
    return DaemonNotSignalled(
        f"the daemon, process {holder.pid}, was not signalled: {why}",
    )
