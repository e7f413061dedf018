"""How much room a vault takes on the disk, by kind of namespace; opens nothing but folders.

For those who ask often and about all namespaces, so that none is taken into memory for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.port import Sizes, Vault

KINDS = ("global", "xp", "giveaways", "names", "cursors")
_ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Usage:
    """How many namespaces there are of one kind, and how many bytes they take together."""

    namespaces: int
    sizes: Sizes


def usage_of(vault: Vault) -> dict[str, Usage]:
    """The room that each kind of namespace takes; nothing for a vault without files."""
    found = {kind: [0, 0, 0, 0] for kind in KINDS}
    if isinstance(vault, FileVault):
        for path, size in _files(vault.root):
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
    return {kind: Usage(numbers[0], Sizes(*numbers[1:])) for kind, numbers in found.items()}


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
