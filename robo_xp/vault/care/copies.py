"""Which copies beside a vault's own files still name somebody: backups, what was set aside."""

from __future__ import annotations

import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress

from robo_xp.errors import RoboXPError
from robo_xp.vault.care.backup import unpacking
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.several.intent import KEPT_FOLDER, SCRATCH_FOLDER
from robo_xp.vault.name import is_namespace
from robo_xp.vault.packed import unpack_all

_BACKUP = ".tar.gz"


def copies_naming(user_id: str, root: str, backups: str, files: Files) -> list[str]:
    """The paths of what beside the namespaces names the id: files, and folders of restores."""
    found = re.compile(rb"(?<![0-9])%b(?![0-9])" % user_id.encode())
    naming: dict[str, None] = {}
    for path in _copies(root, backups, files):
        place = _place(path, root)
        if place not in naming and any(map(found.search, _parts(path, files))):
            naming[place] = None
    return [*naming]


def _place(path: str, root: str) -> str:
    """What an operator removes for the copy: the folder of a restore that it is in, or itself."""
    top = os.path.relpath(path, root).partition(os.sep)[0]
    is_of_restore = KEPT_FOLDER.fullmatch(top) or SCRATCH_FOLDER.fullmatch(top)
    return os.path.join(root, top) if is_of_restore else path


def _copies(root: str, backups: str, files: Files) -> Iterator[str]:
    """Backups in the usual place, and what in the data folder belongs to no namespace."""
    with explain_errors("list", backups):
        names = files.names_in(backups)
    for name in names:
        if name.endswith(_BACKUP):
            yield os.path.join(backups, name)
    for below, status in files.tree(root):
        if stat.S_ISREG(status.st_mode) and not _is_live(below):
            yield os.path.join(root, below)


def _is_live(below: str) -> bool:
    """Whether the file is one of a namespace: its snapshot, journal, lock or archive."""
    inside = below.removeprefix("archive/")
    if inside != below:
        return is_namespace(os.path.dirname(inside))
    name, suffix = os.path.splitext(below)
    return is_namespace(name) and suffix in (".json", ".journal", ".lock")


def _parts(path: str, files: Files) -> Iterator[bytes]:
    """What is in a file, unpacked as far as it can be."""
    with suppress(OSError, RoboXPError):
        if not path.endswith(_BACKUP):
            yield _unfolded_data(files.read_whole(path))
            return
        with unpacking(path) as members:
            for _, _, inside in members:
                yield _unfolded_data(inside.read())


def _unfolded_data(data: bytes) -> bytes:
    """The data, unpacked where it is a folded journal."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    with suppress(OSError, EOFError, zlib.error):
        return unpack_all(data)
    return data
