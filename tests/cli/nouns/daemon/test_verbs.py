"""``robo-xp daemon``: what it says of a running daemon, and how it has one reload and end."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from robo_xp import __version__
from robo_xp.errors import VaultUnavailable
from robo_xp.machine.daemon_lock import daemon_of
from robo_xp_cli.daemon_link import process as daemon_process
from tests.cli.program import Program
from tests.cli.shell import environment
from tests.cli.stand_in import STATUS, standing_in
from tests.daemon.loopback import Loopback
from tests.daemon.process import CONFIG, ROOT, daemon
from tests.daemon.process import environment as everything
from tests.daemon.stage import played

HOLD = """
import os, signal, sys, threading
from pathlib import Path
from robo_xp.machine.daemon_lock import DaemonLock
ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: sys.argv[2] == "deaf" or ended.set())
signal.signal(signal.SIGHUP, lambda *_: os.write(1, b"HUP\\n"))
lock = DaemonLock(Path(sys.argv[1]))
lock.take()
lock.publish("/nonexistent/socket")
print("held", flush=True)
while not ended.wait(0.05):
    pass
"""


@contextmanager
def holding(data_dir: Path, how: str = "hears") -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock and answers on no socket."""
    data_dir.mkdir(exist_ok=True)
    words = [sys.executable, "-c", HOLD, str(data_dir), how]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def program(data_dir: Path) -> Program:
    """The program on a data folder of its own."""
    return Program(data_dir)


def test_without_a_daemon_the_status_says_so(program: Program) -> None:
    """The status of no daemon is an answer too: on stdout, with exit code 3."""
    done = program("daemon", "status", "--json")

    assert done.returncode == 3
    assert json.loads(done.stdout) == {
        "running": False,
        "state": "stopped",
        "dataDir": str(program.data_dir),
    }


@pytest.mark.parametrize("verb", ["reload", "stop"])
def test_without_a_daemon_nobody_can_be_told(program: Program, verb: str) -> None:
    """Reload and stop need a daemon: exit code 3, and what starts one."""
    code, name, message = program.refused("daemon", verb)

    assert (code, name) == (3, "DAEMON_NOT_RUNNING")
    assert message == f"no daemon works on {program.data_dir}"


def test_the_status_of_a_running_daemon(program: Program) -> None:
    """What the daemon says of itself stands beside what its lock says and the program's version."""
    with standing_in(program.data_dir) as there:
        found = program.json("daemon", "status")

    assert there.asked == ["GET /api/daemon"]
    assert {key: found[key] for key in STATUS} == STATUS
    assert (found["running"], found["pid"]) == (True, os.getpid())
    assert (found["socket"], found["cliVersion"]) == (str(there.path), __version__)


def test_several_daemons_are_all_told_of(program: Program) -> None:
    """Each has its object, the lowest shards first; beside them stand the sums and the worst."""
    folder = program.data_dir
    with standing_in(folder, "1-1/2", state="starting"), standing_in(folder, "0-0/2") as lowest:
        found = program.json("daemon", "status")

    assert [(one["shards"], one["state"]) for one in found["daemons"]] == [
        ("0-0/2", "connected"),
        ("1-1/2", "starting"),
    ]
    assert (found["running"], found["state"], found["guilds"]) == (True, "starting", 6)
    assert found["socket"] == str(lowest.path)


@pytest.mark.parametrize("verb", ["reload", "stop"])
def test_one_of_several_daemons_is_told(program: Program, verb: str) -> None:
    """With its shards that daemon alone is told, without them all are, and others are refused."""
    with (
        standing_in(program.data_dir, "0-0/2") as one,
        standing_in(program.data_dir, "1-1/2") as two,
    ):
        code, name, message = program.refused("daemon", verb, "--shards", "0-1/2")
        assert (code, name) == (3, "DAEMON_NOT_RUNNING") and "for the shards 0-1/2" in message
        program.json("daemon", verb, "--shards", "1-1/2", "--yes")
        assert (one.asked, two.asked) == ([], [f"POST /api/daemon/{verb}"])
        if verb == "reload":
            found = program.json("daemon", verb)
            assert [told["shards"] for told in found["daemons"]] == ["0-0/2", "1-1/2"]
            assert len(one.asked) == 1 and len(two.asked) == 2


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, ["connected", "3", "42 ms", "12,345", "nothing"]),
        ({"healthy": False}, ["connected, but Discord does not answer"]),
        ({"effectsLeft": 7, "backlog": 2}, ["7 changes for Discord, 2 messages for the disk"]),
        ({"latencySeconds": None, "state": "starting", "healthy": False}, ["starting"]),
        ({"version": "9.9"}, [f"the daemon is version 9.9, robo-xp is {__version__}: restart"]),
        ({"warnings": ["durability will count after a restart"]}, ["durability will count after"]),
    ],
)
def test_the_status_for_people(program: Program, told: dict[str, Any], expected: list[str]) -> None:
    """On a terminal each figure has its line, and what needs attention is said in words."""
    with standing_in(program.data_dir, **told):
        done = program.for_people("daemon", "status")

    text = done.stdout + done.stderr
    assert [part for part in expected if part not in text] == []
    assert done.returncode == 0


def test_a_daemon_that_does_not_answer_is_told_from_its_lock(program: Program) -> None:
    """Without an answer the state is unknown; process and version are in the lock."""
    with holding(program.data_dir) as process:
        done = program("daemon", "status", "--json")

    found = json.loads(done.stdout)
    assert (found["state"], found["pid"], found["version"]) == ("unknown", process.pid, __version__)
    assert "cannot be asked through /nonexistent/socket: No such file" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("verb", ["status", "reload", "stop"])
def test_a_folder_that_cannot_be_looked_into_is_no_proof(
    program: Program, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """An account that may not see the lock is not told that no daemon runs."""
    monkeypatch.setattr(os, "open", _denied)
    code, name, message = program.refused("daemon", verb)

    assert (code, name) == (1, "VAULT_UNAVAILABLE")
    assert "cannot see whether a daemon runs" in message


def test_after_a_change_such_an_account_gets_no_note(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who cannot see the lock is not told that the daemon is not running."""
    words = ("giveaway", "start", "Nitro", "--channel", "300000000000000001", "--duration", "2d")
    said = program(*words).stderr
    monkeypatch.setattr(daemon_process, "check_visible", _unseen)

    assert "the daemon is not running" in said
    assert "daemon" not in program(*words).stderr


def _denied(*_: Any) -> int:
    raise PermissionError(13, "Permission denied")


def _unseen(data_dir: Path) -> None:
    raise VaultUnavailable("not for this account")


def test_another_program_behind_the_socket_is_not_believed(program: Program) -> None:
    """An answer that is not the daemon's envelope is no status."""
    with standing_in(program.data_dir) as there:
        there.answers["/api/daemon"] = ["hello"]
        done = program("daemon", "status")

    assert "no daemon of Robo XP" in done.stderr


def test_a_reload_names_what_needs_a_restart(program: Program) -> None:
    """Keys that only a new process can change are a note and a list."""
    with standing_in(program.data_dir) as there:
        there.answers["/api/daemon/reload"]["data"]["needsRestart"] = ["data_dir", "durability"]
        done = program("daemon", "reload", "--json")

    found = json.loads(done.stdout)
    assert (found["by"], found["needsRestart"]) == ("socket", ["data_dir", "durability"])
    assert "data_dir, durability will count after a restart" in done.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": "NOT_CONFIGURED", "message": "no token", "advice": "give one"}, 7),
        ({"code": "FAILED", "message": "it failed"}, 1),
        (
            {
                "code": "INVALID_CONFIG",
                "message": "x",
                "faults": [{"where": "f: colour", "message": "unknown key"}],
            },
            2,
        ),
    ],
)
def test_what_the_daemon_refuses_has_the_exit_code_of_its_code(
    program: Program, error: dict[str, Any], code: int
) -> None:
    """A faulty configuration is told as if it had been read here."""
    with standing_in(program.data_dir) as there:
        there.answers["/api/daemon/reload"] = {"success": False, "error": error}
        found, name, _ = program.refused("daemon", "reload")

    assert (found, name) == (code, error["code"])


def test_a_sync_says_how_many_commands_there_are(program: Program) -> None:
    """The daemon tells Discord of its commands again; a dry run asks for nothing."""
    with standing_in(program.data_dir) as daemon:
        assert program.json("daemon", "sync", "--dry-run")["commands"] is None
        assert daemon.asked == []
        told = program.json("daemon", "sync")

    assert told["commands"] == 8
    assert daemon.asked == ["POST /api/daemon/sync"]


def test_stop_returns_when_the_daemon_has_ended(program: Program) -> None:
    """The lock is free when the command comes back."""
    with standing_in(program.data_dir) as there:
        found = program.json("daemon", "stop")

        assert daemon_of(program.data_dir) is None
    assert there.asked == ["POST /api/daemon/stop"]
    assert (found["stopped"], found["by"]) == (True, "socket")


@pytest.mark.parametrize("verb", ["reload", "stop"])
def test_a_dry_run_tells_the_daemon_nothing(program: Program, verb: str) -> None:
    """With ``--dry-run`` nothing is sent."""
    with standing_in(program.data_dir) as there:
        found = program.json("daemon", verb, "--dry-run")

        assert daemon_of(program.data_dir) is not None
    assert there.asked == []
    assert found["dryRun"] is True


def test_without_a_socket_a_signal_stops_it(program: Program) -> None:
    """TERM takes the place of the request, and the end is waited for all the same."""
    with holding(program.data_dir) as process:
        done = program("daemon", "stop", "--json")
        found = json.loads(done.stdout)

        assert process.wait(10) == 0
    assert (found["by"], found["stopped"]) == ("signal", True)
    assert "TERM was sent instead" in done.stderr


def test_without_a_socket_a_signal_reloads_it(program: Program) -> None:
    """HUP takes the place of the request."""
    with holding(program.data_dir) as process:
        found = program.json("daemon", "reload")

        assert process.stdout is not None
        assert process.stdout.readline() == "HUP\n"
    assert found["by"] == "signal"


def test_one_that_does_not_end_in_time_is_busy(program: Program) -> None:
    """The wait is bounded: exit code 5, and the process that is still there."""
    with holding(program.data_dir, "deaf") as process:
        code, name, message = program.refused("daemon", "stop", "--timeout", "1")

    assert (code, name) == (5, "DAEMON_BUSY")
    assert f"process {process.pid}" in message


def test_a_process_that_is_not_surely_the_daemon_gets_no_signal(program: Program) -> None:
    """A lock that names another process, as one of a container does, makes nobody end."""
    with (
        holding(program.data_dir),
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander,
    ):
        lock = program.data_dir / "daemon.lock"
        told = json.loads(lock.read_text()) | {"pid": bystander.pid}
        lock.write_text(json.dumps(told))
        code, name, message = program.refused("daemon", "stop")

        assert bystander.poll() is None
        bystander.kill()
    assert (code, name) == (4, "DAEMON_UNREACHABLE")
    assert "cannot be proved to be it" in message


@played
async def test_the_real_daemon_is_asked_reloaded_and_stopped(tmp_path: Path) -> None:
    """Status, reload and stop over the socket of the real daemon, which ends with exit code 0."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        discord.add_guild("G", members=["ann"])
        await run.start()
        while (status := await _told(run.folder, "status"))["state"] == "starting":
            await asyncio.sleep(0)
        reloaded = await _told(run.folder, "reload")
        stopped = await _told(run.folder, "stop")

        assert await run.ended() == 0
    assert (status["state"], status["guilds"], status["healthy"]) == ("connected", 1, True)
    assert (reloaded["by"], reloaded["needsRestart"]) == ("socket", [])
    assert (stopped["by"], stopped["stopped"]) == ("socket", True)


@played
async def test_the_real_daemon_hears_signals(tmp_path: Path) -> None:
    """Where its socket is gone, the real daemon is stopped by a signal of the same command."""
    async with Loopback() as discord, daemon(discord, tmp_path) as run:
        discord.add_guild("G", members=["ann"])
        await run.start()
        holder = daemon_of(run.data_dir)
        assert holder is not None
        os.unlink(holder.socket)
        stopped = await _told(run.folder, "stop")

        assert await run.ended() == 0
    assert (stopped["by"], stopped["stopped"]) == ("signal", True)


async def _told(folder: Path, verb: str) -> dict[str, Any]:
    """What a verb says of the daemon of this folder, in JSON."""
    words = ["daemon", verb, "--json", "--config", str(folder / CONFIG)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "robo_xp_cli", *words,
        env=everything(), cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    found: dict[str, Any] = json.loads(said)
    return found


def test_invite(data_dir: Path, tmp_path: Path) -> None:
    """The link names the application of the token and what the bot needs, and never the token."""
    program = Program(data_dir)
    token = f"{base64.b64encode(b'123456789012345678').decode().rstrip('=')}.Gabcde.secret"
    done = program("daemon", "invite", "--json", env={"ROBO_XP_TOKEN": token})
    told = json.loads(done.stdout)
    assert told["applicationId"] == "123456789012345678"
    query = parse_qs(urlsplit(told["url"]).query)
    assert query["scope"] == ["bot applications.commands"]
    allowed = int(query["permissions"][0])
    assert [bit for bit in range(64) if allowed >> bit & 1] == [10, 11, 14, 15, 16, 28, 38]
    assert "secret" not in done.stdout + done.stderr
    named = program.json("daemon", "invite", "--application", "123456789012345679")
    assert "client_id=123456789012345679" in named["url"]
    assert program.refused("daemon", "invite")[:2] == (7, "NOT_CONFIGURED")
    bad = program("daemon", "invite", env={"ROBO_XP_TOKEN": "bad.token.x"})
    assert (bad.returncode, "bad.token.x" in bad.stderr) == (7, False)
