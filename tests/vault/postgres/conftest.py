"""Vaults on PostgreSQL to test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from robo_xp.vault.postgres.vault import PostgresVault
from tests.vault.acts import HandClock

Opened = Callable[..., PostgresVault]


@pytest.fixture
def opened(postgresql_address: str, clock: HandClock) -> Iterator[Opened]:
    """Opens handles of one vault, each as another process has it; options are the vault's own."""
    made: list[PostgresVault] = []

    def open_one(**options: object) -> PostgresVault:
        given = {"clock": clock, "durability": "os", **options}
        vault = PostgresVault(postgresql_address, **given)  # type: ignore[arg-type]  # by name
        made.append(vault)
        return vault

    yield open_one
    for vault in made:
        vault.close()


@pytest.fixture
def postgres(opened: Opened) -> PostgresVault:
    """An empty vault on PostgreSQL."""
    return opened()
