"""What changed and how much room it takes, at the price of a ``stat``; opens nothing but folders.

For those who ask often and about all namespaces, so that none is taken into memory for it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress

from robo_xp.errors import VaultUnavailable
from robo_xp.vault.files.disk import Files
from robo_xp.vault.name import CURSORS, GLOBAL, KINDS, NamespaceKind, is_namespace
from robo_xp.vault.port import Sizes, Usage

_ARCHIVE = "archive"
DAY_MS = 86_400_000
_TAIL = 1 << 16
_MADE = re.compile(rb'^\{"seq":\d+,"ts":(\d+),', re.MULTILINE)
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


def usage_of(root: str, files: Files) -> dict[NamespaceKind, Usage]:
    """The room that each kind of namespace takes in the data folder."""
    found: dict[str, list[int]] = {kind: [0, 0, 0, 0] for kind in KINDS}
    for path, what in files.tree(root):
        top, _, rest = path.partition(os.sep)
        is_kept = top == _ARCHIVE
        numbers = found.get(_kind_of(rest if is_kept else path))
        if numbers is None or not stat.S_ISREG(what.st_mode):
            continue
        if is_kept:
            numbers[3] += what.st_size
        elif path.endswith(".journal"):
            numbers[0] += 1
            numbers[2] += what.st_size
        elif path.endswith(".json"):
            numbers[1] += what.st_size
    return {kind: Usage(found[kind][0], Sizes(*found[kind][1:])) for kind in KINDS}


def _kind_of(path: str) -> str:
    """What kind of namespace a file belongs to; its path is meant from the vault's folder."""
    return path.partition(os.sep)[0].partition(".")[0]


def archived_stamps(kind: NamespaceKind, root: str, files: Files) -> set[str]:
    """What stands in the archive for a kind of namespaces."""
    names = {str(kind)}
    for _ in range(0 if kind in (GLOBAL, CURSORS) else 2 if kind == "xp" else 1):
        folders = {name: os.path.join(root, _ARCHIVE, name) for name in names}
        names = {
            f"{name}/{inner}"
            for name, folder in folders.items()
            if files.is_folder(folder)
            for inner in files.names_in(folder)
        }
    return names


def names_for(guild_id: str, root: str, files: Files) -> list[str]:
    """What a guild's stores would be called, of all stores that any guild has, sorted."""
    tops = os.path.join(root, "xp"), os.path.join(root, _ARCHIVE, "xp")
    stores = {store for top in tops for store in files.names_in(top)}
    return sorted(filter(is_namespace, (f"xp/{store}/{guild_id}" for store in stores)))


def times_in(path: str, files: Files) -> list[int]:
    """When the first and the last lines of a journal were made; empty where none can be read."""
    try:
        fd = files.open(path, os.O_RDONLY)
    except OSError:
        return []
    try:
        size = os.fstat(fd).st_size
        ends = files.read(fd, _TAIL, 0), files.read(fd, _TAIL, max(size - _TAIL, 0))
    except OSError:
        return []
    finally:
        files.close(fd)
    return [int(made) for data in ends for made in _MADE.findall(data)]


def believed_time(times: Iterable[int]) -> int:
    """The latest of the times, in their order, that is no leap of a clock; 0 without any.

    A leap of more than a day is believed when what follows it goes on for a day, and one back at
    once: whoever removes what is older removes less then.
    """
    known, leapt = 0, None
    for time in times:
        if not known or time <= known + DAY_MS:
            known, leapt = (time if time < known - DAY_MS else max(known, time)), None
        elif leapt is None or time < leapt:
            leapt = time
        elif time - leapt >= DAY_MS:
            known, leapt = time, None
    return known
