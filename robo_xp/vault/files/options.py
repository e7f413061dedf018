"""What all namespaces of a vault on disk share, and where the files of one of them are."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from robo_xp.ports import Clock
from robo_xp.vault.files.disk import PRIVATE_FILE, SHARED_FILE, Files
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.port import Durability

COMPACT_FROM = 4 << 20


@dataclass(frozen=True, slots=True)
class FileOptions:
    """``lock_wait`` is in seconds, ``compact_from`` in bytes of a journal.

    ``prepare`` makes the data folder; ``say_format`` comes before anything in it is written that
    versions before this one do not know. ``newest_ms`` is when the newest batch of the vault was
    made, as far as that is believed.
    ``blocks`` says whether a change of several namespaces has to come first in one of them;
    ``take_up`` waits for it, or finishes it where it was left.
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
