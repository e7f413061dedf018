"""Prizes that winners have to claim."""

from __future__ import annotations

import pytest

from robo_xp.errors import Refused
from tests.usecases.giveaways.drawn import MANY, memory, started
from tests.usecases.giveaways.test_plans import HOUR_MS, StillClock
from tests.usecases.small import GUILD


def test_a_claim_in_time() -> None:
    """A winner claims once, and nobody takes the place; the hand-over is noted, and undone."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, entrants=6, winners=2, claim="24h")
    ann, bob = robo.giveaways.end(GUILD, giveaway).winners
    found = robo.giveaways.get(GUILD, giveaway)
    assert found.due_at == found.claim_until == clock.at + 24 * HOUR_MS

    assert robo.giveaways.claim(GUILD, giveaway, ann).changed
    assert not robo.giveaways.claim(GUILD, giveaway, ann).changed
    robo.giveaways.hand_over(GUILD, giveaway, bob)
    clock.at += 25 * HOUR_MS

    assert not robo.giveaways.expire(GUILD, giveaway).changed
    found = robo.giveaways.get(GUILD, giveaway)
    assert {user_id: claim.state for user_id, claim in found.claims.items()} == {
        ann: "claimed", bob: "handed over",
    }  # fmt: skip
    assert found.due_at is None
    done = robo.giveaways.hand_over(GUILD, giveaway, ann)
    assert done.seq is not None
    robo.history.undo(f"giveaways/{GUILD}", done.seq)
    assert robo.giveaways.get(GUILD, giveaway).claims[ann].state == "claimed"


def test_who_claims_nothing() -> None:
    """Whoever has not won, before the end, and too late."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, entrants=3, winners=1, claim="1h")
    with pytest.raises(Refused):
        robo.giveaways.claim(GUILD, giveaway, MANY[0])
    (winner,) = robo.giveaways.end(GUILD, giveaway).winners
    other = next(user_id for user_id in MANY if user_id != winner)
    with pytest.raises(Refused) as caught:
        robo.giveaways.claim(GUILD, giveaway, other)
    assert caught.value.code == "NO_WINNER"
    clock.at += HOUR_MS
    with pytest.raises(Refused) as caught:
        robo.giveaways.claim(GUILD, giveaway, winner)
    assert caught.value.code == "CLAIM_EXPIRED"


def test_what_expires_is_drawn_again_in_a_few_rounds() -> None:
    """Each expired prize once, at most as many rounds as allowed; nobody is announced twice."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, entrants=10, winners=2, claim="1h", claim_rounds=2)
    robo.giveaways.end(GUILD, giveaway)
    for _ in range(5):
        clock.at += HOUR_MS
        robo.giveaways.expire(GUILD, giveaway)
        assert not robo.giveaways.expire(GUILD, giveaway).changed
        robo.giveaways.reroll(GUILD, giveaway, owed=True)
        assert not robo.giveaways.reroll(GUILD, giveaway, owed=True).changed

    found = robo.giveaways.get(GUILD, giveaway)
    assert [len(batch) for batch in found.rerolls] == [2, 2]
    assert len(set(found.all_winners)) == 6
    assert {claim.state for claim in found.claims.values()} == {"expired"}
    assert (found.claim_round, found.owed, found.due_at) == (2, 0, None)
    told = [key for key in found.effects if key.startswith("announcement")]
    binding = ["announcement:commitment", "announcement:close:0"]
    assert told == [*binding, "announcement:0", "announcement:1", "announcement:2"]
    assert robo.giveaways.verify(GUILD, giveaway).valid


def test_a_stop_between_the_mark_and_the_draw() -> None:
    """What is owed stands in the record, and is due at once."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, entrants=3, winners=2, claim="1h")
    robo.giveaways.end(GUILD, giveaway)
    clock.at += HOUR_MS
    robo.giveaways.expire(GUILD, giveaway)

    found = robo.giveaways.get(GUILD, giveaway)
    assert found.owed == 2
    assert found.due_at is not None and found.due_at <= clock.at
    assert [one.giveaway.id for one in robo.giveaways.unsettled(GUILD)] == [giveaway]
    drawn = robo.giveaways.reroll(GUILD, giveaway, owed=True)
    assert (len(drawn.rerolled), drawn.missing) == (1, 1)


def test_nobody_is_left() -> None:
    """Then the prize stays where it is, and nothing is owed any more."""
    clock = StillClock()
    robo = memory(clock)
    giveaway = started(robo, entrants=1, winners=1, claim="1h")
    robo.giveaways.end(GUILD, giveaway)
    clock.at += HOUR_MS
    robo.giveaways.expire(GUILD, giveaway)
    robo.giveaways.reroll(GUILD, giveaway, owed=True)

    found = robo.giveaways.get(GUILD, giveaway)
    assert (found.owed, found.rerolls) == (0, ((),))
    assert "announcement:1" not in found.effects
    assert robo.giveaways.verify(GUILD, giveaway).valid
