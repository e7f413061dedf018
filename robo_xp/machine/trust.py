"""Whether nobody but this account and root can change a file: what is run has to be beyond others.

A file is only as safe as the folder that it lies in, and that as the folder above it, up to the
root; of a link this holds for the link and for what it leads to.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

_OTHERS = 0o022
_ROOT = 0


def fault_of(path: Path, owners: Collection[int]) -> str | None:
    """What lets others change the file or folder, in words; None where only ``owners`` and root
    can. Raises OSError for what cannot be looked at.
    """
    trusted = {_ROOT, *owners}
    seen: set[Path] = set()
    for way in (Path(os.path.abspath(path)), Path(os.path.realpath(path))):
        for place, is_above in _way_to(way):
            if place not in seen and (fault := _fault_at(place, trusted, is_above=is_above)):
                return fault
            seen.add(place)
    return None


def _way_to(path: Path) -> Iterator[tuple[Path, bool]]:
    """The path, the folder that holds a file, and all folders above, which only lead there."""
    yield path, False
    is_folder = path.is_dir()
    for depth, folder in enumerate(path.parents):
        yield folder, is_folder or depth > 0


def _fault_at(place: Path, trusted: Collection[int], *, is_above: bool) -> str | None:
    found = os.lstat(place)
    if found.st_uid not in trusted:
        return f"{place} belongs to another account ({found.st_uid})"
    # in a folder such as /tmp nobody can replace what somebody else has put there
    keeps = is_above and found.st_mode & stat.S_ISVTX
    if stat.S_ISLNK(found.st_mode) or keeps or not found.st_mode & _OTHERS:
        return None
    return f"others may write {place} (mode {stat.S_IMODE(found.st_mode):04o})"
