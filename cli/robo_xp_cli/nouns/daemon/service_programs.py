"""What a service is about to run: whether others could change it, and whether it is the daemon.

A unit of the system starts its program for ever after, so all of its code has to be root's: the
script, the Python behind it, the packages, and every folder on the way there.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

from robo_xp.errors import NotTheDaemon, UntrustedProgram
from robo_xp.machine import trust
from robo_xp_cli.nouns.daemon.service_units import DAEMON, PROGRAM

_PACKAGES = ("robo_xp", "robo_xp_cli", "robo_xp_daemon")
# finds the packages without running any of their code
_FIND = (
    "from importlib.util import find_spec\n"
    f"for name in {_PACKAGES}:\n"
    "    spec = find_spec(name)\n"
    "    print(spec.origin if spec and spec.origin else '')\n"
)
_SECONDS = 30.0


def beside(daemon: Path) -> Path:
    """The command line of the same install."""
    return daemon.with_name(PROGRAM)


def interpreters(daemon: Path) -> list[Path]:
    """The Python that the script of the daemon is run by, if its first line says so."""
    try:
        with daemon.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return []
    words = first[2:].split() if first.startswith(b"#!") else []
    return [Path(os.fsdecode(words[0]))] if words else []


def refuse_untrusted(daemon: Path, owners: Collection[int]) -> None:
    """Raise Refused unless the program answers as the daemon, and only ``owners`` and root can
    change what it runs.

    Nothing of it is run before it is known to be theirs.
    """
    scripts = [one for one in (daemon, beside(daemon)) if one.exists()]
    found = {python: None for one in scripts for python in interpreters(one)}
    _check([*scripts, *found], owners)
    for python in found:
        site_packages = python.parent.parent.glob("lib/python*/site-packages")
        _check([entry for folder in site_packages for entry in (folder, *folder.iterdir())], owners)
        if python.name.startswith("python"):
            _check(_code_of(python), owners)
    said = _answer([str(daemon), "--version"])
    if not said.startswith(f"{DAEMON} "):
        raise NotTheDaemon(f"{daemon} does not answer --version as {DAEMON} does")


def _code_of(python: Path) -> Iterator[Path]:
    """The folders and files of the packages that this Python finds."""
    origins = _answer([str(python), "-I", "-c", _FIND]).splitlines()
    for origin in filter(None, origins):
        for folder, _, files in os.walk(os.path.dirname(origin)):
            yield Path(folder)
            yield from (Path(folder, name) for name in files)


def _check(places: Collection[Path] | Iterator[Path], owners: Collection[int]) -> None:
    for place in places:
        try:
            fault = trust.fault_of(place, owners)
        except OSError as error:
            raise UntrustedProgram(f"{place} cannot be looked at: {error.strerror}") from None
        if fault:
            raise UntrustedProgram(f"the service would run what others can change: {fault}")


def _answer(command: list[str]) -> str:
    """What a program says, run with nothing of this process's surroundings."""
    try:
        done = subprocess.run(
            command, cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
            timeout=_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
