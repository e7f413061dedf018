"""The units as systemd itself judges them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from robo_xp_cli.nouns.daemon.service_units import SYSTEM, USER, unit_text

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)

SERVICES = [name for name in SYSTEM if name.endswith(".service")]
HIGHEST_EXPOSURE = 13  # tenths; the least that systemd 252 gives a service with a network is 10


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units in a folder, with programs that exist."""
    for name in ("robo-xp", "robo-xpd"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    for name in (*SYSTEM, *USER):
        unit = tmp_path / name
        unit.parent.mkdir(exist_ok=True)
        unit.write_text(unit_text(name, str(tmp_path / "bin")))
    return tmp_path


def analyze(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says of units in the folder."""
    return subprocess.run(
        ["systemd-analyze", *words],
        cwd=folder,
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


@pytest.mark.parametrize("name", [name for name in (*SYSTEM, *USER) if "sysusers" not in name])
def test_each_unit_is_right(units: Path, name: str) -> None:
    """``systemd-analyze verify`` finds nothing to say."""
    scope = ["--user"] if name in USER else []
    done = analyze("verify", *scope, f"./{Path(name).name}", folder=(units / name).parent)

    assert (done.stdout, done.returncode) == ("", 0)


def test_verify_would_find_a_fault(units: Path) -> None:
    """A unit with an unknown directive, or without its program, is not clean."""
    unit = units / "system/robo-xpd.service"
    unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHomes="))
    (units / "bin/robo-xp").unlink()
    unknown = analyze("verify", "./robo-xpd.service", folder=unit.parent).stdout
    missing = analyze("verify", "./robo-xp-backup.service", folder=unit.parent).stdout

    assert "ProtectHomes" in unknown
    assert "is not executable" in missing


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_hardened(units: Path, name: str) -> None:
    """``systemd-analyze security`` gives every service of the system 1.3 or less."""
    words = ("security", "--offline=true", "--no-pager", f"--threshold={HIGHEST_EXPOSURE}")
    done = analyze(*words, f"./{Path(name).name}", folder=(units / name).parent)

    [score] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert done.returncode == 0, done.stdout
    assert float(score) * 10 <= HIGHEST_EXPOSURE


def test_all_services_have_one_sandbox() -> None:
    """The daemon, its instances and the backup differ in whom and what they reach, not in the
    sandbox.
    """
    texts = [unit_text(name, "/usr/bin").partition("# what it may do")[2] for name in SERVICES]
    sandboxes = {
        re.sub(
            r"(?m)^(#.*|(RestrictAddressFamilies|Private(Network|Users))=.*)\n|\n\[Install\][^[]*",
            "",
            text,
        )
        for text in texts
    }

    assert len(sandboxes) == 1
    assert "NoNewPrivileges=yes" in sandboxes.pop()


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="not installed")
def test_the_account_is_made(units: Path, tmp_path: Path) -> None:
    """systemd-sysusers makes a user and a group of its name, without a login."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    done = subprocess.run(
        ["systemd-sysusers", f"--root={root}", str(units / "sysusers.d/robo-xp.conf")],
        capture_output=True,
        encoding="utf-8",
    )

    assert done.returncode == 0, done.stderr
    name, _, user_id, group_id, _, home, shell = (root / "etc/passwd").read_text().split(":")
    assert (name, home) == ("robo-xp", "/")
    assert shell.strip().endswith("nologin")
    assert f"robo-xp:x:{group_id}:" in (root / "etc/group").read_text()
    assert 0 < int(user_id) < 1000
