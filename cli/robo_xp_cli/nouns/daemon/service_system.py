"""What ``robo-xp service`` asks of this machine: which programs there are, and of systemd."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from robo_xp.errors import FileMissing, HiddenProgram, InvalidValue, NeedsRoot
from robo_xp.machine.places import system_tool
from robo_xp_cli.nouns.daemon.service_programs import beside, interpreters, refuse_untrusted
from robo_xp_cli.nouns.daemon.service_units import DAEMON, Target

# what the sandbox of the system unit hides: ProtectHome and PrivateTmp
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - only named
_SECONDS = 60.0


def programs_folder(named: str, target: Target) -> str:
    """The folder of both programs: that of ``named``, else the one this program was started from.

    Raises FileMissing where there is no daemon, Refused where a system service cannot reach it,
    where others could change what it runs, or where it is no daemon of Robo XP.
    """
    if named and not os.path.isabs(named):
        raise InvalidValue(f"--program needs a whole path, not '{named}'")
    if named and os.path.basename(named) != DAEMON:
        raise InvalidValue(f"--program must name {DAEMON}, not '{named}'")
    daemon = Path(named) if named else beside_this()
    if not re.fullmatch(r"[^\s\"'\\$;]*", str(daemon).replace(" ", "")):
        raise InvalidValue(f"a unit file cannot name '{daemon}'", advice="use a plainer path")
    if named and not target.is_live:
        return os.path.dirname(named)
    for program in (daemon, *([] if target.for_user or daemon is None else [beside(daemon)])):
        if program is None or not os.access(program, os.X_OK):
            raise FileMissing(
                f"there is no program {program or DAEMON}",
                advice="install Robo XP into /opt/robo-xp, or name the daemon with --program FILE",
            )
    assert daemon is not None
    if not target.for_user:
        refuse_hidden(daemon)
    refuse_untrusted(daemon, owners=(os.geteuid(),) if target.for_user else ())
    return str(daemon.parent)


def refuse_others(target: Target) -> None:
    """Raise Refused unless this account may write the files of the target."""
    if target.is_live and not target.for_user and os.geteuid() != 0:
        raise NeedsRoot(
            "only root can change services of the system",
        )


def runs(target: Target) -> bool:
    """Whether the systemd of the target runs here."""
    if not target.is_live or system_tool("systemctl") is None:
        return False
    if target.for_user:
        return os.path.isdir(os.path.join(target.environ.get("XDG_RUNTIME_DIR", "/-"), "systemd"))
    return os.path.isdir("/run/systemd/system")


def systemctl(target: Target, *words: str) -> str:
    """What systemctl says; empty when it fails, since it tells of stopped services that way."""
    tool = system_tool("systemctl")
    return "" if tool is None else _output_of([tool, *target.scope, *words])


def make_account(path: Path) -> bool:
    """Whether systemd-sysusers made the account of this file, or it is there."""
    tool = system_tool("systemd-sysusers")
    if tool is None:
        return False
    done = subprocess.run([tool, str(path)], capture_output=True, timeout=_SECONDS, check=False)
    return done.returncode == 0


def _output_of(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def beside_this() -> Path | None:
    """The daemon of the same install as this program."""
    folders = (os.path.dirname(sys.executable), sysconfig.get_path("scripts"))
    places = [Path(folder) / DAEMON for folder in folders]
    if found := shutil.which(DAEMON):
        places.append(Path(found))
    return next((one for one in places if os.access(one, os.X_OK)), None)


def refuse_hidden(daemon: Path) -> None:
    """Raise Refused for programs, or a Python behind them, that the sandbox hides."""
    for path in (daemon, beside(daemon), *interpreters(daemon)):
        for real in (str(path), os.path.realpath(path)):
            if any(real.startswith(f"{hidden}/") for hidden in _HIDDEN):
                raise HiddenProgram(
                    f"a service of the system cannot run {real}: its sandbox hides that folder",
                )
