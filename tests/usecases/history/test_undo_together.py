"""What one command changed in several namespaces is taken back as one, from whichever side."""

from __future__ import annotations

from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import AlreadyUndone, UndoUnclear
from robo_xp.vault import giveaways_name, xp_name
from tests.usecases.small import ANN, BOB, GUILD, memory

S5, S6 = xp_name("s5", GUILD), xp_name("s6", GUILD)
DEFAULT, GIVEAWAYS = xp_name("default", GUILD), giveaways_name(GUILD)
FILE = {"cooldownSeconds": 7, "giveaways": {"defaults": {"winners": 3}}}


def renamed() -> RoboXP:
    """A store of two members and a setting that was renamed from s5 to s6."""
    robo = memory()
    robo.xp.add(GUILD, ANN, 70, store="s5")
    robo.xp.add(GUILD, BOB, 5, store="s5")
    robo.config.set(GUILD, {"xpRate": 2.0}, store="s5")
    robo.stores.rename(GUILD, "s5", "s6")
    return robo


def held(robo: RoboXP) -> dict[str, Any]:
    """Members and own settings of both stores."""
    return {
        name: (dict(state.records("users")), dict(state.records("config")))
        for name in (S5, S6)
        for state in [robo.vault.namespace(name).read()]
    }


def last(robo: RoboXP, namespace: str) -> int:
    return robo.vault.namespace(namespace).read().seq


@pytest.mark.parametrize("side", [S5, S6])
@pytest.mark.parametrize("again", [S5, S6])
def test_a_renaming_is_taken_back_from_either_store(side: str, again: str) -> None:
    """Both halves go back, and the undo of that undo, from either store too, renames again."""
    robo = renamed()
    after = held(robo)
    seqs = {name: last(robo, name) for name in (S5, S6)}
    other = S6 if side == S5 else S5
    planned = robo.history.undo(side, seqs[side], dry_run=True)
    assert (held(robo), planned.beside) == (after, {other: seqs[other]})

    done = robo.history.undo(side, seqs[side])

    assert done.beside == {other: seqs[other]}
    before = held(robo)
    assert before[S5] == after[S6] and before[S6] == ({}, {})
    for name in (S5, S6):
        with pytest.raises(AlreadyUndone):
            robo.history.undo(name, seqs[name])
    robo.history.undo(again, last(robo, again))
    assert held(robo) == after


@pytest.mark.parametrize("side", [S5, S6])
def test_where_one_half_is_unclear_neither_is_taken_back(side: str) -> None:
    """What a member gained in the renamed store stands in the way, from either side, and the
    refusal says where; once that is undone the renaming can be too.
    """
    robo = renamed()
    seqs = {name: last(robo, name) for name in (S5, S6)}
    gain = robo.xp.add(GUILD, ANN, 1, store="s6").seq
    assert gain is not None
    before = held(robo)

    with pytest.raises(UndoUnclear, match=f"batch {gain} .*{S6}"):
        robo.history.undo(side, seqs[side])

    assert held(robo) == before
    robo.history.undo(S6, gain)
    robo.history.undo(side, seqs[side])
    assert held(robo)[S6] == ({}, {})


@pytest.mark.parametrize("side", [DEFAULT, GIVEAWAYS])
def test_a_guild_s_file_is_taken_back_from_either_side(side: str) -> None:
    """Settings of the store and of giveaways, which one file set, are unset together."""
    robo = memory()
    robo.guild_file.apply(GUILD, FILE)
    robo.history.undo(side, last(robo, side))

    assert robo.guild_file.document(GUILD) == {}
    robo.history.undo(side, last(robo, side))
    assert robo.guild_file.document(GUILD) == FILE


def test_the_history_of_each_names_the_other() -> None:
    """The line of each half says which store, and which change there."""
    robo = renamed()
    for side, other in ((S5, S6), (S6, S5)):
        row = robo.history.last(side)
        store = other.split("/")[1]
        assert row is not None
        assert f"store {store} (change {last(robo, other)} there)" in row.what
