"""How much room a vault takes on the disk, by kind of namespace; opens nothing but folders.

For those who ask often and about all namespaces, so that none is taken into memory for it.
"""

from __future__ import annotations

import os
import stat

from robo_xp.vault.files.disk import Files
from robo_xp.vault.name import KINDS, NamespaceKind
from robo_xp.vault.port import Sizes, Usage

_ARCHIVE = "archive"


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
