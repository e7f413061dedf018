"""How long the system took: what the daemon's metrics are made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from robo_xp import RoboXP
from robo_xp.errors import VaultBusy
from robo_xp.vault import GLOBAL, Timings
from robo_xp.vault.files.vault import FileVault
from tests.vault.acts import ORIGIN, give


def test_syncs_and_waits_are_told(data_dir: Path) -> None:
    """Each sync is timed; the wait for a lock lasts over tries, and a free one is none."""
    syncs: list[float] = []
    waits: list[float] = []
    timings = Timings(syncs=syncs.append, lock_waits=waits.append)
    with RoboXP.open(data_dir, lock_wait=0.01, timings=timings) as robo:
        mine = robo.vault.namespace(GLOBAL)
        give(mine)
        made = len(syncs)
        give(mine)
        assert (len(syncs), waits) == (made + 1, [])

        with FileVault(data_dir).namespace(GLOBAL).transaction(ORIGIN):
            for _ in range(2):
                with pytest.raises(VaultBusy), mine.transaction(ORIGIN):
                    pass
        give(mine)

        (wait,) = waits
        assert wait >= 0.02
