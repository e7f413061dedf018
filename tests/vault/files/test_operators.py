"""The daemon's account and an operator of its group on one data folder, each under its own id."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from robo_xp import RoboXP

ROOT = Path(__file__).parents[3]
GUILD, ANN = "100000000000000009", "200000000000000001"
GROUP = 61000
ACTS = f"""
import sys
from robo_xp import RoboXP
with RoboXP.open(sys.argv[1], durability="os") as robo:
    robo.xp.add("{GUILD}", "{ANN}", 10)
    robo.config.set("{GUILD}", {{"cooldownSeconds": int(sys.argv[2])}})
    robo.names.remember("{GUILD}", {{"{ANN}": sys.argv[2]}})
    robo.vault.namespace("xp/default/{GUILD}").compact()
    print(robo.xp.get("{GUILD}", "{ANN}"))
"""


@dataclass(frozen=True)
class Account:
    """Somebody with a number, groups and habits."""

    user_id: int
    group_id: int
    groups: tuple[int, ...]
    umask: int

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A program run as this account, with this project's packages."""
        packages = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
        return subprocess.run(
            command,
            user=self.user_id,
            group=self.group_id,
            extra_groups=self.groups,
            umask=self.umask,
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(packages), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            encoding="utf-8",
        )


DAEMON = Account(61001, GROUP, (), 0o007)
OPERATOR = Account(61002, 61002, (GROUP,), 0o022)
STRANGER = Account(61003, 61003, (), 0o022)


def python() -> str:
    """A Python that other accounts can run this project with."""
    for program in (sys.executable, shutil.which("python3", path="/usr/bin") or ""):
        try:
            if program and OPERATOR.run(program, "-c", "import robo_xp").returncode == 0:
                return program
        except PermissionError:
            continue
    pytest.skip("other accounts cannot read this Python or the project")


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that belongs to the daemon and is open to its group, as the unit makes it."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        folder = Path(made, "data")
        folder.mkdir()
        os.chown(folder, DAEMON.user_id, GROUP)
        folder.chmod(0o2770)
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to be several accounts")
def test_daemon_and_operator_write_the_same_files(shared: Path) -> None:
    """Whoever writes first, and whatever the umask, the other writes next; strangers cannot."""
    program = python()
    for turn, account in enumerate((OPERATOR, DAEMON, OPERATOR, OPERATOR, DAEMON), start=1):
        done = account.run(program, "-c", ACTS, str(shared), str(turn))
        assert (done.stdout, done.stderr) == (f"{turn * 10}\n", "")
    refused = STRANGER.run(program, "-c", ACTS, str(shared), "9")

    assert "PermissionError" in refused.stderr or "permission denied" in refused.stderr
    owners = set()
    for path in shared.rglob("*"):
        found = path.stat()
        owners.add(found.st_uid)
        assert found.st_gid == GROUP, path
        assert stat.S_IMODE(found.st_mode) == (0o2770 if path.is_dir() else 0o660), path
    assert owners == {DAEMON.user_id, OPERATOR.user_id}


def test_no_call_asks_for_the_bit_that_a_sandbox_forbids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under RestrictSUIDSGID folders are shared all the same: they inherit what makes them so."""
    root = tmp_path / "data"
    root.mkdir()
    root.chmod(0o2770)
    umask = os.umask(0o007)

    def refusing(call: Callable[..., None]) -> Callable[..., None]:
        def refuse(path: str | int, mode: int = 0o777, **at: int) -> None:
            if mode & (stat.S_ISGID | stat.S_ISUID):
                raise PermissionError(1, "Operation not permitted", path)
            call(path, mode, **at)

        return refuse

    for name in ("mkdir", "chmod", "fchmod"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))
    try:
        with RoboXP.open(root, durability="os") as robo:
            robo.xp.add(GUILD, ANN, 10)
            robo.vault.namespace(f"xp/default/{GUILD}").compact()
    finally:
        os.umask(umask)

    folders = [path for path in root.rglob("*") if path.is_dir()]
    assert folders
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o2770}
