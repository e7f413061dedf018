"""Vaults to test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robo_xp.vault import Namespace, Vault
from robo_xp.vault.engines import open_vault
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.port import VaultOptions
from tests.vault.acts import NAME, HandClock


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands still until a test moves it."""
    return HandClock()


@pytest.fixture(params=["file", "memory", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of each engine."""
    return str(request.param)


@pytest.fixture
def address(engine: str, request: pytest.FixtureRequest) -> str:
    """Where an empty vault of each kind is."""
    if engine == "postgresql":
        return str(request.getfixturevalue("postgresql_address"))
    return f"file:{request.getfixturevalue('data_dir')}" if engine == "file" else "memory:"


@pytest.fixture
def vault(address: str, clock: HandClock) -> Iterator[Vault]:
    """An empty vault of each kind."""
    made = open_vault(address, VaultOptions(clock=clock, durability="os"))
    yield made
    made.close()


@pytest.fixture
def also(engine: str, address: str, vault: Vault, clock: HandClock) -> Iterator[Vault]:
    """Another handle of the same vault, as another process has it; there is none of memory."""
    if engine == "memory":
        yield vault
        return
    made = open_vault(address, VaultOptions(clock=clock, durability="os"))
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
