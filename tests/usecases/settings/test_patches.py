"""Patches of settings: what they set, what null takes back, and every fault at once."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp.errors import InvalidConfig
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.settings.xp import XP
from robo_xp.usecases.settings.patches import patched_settings

ROLE = "100000000000000001"
OWN: dict[str, Any] = {
    "xpRate": 2.0,
    "leaderboard": {"public": True},
    "multipliers": {"server": 2.0, "role": {ROLE: 1.5}},
}


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ({}, OWN),
        ({"xpRate": 3.0}, {**OWN, "xpRate": 3.0}),
        ({"xpRate": None}, {key: OWN[key] for key in ("leaderboard", "multipliers")}),
        ({"leaderboard": None}, {key: OWN[key] for key in ("xpRate", "multipliers")}),
        (
            {"multipliers": {"server": None, "user": {ROLE: 3}}},
            {**OWN, "multipliers": {"role": {ROLE: 1.5}, "user": {ROLE: 3}}},
        ),
        (
            {"multipliers": {"role": {ROLE: None}}},
            {**OWN, "multipliers": {"server": 2.0}},
        ),
        ({"levels": None}, OWN),
    ],
)
def test_a_patch_sets_and_unsets_and_keeps_the_rest(patch: Any, after: Any) -> None:
    """Values are set, null takes a key or a group back, and what is not named stays."""
    before = {**OWN}

    assert patched_settings(XP, OWN, patch) == after
    assert before == OWN


def test_every_fault_of_a_patch_is_named() -> None:
    """Unknown keys and wrong values come together, whether they are set or unset."""
    patch = {"xpRate": "x", "xpRat": None, "leaderboard.public": None, "theme": {"colour": None}}
    with pytest.raises(InvalidConfig) as caught:
        patched_settings(XP, OWN, patch)

    assert [fault.where for fault in caught.value.faults] == [
        "xpRate",
        "leaderboard.public",
        "xpRat",
        "theme.colour",
    ]


def test_settings_of_giveaways_are_patched_alike() -> None:
    """A group loses the key that is null and keeps its others."""
    own = {"defaults": {"winners": 2, "dmWinners": False}}

    assert patched_settings(
        GIVEAWAY, own, {"defaults": {"winners": None}, "recheckAtDraw": False}
    ) == {
        "defaults": {"dmWinners": False},
        "recheckAtDraw": False,
    }
    with pytest.raises(InvalidConfig, match=r"defaults\.winer"):
        patched_settings(GIVEAWAY, own, {"defaults": {"winer": None}})
