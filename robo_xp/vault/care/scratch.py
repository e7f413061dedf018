"""The folders in which restores get files ready: each is locked while its restore runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from robo_xp.vault.care.repair import stamp
from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.lock import WriterLock
from robo_xp.vault.files.options import FileOptions
from robo_xp.vault.files.several.changes import Changes
from robo_xp.vault.files.several.intent import SCRATCH_FOLDER
from robo_xp.vault.files.snapshot import free_path

_NEW_FOR_MS = 60_000
_LOCK = "restore.lock"


@contextmanager
def scratch_folder(options: FileOptions, changes: Changes) -> Iterator[str]:
    """A folder to work in, gone afterwards unless its files will be put in place from there.

    What earlier restores left is removed first.
    """
    files, root = options.files, options.root
    for left in left_folders(options, changes):
        files.remove_tree(left)
    with explain_errors("make", root):
        name = f"restore-{stamp(options)}.{os.getpid()}.new"
        folder = free_path(files, os.path.join(root, name))
        files.make_folder(folder, root=root)
    lock = WriterLock(os.path.join(folder, _LOCK), files, wait=0)
    try:
        lock.acquire(options.file_mode)
        yield folder
    finally:
        if not changes.waits_for(folder):
            files.remove_tree(folder)
        lock.close()


def left_folders(options: FileOptions, changes: Changes) -> list[str]:
    """The folders of restores that ended before they came to anything; nothing waits in them."""
    with explain_errors("list", options.root):
        names = options.files.names_in(options.root)
    paths = [os.path.join(options.root, name) for name in names if SCRATCH_FOLDER.fullmatch(name)]
    return [path for path in paths if is_left(path, options) and not changes.waits_for(path)]


def is_left(folder: str, options: FileOptions) -> bool:
    """Whether no restore is at work in the folder; one that was just made may not be locked yet."""
    files = options.files
    try:
        fd = files.open(os.path.join(folder, _LOCK), os.O_RDWR)
    except FileNotFoundError:
        return is_leftover(folder, options)
    except OSError:
        return False
    try:
        return files.try_lock(fd)
    finally:
        files.close(fd)


def is_leftover(path: str, options: FileOptions) -> bool:
    """Whether what was being written is too old for anybody to be still writing it."""
    found = options.files.stat(path)
    return found is not None and options.clock.now_ms() - found.st_mtime_ns // 10**6 > _NEW_FOR_MS
