"""``./dev`` in a checkout that pins no packages: each set-up is real, and needs no network."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).resolve().parents[1]
# All that the script may use besides a Python.
TOOLS = "cat chmod cksum dirname env find ls mkdir mv readlink rm sh sleep"
SET_UP = "dev: setting up"
PROGRAM = "import sys\ndef main() -> int:\n    print(*sys.argv[1:], sep='|')\n    return 3\n"
PINS = ("requirements.txt", "requirements-dev.txt")
# Stands for Debian's Python without python3-venv. A form without ensurepip is quicker, too.
NO_ENSUREPIP = 'case "$*" in *--without-pip*) ;; *"-m venv"*) exit 1 ;; esac'

Run = subprocess.CompletedProcess[str]


class Checkout:
    """A copy of the script, two empty lists of pins and a program, with a PATH of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root / "a checkout"
        self.bin = root / "bin"
        self.venv = self.root / ".venv"
        (self.root / "daemon/robo_xp_daemon").mkdir(parents=True)
        (self.root / "daemon/robo_xp_daemon/main.py").write_text(PROGRAM)
        for name in PINS:
            (self.root / name).write_text("")
        shutil.copy(ROOT / "dev", self.root)
        self.bin.mkdir()
        for name in TOOLS.split():
            (self.bin / name).symlink_to(shutil.which(name) or name)

    def put_python(self, before: str, name: str = "python3") -> None:
        """Put a Python on PATH that first runs some lines of sh."""
        real = getattr(sys, "_base_executable", sys.executable)
        path = self.bin / name
        path.write_text(f'#!/bin/sh\n{before}\nexec "{real}" "$@"\n')
        path.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, "PATH": str(self.bin), "PIP_NO_INDEX": "1", **more}

    def dev(self, *arguments: str, **more: str) -> Run:
        return subprocess.run(
            [str(self.root / "dev"), *arguments],
            env=self.environment(**more),
            cwd="/",
            capture_output=True,
            text=True,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.root / "dev"), *arguments],
            env=self.environment(),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh checkout whose Python has no ensurepip."""
    made = Checkout(tmp_path)
    made.put_python(NO_ENSUREPIP)
    return made


def test_help_goes_to_stdout(checkout: Checkout) -> None:
    """``--help`` names every command and sets nothing up."""
    answer = checkout.dev("--help")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert {"demo", "robo-xp", "robo-xpd", "test", "lint", "bench", "python"} <= set(
        answer.stdout.split()
    )
    assert not checkout.venv.exists()


@pytest.mark.parametrize("arguments", [(), ("tset",)])
def test_a_wrong_command_is_usage(checkout: Checkout, arguments: tuple[str, ...]) -> None:
    """No command, or one that does not exist, exits 2 with the usage on stderr."""
    answer = checkout.dev(*arguments)

    assert (answer.returncode, answer.stdout) == (2, "")
    assert "usage: ./dev" in answer.stderr
    assert all(f"no command '{name}'" in answer.stderr for name in arguments)


@pytest.mark.parametrize("before", ["exit 1", "exit 127"])
def test_without_a_new_enough_python_it_says_so(checkout: Checkout, before: str) -> None:
    """An old or broken Python is exit 69 and a message that names the version."""
    checkout.put_python(before)

    answer = checkout.dev("robo-xpd")

    assert (answer.returncode, answer.stdout) == (69, "")
    assert "Python 3.11 or later" in answer.stderr


def test_a_python_under_another_name_is_found(checkout: Checkout) -> None:
    """When python3 is too old, python3.11 is tried."""
    checkout.put_python("exit 1")
    checkout.put_python(NO_ENSUREPIP, name="python3.11")

    assert checkout.dev("robo-xpd").returncode == 3


def test_each_python_gets_an_environment_of_its_own(checkout: Checkout) -> None:
    """``test-all`` runs with each Python that is there, and says which ones are not."""
    checkout.put_python(NO_ENSUREPIP, name="python3.12")

    answer = checkout.dev("test-all")

    assert answer.returncode == 1
    assert "No module named pytest" in answer.stderr  # it came to the tests
    assert re.findall(r"Python (\S+): not on PATH", answer.stderr) == ["3.11", "3.13", "3.14"]
    assert (checkout.root / ".venv-3.12/bin/python").exists()
    assert not checkout.venv.exists()


def test_without_any_python_nothing_passes(checkout: Checkout) -> None:
    """``test-all`` fails where it could not run a single test."""
    assert checkout.dev("test-all").returncode == 69


def test_a_folder_of_someone_else_is_left_alone(checkout: Checkout) -> None:
    """An environment that the script did not make is refused and keeps its files."""
    checkout.venv.mkdir()
    (checkout.venv / "mine").write_text("x")

    answer = checkout.dev("robo-xpd")

    assert answer.returncode == 69
    assert str(checkout.venv) in answer.stderr
    assert [path.name for path in checkout.venv.iterdir()] == ["mine"]


def test_the_second_start_sets_nothing_up(checkout: Checkout) -> None:
    """Set-up happens once; arguments, with spaces too, and the exit code pass through."""
    first = checkout.dev("robo-xpd", "a b", "", "c")
    second = checkout.dev("robo-xpd", "a b", "", "c")

    assert (first.returncode, first.stdout) == (3, "a b||c\n")
    assert first.stderr.startswith(SET_UP)
    assert (second.returncode, second.stdout, second.stderr) == (3, "a b||c\n", "")


def test_the_program_in_the_environment_runs_by_itself(checkout: Checkout) -> None:
    """``.venv/bin/robo-xpd`` works, by a link as well, although its path has a space."""
    checkout.dev("robo-xpd")
    link = checkout.bin / "linked"
    link.symlink_to(checkout.venv / "bin/robo-xpd")

    for program in (checkout.venv / "bin/robo-xpd", link):
        answer = subprocess.run(
            [program, "x"], env=checkout.environment(), capture_output=True, text=True
        )
        assert (answer.returncode, answer.stdout, answer.stderr) == (3, "x\n", "")


def test_the_environment_may_lie_elsewhere(checkout: Checkout, tmp_path: Path) -> None:
    """ROBO_XP_VENV names another folder."""
    other = tmp_path / "else where"

    answer = checkout.dev("robo-xpd", "x", ROBO_XP_VENV=str(other))

    assert answer.stdout == "x\n"
    assert (other / "bin/python").exists()
    assert not checkout.venv.exists()


def change_the_pins(checkout: Checkout) -> None:
    (checkout.root / "requirements.txt").write_text("# changed\n")


def lose_the_interpreter(checkout: Checkout) -> None:
    (checkout.venv / "bin/python").unlink()


def move_the_checkout(checkout: Checkout) -> None:
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))


@pytest.mark.long
@pytest.mark.parametrize("change", [change_the_pins, lose_the_interpreter, move_the_checkout])
def test_a_change_sets_up_anew(checkout: Checkout, change: Callable[[Checkout], None]) -> None:
    """Other pins, a lost interpreter or another place cost one set-up, and then it works."""
    checkout.dev("robo-xpd")
    change(checkout)

    answers = [checkout.dev("robo-xpd", "x") for _ in range(2)]

    assert [answer.stdout for answer in answers] == ["x\n", "x\n"]
    assert [answer.stderr.startswith(SET_UP) for answer in answers] == [True, False]


def test_two_at_once_set_up_once(checkout: Checkout) -> None:
    """Of two first starts one sets up, the other waits, and both then run."""
    both = [checkout.start("robo-xpd", "x") for _ in range(2)]
    answers = [process.communicate() for process in both]

    assert [(process.returncode, out) for process, (out, _) in zip(both, answers, strict=True)] == [
        (3, "x\n"),
        (3, "x\n"),
    ]
    assert sum(err.count(SET_UP) for _, err in answers) == 1


@pytest.mark.parametrize(
    "step", [pytest.param("-m venv", marks=pytest.mark.long), "--require-hashes"]
)
def test_a_killed_set_up_starts_over(checkout: Checkout, tmp_path: Path, step: str) -> None:
    """After kill -9 in the middle, the next start needs no cleaning by hand."""
    reached = tmp_path / "reached"
    os.mkfifo(reached)
    stall = f'case "$*" in *"{step}"*) echo yes >"{reached}"; exec cat "{reached}" ;; esac'
    checkout.put_python(f"{NO_ENSUREPIP}\n{stall}" if step != "-m venv" else stall)
    process = checkout.start("robo-xpd")
    assert reached.read_text() == "yes\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    checkout.put_python(NO_ENSUREPIP)

    answer = checkout.dev("robo-xpd", "x")

    assert (answer.returncode, answer.stdout) == (3, "x\n")
    assert answer.stderr.startswith(SET_UP)


def test_a_failed_install_is_shown_and_can_be_mended(checkout: Checkout) -> None:
    """What pip said reaches stderr with exit 69; once the cause is gone the same command works."""
    pins = checkout.root / "requirements.txt"
    pins.write_text(f"no-such-thing==1 --hash=sha256:{'0' * 64}\n")

    answer = checkout.dev("robo-xpd")

    assert (answer.returncode, answer.stdout) == (69, "")
    assert "no-such-thing" in answer.stderr
    pins.write_text("")
    assert checkout.dev("robo-xpd").returncode == 3


@pytest.mark.long
def test_development_packages_come_on_top(checkout: Checkout) -> None:
    """The first command for development sets up once more, and running still needs nothing."""
    answers = [
        checkout.dev(*arguments)
        for arguments in (("robo-xpd",), ("python", "-c", ""), ("python", "-c", ""), ("robo-xpd",))
    ]

    assert [answer.returncode for answer in answers] == [3, 0, 0, 3]
    assert [SET_UP in answer.stderr for answer in answers] == [True, True, False, False]


def test_a_read_only_home_is_enough(checkout: Checkout, tmp_path: Path) -> None:
    """A home that cannot be written, as services have it, brings no warning and no fault."""
    home = tmp_path / "home"
    home.touch()  # a file: not even root can make a folder in it

    answer = checkout.dev("robo-xpd", "x", HOME=str(home), XDG_CACHE_HOME=str(home / "cache"))

    assert (answer.returncode, answer.stdout) == (3, "x\n")
    assert len(answer.stderr.splitlines()) == 1


def test_a_terminal_sees_that_it_goes_on(checkout: Checkout) -> None:
    """While a set-up takes long there is a dot each second, and none in a pipe."""
    slow = 'case "$*" in *"-m venv"*) sleep 2 ;; esac'
    checkout.put_python(f"{slow}\n{NO_ENSUREPIP}")
    child = pexpect.spawn(
        str(checkout.root / "dev"), ["robo-xpd", "x"], env=checkout.environment(), timeout=60
    )
    raw = child.read()
    child.close()

    assert child.exitstatus == 3
    assert SET_UP.encode() in raw and b".." in raw
    assert raw.endswith(b"x\r\n")


@pytest.mark.long
def test_a_python_with_ensurepip_sets_up_too(checkout: Checkout) -> None:
    """The usual way, ``python3 -m venv`` with its own pip."""
    pytest.importorskip("ensurepip", reason="this Python has no ensurepip")
    checkout.put_python("")

    assert checkout.dev("robo-xpd").returncode == 3
    assert list(checkout.venv.glob("lib/*/site-packages/pip"))
