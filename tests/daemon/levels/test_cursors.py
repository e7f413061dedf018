"""Cursors in the vault."""

from __future__ import annotations

from pathlib import Path

from robo_xp import RoboXP
from robo_xp_daemon.levels.cursors import Cursor, Cursors

GUILD, USER = "100000000000000001", "200000000000000001"
NAME = f"xp/default/{GUILD}"


def test_the_first_start_keeps_the_present(tmp_path: Path) -> None:
    """Only the first start begins at the present; what comes before a later one is to be done."""
    with RoboXP.open(tmp_path) as robo:
        robo.xp.add(GUILD, USER, 1)
        cursors = Cursors(robo)

        assert cursors.begin()
        assert cursors.load() == {NAME: Cursor(1, 1)}
        robo.xp.add(GUILD, USER, 1, store="new")
        assert not cursors.begin()
        assert list(cursors.load()) == [NAME]


def test_an_empty_vault_was_started_too(tmp_path: Path) -> None:
    """What is done after the first start of an empty vault is followed from the beginning."""
    with RoboXP.open(tmp_path) as robo:
        assert Cursors(robo).begin()
        robo.xp.add(GUILD, USER, 1)
        assert not Cursors(robo).begin()
        assert Cursors(robo).load() == {}


def test_cursors_are_read_back(tmp_path: Path) -> None:
    """Each namespace keeps one record with a number for its id, over all saves."""
    with RoboXP.open(tmp_path) as robo:
        for seq in range(3):
            Cursors(robo).save({NAME: Cursor(seq, 0), "xp/b/1": Cursor(0, seq)})
        Cursors(robo).save({})
    with RoboXP.open(tmp_path) as robo:
        assert Cursors(robo).load() == {NAME: Cursor(2, 0), "xp/b/1": Cursor(0, 2)}
        namespace = robo.vault.namespace("cursors")
        assert sorted(namespace.read().records("cursors")) == ["1", "2"]
        assert namespace.read().seq == 3
