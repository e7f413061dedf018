"""What the tests of the vault do over and over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robo_xp.model.events import XpChanged
from robo_xp.vault import Namespace, Origin
from robo_xp.vault.batch import Batch
from robo_xp.vault.files.namespace import FileNamespace
from robo_xp.vault.files.vault import FileVault

GUILD = "123456789012345678"
NAME = f"xp/default/{GUILD}"
ANN = "811111111111111111"
BOB = "822222222222222222"
CARL = "833333333333333333"
ORIGIN = Origin("cli:alice", "xp give")

Content = dict[str, dict[str, Mapping[str, Any]]]


@dataclass
class HandClock:
    """A clock that tests set."""

    at: int = 1_732_170_000_000

    def now_ms(self) -> int:
        return self.at


@dataclass
class Heard:
    """A listener that remembers."""

    told: list[tuple[str, Batch]] = field(default_factory=list)

    def __call__(self, name: str, batch: Batch) -> None:
        self.told.append((name, batch))


def give(namespace: Namespace, user_id: str = ANN, xp: int = 10) -> int:
    """Add XP in one batch; the number of the batch."""
    with namespace.transaction(ORIGIN) as transaction:
        record = dict(transaction.get("users", user_id) or {"xp": 0})
        record["xp"] += xp
        transaction.put("users", user_id, record)
        transaction.event(XpChanged(user_id, record["xp"] - xp, record["xp"], xp))
    assert transaction.seq is not None
    return transaction.seq


def content(namespace: Namespace) -> Content:
    """All records that a reader gets now, without empty tables."""
    tables = namespace.read().tables
    return {name: dict(table) for name, table in tables.items() if table}


def disk_content(root: Path, name: str = NAME) -> Content:
    """All records that a handle opened just now gets."""
    vault = FileVault(root)
    try:
        return content(vault.namespace(name))
    finally:
        vault.close()


def on_disk(vault: FileVault, name: str = NAME) -> FileNamespace:
    """The namespace, known to be one on disk."""
    namespace = vault.namespace(name)
    assert isinstance(namespace, FileNamespace)
    return namespace


def path_of(root: Path, suffix: str, name: str = NAME) -> Path:
    """A file of the namespace: ``.journal``, ``.json``, ``.lock``."""
    return root / f"{name}{suffix}"
