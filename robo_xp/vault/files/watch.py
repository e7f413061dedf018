"""Tells which namespaces of a vault changed, whoever changed them, at the price of a ``stat`` each.

For those who follow many namespaces and cannot afford to open them all at each look.
"""

from __future__ import annotations

import os

from robo_xp.vault.files.options import Place
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.port import Vault

_Seen = tuple[int, ...] | None


class Watch:
    """The namespaces whose names start with ``prefix``, which ends in a slash; not thread-safe."""

    def __init__(self, vault: Vault, prefix: str) -> None:
        """Start without having seen anything, so that the first look finds them all changed."""
        self._vault = vault
        self._prefix = prefix
        self._folders: dict[str, _Seen] = {}
        self._seen: dict[str, _Seen] = {}

    def changed(self) -> list[str]:
        """The namespaces that may have changed since the last look, new ones among them."""
        if not isinstance(self._vault, FileVault):
            return self._changed_in_memory(self._vault)
        root = self._vault.root
        if self._folders_changed(root):
            for name in self._vault.names(self._prefix):
                self._seen.setdefault(name, None)
        found = []
        for name, before in self._seen.items():
            now = _journal_stamp(Place.of(root, name).journal)
            if now != before:
                self._seen[name] = now
                found.append(name)
        return found

    def _folders_changed(self, root: str) -> bool:
        """Whether a folder changed: files were made or replaced in it."""
        top = os.path.join(root, self._prefix)
        folders = {folder: _stamp(folder) for folder in [top, *_folders_in(top)]}
        if folders == self._folders:
            return False
        self._folders = folders
        return True

    def _changed_in_memory(self, vault: Vault) -> list[str]:
        """The same for a vault without files."""
        found = []
        for name in vault.names(self._prefix):
            now = (vault.namespace(name).read().seq,)
            if self._seen.get(name) != now:
                self._seen[name] = now
                found.append(name)
        return found


def _folders_in(folder: str) -> list[str]:
    """The folders below, none where there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if entry.is_dir()]
    except OSError:
        return []


def _stamp(path: str) -> _Seen:
    """What differs when a folder got or lost an entry; None where there is none."""
    try:
        return (os.stat(path).st_mtime_ns,)
    except OSError:
        return None


def _journal_stamp(path: str) -> _Seen:
    """What differs when a journal was appended to or replaced; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size
