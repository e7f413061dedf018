"""A vault on PostgreSQL through PgBouncer in transaction mode."""

from __future__ import annotations

import threading

import pytest

from robo_xp import RoboXP
from robo_xp.vault.postgres.vault import PostgresVault
from tests import postgres
from tests.conftest import NO_POOLER, NOT_TRIED
from tests.vault.acts import ANN, GUILD, NAME, content, give

WRITERS, TURNS = 6, 12


def test_all_works_through_a_pooler_in_transaction_mode(
    postgresql_server: postgres.Server | None,
) -> None:
    """More programs than connections write, read, rank, undo and hold a lease; nothing is lost."""
    if postgresql_server is None:
        pytest.skip(NOT_TRIED)
    with postgres.pooler(postgresql_server) as place:
        if place is None:
            pytest.skip(NO_POOLER)
        address = f"{place}&schema=pooled"
        vaults = [PostgresVault(address, durability="os", cold_from=3) for _ in range(WRITERS)]

        def write(vault: PostgresVault) -> None:
            for _ in range(TURNS):
                give(vault.namespace(NAME), ANN, 1)
                vault.namespace(NAME).read()

        threads = [threading.Thread(target=write, args=(vault,)) for vault in vaults]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with vaults[0].only("daemon", lambda: None):
            give(vaults[0].namespace(NAME), ANN, 1)
        numbers = [batch.seq for batch in vaults[1].namespace(NAME).batches()]
        total = WRITERS * TURNS + 1

        assert content(vaults[1].namespace(NAME)) == {"users": {ANN: {"xp": total}}}
        assert numbers == list(range(1, total + 1))
        for vault in vaults:
            vault.close()
        with RoboXP.open(f"{place}&schema=pooled_2") as robo:
            robo.xp.add(GUILD, ANN, 700)
            robo.history.undo(NAME, robo.xp.add(GUILD, ANN, 5).seq or 0)
            assert robo.xp.get(GUILD, ANN) == 700
            assert robo.maintenance.check().damaged == []
