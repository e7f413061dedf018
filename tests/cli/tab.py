"""A real shell on a terminal, with the committed completion script, and a Tab key."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

from tests.cli.program import Program
from tests.cli.shell import ROOT, environment

PROMPT = "ready> "
_COMMANDS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
_SCRIPTS = ROOT / "completions"
_START = {
    "bash": f"PS1='{PROMPT}'; HISTFILE=; bind 'set enable-bracketed-paste off';"
    f" source '{_SCRIPTS}/robo-xp'; clear",
    "zsh": f"PROMPT='{PROMPT}'; HISTFILE=; fpath=('{_SCRIPTS}' $fpath);"
    " autoload -Uz compinit; compinit -D -u; clear",
    "fish": f"function fish_prompt; echo -n '{PROMPT}'; end;"
    f" source '{_SCRIPTS}/robo-xp.fish'; clear",
}


class Shell:
    """One shell at its prompt; ``bin`` holds a ``robo-xp`` that is found before any other."""

    def __init__(self, name: str, program: Program, home: Path) -> None:
        """Start it, load the script, and wait for the prompt."""
        self._screen = pyte.Screen(100, 50)
        self._stream = pyte.ByteStream(self._screen)
        env = program.environment() | {"HOME": str(home), "SHELL": name, "INPUTRC": "/dev/null"}
        env["PATH"] = f"{_with_program(home)}{os.pathsep}{env['PATH']}"
        self._child = pexpect.spawn(
            _COMMANDS[name][0],
            _COMMANDS[name][1:],
            dimensions=(50, 100),
            env=env,
            cwd=str(home),
            timeout=30,
        )
        self._child.send(_START[name] + "\r")
        self.until(lambda: self.text.strip() == PROMPT.strip())

    @property
    def text(self) -> str:
        """What stands on the screen, without empty lines."""
        lines = [line.rstrip() for line in self._screen.display]
        return "\n".join(line for line in lines if line)

    @property
    def line(self) -> str:
        """What stands behind the last prompt."""
        return self.text.rpartition(PROMPT)[2].partition("\n")[0]

    def type(self, keys: str, shows: str) -> str:
        """Type keys (Tab is a tab) and wait until the screen shows the text; the screen."""
        self._child.send(keys)
        self.until(lambda: shows in self.text)
        return self.text

    def until(self, is_so: Callable[[], bool]) -> None:
        """Read what the shell draws until the screen is so; AssertionError after 30 seconds."""
        end = time.monotonic() + 30
        while not is_so():
            assert time.monotonic() < end, f"still on the screen:\n{self.text}"
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=0.2))
            except pexpect.TIMEOUT:
                continue

    def empty(self) -> None:
        """Drop the line and come back to a bare prompt."""
        self._child.send("\x15\x0c")
        self.until(lambda: self.text.strip() == PROMPT.strip())

    def close(self) -> None:
        """End the shell."""
        self._child.close(force=True)


@contextmanager
def shell(name: str, program: Program, home: Path) -> Iterator[Shell]:
    """A shell that ends with the block."""
    found = Shell(name, program, home)
    try:
        yield found
    finally:
        found.close()


def _with_program(home: Path) -> Path:
    """A folder with a program ``robo-xp`` of this checkout."""
    folder = home / "bin"
    folder.mkdir()
    path = environment()["PYTHONPATH"]
    start = f"exec env PYTHONPATH='{path}' '{sys.executable}' -m robo_xp_cli \"$@\""
    (folder / "robo-xp").write_text(f"#!/bin/sh\n{start}\n")
    (folder / "robo-xp").chmod(0o755)
    return folder
