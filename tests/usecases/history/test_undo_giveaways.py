"""Undo of giveaways: entries, leaves, edits and settings come back; a draw never does."""

from __future__ import annotations

import pytest

from robo_xp.errors import Refused, UndoUnclear
from robo_xp.robo import RoboXP
from robo_xp.usecases.history.history import WhichBatches
from tests.usecases.giveaways.drawn import MANY, NAMESPACE, ROLE, memory, started, tables
from tests.usecases.small import ANN, BOB, GUILD, HandClock


def last(robo: RoboXP, namespace: str = NAMESPACE) -> int:
    return robo.vault.namespace(namespace).read().seq


def entered(robo: RoboXP, giveaway: str) -> list[str]:
    return [entry.user_id for entry in robo.giveaways.entries(GUILD, giveaway)]


def test_entries_are_taken_back_and_put_back() -> None:
    """The entries of one batch go, others stay; undoing the undo has them again as they were."""
    robo = memory()
    giveaway = started(robo, entrants=2)
    robo.giveaways.enter(GUILD, giveaway, [ANN, BOB])
    entry = tables(robo)[f"entries:{giveaway}"]

    done = robo.history.undo(NAMESPACE, last(robo))

    assert (done.cmd, done.members) == ("giveaway enter", 2)
    assert entered(robo, giveaway) == MANY[:2]
    robo.history.undo(NAMESPACE, last(robo))
    assert tables(robo)[f"entries:{giveaway}"] == entry


def test_a_leave_is_taken_back() -> None:
    """Who left is in again, with the same entry."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    before = tables(robo)
    robo.giveaways.leave(GUILD, giveaway, MANY[:2])

    robo.history.undo(NAMESPACE, last(robo))

    assert tables(robo) == before


def test_an_entry_that_changed_since_is_unclear() -> None:
    """Where somebody left, or left and entered anew, the batch that did it is named."""
    robo = memory()
    giveaway = started(robo, entrants=2)
    enter = last(robo)
    robo.giveaways.leave(GUILD, giveaway, MANY[0])
    leave = last(robo)

    with pytest.raises(UndoUnclear, match=f"batch {leave} changed the entry of {MANY[0]}"):
        robo.history.undo(NAMESPACE, enter)
    robo.giveaways.enter(GUILD, giveaway, MANY[0])
    for seq in (enter, leave):
        with pytest.raises(UndoUnclear, match=f"batch {last(robo)} changed the entry"):
            robo.history.undo(NAMESPACE, seq)
    assert entered(robo, giveaway) == MANY[:2]


def test_an_edit_is_taken_back_field_by_field() -> None:
    """A field that was edited again since is unclear; until then all fields go back."""
    robo = memory()
    giveaway = started(robo)
    before = robo.giveaways.get(GUILD, giveaway)
    robo.giveaways.edit(GUILD, giveaway, prize="Book", winners=4, ends="2h")
    seq = last(robo)

    robo.giveaways.edit(GUILD, giveaway, prize="Pen")
    with pytest.raises(UndoUnclear, match=f"batch {last(robo)} changed the prize"):
        robo.history.undo(NAMESPACE, seq)
    robo.history.undo(NAMESPACE, last(robo))
    robo.history.undo(NAMESPACE, seq)

    after = robo.giveaways.get(GUILD, giveaway)
    assert (after.prize, after.winners_count, after.ends_at) == (
        before.prize,
        before.winners_count,
        before.ends_at,
    )
    assert [effect.key for effect in after.pending] == ["announcement:commitment", "message"]


@pytest.mark.parametrize(("hours", "comes_back"), [(0, True), (3, False), (1, False)])
def test_no_end_is_put_into_the_past(hours: int, comes_back: bool) -> None:
    """An earlier end that has passed meanwhile stays away, as an edit to it would be refused."""
    clock = HandClock()
    robo = memory(clock)
    giveaway = started(robo, duration="1h")
    before = robo.giveaways.get(GUILD, giveaway)
    robo.giveaways.edit(GUILD, giveaway, ends="2d")
    clock.at += hours * 3_600_000

    if not comes_back:
        with pytest.raises(Refused, match="is past, or too soon"):
            robo.history.undo(NAMESPACE, last(robo))
    else:
        robo.history.undo(NAMESPACE, last(robo))
    assert (robo.giveaways.get(GUILD, giveaway).ends_at == before.ends_at) == comes_back


@pytest.mark.parametrize("namespace", [NAMESPACE, "global"])
def test_settings_are_taken_back_key_by_key(namespace: str) -> None:
    """Earlier settings come back, of a guild and of all guilds."""
    robo = memory()
    guild = GUILD if namespace == NAMESPACE else None
    settings = robo.giveaways.settings
    settings.set(guild, {"defaults": {"winners": 2}, "bonusEntries": {ROLE: 3}})
    first = last(robo, namespace)
    settings.set(guild, {"defaults": {"winners": 3}})

    with pytest.raises(UndoUnclear, match="changed defaults.winners"):
        robo.history.undo(namespace, first)
    robo.history.undo(namespace, last(robo, namespace))
    assert settings.own(guild) == {"defaults": {"winners": 2}, "bonusEntries": {ROLE: 3}}
    robo.history.undo(namespace, first)
    assert settings.own(guild) == {}


def test_settings_that_do_not_fit_any_more_stay() -> None:
    """An undo never leaves settings that contradict each other."""
    robo = memory()
    settings = robo.giveaways.settings
    settings.set(GUILD, {"limits": {"maxWinners": 50}})
    raised = last(robo)
    settings.set(GUILD, {"defaults": {"winners": 40}})

    with pytest.raises(UndoUnclear, match="do not fit"):
        robo.history.undo(NAMESPACE, raised)
    assert settings.get(GUILD)["limits"]["maxWinners"] == 50


@pytest.mark.parametrize("how", ["start", "end", "reroll", "cancel", "attach"])
def test_what_is_public_cannot_be_taken_back(how: str) -> None:
    """A start, a draw, a reroll, a cancel and a message on Discord stay."""
    robo = memory()
    giveaway = started(robo, entrants=5)
    g = robo.giveaways
    if how == "start":
        seq = 1
    else:
        if how == "reroll":
            g.end(GUILD, giveaway)
        if how == "attach":
            g.attach_message(GUILD, giveaway, "5" * 18)
        else:
            getattr(g, how)(GUILD, giveaway)
        seq = last(robo)
    before = tables(robo)

    with pytest.raises(Refused, match="cannot be taken back"):
        robo.history.undo(NAMESPACE, seq)
    assert tables(robo) == before


@pytest.mark.parametrize("what", ["enter", "leave", "edit"])
def test_nothing_is_taken_back_behind_a_draw(what: str) -> None:
    """Once it is drawn, the entries and the terms that it was drawn with stay."""
    robo = memory()
    giveaway = started(robo, entrants=5)
    if what == "leave":
        robo.giveaways.leave(GUILD, giveaway, MANY[0])
    elif what == "edit":
        robo.giveaways.edit(GUILD, giveaway, winners=1)
    seq = last(robo)
    robo.giveaways.end(GUILD, giveaway)

    with pytest.raises(Refused) as caught:
        robo.history.undo(NAMESPACE, seq)
    assert caught.value.code == "GIVEAWAY_NOT_ACTIVE"
    assert robo.giveaways.verify(GUILD, giveaway).valid


def test_history_counts_the_members_of_giveaways() -> None:
    """A batch of entries names how many it touched, and is found by each of them."""
    robo = memory()
    giveaway = started(robo, entrants=4)
    robo.giveaways.leave(GUILD, giveaway, MANY[0])

    rows = [(row.cmd, row.members) for row in robo.history.rows(NAMESPACE)]
    assert rows == [("giveaway leave", 1), ("giveaway enter", 4), ("giveaway start", 0)]
    mine = robo.history.rows(NAMESPACE, WhichBatches(user_id=MANY[3]))
    assert [row.cmd for row in mine] == ["giveaway enter"]


def test_a_dry_undo_changes_nothing() -> None:
    """What would be taken back is told, and still there."""
    robo = memory()
    giveaway = started(robo, entrants=3)

    done = robo.history.undo(NAMESPACE, last(robo), dry_run=True)

    assert (done.seq, done.members) == (None, 3)
    assert len(entered(robo, giveaway)) == 3
