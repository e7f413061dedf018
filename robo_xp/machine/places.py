"""Where things are on this machine: the data folder, for both programs alike."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

SYSTEM_DATA_DIR = "/var/lib/robo-xp"
TOOL_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
_DAEMONS = "daemons"


def is_in_database(address: str) -> bool:
    """Whether a vault is no folder of this machine."""
    return "://" in address


def daemon_dir(address: str, environ: Mapping[str, str]) -> Path:
    """Where the daemon of a vault has its lock and its socket: in the data folder.

    For a vault in a database it is a folder of this machine that follows from the address.
    """
    if not is_in_database(address):
        return Path(address)
    import hashlib

    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    of_system = Path(SYSTEM_DATA_DIR, _DAEMONS, name)
    if "STATE_DIRECTORY" not in environ and os.path.isdir(of_system):
        return of_system
    return default_data_dir(environ) / _DAEMONS / name


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """The system's folder for root and system services, else the user's own."""
    if given := environ.get("STATE_DIRECTORY"):
        return Path(given.partition(":")[0])
    # a service of the user's own systemd has MANAGERPID, and keeps to the user's folder
    is_service = environ.get("SYSTEMD_EXEC_PID") == str(os.getpid())
    if os.geteuid() == 0 or (is_service and "MANAGERPID" not in environ):
        return Path(SYSTEM_DATA_DIR)
    from platformdirs import user_data_dir

    return Path(user_data_dir("robo-xp", appauthor=False))


def system_tool(name: str) -> str | None:
    """The path of a program of the system, wherever ``PATH`` leads; None where it is not there."""
    for folder in TOOL_FOLDERS:
        if os.access(path := os.path.join(folder, name), os.X_OK):
            return path
    return None
