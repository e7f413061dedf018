"""The vault: where everything is kept, behind a port that names no engine.

Callers use ``Vault``, ``Namespace``, ``Transaction``, ``Origin`` and ``Batch``; the engines are
in ``files``, ``memory`` and ``postgres``, and only ``files`` touches disk.
"""

from __future__ import annotations

from robo_xp.vault.batch import Batch, Part, Record, check_text
from robo_xp.vault.care_port import BackupRow, Care, Restored, RestoredNamespace
from robo_xp.vault.name import (
    CURSORS,
    GLOBAL,
    NamespaceKind,
    giveaways_name,
    name_of,
    names_name,
    outbox_name,
    xp_name,
)
from robo_xp.vault.port import Board, Namespace, Sizes, Timings, Usage, Vault
from robo_xp.vault.state import Changes, State
from robo_xp.vault.transaction import Origin, Transaction
from robo_xp.vault.watch import POLL_SECONDS, Look, Watch

__all__ = [
    "CURSORS",
    "GLOBAL",
    "POLL_SECONDS",
    "BackupRow",
    "Board",
    "Batch",
    "Care",
    "Changes",
    "NamespaceKind",
    "Look",
    "Namespace",
    "Origin",
    "Part",
    "Record",
    "Restored",
    "RestoredNamespace",
    "Sizes",
    "State",
    "Timings",
    "Transaction",
    "Usage",
    "Vault",
    "Watch",
    "check_text",
    "giveaways_name",
    "name_of",
    "names_name",
    "outbox_name",
    "xp_name",
]
