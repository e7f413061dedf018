"""Runs the real program on a vault of the test's own: as a function, in pipes, on terminals."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pexpect
import pyte

from robo_xp_cli.run import progress
from robo_xp_cli.show import streams
from tests.cli.shell import Seen, environment, inside

GUILD = "100000000000000009"
ANN, BOB, CARL = (f"20000000000000000{n}" for n in range(1, 4))
XP = f"xp/default/{GUILD}"


@dataclass(frozen=True)
class Program:
    """``robo-xp`` with a data folder and a guild."""

    data_dir: Path
    guild: str = GUILD

    def environment(self) -> dict[str, str]:
        """The environment of a run."""
        place = {"ROBO_XP_DATA_DIR": str(self.data_dir)}
        return environment(**place, **({"ROBO_XP_GUILD": self.guild} if self.guild else {}))

    def __call__(
        self, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One run, its output as in pipes; ``env`` is added to the environment.

        It happens in the test's own process, with streams and an environment of its own.
        """
        return inside(words, {**self.environment(), **(env or {})}, stdin)

    def for_people(
        self, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One run that takes its streams for a terminal, on a machine that is quick."""
        with (
            patch.object(streams, "is_terminal", lambda _: True),
            patch.object(progress, "PATIENCE_SECONDS", 600.0),
        ):
            return self(*words, stdin=stdin, env=env)

    def json(self, *words: str, stdin: bytes = b"") -> Any:
        """What a run that succeeds says with ``--json``."""
        done = self(*words, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, *words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        """Exit code, code and message of a run that fails, without a word on stdout."""
        done = self(*words, "--json", stdin=stdin)
        assert done.stdout == ""
        error = json.loads(done.stderr)["error"]
        return done.returncode, error["code"], error["message"]

    def on_terminal(self, *words: str, columns: int = 80, answers: Sequence[str] = ("",)) -> Seen:
        """One run on a terminal, with what is typed at each question."""
        child = pexpect.spawn(
            sys.executable,
            ["-m", "robo_xp_cli", *words],
            dimensions=(60, columns),
            env=self.environment(),
            timeout=30,
        )
        raw = b""
        for answer in filter(None, answers):
            child.expect_exact("[y/N] ")
            raw += child.before + child.after
            child.sendline(answer)
        raw += child.read()
        child.close()
        screen = pyte.Screen(columns, 60)
        pyte.ByteStream(screen).feed(raw)
        lines = [line.rstrip() for line in screen.display]
        return Seen([line for line in lines if line], raw, child.exitstatus)

    def bytes(self) -> dict[str, bytes]:
        """Every file of the data folder; locks and their folders are none."""
        return {
            str(path.relative_to(self.data_dir)): path.read_bytes()
            for path in sorted(self.data_dir.rglob("*"))
            if path.is_file() and path.suffix != ".lock"
        }


class Process(Program):
    """``robo-xp`` as a process, for what only a process has: pipes, signals, limits, a lifetime."""

    def __call__(
        self, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One run with its output in pipes; ``env`` is added to the environment."""
        done = subprocess.run(
            [sys.executable, "-m", "robo_xp_cli", *words],
            env={**self.environment(), **(env or {})},
            capture_output=True,
            input=stdin,
            timeout=60,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)
