"""Drops: the first who enter win, and the entry that fills one ends it."""

from __future__ import annotations

import json

import pytest

from robo_xp.errors import Refused
from robo_xp.usecases.giveaways.use import Giveaways
from tests.usecases.giveaways.drawn import MANY, memory, started, tables
from tests.usecases.small import GUILD


def test_the_first_who_enter_win() -> None:
    """In the order of their entries, whatever their ids; whoever comes with them is too late."""
    robo = memory()
    giveaway = started(robo, drop=True, winners=3)

    robo.giveaways.enter(GUILD, giveaway, MANY[7])
    done = robo.giveaways.enter(GUILD, giveaway, [MANY[9], MANY[1], MANY[0], MANY[4]])
    found = robo.giveaways.get(GUILD, giveaway)

    assert (found.status, found.winners) == ("ended", (MANY[7], MANY[9], MANY[1]))
    assert [(one.user_id, one.faults[0].where) for one in done.refused] == [
        (MANY[0], "notFull"), (MANY[4], "notFull"),
    ]  # fmt: skip
    assert {effect.kind for effect in found.pending} == {"message", "announcement", "dm"}
    with pytest.raises(Refused):
        robo.giveaways.enter(GUILD, giveaway, MANY[5])


def test_who_leaves_gives_the_place_up() -> None:
    """The next one takes it, behind those who are there."""
    robo = memory()
    giveaway = started(robo, drop=True, winners=2)
    robo.giveaways.enter(GUILD, giveaway, MANY[5])
    robo.giveaways.leave(GUILD, giveaway, MANY[5])
    robo.giveaways.enter(GUILD, giveaway, MANY[6])
    robo.giveaways.enter(GUILD, giveaway, MANY[5])

    assert robo.giveaways.get(GUILD, giveaway).winners == (MANY[6], MANY[5])


@pytest.mark.parametrize("how", ["end", "edit"])
def test_one_that_is_not_filled(how: str) -> None:
    """Its end, or fewer winners, gives the prizes to those who came."""
    robo = memory()
    giveaway = started(robo, drop=True, winners=5)
    robo.giveaways.enter(GUILD, giveaway, [MANY[3], MANY[2]])

    if how == "end":
        robo.giveaways.end(GUILD, giveaway)
    else:
        robo.giveaways.edit(GUILD, giveaway, winners=2)

    found = robo.giveaways.get(GUILD, giveaway)
    assert (found.status, found.winners) == ("ended", (MANY[3], MANY[2]))


def test_a_dry_run_fills_nothing() -> None:
    """It says who would enter."""
    robo = memory()
    giveaway = started(robo, drop=True, winners=1)
    before = tables(robo)

    assert robo.giveaways.enter(GUILD, giveaway, MANY[0], dry_run=True).entered == 1
    assert tables(robo) == before


def test_there_is_nothing_to_compute() -> None:
    """Nobody committed to anything, no secret was drawn, and no proof is claimed."""
    robo = memory()
    giveaway = started(robo, drop=True, winners=1)
    assert "secrets" not in tables(robo)
    robo.giveaways.enter(GUILD, giveaway, MANY[0])

    document = robo.giveaways.export(GUILD, giveaway)
    assert (document["commitment"], document["secret"], document["drop"]) == ("", None, True)
    assert not robo.giveaways.verify(GUILD, giveaway).here
    assert not Giveaways.verify_document(json.dumps(document)).here
