"""Talks to a running daemon: one request over the Unix socket that its lock file names."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any

from robo_xp.errors import DaemonUnreachable, Fault, ToldByDaemon

STATUS = "/api/daemon"
RELOAD, SYNC, STOP = f"{STATUS}/reload", f"{STATUS}/sync", f"{STATUS}/stop"
TIMEOUT_SECONDS = 10.0
CHANGE_SECONDS = 120.0
"""A draw, or the decay of a day, looks at the members as they are now, by the hundred."""
_MOST_BYTES = 4_000_000


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def role(guild_id: str, role_id: str) -> str:
    """Where the daemon says what a role may do, and whether it could be given."""
    return f"{STATUS}/roles/{guild_id}/{role_id}"


def role_members(guild_id: str, role_id: str, store: str) -> str:
    """Where the daemon says who has a role."""
    return f"{role(guild_id, role_id)}/members?store={store}"


def channel(guild_id: str, channel_id: str) -> str:
    """Where the daemon says whether it could post in a channel."""
    return f"{STATUS}/channels/{guild_id}/{channel_id}"


def decay(guild_id: str, store: str) -> str:
    """Where the daemon takes what a day takes."""
    return f"/api/xp/decay/{guild_id}?store={store}"


def ask(path: str, what: str, *, timeout: float = TIMEOUT_SECONDS) -> Mapping[str, Any]:
    """The status of the daemon behind the socket ``path``; ``timeout`` in seconds.

    Raises DaemonUnreachable without an answer, and what the daemon refused with its own code.
    """
    return _request(path, "GET", what, timeout)


def order(path: str, what: str, *, timeout: float = TIMEOUT_SECONDS) -> Mapping[str, Any]:
    """What came of telling the daemon to do something; raises like ``ask``."""
    return _request(path, "POST", what, timeout)


def change(
    path: str, what: str, body: Mapping[str, Any], *, method: str = "PATCH"
) -> Mapping[str, Any]:
    """What came of a change that the daemon was asked to make; raises like ``ask``."""
    return _request(path, method, what, CHANGE_SECONDS, json.dumps(body).encode())


def _request(
    path: str, method: str, what: str, timeout: float, body: bytes | None = None
) -> Mapping[str, Any]:
    if not path:
        raise DaemonUnreachable("the daemon offers no socket")
    connection = _UnixConnection(path, timeout)
    try:
        kind = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, what, body, headers={"Accept": "application/json", **kind})
        answer = connection.getresponse().read(_MOST_BYTES)
    except (OSError, HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DaemonUnreachable(f"the daemon cannot be asked through {path}: {why}") from None
    finally:
        connection.close()
    return _answer_data(path, answer)


def _answer_data(path: str, body: bytes) -> Mapping[str, Any]:
    """The data of an answer; an error of the daemon is raised as one of ours."""
    try:
        answer = json.loads(body)
        if answer["success"]:
            return answer["data"] or {}
        error = _error_of(answer["error"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DaemonUnreachable(f"what answers at {path} is no daemon of Robo XP") from None
    raise error


def _error_of(told: Mapping[str, Any]) -> ToldByDaemon:
    """The daemon's error as the command line would tell it."""
    faults = [Fault(str(one["where"]), str(one["message"])) for one in told.get("faults", ())]
    advice = str(told.get("advice") or "")
    return ToldByDaemon(str(told["code"]), str(told["message"]), advice, faults)
