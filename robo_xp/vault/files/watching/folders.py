"""Which namespaces on disk changed, as the kernel tells it of their folders.

A few folders are watched, and no files. What the kernel cannot tell (a network file system, a
queue that ran over, a folder that was replaced) is found by a look at all.
"""

from __future__ import annotations

import logging
import os
import select
import time
from typing import Final

from robo_xp import descent
from robo_xp.vault.files.watching.inotify import (
    ENTRIES,
    IS_FOLDER,
    ITSELF,
    MODIFIED,
    OVERFLOW,
    Inotify,
    tells_all,
)
from robo_xp.vault.name import NamespaceKind
from robo_xp.vault.watch import Looked, Watch

log = logging.getLogger("robo_xp.vault")

QUIET_SECONDS: Final = 0.1
"""For so long what happens is collected, after something was told."""

WHOLE_LOOK_SECONDS: Final = 60.0
"""So often is looked at all, whatever was told."""

_JOURNAL: Final = ".journal"


class FolderWatch(Watch):
    """Hears of changes in the folder of a kind of namespaces below ``root``."""

    def __init__(self, vault: Looked, kind: NamespaceKind, root: str) -> None:
        super().__init__(vault, kind)
        self._root = root
        self._told: Inotify | None = None
        self._folders: dict[int, str] = {}
        self._quiet_until = 0.0
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._can_hear = self._is_told_of_all()
        self._woken_by, self._anything = select.poll(), select.poll()
        for poll in (self._woken_by, self._anything):
            poll.register(self._wake_fd, select.POLLIN)

    def changed(self, most: float | None = None) -> list[str]:
        """What may have changed since the last call, as soon as anything has; at first all.

        Nothing when another thread called ``wake``, or after ``most`` seconds.
        """
        if self._can_hear and self._told is None:
            self._listen()
            return self._look_at_all()
        left = self._left(most)
        quiet = min(max(self._quiet_until - time.monotonic(), 0.0), left)
        if self._is_woken(self._woken_by, quiet) or self._is_woken(self._anything, left - quiet):
            return []
        if self._told is not None and self._is_anything_told():
            return self._heard_names(self._told) or self._look_if_due()
        return self._look_if_due()

    def wake(self) -> None:
        """Let ``changed`` return now."""
        os.eventfd_write(self._wake_fd, 1)

    def close(self) -> None:
        """Hear nothing more."""
        self._hear_no_more()
        fd, self._wake_fd = self._wake_fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        """Give back what was forgotten."""
        if hasattr(self, "_wake_fd"):
            self.close()

    def _is_woken(self, poll: select.poll, seconds: float) -> bool:
        """Whether somebody woke us before something happened, or the time was over."""
        ready = poll.poll(seconds * 1000)
        if not any(fd == self._wake_fd for fd, _ in ready):
            return False
        os.eventfd_read(self._wake_fd)
        return True

    def _is_anything_told(self) -> bool:
        """Whether something happened, and was collected for long enough."""
        return time.monotonic() >= self._quiet_until and bool(self._anything.poll(0))

    def _look_at_all(self) -> list[str]:
        found = super()._look_at_all()
        if self._told is not None:
            self._due = max(self._due, time.monotonic() + WHOLE_LOOK_SECONDS)
        return found

    def _heard_names(self, told: Inotify) -> list[str]:
        """The namespaces of which something was told; all that changed where that is unclear."""
        names, is_unclear, is_moved = set[str](), False, False
        self._quiet_until = time.monotonic() + QUIET_SECONDS
        for one in told.read():
            folder = self._folders.get(one.folder)
            if one.what & OVERFLOW:
                is_unclear = True
            elif folder is None or one.what & ITSELF:
                is_moved |= folder is not None
            elif not folder:
                is_moved |= one.entry == self._kind
            elif one.what & IS_FOLDER:
                is_moved = True
            elif one.entry.endswith(_JOURNAL):
                names.add(folder + one.entry.removesuffix(_JOURNAL))
        if is_moved:
            self._hear_no_more()
            return self.changed()
        return sorted(names.union(self._look_at_all() if is_unclear else ()))

    def _listen(self) -> None:
        """Be told of what happens from now on, where the kernel can do that."""
        try:
            told = Inotify()
            try:
                self._watch_all(told)
            except BaseException:
                told.close()
                raise
        except OSError as error:
            self._can_hear = False
            log.warning("the kernel cannot tell of changes in %s (%s), so it is looked at again"
                        " and again", self._root, error.strerror)  # fmt: skip
            return
        self._told = told
        self._anything.register(told.fd, select.POLLIN)

    def _watch_all(self, told: Inotify) -> None:
        """Watch the data folder itself, and the folders with namespaces of the kind."""
        self._folders = {}
        with descent.within(self._root, to_list=True) as fd:
            self._folders[told.watch(fd, ENTRIES | ITSELF)] = ""
        self._watch_below(told, [self._kind])
        if self._kind == "xp":
            for store in self._stores():
                self._watch_below(told, [self._kind, store])

    def _watch_below(self, told: Inotify, parts: list[str]) -> None:
        try:
            with descent.within(self._root, parts, to_list=True) as fd:
                number = told.watch(fd, ENTRIES | ITSELF | MODIFIED)
        except FileNotFoundError:
            return  # the folder above tells when it comes
        self._folders[number] = "/".join(parts) + "/"

    def _stores(self) -> list[str]:
        try:
            with descent.within(self._root, [self._kind], to_list=True) as fd:
                names = descent.names_in(fd)
                return [name for name in names if _is_folder(fd, name)]
        except FileNotFoundError:
            return []

    def _hear_no_more(self) -> None:
        """Begin anew at the next call."""
        if self._told is not None:
            self._anything.unregister(self._told.fd)
            self._told.close()
            self._told = None

    def _is_told_of_all(self) -> bool:
        try:
            return tells_all(self._root)
        except (OSError, ValueError, IndexError):
            return False


def _is_folder(fd: int, name: str) -> bool:
    found = descent.look_at(fd, name)
    return found is not None and (found.st_mode & 0o170000) == 0o040000
