"""The real program on a terminal of any size, in conversation where it asks something."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pexpect
import pyte

from tests.cli.program import Program
from tests.cli.shell import Seen


def ended(child: pexpect.spawn[bytes]) -> None:
    """Wait for the end of a program that has closed its terminal."""
    child.wait()
    child.ptyproc.delayafterclose = 0
    child.close()


def watched(
    program: Program,
    *words: str,
    size: tuple[int, int] = (80, 24),
    talk: Sequence[tuple[str, str]] = (),
    **env: str,
) -> Seen:
    """What the screen (columns, rows) shows after a run; ``talk`` is what to wait for and type."""
    columns, rows = size
    child = pexpect.spawn(
        sys.executable,
        ["-m", "robo_xp_cli", *words],
        dimensions=(rows, columns),
        env={**program.environment(), **env},
        timeout=30,
    )
    child.delaybeforesend = None
    raw = b""
    for question, answer in talk:
        child.expect_exact(question)
        raw += child.before + child.after
        child.sendline(answer)
    raw += child.read()
    ended(child)
    screen = pyte.Screen(columns, rows)
    pyte.ByteStream(screen).feed(raw)
    lines = [line.rstrip() for line in screen.display]
    return Seen([line for line in lines if line], raw, child.exitstatus)
