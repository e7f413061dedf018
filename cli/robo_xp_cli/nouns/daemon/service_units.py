"""The files that make the daemon a service of systemd: their texts, and where each belongs.

The texts in ``units/`` name the programs in ``/opt/robo-xp/bin``, so that they can be copied by
hand too; ``rendered`` puts the real folder in its place. Nothing here writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

UNIT_FOLDERS = ("/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system")
PACKAGED = "/usr/lib/systemd/system"
MARK = "Written by 'robo-xp service install'"
USUAL_FOLDER = "/opt/robo-xp/bin"
_SPACE = r"\x20"
DAEMON, PROGRAM = "robo-xpd", "robo-xp"
UNIT, ACCOUNT = "robo-xpd.service", "robo-xp"
SYSTEM = (
    "system/robo-xpd.service",
    "system/robo-xpd@.service",
    "system/robo-xpd-shards@.service",
    "system/robo-xp-backup.service",
    "system/robo-xp-backup.timer",
    "system/robo-xp-publish.service",
    "system/robo-xp-publish.timer",
    "sysusers.d/robo-xp.conf",
)
USER = ("user/robo-xpd.service",)


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One file: where it belongs, what is to stand in it, and what stands there now.

    ``found`` is None where nothing is.
    """

    path: Path
    text: str
    found: str | None

    @property
    def is_ours(self) -> bool:
        """Whether a file is there that ``service install`` wrote."""
        return self.found is not None and MARK in self.found

    @property
    def is_current(self) -> bool:
        """Whether the file is there as it would be written."""
        return self.found == self.text

    @property
    def state(self) -> str:
        """In a word how the file is there: ``current``, ``differs``, ``foreign`` or ``missing``."""
        if self.found is None:
            return "missing"
        if self.is_current:
            return "current"
        return "differs" if self.is_ours else "foreign"


@dataclass(frozen=True, slots=True)
class Target:
    """What to install for: the machine or one account, and below which folder.

    ``root`` is empty for this machine itself; a package is made below another folder.
    """

    for_user: bool
    root: str
    environ: Mapping[str, str]

    @property
    def is_live(self) -> bool:
        """Whether the files are meant for the systemd that runs here."""
        return not self.root

    @property
    def scope(self) -> tuple[str, ...]:
        """The words by which ``systemctl`` means this place."""
        return ("--user",) if self.for_user else ()

    def place_of(self, name: str) -> Path:
        """Where the file belongs; a package keeps out of the folders of administrators."""
        folder, _, base = name.partition("/")
        if self.root:
            home = "lib/sysusers.d" if folder == "sysusers.d" else f"lib/systemd/{folder}"
            return Path(self.root).absolute() / "usr" / home / base
        if self.for_user:
            home = self.environ.get("HOME") or str(Path.home())
            config = self.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
            return Path(config) / "systemd/user" / base
        return Path("/etc") / ("sysusers.d" if folder == "sysusers.d" else "systemd/system") / base


def units_found(environ: Mapping[str, str]) -> Iterator[tuple[Path, bool]]:
    """The installed units of the daemon; with each, whether it is one of this account."""
    own = Target(True, "", environ).place_of(USER[0])
    for path, for_user in [*((Path(one, UNIT), False) for one in UNIT_FOLDERS), (own, True)]:
        if os.path.isfile(path):
            yield path, for_user


def unit_files(target: Target, folder: str) -> list[UnitFile]:
    """Every file of the target, with programs from ``folder``."""
    names = USER if target.for_user else SYSTEM
    return [_unit_file(target.place_of(name), unit_text(name, folder)) for name in names]


def installed_folder(target: Target) -> str:
    """The folder of programs that the installed unit names; empty where none is installed."""
    path = target.place_of((USER if target.for_user else SYSTEM)[0])
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    found = re.search(rf"^ExecStart=(\S+)/{DAEMON}\b", text, re.MULTILINE)
    return found[1].replace("%%", "%").replace(_SPACE, " ") if found else ""


def is_packaged(target: Target, folder: str) -> bool:
    """Whether a package of the system brought the units of these programs."""
    if not target.is_live or target.for_user:
        return False
    with suppress(OSError):
        return Path(PACKAGED).joinpath(UNIT).read_text(encoding="utf-8") == unit_text(
            SYSTEM[0], folder
        )
    return False


def unit_text(name: str, folder: str) -> str:
    """The text of one of the files, with programs from ``folder``."""
    text = resources.files("robo_xp_cli").joinpath("units", name).read_text(encoding="utf-8")
    return text.replace(f"={USUAL_FOLDER}/", f"={_in_unit(folder)}/")


def _unit_file(path: Path, text: str) -> UnitFile:
    found = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
    return UnitFile(path, text, found)


def _in_unit(folder: str) -> str:
    """A path as a unit file spells it: a percent sign begins something else there, and a space."""
    return folder.replace("%", "%%").replace(" ", _SPACE)
