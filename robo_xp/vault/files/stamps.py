"""What differs when a namespace changed, whoever changed it, at the price of a ``stat``.

For those who follow many namespaces and cannot afford to open them all at each look.
"""

from __future__ import annotations

import os

Stamp = tuple[int, ...] | None


def folder_stamps(top: str) -> dict[str, Stamp]:
    """What differs when files were made or replaced in the folder or one in it."""
    return {folder: _stamp(folder) for folder in [top, *_folders_in(top)]}


def _folders_in(folder: str) -> list[str]:
    """The folders below, none where there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if entry.is_dir()]
    except OSError:
        return []


def _stamp(path: str) -> Stamp:
    """What differs when a folder got or lost an entry; None where there is none."""
    try:
        return (os.stat(path).st_mtime_ns,)
    except OSError:
        return None


def journal_stamp(path: str) -> Stamp:
    """What differs when a journal was appended to or replaced; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size
