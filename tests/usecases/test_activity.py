"""What goes on in a store: counted over the last minutes, whoever causes it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp import RoboXP
from robo_xp.model.events import XpChanged
from robo_xp.usecases.activity import SLOTS, Activity, Count
from robo_xp.usecases.history.behind import waiting

GUILD = "100000000000000009"
ANN, BOB = "200000000000000001", "200000000000000002"
MINUTE = 60_000


class Hands:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = 1_700_000_000_000

    def now_ms(self) -> int:
        """Where it stands."""
        return self.at


@pytest.fixture
def clock() -> Hands:
    """The clock of the vault."""
    return Hands()


@pytest.fixture
def robo(tmp_path: Any, clock: Hands) -> Any:
    """A vault on that clock."""
    with RoboXP.open(tmp_path / "data", durability="os", clock=clock) as found:
        yield found


def award(robo: RoboXP, clock: Hands, user_id: str, number: int) -> int:
    """An award for a message now; its XP."""
    done = robo.xp.award(
        GUILD,
        user_id,
        channel_id="300000000000000001",
        parent_id=None,
        role_ids=[],
        message_id=str(900000000000000000 + number),
        at=clock.at,
    )
    return done.xp  # type: ignore[union-attr]  # each message here earns


def test_awards_of_before_and_after_are_counted(robo: RoboXP, clock: Hands) -> None:
    """What happened before the first look counts like what comes later, from any handle."""
    first = award(robo, clock, ANN, 1)
    activity = Activity(robo, GUILD)
    second = award(robo, clock, BOB, 2)
    glance = activity.look()

    assert (glance.awards, glance.awards_per_minute, glance.members) == (2, 2, 2)
    assert glance.xp_per_minute == first + second
    assert sum(glance.history) == 2
    assert glance.history[-1] == 2


def test_time_passes_and_they_are_forgotten(robo: RoboXP, clock: Hands) -> None:
    """After a minute the rate is 0, after the window nothing is left."""
    activity = Activity(robo, GUILD, window_ms=10 * MINUTE)
    award(robo, clock, ANN, 1)
    clock.at += MINUTE
    later = activity.look()
    clock.at += 10 * MINUTE
    last = activity.look()

    assert (later.awards_per_minute, later.awards, len(later.rising)) == (0, 1, 1)
    assert (last.awards, last.members, last.rising, sum(last.history)) == (0, 0, (), 0)


def test_the_rate_is_right_from_the_start(robo: RoboXP, clock: Hands) -> None:
    """Awards of before the first look count for the rate exactly as long as those after it."""
    for number in range(4):
        award(robo, clock, (ANN, BOB)[number % 2], number)
        clock.at += 40_000
    activity = Activity(robo, GUILD)
    rates = [activity.look().awards_per_minute]
    for _ in range(2):
        clock.at += 15_000
        rates.append(activity.look().awards_per_minute)

    assert rates == [1, 1, 0]


def test_what_is_older_than_the_window_never_counted(robo: RoboXP, clock: Hands) -> None:
    """A look begins with the window, not with the whole past."""
    award(robo, clock, ANN, 1)
    clock.at += 11 * MINUTE

    assert Activity(robo, GUILD, window_ms=10 * MINUTE).look().awards == 0


def test_who_gained_most_stands_first(robo: RoboXP) -> None:
    """Members rise by what they gained in the window, with level and rank as they are now."""
    robo.xp.set(GUILD, BOB, 5000)
    activity = Activity(robo, GUILD)
    robo.xp.add(GUILD, ANN, 400)
    robo.xp.add(GUILD, BOB, 100)
    glance = activity.look()

    by_user = {riser.user_id: riser for riser in glance.rising}
    assert [riser.user_id for riser in glance.rising] == [BOB, ANN]
    assert (by_user[BOB].gained, by_user[BOB].rank) == (5100, 1)
    assert (by_user[ANN].gained, by_user[ANN].rank, by_user[ANN].xp) == (400, 2, 400)
    assert (by_user[ANN].level, by_user[ANN].levels) == (2, 2)
    assert (glance.awards, glance.level_ups) == (0, 2)


def test_who_loses_does_not_rise(robo: RoboXP) -> None:
    """A member below its start is no riser, and a fallen level is counted as such."""
    robo.xp.add(GUILD, ANN, 400)
    robo.xp.remove(GUILD, ANN, 400)
    glance = Activity(robo, GUILD).look()

    assert (glance.rising, glance.members) == ((), 0)
    assert (glance.level_ups, glance.level_downs) == (1, 1)


def test_the_limit_bounds_both_lists(robo: RoboXP) -> None:
    """At most so many members and giveaways, the next end first."""
    for user in (ANN, BOB):
        robo.xp.add(GUILD, user, 10)
    for prize, length in (("late", "2d"), ("soon", "1h")):
        robo.giveaways.create(
            GUILD, prize=prize, channel_id="300000000000000001", duration=length, started_by=ANN
        )
    glance = Activity(robo, GUILD).look(1)

    assert [riser.user_id for riser in glance.rising] == [ANN]
    assert [one.giveaway.prize for one in glance.giveaways] == ["soon"]


_EVENTS = st.lists(
    st.tuples(
        st.integers(0, 40 * MINUTE),
        st.sampled_from([ANN, BOB]),
        st.integers(-50, 50).filter(bool),
        st.sampled_from(["award", "add"]),
    ),
    max_size=40,
)


@given(_EVENTS, st.integers(0, 50 * MINUTE), st.sampled_from([10_000, 7 * MINUTE, 60 * MINUTE]))
def test_the_count_is_that_of_the_parts_in_the_window(
    moves: list[tuple[int, str, int, str]], now: int, window: int
) -> None:
    """Whatever came in whatever order: totals are the sums over the parts that are kept."""
    count, base = Count(window), 10**12
    for at, user, delta, how in moves:
        count.add(base + at, XpChanged(user, 0, delta, delta, how))
    count.forget(base + now)
    width = window // SLOTS
    kept = [m for m in moves if (base + m[0]) // width >= (base + now - window) // width + 1]

    assert count.whole.awards == sum(how == "award" for *_, how in kept)
    for user in (ANN, BOB):
        assert count.whole.gained[user] == sum(delta for _, who, delta, _ in kept if who == user)


def test_nothing_waits_where_nobody_ever_followed(robo: RoboXP) -> None:
    """The past of a vault that had no daemon is not carried out, so it does not wait."""
    robo.xp.add(GUILD, ANN, 1)

    found = waiting(robo.vault, robo.giveaways, robo.outbox)
    assert (found.was_followed, found.batches, found.effects) == (False, 0, 0)


def test_what_came_after_the_cursor_waits(robo: RoboXP) -> None:
    """Batches behind the daemon's cursor, and effects of giveaways, are counted: the message of a
    new one, and its commitment.
    """
    from robo_xp.vault import Origin

    robo.xp.add(GUILD, ANN, 1)
    with robo.vault.namespace("cursors").transaction(Origin("daemon", "follow")) as transaction:
        place = {"namespace": f"xp/default/{GUILD}", "rewarded": 1, "announced": 1}
        transaction.put("cursors", "1", place)
    robo.xp.add(GUILD, ANN, 1)
    robo.xp.add(GUILD, BOB, 1)
    robo.giveaways.create(
        GUILD, prize="p", channel_id="300000000000000001", duration="1h", started_by=ANN
    )

    found = waiting(robo.vault, robo.giveaways, robo.outbox)
    assert (found.was_followed, found.batches, found.effects) == (True, 2, 2)
