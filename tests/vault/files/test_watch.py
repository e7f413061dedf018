"""Which namespaces changed, at the price of a look."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp.vault import Origin, Vault
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.files.watch import Watch
from robo_xp.vault.memory import MemoryVault

ORIGIN = Origin("test", "watch")
ONE, TWO = "xp/default/100000000000000001", "xp/other/100000000000000002"


def commit(vault: Vault, name: str) -> None:
    """One more batch in the namespace."""
    namespace = vault.namespace(name)
    with namespace.transaction(ORIGIN) as transaction:
        transaction.put("users", "1", {"xp": namespace.read().seq})


@pytest.fixture(params=["file", "memory"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Vault, Vault]:
    """A vault to write and one to watch: two handles on disk, one in memory."""
    if request.param == "memory":
        vault = MemoryVault()
        return vault, vault
    return FileVault(tmp_path, durability="os"), FileVault(tmp_path)


def test_each_change_is_seen_once(pair: tuple[Vault, Vault]) -> None:
    """New namespaces and new batches show up at the next look, and only there."""
    writing, watched = pair
    watch = Watch(watched, "xp/")
    assert watch.changed() == []
    commit(writing, ONE)
    commit(writing, "global")
    assert watch.changed() == [ONE]
    assert watch.changed() == []
    commit(writing, TWO)
    commit(writing, ONE)
    assert sorted(watch.changed()) == [ONE, TWO]
    commit(writing, TWO)
    assert watch.changed() == [TWO]


def test_a_compaction_is_a_change(tmp_path: Path) -> None:
    """A journal that was replaced may hold anything."""
    vault = FileVault(tmp_path, durability="os")
    commit(vault, ONE)
    watch = Watch(vault, "xp/")
    assert watch.changed() == [ONE]
    vault.namespace(ONE).compact()

    assert watch.changed() == [ONE]
