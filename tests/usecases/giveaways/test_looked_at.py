"""Draws of members who were looked at and of nobody else, and ends that were put off."""

from __future__ import annotations

import pytest

from robo_xp.errors import Refused
from robo_xp.model.draws import Entrant
from robo_xp.model.giveaway import CANCELLED
from tests.usecases.giveaways.drawn import MANY, NAMESPACE, memory, started, tables
from tests.usecases.small import GUILD


def test_a_complete_draw_is_of_members_who_were_looked_at() -> None:
    """While somebody would win who was not looked at, neither end nor reroll changes anything."""
    robo = memory()
    giveaway, g = started(robo, entrants=8, winners=2), robo.giveaways
    known = {user_id: Entrant(user_id) for user_id in g.to_check(GUILD, giveaway, {})}
    g.leave(GUILD, giveaway, next(one for one in MANY if one not in known))
    assert not g.end(GUILD, giveaway, members={}, complete=True).changed
    assert g.get(GUILD, giveaway).is_active
    while wanted := g.to_check(GUILD, giveaway, known):
        known |= {user_id: Entrant(user_id) for user_id in wanted}
    ended = g.end(GUILD, giveaway, members=known, complete=True)
    assert ended.changed
    assert ended.giveaway.draws[0].rechecked
    assert not g.reroll(GUILD, giveaway, members=known, complete=True).changed
    assert g.get(GUILD, giveaway).rerolls == ()
    assert g.reroll(GUILD, giveaway, members=known).changed


@pytest.mark.parametrize("entrants", [0, 3])
def test_where_nobody_is_looked_at_every_draw_is_complete(entrants: int) -> None:
    """Without entries, or where the settings want no second look, it is made."""
    robo = memory()
    robo.giveaways.settings.set(GUILD, {"recheckAtDraw": entrants == 0})
    giveaway = started(robo, entrants=entrants)

    assert robo.giveaways.end(GUILD, giveaway, members={}, complete=True).changed


def test_only_what_is_due_ends() -> None:
    """An end that has not come leaves the giveaway as it is, when that was asked for."""
    robo = memory()
    giveaway = started(robo, entrants=3)

    early = robo.giveaways.end(GUILD, giveaway, only_due=True)

    assert (early.changed, early.giveaway.is_active) == (False, True)
    assert robo.giveaways.end(GUILD, giveaway).changed


def test_spare_members_are_looked_at_with_the_winners() -> None:
    """Asked for more, those who come next are named too; nobody, once the winners are known."""
    robo = memory()
    giveaway, g = started(robo, entrants=8, winners=2), robo.giveaways
    first = g.to_check(GUILD, giveaway, {})
    more = g.to_check(GUILD, giveaway, {}, spare=3)

    assert (len(first), len(more), more[:2]) == (2, 5, first)
    known = {user_id: Entrant(user_id) for user_id in first}
    assert g.to_check(GUILD, giveaway, known, spare=3) == ()


def test_a_giveaway_without_its_secret_can_be_cancelled() -> None:
    """Nobody can draw it, so the refusal to end it says so, and that way out is open."""
    robo = memory()
    giveaway = started(robo, entrants=3)
    with robo.vault.namespace(NAMESPACE).transaction(robo._core.origin) as transaction:
        (doc_id,) = tables(robo)["secrets"]
        transaction.delete("secrets", doc_id)
    with pytest.raises(Refused) as caught:
        robo.giveaways.end(GUILD, giveaway)
    assert "cancel" in caught.value.advice
    cancelled = robo.giveaways.cancel(GUILD, giveaway).giveaway

    assert (cancelled.status, cancelled.secret) == (CANCELLED, None)
    assert not robo.giveaways.verify(GUILD, giveaway).valid
