"""What Discord has yet to be told: asked for in the batch of the change, marked one by one."""

from __future__ import annotations

import pytest

from robo_xp.model.giveaway import Effect
from tests.usecases.giveaways.drawn import NAMESPACE, memory, started
from tests.usecases.small import ANN, GUILD, OTHER_GUILD

COMMITMENT, CLOSE = "announcement:commitment", "announcement:close:0"
MESSAGE_ID = "500000000000000001"


def keys(effects: list[Effect]) -> list[str]:
    return [effect.key for effect in effects]


def test_each_change_asks_in_its_own_batch() -> None:
    """Start asks for commitment and message, edit for the message, ends for all there is to tell:
    of what was drawn, the message, the announcement and a message for each winner.
    """
    robo = memory()
    giveaway = started(robo, entrants=5, winners=2)
    g = robo.giveaways
    assert keys(g.pending(GUILD)) == [COMMITMENT, "message"]
    g.mark_done(GUILD, giveaway, *g.pending(GUILD))
    assert g.pending(GUILD) == []

    g.edit(GUILD, giveaway, prize="Book")
    assert keys(g.pending(GUILD)) == ["message"]

    first, second = g.end(GUILD, giveaway).winners
    assert keys(g.pending(GUILD)) == [
        CLOSE,
        "message",
        "announcement:0",
        f"dm:0:{first}",
        f"dm:0:{second}",
    ]
    assert [(e.kind, e.number, e.user_id) for e in g.pending(GUILD)][3:] == [
        ("dm", 0, first),
        ("dm", 0, second),
    ]


def test_effects_are_done_one_by_one() -> None:
    """What was told is not told again; what was not stays pending."""
    robo = memory()
    giveaway = started(robo, entrants=5, winners=2)
    g = robo.giveaways
    g.mark_done(GUILD, giveaway, *g.pending(GUILD))
    g.end(GUILD, giveaway)
    _, message, announcement, first, second = g.pending(GUILD)
    g.mark_done(GUILD, giveaway, g.pending(GUILD)[0])

    left = g.mark_done(GUILD, giveaway, announcement, first)

    assert keys(left) == [message.key, second.key] == keys(g.pending(GUILD))
    seq = robo.vault.namespace(NAMESPACE).read().seq
    g.mark_done(GUILD, giveaway, first)
    assert robo.vault.namespace(NAMESPACE).read().seq == seq


def test_what_was_asked_for_again_meanwhile_stays_pending() -> None:
    """A message that was edited while it was being posted is told once more."""
    robo = memory()
    giveaway = started(robo)
    committing, posting = robo.giveaways.pending(GUILD)
    robo.giveaways.mark_done(GUILD, giveaway, committing)
    robo.giveaways.edit(GUILD, giveaway, prize="Book")

    (left,) = robo.giveaways.mark_done(GUILD, giveaway, posting)

    assert left.revision > posting.revision
    assert robo.giveaways.mark_done(GUILD, giveaway, left) == []


def test_a_reroll_tells_only_the_new_winners() -> None:
    """Earlier winners are neither announced nor written to again."""
    robo = memory()
    giveaway = started(robo, entrants=5, winners=2)
    g = robo.giveaways
    g.end(GUILD, giveaway)
    g.mark_done(GUILD, giveaway, *g.pending(GUILD))

    (winner,) = g.reroll(GUILD, giveaway, count=1).rerolled

    assert keys(g.pending(GUILD)) == ["message", "announcement:1", f"dm:1:{winner}"]


@pytest.mark.parametrize(
    ("entrants", "dm_winners", "expected"),
    [(0, True, ["message"]), (3, False, ["message", "announcement:0"])],
)
def test_nobody_is_told_of_what_there_is_not(
    entrants: int, dm_winners: bool, expected: list[str]
) -> None:
    """Without winners only the message changes; direct messages can be turned off."""
    robo = memory()
    robo.giveaways.settings.set(GUILD, {"defaults": {"dmWinners": dm_winners}})
    giveaway = started(robo, entrants=entrants)

    robo.giveaways.end(GUILD, giveaway)

    assert keys(robo.giveaways.pending(GUILD)) == [COMMITMENT, CLOSE, *expected]


def test_a_cancelled_giveaway_is_announced() -> None:
    """Its message changes, and the channel is told; nobody gets a direct message."""
    robo = memory()
    giveaway = started(robo, entrants=3)

    robo.giveaways.cancel(GUILD, giveaway)

    assert keys(robo.giveaways.pending(GUILD)) == [COMMITMENT, "message", "announcement:cancel"]


def test_the_message_is_attached_once() -> None:
    """The record gets the message's id, also after the end; the same id again changes nothing."""
    robo = memory()
    giveaway = started(robo)
    robo.giveaways.end(GUILD, giveaway)

    found = robo.giveaways.attach_message(GUILD, giveaway, MESSAGE_ID)
    seq = robo.vault.namespace(NAMESPACE).read().seq
    robo.giveaways.attach_message(GUILD, giveaway, MESSAGE_ID)

    assert found.message_id == MESSAGE_ID
    assert robo.giveaways.get(GUILD, MESSAGE_ID).id == giveaway
    assert robo.vault.namespace(NAMESPACE).read().seq == seq


def test_pending_is_kept_by_guild() -> None:
    """What one guild has to be told is no concern of another."""
    robo = memory()
    started(robo)
    other = started(robo, guild=OTHER_GUILD)

    assert {effect.giveaway_id for effect in robo.giveaways.pending(OTHER_GUILD)} == {other}


def test_an_effect_that_never_was_is_left_alone() -> None:
    """Marking what nobody asked for changes nothing."""
    robo = memory()
    giveaway = started(robo)
    unknown = Effect(GUILD, giveaway, f"dm:0:{ANN}", "dm", 1, 0, ANN)

    assert keys(robo.giveaways.mark_done(GUILD, giveaway, unknown)) == [COMMITMENT, "message"]


def test_what_is_over_and_told_is_settled() -> None:
    """Active giveaways are unsettled, and ended ones until Discord was told everything."""
    robo = memory()
    first, second = started(robo, entrants=5, winners=2), started(robo, entrants=3, winners=1)
    g = robo.giveaways
    assert [(one.giveaway.id, one.entries) for one in g.unsettled(GUILD)] == [
        (first, 5),
        (second, 3),
    ]

    g.end(GUILD, first)
    g.mark_done(GUILD, first, *g.get(GUILD, first).pending[:-1])
    assert [one.giveaway.id for one in g.unsettled(GUILD)] == [first, second]
    g.mark_done(GUILD, first, *g.get(GUILD, first).pending)

    assert [one.giveaway.id for one in g.unsettled(GUILD)] == [second]
    assert g.unsettled(OTHER_GUILD) == []


def test_a_giveaway_with_the_number_of_its_entries() -> None:
    """Both are told together, by the id of the giveaway or of its message."""
    robo = memory()
    giveaway = started(robo, entrants=4, winners=1)
    robo.giveaways.attach_message(GUILD, giveaway, MESSAGE_ID)

    found = robo.giveaways.counted(GUILD, MESSAGE_ID)

    assert (found.giveaway.id, found.entries) == (giveaway, 4)
