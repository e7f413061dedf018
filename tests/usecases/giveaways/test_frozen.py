"""Giveaways that an earlier version wrote: they load, verify and go on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from robo_xp import RoboXP
from robo_xp.usecases.giveaways.use import Giveaways
from tests.rules.giveaway import second_draw
from tests.usecases.giveaways.drawn import NAMESPACE, ROLE
from tests.usecases.small import ANN, GUILD

DATA = Path(__file__).parents[2] / "data"
MESSAGE = "5" * 18


def opened(tmp_path: Path) -> RoboXP:
    """A handle on a copy of the frozen vault."""
    shutil.copytree(DATA / "giveaways-1", tmp_path / "data")
    return RoboXP.open(tmp_path / "data")


def test_a_frozen_giveaway_is_read_and_verified(tmp_path: Path) -> None:
    """All of the record is there, and its draws are what they were."""
    with opened(tmp_path) as robo:
        found = robo.giveaways.get(GUILD, MESSAGE)

        assert (found.prize, found.host, found.status) == ("Nitro 🎉", ANN, "ended")
        assert (len(found.winners), [len(batch) for batch in found.rerolls]) == (2, [1])
        assert [len(draw.dropped) for draw in found.draws] == [1, 0]
        assert robo.giveaways.verify(GUILD, MESSAGE).valid
        assert robo.giveaways.settings.own(GUILD)["hostRoleIds"] == [ROLE]


def test_a_frozen_giveaway_goes_on(tmp_path: Path) -> None:
    """It can be rerolled, and the active one ended; fields of a later version stay."""
    with opened(tmp_path) as robo:
        robo.giveaways.reroll(GUILD, MESSAGE, count=20)
        (active,) = robo.giveaways.list(GUILD, which="active")
        robo.giveaways.end(GUILD, active.giveaway.id)

        assert all(
            robo.giveaways.verify(GUILD, row.giveaway.id).valid
            for row in robo.giveaways.list(GUILD, which="all")
        )
        records = robo.vault.namespace(NAMESPACE).read().records("giveaways").values()
        assert [record["laterField"] for record in records] == [{"a": 1}] * 2


def test_a_frozen_export_is_valid() -> None:
    """To both implementations."""
    text = (DATA / "giveaway-1.json").read_text(encoding="utf-8")

    assert Giveaways.verify_document(text).valid
    assert second_draw.is_valid(json.loads(text))
