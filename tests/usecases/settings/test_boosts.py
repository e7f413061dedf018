"""Boosts of a guild: added, ended, undone; awards go by the time of their message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import BoostNotFound, InvalidConfig, InvalidId, Refused
from robo_xp.model import Awarded
from robo_xp.usecases.members.board import CardOwner
from robo_xp.usecases.settings.boosts import BoostTerms
from robo_xp.views.card import Card
from tests.usecases.small import ANN, BOB, CARL, CHANNEL, DORA, GUILD, XP, HandClock, memory

ROLE = "400000000000000001"
MINUTE, HOUR = 60_000, 3_600_000
WINDOW = {"days": ["sat"], "from": "18:00", "to": "22:00", "tz": "Europe/Berlin"}


def earned(robo: RoboXP, user_id: str, at: int, *roles: str, channel: str = CHANNEL) -> int:
    """What a message at an instant earns; the dice show 20."""
    found = robo.xp.award(GUILD, user_id, channel_id=channel, role_ids=roles, at=at)
    assert isinstance(found, Awarded)
    return found.xp


def test_an_award_uses_the_boosts_of_the_time_of_its_message() -> None:
    """A message of before, one of within and one of after, however late they are counted."""
    clock = HandClock()
    robo, now = memory(clock), clock.at
    robo.boosts.add(GUILD, BoostTerms(2, begins_at=now + HOUR, ends_at=now + 2 * HOUR))
    clock.at = now + 9 * HOUR

    amounts = [
        earned(robo, ANN, now + HOUR - 1),
        earned(robo, BOB, now + HOUR),
        earned(robo, CARL, now + 2 * HOUR - 1),
        earned(robo, DORA, now + 2 * HOUR),
    ]
    assert amounts == [20, 40, 40, 20]


def test_channels_roles_and_other_multipliers() -> None:
    """A boost counts where and for whom it says, in one product with all other factors."""
    robo, other = memory(), "300000000000000002"
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    robo.multipliers.set_server(GUILD, 1.5)
    terms = BoostTerms(2, begins_at=0, channel_ids=[CHANNEL], role_ids=[ROLE])
    robo.boosts.add(GUILD, terms)

    assert earned(robo, ANN, 10**12, ROLE) == 60
    assert earned(robo, ANN, 10**12) == 30
    assert earned(robo, ANN, 10**12, ROLE, channel=other) == 30


def test_both_stackings() -> None:
    """Of overlapping boosts the highest counts, or the product where the setting says so."""
    robo = memory()
    for factor in (0.5, 2, 3):
        robo.boosts.add(GUILD, BoostTerms(factor, begins_at=0))
    highest = earned(robo, ANN, 10**12)
    robo.config.set(GUILD, {"boosts": {"stack": "multiply"}})

    assert (highest, earned(robo, BOB, 10**12)) == (60, 60)
    robo.boosts.add(GUILD, BoostTerms(1.5, begins_at=0))
    assert earned(robo, CARL, 10**12) == 90


def test_an_edit_of_a_boost_changes_no_past_award() -> None:
    """XP that was given stays when the boost is edited, ended or taken back."""
    robo = memory()
    made = robo.boosts.add(GUILD, BoostTerms(2, begins_at=0))
    earned(robo, ANN, 10**12)
    robo.config.set(GUILD, {"boosts": {"list": {made.id: {"factor": 9, "from": 0}}}})
    after_edit = robo.xp.get(GUILD, ANN)
    robo.boosts.end(GUILD, made.id)

    assert (after_edit, robo.xp.get(GUILD, ANN)) == (40, 40)


def test_ending() -> None:
    """One that runs ends now and counts for earlier messages; one that is planned is gone."""
    clock = HandClock()
    robo, now = memory(clock), clock.at
    running = robo.boosts.add(GUILD, BoostTerms(2, begins_at=now))
    planned = robo.boosts.add(GUILD, BoostTerms(3, begins_at=now + HOUR))
    clock.at = now + MINUTE
    robo.boosts.end(GUILD, running.id)
    robo.boosts.end(GUILD, planned.id)

    listed = robo.boosts.list(GUILD)
    assert [(one.id, one.state) for one in listed] == [(running.id, "over")]
    assert earned(robo, ANN, now + MINUTE) == 40
    assert earned(robo, BOB, now + HOUR) == 20
    with pytest.raises(Refused, match="over already"):
        robo.boosts.end(GUILD, running.id)


def test_states_follow_the_windows() -> None:
    """Between two of its windows a boost is planned."""
    clock = HandClock()
    clock.at = 1_777_708_800_000  # Saturday 2026-05-02, 10:00 in Berlin
    robo = memory(clock)
    robo.boosts.add(GUILD, BoostTerms(2, weekly=WINDOW))
    states = []
    for hours in (0, 9, 4):
        clock.at += hours * HOUR
        states.append(robo.boosts.list(GUILD)[0].state)

    assert states == ["planned", "running", "planned"]
    (stretch,) = robo.boosts.preview(GUILD, days=7)
    assert stretch.ends_at - stretch.begins_at == 4 * HOUR


def test_each_boost_is_undone_by_itself() -> None:
    """Adding one and ending another are taken back without touching what came between."""
    robo = memory()
    first = robo.boosts.add(GUILD, BoostTerms(2))
    second = robo.boosts.add(GUILD, BoostTerms(3))
    ended = robo.boosts.end(GUILD, second.id)
    assert first.changed.seq is not None
    assert ended.changed.seq is not None
    robo.history.undo(XP, first.changed.seq)
    robo.history.undo(XP, ended.changed.seq)

    listed = robo.boosts.list(GUILD)
    assert [(one.id, one.state) for one in listed] == [(second.id, "running")]


def test_ids_differ_even_within_a_millisecond() -> None:
    """Two boosts of one instant have two ids, in the order in which they were added."""

    class Still(HandClock):
        """A clock that stands."""

        def now_ms(self) -> int:
            """Always the same."""
            return self.at

    robo = memory(Still())
    ids = [robo.boosts.add(GUILD, BoostTerms(2)).id for _ in range(3)]

    assert [one.id for one in robo.boosts.list(GUILD)] == ids


def test_boosts_of_all_guilds() -> None:
    """Global boosts hold beside those of the guild; only the defaults take them back."""
    robo = memory()
    shared = "100000000000000001"
    robo.config.set_global({"boosts": {"list": {shared: {"factor": 3, "from": 0}}}})
    own = robo.boosts.add(GUILD, BoostTerms(2))

    assert [one.id for one in robo.boosts.list(GUILD)] == [shared, own.id]
    with pytest.raises(Refused, match="all guilds"):
        robo.boosts.end(GUILD, shared)


@pytest.mark.parametrize(
    "change",
    [
        lambda robo: robo.boosts.add(GUILD, BoostTerms(2), dry_run=True),
        lambda robo: robo.boosts.end(GUILD, robo.boosts.list(GUILD)[0].id, dry_run=True),
    ],
)
def test_a_dry_run_changes_nothing(change: Callable[[RoboXP], Any]) -> None:
    """It answers as the real one would, without a batch."""
    robo = memory()
    robo.boosts.add(GUILD, BoostTerms(2))
    before = robo.config.get(GUILD)

    assert change(robo).changed.seq is None
    assert robo.config.get(GUILD) == before


@pytest.mark.parametrize(
    ("terms", "match"),
    [
        (BoostTerms(10.5), "factor"),
        (BoostTerms(2, name="x" * 51), "name"),
        (BoostTerms(2, begins_at=5, ends_at=5), "until"),
        (BoostTerms(2, begins_at=-5), "from"),
        (BoostTerms(2, weekly={**WINDOW, "tz": "Europe/Atlantis"}), "weekly.tz"),
        (BoostTerms(2, weekly={**WINDOW, "days": []}), "weekly.days"),
        (BoostTerms(2, weekly={**WINDOW, "to": "25:00"}), "weekly.to"),
        (BoostTerms(2, weekly={"days": ["sat"]}), "weekly.from"),
        (BoostTerms(2, channel_ids=["12"]), "channels"),
    ],
)
def test_what_is_no_boost(terms: BoostTerms, match: str) -> None:
    """Each fault is named by its part, and nothing is stored."""
    robo = memory()
    with pytest.raises(InvalidConfig, match=match):
        robo.boosts.add(GUILD, terms)
    assert robo.boosts.list(GUILD) == []


def test_names_that_cannot_be() -> None:
    """A role of everybody, an id that is none, an id that no boost has."""
    robo = memory()
    with pytest.raises(InvalidId):
        robo.boosts.add(GUILD, BoostTerms(2, role_ids=[GUILD]))
    with pytest.raises(InvalidId):
        robo.boosts.end(GUILD, "12")
    with pytest.raises(BoostNotFound):
        robo.boosts.end(GUILD, ROLE)


def test_a_card_says_until_when_a_boost_runs() -> None:
    """The first end of the boosts in force stands on the card, by the clock of the guild."""
    robo = memory()
    robo.config.set(GUILD, {"periods": {"timezone": "Europe/Berlin"}})
    robo.xp.add(GUILD, ANN, 5)
    robo.boosts.add(GUILD, BoostTerms(2, ends_at=1_750_000_900_000))
    robo.boosts.add(GUILD, BoostTerms(2, ends_at=1_750_000_300_000, role_ids=[ROLE]))
    made = Card.of(robo.leaderboard.card(GUILD, CardOwner(ANN, "Ada")))

    assert (made.boost, made.boost_until) == (2.0, "15 Jun 17:21 CEST")
