"""What is left to do after ``init``, as commands that can be pasted."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from robo_xp.machine import config_file as settings_file
from robo_xp_cli.nouns.daemon.service_units import ACCOUNT, UNIT, units_found
from robo_xp_cli.nouns.setup.init_file import Answers


def is_of_system(path: Path) -> bool:
    """Whether the configuration file is the machine's, so that its daemon has to read it."""
    return settings_file.SYSTEM_FILE.parent in path.parents


def group_of_service(path: Path) -> str:
    """The group that the service of this machine shares its files with; empty where none is."""
    import grp

    if os.geteuid() != 0 or not is_of_system(path):
        return ""
    try:
        grp.getgrnam(ACCOUNT)
    except KeyError:
        return ""
    return ACCOUNT


def steps(path: Path, wanted: Answers, *, is_done: bool) -> list[str]:
    """Each step as a command with a comment; ``is_done`` says that it is no dry run."""
    return [f"{command}  # {why}" for command, why in _steps(path, wanted, is_done)]


def _steps(path: Path, wanted: Answers, is_done: bool) -> Iterator[tuple[str, str]]:
    is_usual = path in (settings_file.SYSTEM_FILE, settings_file.user_file())
    more = "" if is_usual else f" --config {shlex.quote(str(path))}"
    if not wanted.group and (group := group_of_service(path)):
        yield f"robo-xp init{more} --group {group}", "shares all with the group of the service"
    place = wanted.token_file or str(path.parent / "token")
    if not wanted.token_file or (is_done and not os.path.exists(place)):
        yield f"robo-xp init{more} --read-token", f"stores the bot's token in {place}"
    yield f"robo-xp daemon invite{more}", "prints the link that invites the bot"
    yield f"robo-xp doctor{more}", "looks whether all is well"
    yield from _to_start(path, more, wanted.group)


def _to_start(path: Path, more: str, group: str) -> Iterator[tuple[str, str]]:
    is_root = os.geteuid() == 0
    how = "systemctl" if is_root else "systemctl --user"
    if is_root and is_of_system(path) and group not in ("", ACCOUNT):
        yield f"{how} edit {UNIT}", f"add Group={group} to [Service], else it is {ACCOUNT}"
    has_unit = any(for_user != is_root for _, for_user in units_found(os.environ))
    if has_unit and path == _read_by_service(is_root):
        yield f"{how} enable {UNIT}", "starts it with the machine"
        yield f"{how} restart {UNIT}", "connects to Discord"
        return
    yield f"robo-xpd{more}", "connects to Discord"
    if path == _read_by_service(is_root):
        yield f"robo-xp service install{'' if is_root else ' --user'}", "has systemd run it"


def _read_by_service(is_root: bool) -> Path:
    """The configuration file that the service of the machine, or of this account, finds."""
    return settings_file.SYSTEM_FILE if is_root else settings_file.user_file()
