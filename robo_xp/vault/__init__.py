"""The vault: where everything is kept, behind a port that names no engine.

Callers use ``Vault``, ``Namespace``, ``Transaction``, ``Origin`` and ``Batch``; the engines are
in ``files`` and ``memory``, and only ``files`` touches disk.
"""

from __future__ import annotations

from robo_xp.vault.batch import Batch, Record
from robo_xp.vault.port import Namespace, Sizes, Vault, check_text
from robo_xp.vault.state import Changes, State
from robo_xp.vault.transaction import Origin, Transaction

__all__ = [
    "Batch",
    "Changes",
    "Namespace",
    "Origin",
    "Record",
    "Sizes",
    "State",
    "Transaction",
    "Vault",
    "check_text",
]
