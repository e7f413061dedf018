"""The vault: the data folder, and the only code that touches disk.

Callers use ``Vault``, ``Namespace``, ``Transaction``, ``Origin`` and ``Batch``; everything else
in this package is how files make them true.
"""

from __future__ import annotations

from robo_xp.vault.files import Files
from robo_xp.vault.journal import Batch, Record
from robo_xp.vault.memory import MemoryVault
from robo_xp.vault.namespace import Namespace, Origin, Sizes, Transaction, check_text
from robo_xp.vault.state import Changes, State
from robo_xp.vault.usage import Usage, usage_of
from robo_xp.vault.vault import FileVault, Vault
from robo_xp.vault.watch import Watch

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
