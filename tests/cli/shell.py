"""Runs programs as a function, and the toy as an operator would: in pipes, on terminals."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pexpect
import pyte

from robo_xp_cli.framework.declare import Entry
from robo_xp_cli.main import run
from tests.cli.toy import TABLE

ROOT = Path(__file__).parents[2]
TOY = str(Path(__file__).with_name("toy.py"))
GUILD = "100000000000000009"


def environment(**more: str) -> dict[str, str]:
    """A small environment: the project's packages, no configuration of whoever runs the tests."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "HOME": "/nonexistent"}
    return {**base, "LANG": "C.UTF-8", "TERM": "xterm-256color", "TZ": "UTC", **more}


def inside(
    words: Sequence[str],
    env: Mapping[str, str],
    stdin: bytes = b"",
    table: Mapping[str, Entry] | None = None,
) -> subprocess.CompletedProcess[str]:
    """One run in the test's own process, with streams and an environment of its own."""
    opened = [_stream(stdin), _stream(), _stream()]
    with (
        patch.dict(os.environ, env, clear=True),
        patch.multiple(sys, stdin=opened[0], stdout=opened[1], stderr=opened[2]),
    ):
        code = run(words, table)
    return subprocess.CompletedProcess(words, code, *map(_text_of, opened[1:]))


def toy(*words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One run of the toy in the test's own process, with its output as in pipes."""
    return inside(words, environment(**(env or {})), table=TABLE)


def in_shell(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A line of bash in which ``toy`` is the toy program."""
    define = f"toy() {{ '{sys.executable}' '{TOY}' \"$@\"; }}\n"
    return subprocess.run(
        ["bash", "-c", define + script],
        env=environment(**env),
        capture_output=True,
        encoding="utf-8",
        timeout=30,
    )


@dataclass(frozen=True)
class Seen:
    """What a terminal showed after a run: its lines, the raw bytes, the exit code."""

    lines: Sequence[str]
    raw: bytes
    code: int


def spawned(*words: str, columns: int = 80, **env: str) -> pexpect.spawn[bytes]:
    """The toy on a terminal, for a conversation."""
    return pexpect.spawn(
        sys.executable,
        [TOY, *words],
        dimensions=(60, columns),
        env=environment(**env),
        timeout=20,
    )


def on_terminal(*words: str, columns: int = 80, **env: str) -> Seen:
    """One run of the toy on a terminal."""
    child = spawned(*words, columns=columns, **env)
    raw: bytes = child.read()
    child.close()
    screen = pyte.Screen(columns, 60)
    pyte.ByteStream(screen).feed(raw)
    lines = [line.rstrip() for line in screen.display]
    return Seen([line for line in lines if line], raw, child.exitstatus)


def _stream(content: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="backslashreplace")


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
