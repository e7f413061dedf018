"""Gives what is in a data folder to a group: it may have been used before it was shared."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from robo_xp.descent import is_roots_elsewhere
from robo_xp.errors import Refused

_FILE, _FOLDER = 0o060, 0o2070
_SUFFIXES = (".journal", ".json", ".lock", ".gz")
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def closed_in(folder: Path, group_id: int) -> list[Path]:
    """The folders and files of a vault that the group has not, those above others first.

    A file of another kind, such as a token, keeps its mode.
    """
    return [path for path, _ in _closed_paths(folder, group_id)]


def open_up(folder: Path, group_id: int) -> None:
    """Let the group use all of them; Refused (exit code 4) where this account may not."""
    for path, descriptor in _closed_paths(folder, group_id):
        found = os.fstat(descriptor)
        try:
            os.fchown(descriptor, -1, group_id)
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode) | _wanted_mode(found))
        except PermissionError as error:
            raise _not_given(path, error) from None


def _closed_paths(folder: Path, group_id: int) -> Iterator[tuple[Path, int]]:
    """Path and descriptor of each, reached from the folder above it and through no link.

    Whoever may write in the folder must not have root change what a link of theirs points to,
    nor what they put in the place of a folder while root is on its way.
    """
    top = folder.stat()
    for place, _, files, above in os.fwalk(folder):
        if Path(place) != folder and _is_closed(above, group_id):
            yield Path(place), above
        for name in files:
            if not name.endswith(_SUFFIXES):
                continue
            path = Path(place, name)
            try:
                descriptor = os.open(name, _OPEN, dir_fd=above)
            except OSError as error:
                # a temporary file of somebody at work, a link, or what nobody can open
                if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
                    continue
                raise _not_given(path, error) from None
            try:
                if _is_closed(descriptor, group_id) and not is_roots_elsewhere(
                    os.fstat(descriptor), top
                ):
                    yield path, descriptor
            finally:
                os.close(descriptor)


def _is_closed(descriptor: int, group_id: int) -> bool:
    found = os.fstat(descriptor)
    return _is_plain(found) and not _is_open(found, group_id)


def _is_plain(found: os.stat_result) -> bool:
    """Whether it is a folder, or a file that has no name elsewhere; an archive has two."""
    is_file = stat.S_ISREG(found.st_mode) and found.st_nlink <= 2
    return stat.S_ISDIR(found.st_mode) or is_file


def _is_open(found: os.stat_result, group_id: int) -> bool:
    wanted = _wanted_mode(found)
    return found.st_gid == group_id and found.st_mode & wanted == wanted


def _wanted_mode(found: os.stat_result) -> int:
    return _FOLDER if stat.S_ISDIR(found.st_mode) else _FILE


def _not_given(path: Path, error: OSError) -> Refused:
    return Refused(
        f"{path} cannot be given to the group: {error.strerror}",
        advice="be a member of the group and the owner of all files, or root",
    )
