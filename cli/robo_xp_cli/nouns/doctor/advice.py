"""The commands that ``doctor`` advises: each can be pasted, and means the place looked at."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from robo_xp_cli.nouns.daemon.service_units import UNIT, units_found
from robo_xp_cli.run.context import Run

_PLACES = (("config", "--config"), ("data_dir", "--data-dir"))


def robo_xp(run: Run, *words: str) -> str:
    """A command of this program on the same configuration and data folder."""
    return shlex.join(["robo-xp", *words, *_places(run)])


def store_token(run: Run) -> str:
    """What asks for the bot's token and stores it where the configuration says."""
    config = run.given.get("config")
    more = ("--config", str(config)) if config else ()
    return shlex.join(["robo-xp", "init", "--read-token", *more])


def start(run: Run) -> str:
    """What starts the daemon: systemd where a unit is installed."""
    how = systemctl(run.environ)
    return f"{how} start {UNIT}" if how else shlex.join(["robo-xpd", *_places(run)])


def restart(run: Run) -> str:
    """What has another version of the daemon run."""
    how = systemctl(run.environ)
    return f"{how} restart {UNIT}" if how else f"{robo_xp(run, 'daemon', 'stop')}; {start(run)}"


def log(run: Run) -> str:
    """What shows the daemon's log; without systemd it is wherever its stderr goes."""
    how = systemctl(run.environ)
    if not how:
        return robo_xp(run, "daemon", "status")
    return f"journalctl {'--user ' if '--user' in how else ''}--unit {UNIT} --lines 50"


def systemctl(environ: Mapping[str, str]) -> str:
    """``systemctl`` as the installed unit needs it, empty where none is installed."""
    for _, for_user in units_found(environ):
        return "systemctl --user" if for_user else "systemctl"
    return ""


def on(command: str, path: Path) -> str:
    """A command and the path it is for."""
    return f"{command} {shlex.quote(str(path))}"


def _places(run: Run) -> list[str]:
    """The options by which this run was pointed elsewhere."""
    found = [(option, run.given.get(name)) for name, option in _PLACES]
    return [word for option, value in found if value for word in (option, str(value))]
