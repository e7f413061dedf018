"""What differs when a namespace changed, whoever changed it, at the price of a ``stat``.

For those who follow many namespaces and cannot afford to open them all at each look.
"""

from __future__ import annotations

import os
from contextlib import suppress

from robo_xp.errors import VaultUnavailable
from robo_xp.vault.files.disk import Files

Stamp = tuple[int, ...] | None


def folder_stamps(top: str, files: Files, *, holds_folders: bool) -> dict[str, Stamp]:
    """What differs when files were made or replaced in the folder, or one in it."""
    names: list[str] = []
    if holds_folders:
        with suppress(OSError):
            names = files.names_in(top)
    return {path: _stamp(path, files) for path in [top, *(os.path.join(top, n) for n in names)]}


def _stamp(path: str, files: Files) -> Stamp:
    """What differs when a folder got or lost an entry; None where there is none."""
    found = _look(path, files)
    return None if found is None else (found.st_mtime_ns,)


def journal_stamp(path: str, files: Files) -> Stamp:
    """What differs when a journal was appended to or replaced; None where there is none."""
    found = _look(path, files)
    return None if found is None else (found.st_ino, found.st_size)


def _look(path: str, files: Files) -> os.stat_result | None:
    """What stands there; None also where it may not be seen, which opening it will tell."""
    try:
        return files.look(path)
    except VaultUnavailable:
        return None
