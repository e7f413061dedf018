"""Role rewards: the four combinations of mode and loss, and plans that settle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robo_xp.model import RewardPlan, RoleReward
from robo_xp.rules.reward import REPLACE, STACK, distinct_rewards, roles_after

REWARDS = (RoleReward(5, "five"), RoleReward(10, "ten"), RoleReward(20, "twenty"))
ALL = ("five", "ten", "twenty", "guest")


def _plan(add: str = "", remove: str = "") -> RewardPlan:
    return RewardPlan(tuple(add.split()), tuple(remove.split()))


@pytest.mark.parametrize("on_loss", [False, True])
@pytest.mark.parametrize(
    ("mode", "level", "held", "plan"),
    [
        (STACK, 4, (), _plan()),
        (STACK, 5, (), _plan("five")),
        (STACK, 12, ("guest",), _plan("five ten")),
        (STACK, 12, ("five",), _plan("ten")),
        (STACK, 99, (), _plan("five ten twenty")),
        (STACK, 12, ALL, _plan()),
        (REPLACE, 4, ("guest",), _plan()),
        (REPLACE, 5, (), _plan("five")),
        (REPLACE, 12, ("five", "guest"), _plan("ten", "five")),
        (REPLACE, 12, ("five", "ten"), _plan("", "five")),
        (REPLACE, 12, ALL, _plan("", "five twenty")),
        (REPLACE, 12, ("ten",), _plan()),
        (REPLACE, 99, ("five", "ten"), _plan("twenty", "five ten")),
    ],
)
def test_rising(
    mode: str, level: int, held: tuple[str, ...], plan: RewardPlan, on_loss: bool
) -> None:
    """Going up, stack adds all that is earned; replace leaves exactly the highest."""
    assert roles_after(level, REWARDS, held, mode, on_loss, lost=False) == plan


@pytest.mark.parametrize(
    ("mode", "on_loss", "level", "plan"),
    [
        (STACK, False, 12, _plan()),
        (STACK, False, 0, _plan()),
        (STACK, True, 20, _plan()),
        (STACK, True, 12, _plan("", "twenty")),
        (STACK, True, 0, _plan("", "five ten twenty")),
        (REPLACE, False, 12, _plan()),
        (REPLACE, False, 0, _plan()),
        (REPLACE, True, 20, _plan("", "five ten")),
        (REPLACE, True, 12, _plan("", "five twenty")),
        (REPLACE, True, 0, _plan("", "five ten twenty")),
    ],
)
def test_falling(mode: str, on_loss: bool, level: int, plan: RewardPlan) -> None:
    """Going down takes nothing away unless that is on; then what the mode no longer allows."""
    assert roles_after(level, REWARDS, ALL, mode, on_loss, lost=True) == plan


def test_falling_in_replace_mode_gives_the_lower_role() -> None:
    """On loss, replace swaps the role above the level for the highest one earned."""
    plan = roles_after(12, REWARDS, ["twenty"], REPLACE, True, lost=True)

    assert plan == _plan("ten", "twenty")


def test_below_every_reward_replace_takes_only_if_loss_does() -> None:
    """Where no reward is earned, roles held stay unless removal on loss is on."""
    assert roles_after(1, REWARDS, ["ten"], REPLACE, False, lost=False) == _plan()
    assert roles_after(1, REWARDS, ["ten"], REPLACE, True, lost=False) == _plan("", "ten")


def test_a_repeated_role_counts_at_its_highest_level() -> None:
    """A role named at 5 and at 20 is earned at 20, added once and removed once."""
    rewards = (RoleReward(20, "same"), RoleReward(5, "same"), RoleReward(10, "ten"))

    assert distinct_rewards(rewards) == (RoleReward(10, "ten"), RoleReward(20, "same"))
    assert roles_after(12, rewards, [], STACK, True, lost=False) == _plan("ten")
    assert roles_after(3, rewards, ["same"], STACK, True, lost=True) == _plan("", "same")


_roles = st.sampled_from(ALL)
_rewards = st.lists(st.builds(RoleReward, st.integers(1, 30), _roles), max_size=8)


@given(
    st.integers(0, 40),
    _rewards,
    st.sets(_roles),
    st.sampled_from([STACK, REPLACE]),
    st.booleans(),
    st.booleans(),
)
def test_plans_settle(
    level: int, rewards: list[RoleReward], held: set[str], mode: str, on_loss: bool, lost: bool
) -> None:
    """A plan carried out leaves nothing to do, adds only what is earned, touches only rewards."""
    plan = roles_after(level, rewards, held, mode, on_loss, lost=lost)
    after = (held | set(plan.add)) - set(plan.remove)
    names = {reward.role_id: reward.level for reward in distinct_rewards(rewards)}

    assert roles_after(level, rewards, after, mode, on_loss, lost=lost) == RewardPlan()
    assert all(names[role_id] <= level for role_id in plan.add)
    assert not set(plan.add) & held
    assert set(plan.remove) <= held & set(names)
    assert len(plan.remove) == len(set(plan.remove))
