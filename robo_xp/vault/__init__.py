"""The vault: the data folder, and the only code that touches disk.

Callers use ``Vault``, ``Namespace``, ``Transaction``, ``Origin`` and ``Batch``; everything else
in this package is how files make them true.
"""

from __future__ import annotations

from robo_xp.vault.files.disk import Files
from robo_xp.vault.files.journal import Batch, Record
from robo_xp.vault.files.usage import Usage, usage_of
from robo_xp.vault.files.vault import FileVault, Vault
from robo_xp.vault.files.watch import Watch
from robo_xp.vault.memory import MemoryVault
from robo_xp.vault.port import Namespace, Origin, Sizes, Transaction, check_text
from robo_xp.vault.state import Changes, State

__all__ = [
    "Batch",
    "Changes",
    "FileVault",
    "Files",
    "MemoryVault",
    "Namespace",
    "Origin",
    "Record",
    "Sizes",
    "State",
    "Transaction",
    "Usage",
    "Vault",
    "Watch",
    "check_text",
    "usage_of",
]
