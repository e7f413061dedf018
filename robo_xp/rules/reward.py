"""Role rewards: which roles a member has yet to get and to lose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from robo_xp.model import RewardPlan, RoleReward

STACK: Final = "stack"
REPLACE: Final = "replace"


def distinct_rewards(rewards: Iterable[RoleReward]) -> tuple[RoleReward, ...]:
    """The rewards sorted by level, each role once: at the highest level that names it."""
    by_level = sorted(rewards, key=lambda reward: (reward.level, reward.role_id))
    highest = {reward.role_id: reward for reward in by_level}
    return tuple(reward for reward in by_level if highest[reward.role_id] is reward)


def roles_after(
    level: int,
    rewards: Sequence[RoleReward],
    held_role_ids: Collection[str],
    mode: str,
    remove_on_loss: bool,
    *,
    lost: bool,
) -> RewardPlan:
    """The roles to add and remove for a member who is now at ``level``.

    ``lost`` says that the member came down to it. Roles that are no reward stay untouched, and
    carrying out the plan makes the next one empty.

    ========  ==================  ================================  =====================
    mode      level rose or same  fell, remove on loss              fell, keep on loss
    ========  ==================  ================================  =====================
    stack     add all earned      remove all above                  nothing
    replace   exactly the highest exactly the highest               nothing
    ========  ==================  ================================  =====================

    A member below every reward has no highest: replace then takes roles away only where
    ``remove_on_loss`` is on.
    """
    if lost and not remove_on_loss:
        return RewardPlan()
    distinct = distinct_rewards(rewards)
    earned = [reward.role_id for reward in distinct if reward.level <= level]
    above = [reward.role_id for reward in distinct if reward.level > level]
    if mode == REPLACE:
        kept, dropped = earned[-1:], earned[:-1] + above
        if not kept and not remove_on_loss:
            dropped = []
    else:
        kept, dropped = ([], above) if lost else (earned, [])
    held = frozenset(held_role_ids)
    return RewardPlan(
        tuple(role_id for role_id in kept if role_id not in held),
        tuple(role_id for role_id in dropped if role_id in held),
    )
