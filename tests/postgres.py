"""A server of PostgreSQL for tests: in a temporary folder, on a Unix socket, as another user."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
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
_POOLER = """
[databases]
* = host={folder} user={user}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}/pool
auth_type = any
pool_mode = transaction
default_pool_size = 3
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

    def start(self, place: str = "") -> None:
        """Start it, and return when it answers, where it is not at its usual place."""
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(
            [f"{self.binaries}/postgres", "-D", str(self.folder / "data"), "-k", str(self.folder)],
            stdout=log,
            stderr=log,
            **_as_somebody(),  # type: ignore[call-overload]  # either nothing, or user and group
        )
        log.close()
        self.wait_until_ready(f"{place} dbname=postgres user={USER}" if place else self.base)

    def wait_until_ready(self, place: str) -> None:
        """Return when it answers."""
        import psycopg

        while True:
            try:
                psycopg.connect(place).close()
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


@dataclass
class Pair:
    """A primary and a standby on loopback, with synchronous replication; roles change by turns."""

    folder: Path
    binaries: str
    ports: tuple[int, int]
    primary: Server
    standby: Server

    @property
    def base(self) -> str:
        """The address of whichever takes writes."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://{USER}@{hosts}/postgres?target_session_attrs=read-write"

    def fail_over(self) -> None:
        """Kill the primary, and let the standby take its place."""
        self.primary.kill()
        self.primary, self.standby = self.standby, self.primary
        self._run("pg_ctl", "promote", "-w", "-D", str(self.primary.folder / "data"))

    def join(self) -> None:
        """Let the one that was killed be the standby, and return when all commits wait for it."""
        data = self.standby.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        where = f"host={self.primary.folder} port={self.port_of(self.primary)} user={USER}"
        self._run("pg_basebackup", "-R", "-c", "fast", "-D", str(data), "-d", where)
        with (data / "postgresql.auto.conf").open("a") as file:
            file.write(f"port = {self.port_of(self.standby)}\nsynchronous_standby_names = ''\n")
        self.standby.start(f"host={self.standby.folder} port={self.port_of(self.standby)}")
        import psycopg

        with psycopg.connect(where, dbname="postgres", autocommit=True) as admin:
            admin.execute("alter system set synchronous_standby_names = '*'")
            admin.execute("select pg_reload_conf()")
            asked = "select 1 from pg_stat_replication where sync_state = 'sync'"
            while admin.execute(asked).fetchone() is None:
                time.sleep(0.05)

    def port_of(self, one: Server) -> int:
        """The port of one of them."""
        return self.ports[int(one.folder.name)]

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [f"{self.binaries}/{program}", *words],
            check=True,
            capture_output=True,
            **_as_somebody(),  # type: ignore[call-overload]  # either nothing, or user and group
        )


@contextmanager
def pair(ports: tuple[int, int]) -> Iterator[Pair | None]:
    """A primary and its standby, both gone afterwards; None where no server is installed."""
    found = binaries()
    if found is None:
        yield None
        return
    as_whom = _as_somebody()
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        servers = [Server(Path(folder) / str(number), found) for number in range(2)]
        made = Pair(Path(folder), found, ports, servers[0], servers[1])
        os.chmod(folder, 0o755)
        for one in servers:
            one.folder.mkdir()
            if as_whom:
                os.chown(one.folder, as_whom["user"], as_whom["group"])  # type: ignore[arg-type]  # ids
        data = servers[0].folder / "data"
        words = f"-D {data} -U {USER} -A trust -N -E UTF8 --locale=C".split()
        made._run("initdb", *words)
        with open(data / "postgresql.conf", "a") as file:
            file.write(_CONFIG.replace("''", "'127.0.0.1'") + f"port = {ports[0]}\n")
        servers[0].start(f"host={servers[0].folder} port={ports[0]}")
        try:
            made.join()
            yield made
        finally:
            for one in servers:
                one.kill()


@contextmanager
def pooler(behind: Server) -> Iterator[str | None]:
    """The address of a database through PgBouncer in transaction mode; None where it is missing."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        yield None
        return
    import psycopg

    folder = behind.folder / "pool"
    folder.mkdir()
    as_whom = _as_somebody()
    if as_whom:
        os.chown(folder, as_whom["user"], as_whom["group"])  # type: ignore[arg-type]  # ids
    (folder / "ini").write_text(_POOLER.format(folder=behind.folder, user=USER))
    address = f"postgresql:///postgres?host={folder}&port=6432&user={USER}"
    with subprocess.Popen(
        [found, "-q", str(folder / "ini")],
        stderr=subprocess.DEVNULL,
        **as_whom,  # type: ignore[call-overload]  # either nothing, or user and group
    ) as process:
        try:
            while process.poll() is None:
                try:
                    psycopg.connect(address).close()
                    break
                except psycopg.OperationalError:
                    continue
            yield address
        finally:
            process.terminate()


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
