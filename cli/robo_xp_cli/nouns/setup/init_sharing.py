"""Gives what is in a data folder to a group: it may have been used before it was shared."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from robo_xp.errors import Refused

_FILE, _FOLDER = 0o060, 0o2070
_SUFFIXES = (".journal", ".json", ".lock", ".gz")
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def closed_in(folder: Path, group_id: int) -> Iterator[Path]:
    """The folders and files of a vault that the group has not, those above others first.

    A file of another kind, such as a token, keeps its mode.
    """
    for place, names, files in os.walk(folder):
        for name in (*names, *(name for name in files if name.endswith(_SUFFIXES))):
            path = Path(place, name)
            try:
                found = path.lstat()
            except FileNotFoundError:  # a temporary file of somebody at work
                continue
            if _is_plain(found) and not _is_open(found, group_id):
                yield path


def open_up(path: Path, group_id: int) -> None:
    """Let the group use it; Refused (exit code 4) where this account may not."""
    try:
        # whoever owns the folder must not have root change what a link of theirs points to
        descriptor = os.open(path, _OPEN)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _not_given(path, error) from None
    try:
        found = os.fstat(descriptor)
        if _is_plain(found):
            os.fchown(descriptor, -1, group_id)
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) | _wanted(found))
    except PermissionError as error:
        raise _not_given(path, error) from None
    finally:
        os.close(descriptor)


def _is_plain(found: os.stat_result) -> bool:
    """Whether it is a folder, or a file that has no name elsewhere; an archive has two."""
    is_file = stat.S_ISREG(found.st_mode) and found.st_nlink <= 2
    return stat.S_ISDIR(found.st_mode) or is_file


def _is_open(found: os.stat_result, group_id: int) -> bool:
    wanted = _wanted(found)
    return found.st_gid == group_id and found.st_mode & wanted == wanted


def _wanted(found: os.stat_result) -> int:
    return _FOLDER if stat.S_ISDIR(found.st_mode) else _FILE


def _not_given(path: Path, error: OSError) -> Refused:
    return Refused(
        f"{path} cannot be given to the group: {error.strerror}",
        advice="be a member of the group and the owner of all files, or root",
    )
