"""Stands in for a running daemon: holds the lock of a data folder and answers on its socket."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

from robo_xp import __version__
from robo_xp.machine.daemon_lock import DaemonLock
from robo_xp.model.shards import Shards

STATUS = {
    "version": __version__,
    "state": "connected",
    "healthy": True,
    "guilds": 3,
    "latencySeconds": 0.0421,
    "messages": 12345,
    "backlog": 0,
    "effectsLeft": 0,
    "warnings": [],
}


@dataclass
class StandIn:
    """Answers on a Unix socket as a daemon would, and holds the lock of its data folder."""

    path: Path
    lock: DaemonLock
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    change: Callable[[Any], Any] | None = None

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """The body for a request; after a stop the lock is free. ``change`` answers changes."""
        self.asked.append(f"{method} {path}")
        if method in ("PATCH", "POST") and body and self.change is not None:
            return json.dumps({"success": True, "data": self.change(json.loads(body))}).encode()
        if path.endswith("/stop"):
            self.lock.release()
        return json.dumps(self.answers[path]).encode()


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        said = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        standing_in = self.server.standing_in  # type: ignore[attr-defined]
        body = standing_in.answer(self.command, self.path, said)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def standing_in(data_dir: Path, shards: str = "", **status: Any) -> Iterator[StandIn]:
    """A daemon to talk to, in this process."""
    data_dir.mkdir(exist_ok=True)
    found = StandIn(data_dir / f"s{shards[:1]}", DaemonLock(data_dir, Shards.of(shards)))
    found.answers = {
        "/api/daemon": {"success": True, "data": {**STATUS, **status}},
        "/api/daemon/reload": {"success": True, "data": {"needsRestart": []}},
        "/api/daemon/sync": {"success": True, "data": {"commands": 8}},
        "/api/daemon/stop": {"success": True, "data": {"pid": os.getpid()}},
    }
    found.lock.take()
    found.lock.publish(str(found.path))
    with UnixStreamServer(str(found.path), _Answering) as server:
        server.get_request = _named(server)  # type: ignore[method-assign]
        server.standing_in = found  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
            found.lock.release()


def _named(server: UnixStreamServer) -> Any:
    """Accept with an address, which HTTP wants and Unix sockets do not have."""
    return lambda: (server.socket.accept()[0], ("local", 0))
