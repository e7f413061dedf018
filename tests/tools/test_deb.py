"""The Debian packages, in fresh roots of both releases and without a network.

Takes root, debootstrap and a mirror of Debian; a quarter of an hour.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.package import deb
from tools.package.project import ROOT, run

MEMBER, GUILD = "881888888888888888", "746807687960896580"
# what an administrator's machine has: three shells, a manual, systemd's tools
USUAL = "python3,man-db,bash-completion,zsh,fish,systemd,procps,debconf"
SHELLS = {
    "bash": "source /usr/share/bash-completion/bash_completion;"
    " _comp_load robo-xp 2>/dev/null || _completion_loader robo-xp;"
    " COMP_WORDS=(robo-xp give); COMP_CWORD=1; COMP_LINE='robo-xp give'; COMP_POINT=12;"
    " _robo_xp; printf '%s\n' \"${COMPREPLY[@]}\"",
    "zsh": "autoload -U compinit; compinit -u -D; [[ $_comps[robo-xp] = _robo-xp ]] &&"
    " grep -o -m1 giveaway /usr/share/zsh/vendor-completions/_robo-xp",
    "fish": "complete -C 'robo-xp give'",
}

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        os.geteuid() != 0 or shutil.which("debootstrap") is None,
        reason="takes root and debootstrap",
    ),
]


@dataclass(frozen=True)
class Machine:
    """A root of a release, and the package built for it."""

    root: Path
    package: Path
    release: str

    def __call__(self, *words: str, fails: bool = False) -> str:
        """What a command prints in the root, without a network."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["unshare", "--net", "chroot", str(self.root), *words],
            env=env | {"DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def install(self, package: Path) -> str:
        """Bring the package in and have apt install it."""
        shutil.copyfile(package, self.root / package.name)
        return self("apt-get", "install", "-y", f"/{package.name}")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Machine]]:
    """A machine of a release, made once, with the package built for it."""
    with ExitStack() as stack:

        @functools.cache
        def machine_of(release: str) -> Machine:
            folder = tmp_path_factory.mktemp(release)
            root = folder / "machine"
            run("debootstrap", "--variant=minbase", f"--include={USUAL}", release, root)
            run("mount", "-t", "proc", "proc", root / "proc")
            stack.callback(run, "umount", root / "proc")
            return Machine(root, deb.build(release, folder), release)

        yield machine_of


@pytest.fixture(params=deb.RELEASES)
def machine(request: pytest.FixtureRequest, machines: Callable[[str], Machine]) -> Machine:
    """A machine of each release with the package installed."""
    made = machines(request.param)
    if not (made.root / "opt/venvs/robo-xp").exists():
        made.install(made.package)
    return made


def test_it_works_at_once(machine: Machine) -> None:
    """Programs, the tour, the manual, the account and its folders are there after apt install."""
    assert "robo-xp 0." in machine("robo-xp", "--version")
    assert "robo-xpd 0." in machine("robo-xpd", "--version")
    assert "robo-xp --help" in machine("robo-xp", "demo")
    assert "ROBO-XP(1)" in machine("man", "-P", "cat", "robo-xp")
    assert machine("stat", "-c", "%U %G %a", "/var/lib/robo-xp") == "robo-xp robo-xp 2770\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_works_in_each_shell(machine: Machine, shell: str) -> None:
    """A new shell completes the name of a command."""
    assert "giveaway" in machine(shell, "-c", SHELLS[shell])


def test_systemd_takes_the_units_and_starts_none(machine: Machine) -> None:
    """The units are right, and nothing is enabled."""
    folder = "/usr/lib/systemd/system"
    names = [f"{folder}/{name}" for name in os.listdir(machine.root / folder[1:]) if "robo" in name]
    machine("systemd-analyze", "verify", *names)
    wanted = machine.root / "etc/systemd/system"

    units = (ROOT / "cli/robo_xp_cli/units/system").iterdir()
    assert {os.path.basename(name) for name in names} == {unit.name for unit in units}
    assert list(wanted.rglob("*robo*")) == []


def test_the_same_checkout_gives_the_same_bytes(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built again in a longer path, for a folder with a space, the package is the same."""
    longer = tmp_path / ("longer" * 20)
    longer.mkdir()
    monkeypatch.setenv("TMPDIR", str(longer))
    again = deb.build(machine.release, tmp_path / "a space")
    first, second = (hashlib.sha256(path.read_bytes()) for path in (machine.package, again))

    assert again.name == machine.package.name
    assert first.hexdigest() == second.hexdigest()


def test_programs_start_by_the_python_of_the_package(machine: Machine) -> None:
    """No line of a program names the place of the build."""
    for name in ("robo-xp", "robo-xpd"):
        text = (machine.root / "opt/venvs/robo-xp/bin" / name).read_text()
        assert text.startswith("#!/opt/venvs/robo-xp/bin/python3\n")
        assert "exec" not in text.splitlines()[1]


def test_nothing_is_in_it_that_no_program_reads(machine: Machine) -> None:
    """Neither sources of what is compiled, nor other systems' programs, tests or compiled code."""
    listed = subprocess.run(
        ["dpkg-deb", "--contents", machine.package], capture_output=True, encoding="utf-8"
    )
    names = [line.split(maxsplit=5)[5] for line in listed.stdout.splitlines()]
    dead = re.compile(r"\.(c|cpp|h|pyx|pxd|dll|exe|pyc)$|/(tests|__pycache__)/")

    assert len(names) > 1000
    assert [name for name in names if dead.search(name)] == []


def test_data_stays_until_somebody_says_so(machine: Machine, tmp_path: Path) -> None:
    """An upgrade and a removal keep the XP, a purge asks, and only a yes removes it."""
    vault = ("--data-dir", "/var/lib/robo-xp", "--guild", GUILD)
    machine("robo-xp", *vault, "xp", "give", MEMBER, "100")
    machine.install(deb.build(machine.release, tmp_path, revision=2))
    assert '"xp": 100' in machine("robo-xp", *vault, "xp", "show", MEMBER, "--json")

    machine("apt-get", "purge", "-y", "robo-xp")
    assert (machine.root / "var/lib/robo-xp/xp").is_dir()
    assert not (machine.root / "opt/venvs/robo-xp").exists()

    machine.install(machine.package)
    machine("sh", "-c", "echo robo-xp robo-xp/remove-data boolean true | debconf-set-selections")
    machine("apt-get", "purge", "-y", "robo-xp")
    left = [machine.root / name for name in ("var/lib/robo-xp", "var/lib/robo-xp-backups")]
    assert [path for path in left if path.exists()] == []
