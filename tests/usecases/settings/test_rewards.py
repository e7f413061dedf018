"""Rewards, multipliers and zones: what operators set, and that two of them lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from robo_xp import RoboXP
from robo_xp.errors import InvalidConfig, InvalidId, NotFound, Refused, RewardNotFound
from robo_xp.model import Awarded, Refusal, RewardPlan, RoleReward
from robo_xp.usecases.settings.layered import ConfigChanged
from tests.usecases.small import ANN, CHANNEL, GUILD, memory

BRONZE, SILVER, GOLD = (f"40000000000000000{n}" for n in range(1, 4))
NOON = 1_750_000_000_000


def with_rewards() -> RoboXP:
    """Three rewards, added out of order, and a member at level 2."""
    robo = memory()
    for level, role_id in ((5, GOLD), (1, BRONZE), (2, SILVER)):
        robo.rewards.add(GUILD, level, role_id)
    robo.xp.set(GUILD, ANN, 400)
    return robo


# -- rewards --------------------------------------------------------------------------------


def test_rewards_are_listed_by_level() -> None:
    """The list is sorted whatever the order they came in."""
    assert with_rewards().rewards.list(GUILD) == [
        RoleReward(1, BRONZE),
        RoleReward(2, SILVER),
        RoleReward(5, GOLD),
    ]


def test_a_level_gives_one_role() -> None:
    """A taken level is refused by name; the same reward again changes nothing."""
    robo = with_rewards()
    with pytest.raises(Refused, match=SILVER) as caught:
        robo.rewards.add(GUILD, 2, GOLD)
    same = robo.rewards.add(GUILD, 2, SILVER)

    assert caught.value.code == "DUPLICATE_REWARD"
    assert (same.keys, same.seq) == ((), None)


def test_removing_rewards() -> None:
    """A level without a reward is an error that changes nothing."""
    robo = with_rewards()
    done = robo.rewards.remove(GUILD, 5, reason="too easy")

    assert done.keys == ("roleRewards",)
    assert [reward.level for reward in robo.rewards.list(GUILD)] == [1, 2]
    with pytest.raises(RewardNotFound):
        robo.rewards.remove(GUILD, 5)


@pytest.mark.parametrize(
    ("mode", "held", "plan"),
    [
        ("stack", [], RewardPlan((BRONZE, SILVER), ())),
        ("stack", [BRONZE, GOLD], RewardPlan((SILVER,), ())),
        ("replace", [BRONZE], RewardPlan((SILVER,), (BRONZE,))),
        ("replace", [SILVER], RewardPlan()),
    ],
)
def test_the_roles_of_a_member(mode: str, held: list[str], plan: RewardPlan) -> None:
    """The plan follows the mode and the roles held, at the level of the record."""
    robo = with_rewards()
    robo.rewards.set_mode(GUILD, mode)

    assert robo.rewards.plan(GUILD, ANN, held_role_ids=held) == plan


def test_roles_after_a_loss() -> None:
    """Roles above the level go only where that was switched on."""
    robo = with_rewards()
    kept = robo.rewards.plan(GUILD, ANN, held_role_ids=[GOLD], lost=True)
    robo.rewards.set_on_loss(GUILD, True)
    taken = robo.rewards.plan(GUILD, ANN, held_role_ids=[GOLD], lost=True)

    assert (kept, taken) == (RewardPlan(), RewardPlan((), (GOLD,)))


def test_a_role_at_two_levels_counts_at_the_higher() -> None:
    """It may be set so, is listed twice, and is earned at the higher level only."""
    robo = with_rewards()
    robo.rewards.add(GUILD, 3, BRONZE)

    assert len(robo.rewards.list(GUILD)) == 4
    assert robo.rewards.plan(GUILD, ANN, held_role_ids=[]).add == (SILVER,)


def test_rewards_of_the_global_defaults_are_kept() -> None:
    """Adding to a list that the guild has from the global defaults keeps what is on it."""
    robo = memory()
    robo.config.set_global({"roleRewards": [{"level": 1, "roleId": BRONZE}]})
    robo.rewards.add(GUILD, 2, SILVER)

    assert [reward.role_id for reward in robo.rewards.list(GUILD)] == [BRONZE, SILVER]


# -- multipliers ----------------------------------------------------------------------------


def earned(robo: RoboXP, *roles: str) -> int:
    """What a message of Ann with these roles earns; the dice show 20."""
    found = robo.xp.award(GUILD, ANN, channel_id=CHANNEL, role_ids=roles, at=NOON)
    if isinstance(found, Refusal):
        return 0
    assert isinstance(found, Awarded)
    return found.xp


def test_multipliers_change_awards_at_once() -> None:
    """Guild, the best role, channel and member multiply; taking them away is seen too."""
    robo = memory()
    robo.config.set(GUILD, {"cooldownSeconds": 0})
    robo.multipliers.set_server(GUILD, 1.5)
    robo.multipliers.set_role(GUILD, BRONZE, 2)
    robo.multipliers.set_role(GUILD, SILVER, 0.5)
    robo.multipliers.set_channel(GUILD, CHANNEL, 2)
    robo.multipliers.set_user(GUILD, ANN, 1.1)
    amounts = [earned(robo), earned(robo, SILVER), earned(robo, SILVER, BRONZE)]
    robo.multipliers.remove_role(GUILD, BRONZE)
    robo.multipliers.remove_channel(GUILD, CHANNEL)
    robo.multipliers.remove_user(GUILD, ANN)
    amounts.append(earned(robo, SILVER, BRONZE))
    robo.multipliers.set_server(GUILD, 0)
    amounts.append(earned(robo))

    assert amounts == [66, 33, 132, 15, 0]
    assert robo.multipliers.get(GUILD) == {
        "server": 0,
        "role": {SILVER: 0.5},
        "channel": {},
        "user": {},
    }


@pytest.mark.parametrize("value", [-0.1, 10.5, True, "2"])
def test_a_factor_that_cannot_be(value: Any) -> None:
    """Outside 0 to 10, or no number: refused by its key, nothing stored."""
    robo = memory()
    with pytest.raises(InvalidConfig, match="multipliers.server"):
        robo.multipliers.set_server(GUILD, value)
    assert robo.vault.names() == []


# -- zones ----------------------------------------------------------------------------------


def test_zones() -> None:
    """Roles and channels are added and removed one by one, each at most once."""
    robo = memory()
    robo.zones.add_role(GUILD, BRONZE)
    robo.zones.add_channel(GUILD, CHANNEL)
    again = robo.zones.add_channel(GUILD, CHANNEL)
    silent = earned(robo)
    robo.zones.remove_channel(GUILD, CHANNEL)

    assert (again.keys, silent) == ((), 0)
    assert robo.zones.get(GUILD) == {"roles": [BRONZE], "channels": []}
    assert (earned(robo, BRONZE), earned(robo)) == (0, 20)


# -- all three ------------------------------------------------------------------------------

Call = Callable[[RoboXP], ConfigChanged]


@pytest.mark.parametrize(
    "call",
    [
        lambda robo: robo.multipliers.remove_role(GUILD, GOLD),
        lambda robo: robo.multipliers.remove_channel(GUILD, CHANNEL),
        lambda robo: robo.multipliers.remove_user(GUILD, ANN),
        lambda robo: robo.zones.remove_role(GUILD, GOLD),
        lambda robo: robo.zones.remove_channel(GUILD, CHANNEL),
        lambda robo: robo.rewards.remove(GUILD, 9),
    ],
)
def test_removing_what_is_not_there(call: Call) -> None:
    """It is an error of its own, and changes nothing."""
    robo = memory()
    with pytest.raises(NotFound):
        call(robo)
    assert robo.vault.names() == []


@pytest.mark.parametrize(
    "call",
    [
        lambda robo: robo.rewards.add(GUILD, 1, GUILD),
        lambda robo: robo.zones.add_role(GUILD, GUILD),
        lambda robo: robo.multipliers.set_role(GUILD, GUILD, 2),
        lambda robo: robo.rewards.add(GUILD, 1, "12"),
        lambda robo: robo.zones.add_channel(GUILD, "12"),
        lambda robo: robo.multipliers.set_user(GUILD, "12", 2),
    ],
)
def test_ids_that_cannot_be(call: Call) -> None:
    """No id, and the role of everybody, whose id is the guild's, are refused."""
    robo = memory()
    with pytest.raises(InvalidId):
        call(robo)
    assert robo.vault.names() == []


@pytest.mark.parametrize(
    "call",
    [
        lambda robo: robo.rewards.add(GUILD, 9, GOLD, dry_run=True),
        lambda robo: robo.rewards.set_mode(GUILD, "replace", dry_run=True),
        lambda robo: robo.multipliers.set_server(GUILD, 2, dry_run=True),
        lambda robo: robo.zones.add_channel(GUILD, CHANNEL, dry_run=True),
    ],
)
def test_a_dry_run_shows_the_new_settings(call: Call) -> None:
    """The preview holds what would be, and nothing of it is stored."""
    robo = memory()
    before = robo.config.get(GUILD)
    trial = call(robo)

    assert trial.effective != before
    assert (trial.seq, trial.dry_run) == (None, True)
    assert robo.config.get(GUILD) == before
