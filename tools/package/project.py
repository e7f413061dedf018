"""What every artefact is made from: version, day, epoch, and the commands that make it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import robo_xp

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
VERSION = robo_xp.__version__


class Stopped(Exception):
    """Why nothing was made, and what to do about it."""


def released_at() -> datetime:
    """The beginning of the day of the release, in UTC: the time that every artefact carries."""
    return datetime.fromisoformat(robo_xp.__released__).replace(tzinfo=UTC)


def environment() -> dict[str, str]:
    """The environment of a build: its clock is the release's day, its order no accident."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or str(int(released_at().timestamp()))
    return {**os.environ, "SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


def run(*command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command, its output on stderr. Raises Stopped if it fails or is not there."""
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        raise Stopped(f"{words[0]} is missing; install the package that has it and try again")
    whole = environment() | dict(env or {})
    done = subprocess.run(words, cwd=cwd, env=whole, stdout=sys.stderr, check=False)
    if done.returncode:
        raise Stopped(f"{' '.join(words)} failed with exit code {done.returncode}")


def python(*words: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a module with this Python. Raises Stopped."""
    run(sys.executable, "-m", *words, env=env)
