"""Files outside the vault, written as a whole or not at all: the only place that does it."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from robo_xp.errors import FileFailed, FileMissing

_BESIDE: Final = re.compile(r"\..+\.[0-9]+\.new")


def write_whole(
    path: Path, content: str | bytes, *, mode: int | None = None, lasts: bool = True
) -> int:
    """Put the content there, lasting, and nothing of it where that fails; its size in bytes.

    Of a link the file where it leads is replaced. A file that is there keeps its owner, and its
    mode unless one is given; a new one has what the account gives new files. What cannot be
    replaced, a pipe or a device, is written to. What need not last, because it can be made again,
    may be cut short once the machine loses its power.

    Raises FileMissing where there is no folder, and FileFailed.
    """
    data = content.encode() if isinstance(content, str) else content
    target = Path(os.path.realpath(path))
    try:
        found = target.stat() if target.exists() else None
        if found is not None and not stat.S_ISREG(found.st_mode):
            target.write_bytes(data)
            return len(data)
        _replace(target, data, found, mode, lasts=lasts)
        if lasts:
            _keep_name(target.parent)
    except FileNotFoundError:
        raise FileMissing(f"there is no folder {target.parent}") from None
    except OSError as error:
        raise FileFailed.of(path, "written", error) from None
    return len(data)


def is_leftover(path: Path) -> bool:
    """Whether the file is what a write left that was cut off, if none is going on."""
    return _BESIDE.fullmatch(path.name) is not None


def _replace(
    target: Path, data: bytes, found: os.stat_result | None, mode: int | None, *, lasts: bool
) -> None:
    """Write beside the file, down to the disk where it is to last, and put that in its place."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            _take_after(file.fileno(), found, mode)
            file.write(data)
            file.flush()
            if lasts:
                os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """Bring down to the disk which files the folder has."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _take_after(fd: int, found: os.stat_result | None, mode: int | None) -> None:
    """Give the file the owner of the one that it replaces, and the mode that it shall have."""
    if found is not None:
        with suppress(PermissionError):
            os.fchown(fd, found.st_uid, found.st_gid)
        if mode is None:
            mode = stat.S_IMODE(found.st_mode)
    if mode is not None:
        os.fchmod(fd, mode)
