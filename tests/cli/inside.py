"""The program in the test's own process: the same answers as ``Program``, without its start."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from unittest.mock import patch

from robo_xp_cli.main import run
from robo_xp_cli.show import streams
from tests.cli.program import Program


@dataclass(frozen=True)
class Inside(Program):
    """``robo-xp`` called as a function, with streams and an environment of its own."""

    def __call__(
        self, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One run with its output in pipes; ``env`` is added to the environment."""
        opened = [_stream(stdin), _stream(), _stream()]
        with (
            patch.dict(os.environ, {**self.environment(), **(env or {})}, clear=True),
            patch.multiple(sys, stdin=opened[0], stdout=opened[1], stderr=opened[2]),
        ):
            code = run(words)
        return subprocess.CompletedProcess(words, code, *map(_text_of, opened[1:]))

    def for_people(
        self, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One run that takes its streams for a terminal."""
        with patch.object(streams, "is_terminal", lambda _: True):
            return self(*words, stdin=stdin, env=env)


def _stream(content: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="backslashreplace")


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
