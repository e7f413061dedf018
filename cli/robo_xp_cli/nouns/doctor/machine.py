"""What ``doctor`` looks at on the machine: Python, packages, clock, Tab, manual, systemd."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from robo_xp import __released__, __version__
from robo_xp.machine.places import system_tool
from robo_xp_cli.nouns.daemon.service_units import UNIT, UNIT_FOLDERS, units_found
from robo_xp_cli.nouns.doctor.finding import Finding, failure, ok, omission, warning
from robo_xp_cli.run.context import Run

NEEDED = (
    "discord.py", "typer", "rich", "tinydb", "msgspec", "sortedcontainers", "platformdirs",
    "tomlkit", "plotext",
)  # fmt: skip
_TOLD = 4
_OLDEST = (3, 11)
_SYSTEMD = Path("/run/systemd/system")
_COMMAND_SECONDS = 5
_SHELL_FILES = {
    "bash": "bash-completion/completions/robo-xp",
    "zsh": "zsh/site-functions/_robo-xp",
    "fish": "fish/vendor_completions.d/robo-xp.fish",
}


def python(run: Run) -> Finding:
    """The interpreter."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST:
        return failure("python", f"{found} is too old", "install Python 3.11 or later")
    return ok("python", f"{found} ({sys.executable})")


def packages(run: Run) -> Finding:
    """The packages that both programs stand on."""
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for name in NEEDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    missing = [name for name in NEEDED if name not in found]
    if missing:
        install = shlex.join([sys.executable, "-m", "pip", "install", *missing])
        return failure("packages", f"missing: {', '.join(missing)}", install)
    told = ", ".join(f"{name} {found[name]}" for name in NEEDED[:_TOLD])
    return ok("packages", f"robo-xp {__version__}, {told}")


def clock(run: Run) -> Finding:
    """The clock, by which members earn XP and giveaways end."""
    now = time.time()
    told = datetime.fromtimestamp(now).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    mend = "timedatectl set-ntp true"
    if now < datetime.fromisoformat(__released__).replace(tzinfo=UTC).timestamp():
        return failure("clock", f"{told} is before this version was made", mend)
    if _answer("timedatectl", "show", "--property=NTPSynchronized", "--value") == "no":
        return warning("clock", f"{told}, and nothing keeps it right", mend)
    return ok("clock", told)


def completions(run: Run) -> Finding:
    """Whether Tab works in the shell of this account."""
    from robo_xp_cli.nouns.program.completion import place_of

    shell = Path(run.environ.get("SHELL", "")).name
    if shell not in _SHELL_FILES:
        return omission("completion", f"no scripts for {shell}" if shell else "$SHELL is not set")
    places = [place_of(shell, run.environ), *_shared_paths(_SHELL_FILES[shell])]
    for place in places:
        if os.path.isfile(place):
            return ok("completion", f"{shell} finds {place}")
    return warning("completion", f"{shell} has no script", f"robo-xp completion install {shell}")


def manual(run: Run) -> Finding:
    """Whether ``man`` finds the pages."""
    if shutil.which("man") is None:
        return omission("manual", "there is no program man")
    found = _answer("man", "-w", "robo-xp", environ=run.environ)
    if found:
        return ok("manual", found.splitlines()[0])
    for place in _shared_paths("man/man1/robo-xp.1"):
        if os.path.isfile(place):
            folder = place.parents[1]
            mend = f"export MANPATH={shlex.quote(f':{folder}')}"
            return warning("manual", f"man does not look in {folder}", mend)
    return warning("manual", "man has no page robo-xp; the help says the same", "robo-xp --help")


def unit(run: Run) -> Finding:
    """Whether systemd would start the daemon."""
    systemctl = system_tool("systemctl")
    if not _SYSTEMD.is_dir() or systemctl is None:
        return omission("systemd", "it does not run this machine")
    scopes: tuple[Sequence[str], ...] = ((), ("--user",))
    for scope in scopes:
        enabled = _answer(systemctl, *scope, "is-enabled", UNIT)
        if not enabled or enabled == "not-found":
            continue
        how = " ".join(("systemctl", *scope))
        active = _answer(systemctl, *scope, "is-active", UNIT) or "unknown"
        told = f"{UNIT} is {enabled} and {active}{' for this account' if scope else ''}"
        if active == "failed":
            return failure("systemd", told, f"{how} status {UNIT}")
        if not enabled.startswith(("enabled", "static", "linked")):
            return warning("systemd", told, f"{how} enable --now {UNIT}")
        return ok("systemd", told)
    for path, _ in units_found(run.environ):
        told = f"{path} is there, and systemd does not answer this account"
        return omission("systemd", told, f"systemctl status {UNIT}")
    return omission("systemd", f"{UNIT} is not installed", "robo-xp service install")


def credential_of_unit(environ: Mapping[str, str]) -> Path | None:
    """The file that an installed unit takes the bot's token from; None without such a unit."""
    from robo_xp.machine.token_place import CREDENTIAL

    for unit, for_user in units_found(environ):
        settings = unit.parents[2] if for_user else Path("/etc")
        named = None
        for line in _lines_of(unit):
            if found := re.match(r"LoadCredential(?:Encrypted)?=(.*)", line):
                name, _, file = found[1].strip().partition(":")
                if not name:  # takes back what earlier lines said
                    named = None
                elif name == CREDENTIAL:
                    named = Path(file.replace("%E", str(settings)))
        return named
    return None


def _lines_of(unit: Path) -> Iterator[str]:
    """The lines of a unit and of its drop-ins, in the order in which they count."""
    added = (Path(one, f"{unit.name}.d") for one in {str(unit.parent), *UNIT_FOLDERS[:1]})
    drop_ins = (path for folder in added for path in folder.glob("*.conf"))
    for path in [unit, *sorted(drop_ins, key=lambda path: path.name)]:
        with suppress(OSError):
            yield from path.read_text(encoding="utf-8", errors="replace").splitlines()


def _shared_paths(path: str) -> Iterator[Path]:
    """Where an install puts a shared file."""
    for root in dict.fromkeys((sys.prefix, "/usr/local", "/usr", os.path.expanduser("~/.local"))):
        yield Path(root, "share", path)


def _answer(*words: str, environ: Mapping[str, str] | None = None) -> str:
    """What a program says on stdout; empty where it cannot be run or says nothing in time."""
    try:
        done = subprocess.run(
            words,
            env=None if environ is None else dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_COMMAND_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
