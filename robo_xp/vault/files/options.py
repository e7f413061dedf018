"""What all namespaces of a vault on disk share, and where the files of one of them are."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, Protocol

from robo_xp.ports import Clock
from robo_xp.vault.files.disk import PRIVATE_FILE, SHARED_FILE, Files
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.port import Durability

COMPACT_FROM = 4 << 20

_WEIGHED_EVERY: Final = 256
_MANY_FILES, _OTHER_FILES = 1 << 20, 128


class Weighed(Protocol):
    """A namespace that is open."""

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""


class Room:
    """How many namespaces stay open: as many as descriptors and memory allow.

    Most of the open files that the process may have are for journals; what these leave is for
    lock files, and at least a quarter. Namespaces may take an eighth of the machine's memory, and
    at most a gigabyte: ``memory`` in bytes.
    """

    memory = min(1 << 30, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 8)

    def __init__(self, at_once: int | None = None) -> None:
        """``at_once`` says how many, whatever the machine allows."""
        self._at_once = at_once
        self._namespaces = self._lock_files = self._asked = 0
        self._guard = threading.Lock()

    def keeps_lock_file(self) -> bool:
        """Whether one more lock file may stay open while nobody holds it; ``close`` it then."""
        with self._guard:
            keeps = self._lock_files < self._most_lock_files()
            self._lock_files += keeps
            return keeps

    def closed_lock_file(self) -> None:
        """One that was kept is closed."""
        with self._guard:
            self._lock_files -= 1

    def surplus(self, namespaces: Collection[Weighed]) -> int:
        """How many of them are too many, of those that are named first."""
        self._namespaces = len(namespaces)
        surplus = max(self._namespaces - (self._at_once or _open_files() // 4 * 3), 0)
        self._asked += 1
        if self._asked % _WEIGHED_EVERY == 0:
            weights = [one.weight for one in namespaces]
            total = sum(weights)
            while total > self.memory and surplus < len(weights):
                total -= weights[surplus]
                surplus += 1
        return surplus

    def has_too_many_lock_files(self) -> bool:
        """Whether journals need what lock files have: some of these are to be closed."""
        return self._lock_files > self._most_lock_files()

    def _most_lock_files(self) -> int:
        most = _open_files()
        return self._at_once or max(most // 4, most - self._namespaces)


def _open_files() -> int:
    """How many files the vault may have open: all but some for the rest of the process."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MANY_FILES if most == resource.RLIM_INFINITY else most
    return max(most // 2, most - max(_OTHER_FILES, most // 16))


@dataclass(frozen=True, slots=True)
class FileOptions:
    """``lock_wait`` is in seconds, ``compact_from`` in bytes of a journal.

    ``prepare`` makes the data folder; ``say_format`` comes before anything in it is written that
    versions before this one do not know. ``newest_ms`` is when the newest batch of the vault was
    made, as far as that is believed.
    ``blocks`` says whether a change of several namespaces has to come first in one of them;
    ``take_up`` waits for it, or finishes it where it was left. ``room`` is how many stay open.
    """

    root: str
    files: Files
    clock: Clock
    durability: Durability
    lock_wait: float
    archive_days: int
    compact_from: int
    migrations: Migrations
    prepare: Callable[[], None]
    say_format: Callable[[], None]
    newest_ms: Callable[[], int]
    blocks: Callable[[str], bool] = lambda _: False
    take_up: Callable[[], object] = lambda: None
    room: Room = field(default_factory=Room)

    def __post_init__(self) -> None:
        """Reach all that is in the folder by descriptors only."""
        self.files.anchor(self.root)

    def file_mode(self) -> int:
        """The mode of new files: private, or for the group when the data folder is."""
        return SHARED_FILE if self.files.is_shared(self.root) else PRIVATE_FILE


@dataclass(frozen=True, slots=True)
class Place:
    """The paths of one namespace."""

    name: str
    folder: str
    snapshot: str
    journal: str
    lock: str
    archive: str

    @classmethod
    def of(cls, root: str, name: str) -> Place:
        """Where the namespace of this name is in the data folder ``root``."""
        base = os.path.join(root, name)
        return cls(
            name=name,
            folder=os.path.dirname(base),
            snapshot=f"{base}.json",
            journal=f"{base}.journal",
            lock=f"{base}.lock",
            archive=os.path.join(root, "archive", name),
        )

    def folders(self, root: str) -> list[str]:
        """The folder of the namespace and those above it, up to ``root``."""
        found = [self.folder]
        while found[-1] != root:
            found.append(os.path.dirname(found[-1]))
        return found
