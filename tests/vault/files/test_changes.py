"""Which namespaces on disk changed, at the price of a look at their files."""

from __future__ import annotations

from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import NAME, give


def test_a_compaction_is_a_change(file_vault: FileVault) -> None:
    """A journal that was replaced may hold anything."""
    give(file_vault.namespace(NAME))
    look = file_vault.changes("xp")
    assert look.changed == [NAME]
    file_vault.namespace(NAME).compact()

    assert file_vault.changes("xp", look).changed == [NAME]


def test_a_look_opens_nothing(file_vault: FileVault, data_dir: object) -> None:
    """Looks and figures take no namespace into memory, so they may be had of many."""
    give(file_vault.namespace(NAME))
    fresh = FileVault(file_vault.root)
    fresh.changes("xp")
    fresh.usage()

    assert not fresh._open
