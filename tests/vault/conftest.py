"""Vaults to test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robo_xp.vault import Namespace, Vault
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.memory import MemoryVault
from tests.vault.acts import NAME, HandClock


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands still until a test moves it."""
    return HandClock()


@pytest.fixture(params=["file", "memory"])
def vault(request: pytest.FixtureRequest, data_dir: Path, clock: HandClock) -> Iterator[Vault]:
    """An empty vault of each kind."""
    made: Vault
    if request.param == "file":
        made = FileVault(data_dir, durability="os", clock=clock)
    else:
        made = MemoryVault(clock=clock)
    yield made
    made.close()


@pytest.fixture
def namespace(vault: Vault) -> Namespace:
    """An empty namespace of each kind of vault."""
    return vault.namespace(NAME)


@pytest.fixture
def file_vault(data_dir: Path, clock: HandClock) -> Iterator[FileVault]:
    """An empty vault on disk."""
    made = FileVault(data_dir, durability="os", clock=clock)
    yield made
    made.close()
