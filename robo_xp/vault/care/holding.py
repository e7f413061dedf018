"""Holding a namespace against writers without opening it, for those who replace its files.

Takes what every writer takes, in the same order: the lock file, then the journal that stands at
the path. Works on damaged namespaces too, which a transaction would refuse.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from robo_xp.vault.files.disk import explained
from robo_xp.vault.files.lock import WriterLock, wait_for
from robo_xp.vault.files.options import FileOptions, Place

_SPARE_DESCRIPTORS = 256


@contextmanager
def held(place: Place, options: FileOptions) -> Iterator[None]:
    """Keep writers out of the namespace; VaultBusy, naming the holder, after the wait."""
    files = options.files
    with explained("make", place.folder):
        options.prepare()
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
    with explained("lock", place.journal):
        try:
            fd = files.open(place.journal, os.O_RDONLY)
        except FileNotFoundError:
            return True
        stack.callback(files.close, fd)
        if not files.try_lock(fd):
            wait_for(lambda: files.try_lock(fd), options.lock_wait, place.journal, lambda: fd)
        there = files.stat(place.journal)
        return there is not None and there.st_ino == os.fstat(fd).st_ino


@contextmanager
def all_held(names: list[str], options: FileOptions) -> Iterator[None]:
    """Keep writers out of all these namespaces at once; nobody else ever holds two."""
    _allow_descriptors(2 * len(names) + _SPARE_DESCRIPTORS)
    with ExitStack() as stack:
        for name in sorted(names):
            stack.enter_context(held(Place.of(options.root, name), options))
        yield


def _allow_descriptors(count: int) -> None:
    """Let this process have so many more open files, if the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), hard))
