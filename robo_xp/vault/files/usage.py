"""How much room a vault takes on the disk, by kind of namespace; opens nothing but folders.

For those who ask often and about all namespaces, so that none is taken into memory for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from robo_xp.vault.name import KINDS, NamespaceKind
from robo_xp.vault.port import Sizes, Usage

_ARCHIVE = "archive"


def usage_of(root: str) -> dict[NamespaceKind, Usage]:
    """The room that each kind of namespace takes in the data folder."""
    found: dict[str, list[int]] = {kind: [0, 0, 0, 0] for kind in KINDS}
    for path, size in _files(root):
        top, _, rest = path.partition(os.sep)
        is_kept = top == _ARCHIVE
        numbers = found.get(_kind_of(rest if is_kept else path))
        if numbers is None:
            continue
        if is_kept:
            numbers[3] += size
        elif path.endswith(".journal"):
            numbers[0] += 1
            numbers[2] += size
        elif path.endswith(".json"):
            numbers[1] += size
    return {kind: Usage(found[kind][0], Sizes(*found[kind][1:])) for kind in KINDS}


def _kind_of(path: str) -> str:
    """What kind of namespace a file belongs to; its path is meant from the vault's folder."""
    return path.partition(os.sep)[0].partition(".")[0]


def _files(root: str, below: str = "") -> Iterator[tuple[str, int]]:
    """Path, from the root, and size of every file; what goes away meanwhile is left out."""
    try:
        with os.scandir(os.path.join(root, below)) as entries:
            for entry in entries:
                path = os.path.join(below, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(root, path)
                elif entry.is_file(follow_symlinks=False):
                    yield path, entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return
