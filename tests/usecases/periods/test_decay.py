"""Decay: what a day takes, from whom, and that it does so once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.errors import Refused
from robo_xp.rules.decay import Decay
from tests.usecases.small import ANN, BOB, CARL, DORA, GUILD, XP, HandClock, memory, write

A_DAY = 86_400_000


def guild(**decay: Any) -> tuple[RoboXP, HandClock]:
    """Ann and Bob wrote thirty days ago and have 1,000 XP, Carl writes today."""
    clock = HandClock()
    robo = memory(clock)
    robo.config.set(GUILD, {"decay": decay, "cooldownSeconds": 0})
    for who in (ANN, BOB):
        write(robo, who, at=clock.at)
        robo.xp.set(GUILD, who, 1_000)
    clock.at += 30 * A_DAY
    write(robo, CARL, at=clock.at)
    return robo, clock


@given(
    st.integers(0, 2**53 - 1), st.integers(0, 100_000), st.integers(0, 10**6), st.integers(0, 10**6)
)
def test_a_day_takes_no_more_than_is_above_the_floor(
    total: int, permille: int, amount: int, floor: int
) -> None:
    """The larger of share and amount goes, nothing below the floor, and nothing is given."""
    terms = Decay(1, Fraction(permille, 1000), amount)

    after = terms.total_after(total, floor)

    assert min(total, floor) <= after <= total
    if after > floor:
        assert total - after == max(total * permille // 100_000, amount)


def test_only_who_is_away_decays_and_once_a_day() -> None:
    """A second run of a day says that it is done; a dry run changes nothing."""
    robo, clock = guild(afterDays=7, percent=5)

    shown = robo.decay.run(GUILD, dry_run=True)
    done = robo.decay.run(GUILD)
    again = robo.decay.run(GUILD)

    assert (shown.decayed, shown.xp, shown.seq, shown.already_done) == (2, 100, None, False)
    assert (done.decayed, done.xp, done.already_done) == (2, 100, False)
    assert (again.decayed, again.seq, again.already_done) == (0, None, True)
    assert [robo.xp.get(GUILD, one) for one in (ANN, BOB, CARL)] == [950, 950, 20]
    clock.at += A_DAY
    assert robo.decay.run(GUILD).xp == 94


def test_who_never_had_an_award_here_is_not_away() -> None:
    """Nothing is known of who came with XP by hand or by an import, so nothing is taken."""
    robo, _ = guild(afterDays=7, amount=100)
    robo.xp.set(GUILD, DORA, 5_000)

    assert DORA not in robo.decay.candidates(GUILD)
    assert robo.decay.run(GUILD).decayed == 2
    assert robo.xp.get(GUILD, DORA) == 5_000


def test_a_member_who_writes_is_not_cut() -> None:
    """Whoever wrote until the run begins keeps all."""
    robo, clock = guild(afterDays=7, amount=100)
    candidates = robo.decay.candidates(GUILD)
    write(robo, ANN, at=clock.at)

    done = robo.decay.run(GUILD)

    assert candidates == [ANN, BOB]
    assert (done.decayed, robo.xp.get(GUILD, ANN)) == (1, 1_020)


def test_the_floor_is_a_level() -> None:
    """Decay leaves the XP of the level that is set, and never lifts anybody."""
    robo, _ = guild(afterDays=7, amount=100_000, floorLevel=2)
    robo.xp.set(GUILD, BOB, 100)

    robo.decay.run(GUILD)

    assert [robo.xp.get(GUILD, one) for one in (ANN, BOB)] == [375, 100]


def test_undo_restores_all() -> None:
    """One batch takes from all, and undo gives all of it back for good."""
    robo, _ = guild(afterDays=7, percent=50)
    done = robo.decay.run(GUILD)
    assert done.seq is not None

    robo.history.undo(XP, done.seq)

    assert [robo.xp.get(GUILD, one) for one in (ANN, BOB)] == [1_000, 1_000]
    assert robo.decay.run(GUILD).already_done


def test_decay_that_is_off_is_refused() -> None:
    """Without days, or without anything to take, there is no decay."""
    for terms in ({}, {"afterDays": 7}, {"amount": 5}):
        robo, _ = guild(**terms)
        with pytest.raises(Refused):
            robo.decay.run(GUILD)
        assert robo.decay.candidates(GUILD) == []


def test_exempt_members_are_those_whom_the_daemon_saw() -> None:
    """They count while roles are exempt, and no longer."""
    robo, clock = guild(afterDays=7, amount=10, exemptRoleIds=["500000000000000001"])
    assert robo.decay.run(GUILD, exempt=[ANN], dry_run=True).decayed == 1
    assert robo.decay.exempt(GUILD).user_ids == ()
    assert robo.decay.run(GUILD, exempt=[ANN]).decayed == 1
    assert robo.decay.exempt(GUILD).user_ids == (ANN,)
    clock.at += A_DAY
    assert robo.decay.run(GUILD).decayed == 1
    robo.config.set(GUILD, {"decay": {"exemptRoleIds": []}})
    clock.at += A_DAY

    assert robo.decay.run(GUILD).decayed == 2
