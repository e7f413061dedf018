"""Holding a namespace against writers without opening it, for those who replace its files.

Takes what every writer takes, in the same order: the lock file, then the journal that stands at
the path. Works on damaged namespaces too, which a transaction would refuse.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.lock import WriterLock, wait_for
from robo_xp.vault.files.options import FileOptions, Place


@contextmanager
def hold_writers(place: Place, options: FileOptions) -> Iterator[None]:
    """Keep writers out of the namespace; VaultBusy, naming the holder, after the wait."""
    files = options.files
    with explain_errors("make", place.folder):
        options.prepare()
        options.say_format()
        files.make_folder(place.folder, root=options.root)
    lock = WriterLock(place.lock, files, wait=options.lock_wait)
    with ExitStack() as stack:
        stack.callback(lock.close)
        lock.acquire(options.file_mode)
        while not _hold_journal(place, options, stack):
            pass
        yield


def _hold_journal(place: Place, options: FileOptions, stack: ExitStack) -> bool:
    """Lock the journal where there is one; whether it still stands at the path then."""
    files = options.files
    with explain_errors("lock", place.journal):
        try:
            fd = files.open(place.journal, os.O_RDONLY)
        except FileNotFoundError:
            return True
        stack.callback(files.close, fd)
        if not files.try_lock(fd):
            wait_for(lambda: files.try_lock(fd), options.lock_wait, place.journal, lambda: fd)
        there = files.stat(place.journal)
        return there is not None and there.st_ino == os.fstat(fd).st_ino
