"""What ``init`` does, step by step: each is looked at first and done only where it is needed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robo_xp import descent
from robo_xp.errors import ConfigExists, InvalidValue, Refused, TokenExists
from robo_xp.machine.whole_file import write_whole
from robo_xp_cli.nouns.daemon.service_units import ACCOUNT
from robo_xp_cli.nouns.setup import init_file, init_sharing
from robo_xp_cli.show.words import visible_text

PRIVATE, SHARED = 0o700, 0o2770
FILE_MODE, TOKEN_MODE = 0o644, 0o600
KEPT = "kept"


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: ``result`` says what it comes to, ``kept`` that there is nothing to do."""

    what: str
    path: Path
    mode: int
    result: str
    act: Callable[[], object] = _nothing


def folder_step(
    what: str, path: Path, *, mode: int, group_id: int | None = None, opens: bool = False
) -> Step:
    """The folder made, with this mode and group; an existing one only changes for a group.

    With ``opens`` an existing one gets the rights of ``mode`` that it has not.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if path.is_symlink():
            raise Refused(
                f"{path} is a link that leads nowhere",
                advice=f"make the folder {os.path.realpath(path)}, or name another one",
            ) from None
        return Step(what, path, mode, "made", lambda: _make(path, mode, group_id))
    if not stat.S_ISDIR(found.st_mode):
        raise Refused(f"{path} is there and is no folder", advice="name another folder")
    there = stat.S_IMODE(found.st_mode)
    if opens and there & mode != mode:
        return Step(what, path, there | mode, "opened", lambda: _own(path, there | mode, None))
    if group_id is None:
        return Step(what, path, there, KEPT)
    closed = init_sharing.closed_in(path, group_id)
    if there == mode and found.st_gid == group_id and not closed:
        return Step(what, path, there, KEPT)
    return Step(what, path, mode, "shared", lambda: _share(path, mode, group_id))


def file_step(
    path: Path, wanted: init_file.Answers, *, asked: init_file.Answers, force: bool
) -> Step:
    """The configuration file written; an existing one gets what was asked for and it lacks.

    Raises Refused (exit code 4) for one that says otherwise, unless ``force`` replaces it.
    """
    what = "configuration"
    if not path.exists():
        text = init_file.text_of(wanted)
        return Step(
            what, path, FILE_MODE, "written", lambda: write_whole(path, text, mode=FILE_MODE)
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if not force:
        return _completing_step(what, path, mode, asked)
    text = init_file.text_of(wanted)
    if path.read_bytes() == text.encode():
        return Step(what, path, mode, KEPT)
    copy = init_file.free_name(path)
    return Step(
        what, path, mode, f"replaced, copy in {copy.name}", lambda: _replace(path, text, mode, copy)
    )


def token_step(path: Path, token: str, *, force: bool) -> Step:
    """The token stored for its owner alone. Refused (exit code 4) where the file is there."""
    if path.exists() and path.stat().st_size and not force:
        raise TokenExists(
            f"{path} is there already, and nothing was changed",
        )
    return Step(
        "token",
        path,
        TOKEN_MODE,
        "stored",
        lambda: write_whole(path, f"{token}\n", mode=TOKEN_MODE),
    )


def group_id_of(name: str) -> int:
    """The number of the group; InvalidValue (exit code 2) for one that is not there."""
    import grp

    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        make = (
            "robo-xp service install"
            if name == ACCOUNT
            else f"groupadd --system {visible_text(name)}"
        )
        raise InvalidValue(
            f"there is no group '{visible_text(name)}'", advice=f"make it first: {make}"
        ) from None


def _completing_step(what: str, path: Path, mode: int, asked: init_file.Answers) -> Step:
    """The keys added that the file lacks; Refused where it says otherwise of one."""
    keys, there = init_file.asked_keys(asked), init_file.there(path)
    different = [
        key
        for key, value in keys.items()
        if key in there and not init_file.is_same(key, there[key], value)
    ]
    if different:
        raise ConfigExists(
            f"{path} is there already and says otherwise of {', '.join(different)};"
            " nothing was changed",
            advice=f"edit {path}, or replace it with --force, which keeps a copy",
        )
    missing = {key: value for key, value in keys.items() if key not in there}
    if not missing:
        return Step(what, path, mode, KEPT)
    text = init_file.completed_text(path.read_text(encoding="utf-8"), missing)
    return Step(
        what,
        path,
        mode,
        f"{', '.join(missing)} added",
        lambda: write_whole(path, text, mode=mode),
    )


def _make(path: Path, mode: int, group_id: int | None) -> None:
    """Make the folder and those above it; only the last gets the mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with descent.within(str(path.parent)) as above:
        descent.make_folder(above, path.name, PRIVATE)
    _own(path, mode, group_id)


def _share(path: Path, mode: int, group_id: int) -> None:
    """Give the folder to the group, with what is in it."""
    init_sharing.open_up(path, group_id)
    _own(path, mode, group_id)


def _own(path: Path, mode: int, group_id: int | None) -> None:
    """Give the folder to the group and set its mode, in this order: a chown drops setgid."""
    try:
        with descent.within(str(path), to_list=True) as folder:
            if group_id is not None:
                os.fchown(folder, -1, group_id)
            os.fchmod(folder, mode)
    except PermissionError as error:
        raise Refused(
            f"{path} cannot be given to the group: {error.strerror}",
            advice="be a member of the group and the folder's owner, or root",
        ) from None


def _replace(path: Path, text: str, mode: int, copy: Path) -> None:
    shutil.copy2(path, copy)
    write_whole(path, text, mode=mode)
