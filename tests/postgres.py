"""A server of PostgreSQL for tests: in a temporary folder, on a Unix socket, as another user."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "robo"
_CONFIG = """
listen_addresses = ''
max_connections = 120
shared_buffers = 32MB
"""
_CARELESS = """
fsync = off
full_page_writes = off
"""


def binaries() -> str | None:
    """The folder of the newest server that is installed; None where there is none."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    return os.path.dirname(on_path) if on_path and shutil.which("postgres") else None


@dataclass
class Server:
    """A server that a test may kill and start again."""

    folder: Path
    binaries: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        """The address of its database."""
        return f"postgresql:///postgres?host={self.folder}&user={USER}"

    def address(self, schema: str) -> str:
        """The address of a vault of its own."""
        return f"{self.base}&schema={schema}"

    def start(self) -> None:
        """Start it, and return when it answers."""
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            [f"{self.binaries}/postgres", "-D", str(self.folder / "data"), "-k", str(self.folder)],
            stdout=log,
            stderr=log,
            **_as_somebody(),  # type: ignore[call-overload]  # either nothing, or user and group
        )
        log.close()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when it answers."""
        import psycopg

        while True:
            try:
                psycopg.connect(self.base).close()
                return
            except psycopg.OperationalError:
                if self.process is None or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text()) from None

    def kill(self) -> None:
        """End it as a power cut would: at once, and all that it has started."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """End it in good order; connections are cut."""
        self._end(signal.SIGINT)

    def _end(self, number: int) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None


def _as_somebody() -> dict[str, object]:
    """Who runs the server: it refuses to be run by root."""
    if os.geteuid():
        return {}
    somebody = pwd.getpwnam("nobody")
    return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}


@contextmanager
def server(*, careless: bool = True) -> Iterator[Server | None]:
    """A new server, gone afterwards; None where it is not installed.

    A careless one does not wait for the disk: quick, and no matter while the machine stays up.
    """
    found = binaries()
    if found is None:
        yield None
        return
    # the path of a socket has at most 107 bytes
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        made = Server(Path(folder), found)
        as_whom = _as_somebody()
        if as_whom:
            os.chown(folder, as_whom["user"], as_whom["group"])  # type: ignore[arg-type]  # ids
        subprocess.run(
            [
                f"{found}/initdb",
                *f"-D {folder}/data -U {USER} -A trust -N -E UTF8 --locale=C".split(),
            ],
            check=True,
            capture_output=True,
            **as_whom,  # type: ignore[call-overload]  # the same
        )
        with open(f"{folder}/data/postgresql.conf", "a") as file:
            file.write(_CONFIG + (_CARELESS if careless else ""))
        made.start()
        try:
            yield made
        finally:
            made.stop()
