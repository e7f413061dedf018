"""The Unix socket: where it is, who may open it, and what becomes of one that is there already."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from robo_xp.errors import NotConfigured
from robo_xp_daemon.http.doors import unix_socket
from robo_xp_daemon.http.doors.unix_socket import NAME, UnixSocket, open_socket
from robo_xp_daemon.setup.http import Rest


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for the name of a socket."""
    with tempfile.TemporaryDirectory(prefix="rx-") as name:
        yield Path(name)


def opened(rest: Rest, environ: dict[str, str], data_dir: Path) -> UnixSocket:
    """A socket whose file is looked at while it is open; closed before this returns."""
    made = open_socket(rest, environ, data_dir)
    assert made.path.is_socket()
    made.socket.close()
    return made


def test_where_it_is(short: Path) -> None:
    """The runtime folder of systemd, else that of the session, else the data folder."""
    run, session, data = short / "run", short / "session", short / "data"
    for folder in (run, session, data):
        folder.mkdir()
    both = {"RUNTIME_DIRECTORY": f"{run}:/elsewhere", "XDG_RUNTIME_DIR": str(session)}

    assert opened(Rest(), both, data).path == run / NAME
    assert (
        opened(Rest(), {"XDG_RUNTIME_DIR": str(session)}, data).path == session / "robo-xp" / NAME
    )
    assert opened(Rest(), {}, data).path == data / NAME
    assert opened(Rest(socket=str(short / "own")), both, data).path == short / "own"
    assert (session / "robo-xp").stat().st_mode & 0o777 == 0o700


def test_its_own_group_takes_no_right(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the socket has the configured group by itself, a sandbox without chown is enough."""

    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", forbidden)
    shared = opened(Rest(group_id=short.stat().st_gid), {}, short).path.stat()

    assert (shared.st_mode & 0o777, shared.st_gid) == (0o660, short.stat().st_gid)


def test_only_its_owner_may_use_it(short: Path) -> None:
    """The mode is 0600 whatever the umask, and 0660 with the group where one is configured."""
    before = os.umask(0)
    try:
        own = opened(Rest(), {}, short).path.stat()
        shared = opened(Rest(str(short / "s"), group_id=os.getgid()), {}, short).path.stat()
    finally:
        os.umask(before)

    assert own.st_mode & 0o777 == 0o600
    assert (shared.st_mode & 0o777, shared.st_gid) == (0o660, os.getgid())


def test_a_stale_socket_is_replaced_and_a_living_one_never(short: Path) -> None:
    """What nobody listens on makes room; beside a living one the next place is taken, with a note,
    and a path that was asked for is refused.
    """
    run, data = short / "run", short / "data"
    run.mkdir()
    data.mkdir()
    environ = {"RUNTIME_DIRECTORY": str(run)}
    stale = opened(Rest(), environ, data)
    living = open_socket(Rest(), environ, data)
    with closing(living.socket):
        second = opened(Rest(), environ, data)
        with pytest.raises(NotConfigured, match="another process listens"):
            open_socket(Rest(socket=str(living.path)), environ, data)
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(living.path))

        assert (stale.path, living.note) == (living.path, "")
        assert second.path == data / NAME
        assert "another process listens" in second.note


def test_who_holds_the_folder_does_not_stop_the_daemon(
    short: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever can look into the folder can lock it: the daemon starts all the same, and says so."""
    monkeypatch.setattr(unix_socket, "_LOCK_SECONDS", 0.1)
    fd = os.open(short, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        found = opened(Rest(), {}, short)
    finally:
        os.close(fd)

    assert found.path == short / NAME
    assert "held by another process" in caplog.text


def test_other_files_are_left_alone(short: Path) -> None:
    """A file that is no socket is neither replaced nor removed."""
    (short / "file").write_text("precious")
    with pytest.raises(NotConfigured, match="no socket"):
        open_socket(Rest(socket=str(short / "file")), {}, short)

    assert (short / "file").read_text() == "precious"


def test_a_path_that_is_too_long_falls_back(short: Path) -> None:
    """The kernel takes 107 bytes: a longer place is passed over, and the note says so."""
    deep = short / ("d" * 100)
    deep.mkdir()
    found = opened(Rest(), {"RUNTIME_DIRECTORY": str(deep)}, deep)
    found.remove()

    assert "107 bytes" in found.note
    assert found.path.name == NAME and found.path.parent != deep
    assert not found.path.parent.exists()


def test_it_goes_with_the_daemon_and_nobody_else_s_does(short: Path) -> None:
    """At the end the path is gone; a socket that took its place stays."""
    first = opened(Rest(), {}, short)
    second = opened(Rest(), {}, short)
    first.remove()
    assert second.path.exists() or first.inode == second.inode
    second.remove()
    second.remove()

    assert list(short.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_cannot_open_it(short: Path) -> None:
    """A process of another user gets no connection, even where it can see the path."""
    short.chmod(0o755)
    made = open_socket(Rest(), {}, short)
    program = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
    )
    with closing(made.socket):
        done = subprocess.run(
            [sys.executable, "-c", program, str(made.path)], capture_output=True, text=True
        )

    assert "PermissionError" in done.stderr
    assert done.returncode == 1
