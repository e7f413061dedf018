"""What ``init`` does, step by step: each is looked at first and done only where it is needed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robo_xp.errors import InvalidValue, Refused
from robo_xp_cli import init_file
from robo_xp_cli.text import shown

PRIVATE, SHARED = 0o700, 0o2770
FILE_MODE, TOKEN_MODE = 0o644, 0o600


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: ``result`` says what it comes to, ``kept`` that there is nothing to do."""

    what: str
    path: Path
    mode: int
    result: str
    act: Callable[[], None] = _nothing


def folder_step(what: str, path: Path, *, mode: int, group_id: int | None = None) -> Step:
    """The folder made, with this mode and group; an existing one only changes for a group."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return Step(what, path, mode, "made", lambda: _make(path, mode, group_id))
    if not stat.S_ISDIR(found.st_mode):
        raise Refused(f"{path} is there and is no folder", advice="name another folder")
    there = stat.S_IMODE(found.st_mode)
    if group_id is None or (there == mode and found.st_gid == group_id):
        return Step(what, path, there, "kept")
    return Step(what, path, mode, "mode set", lambda: _own(path, mode, group_id))


def file_step(
    path: Path, wanted: init_file.Answers, *, asked: init_file.Answers, force: bool
) -> Step:
    """The configuration file written; an existing one is kept if it says what was asked for.

    Raises Refused (exit code 4) for one that says otherwise, unless ``force`` replaces it.
    """
    what = "configuration"
    if not path.exists():
        text = init_file.text_of(wanted)
        return Step(
            what, path, FILE_MODE, "written", lambda: init_file.write(path, text, mode=FILE_MODE)
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if not force:
        _refuse_other(path, asked)
        return Step(what, path, mode, "kept")
    text = init_file.text_of(wanted)
    if path.read_bytes() == text.encode():
        return Step(what, path, mode, "kept")
    copy = init_file.free_name(path)
    return Step(
        what, path, mode, f"replaced, copy in {copy.name}", lambda: _replace(path, text, mode, copy)
    )


def token_step(path: Path, token: str, *, force: bool) -> Step:
    """The token stored for its owner alone. Refused (exit code 4) where the file is there."""
    if path.exists() and not force:
        raise Refused(
            f"{path} is there already, and nothing was changed",
            advice="remove it, or replace it with --force",
            code="TOKEN_EXISTS",
        )
    return Step(
        "token",
        path,
        TOKEN_MODE,
        "stored",
        lambda: init_file.write(path, f"{token}\n", mode=TOKEN_MODE),
    )


def group_id_of(name: str) -> int:
    """The number of the group; InvalidValue (exit code 2) for one that is not there."""
    import grp

    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise InvalidValue(
            f"there is no group '{shown(name)}'",
            advice=f"make it first: groupadd --system {shown(name)}",
        ) from None


def _refuse_other(path: Path, asked: init_file.Answers) -> None:
    different = init_file.differences(path, asked)
    if different:
        raise Refused(
            f"{path} is there already and says otherwise of {', '.join(different)};"
            " nothing was changed",
            advice=f"edit {path}, or replace it with --force, which keeps a copy",
            code="CONFIG_EXISTS",
        )


def _make(path: Path, mode: int, group_id: int | None) -> None:
    """Make the folder and those above it; only the last gets the mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    _own(path, mode, group_id)


def _own(path: Path, mode: int, group_id: int | None) -> None:
    """Give the folder to the group and set its mode, in this order: a chown drops setgid."""
    try:
        if group_id is not None:
            os.chown(path, -1, group_id)
        os.chmod(path, mode)
    except PermissionError as error:
        raise Refused(
            f"{path} cannot be given to the group: {error.strerror}",
            advice="be a member of the group and the folder's owner, or root",
        ) from None


def _replace(path: Path, text: str, mode: int, copy: Path) -> None:
    shutil.copy2(path, copy)
    init_file.write(path, text, mode=mode)
