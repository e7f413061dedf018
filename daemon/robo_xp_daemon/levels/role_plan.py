"""Which roles a member is to get and to lose, and which of them the bot may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from robo_xp import RewardPlan, RoboXP
from robo_xp.model import RoleReward
from robo_xp.model.outbox import NotDone, RolesDue
from robo_xp.settings.xp import given_roles
from robo_xp_daemon.client.port import Guild
from robo_xp_daemon.client.refusals import tell

MAY_NOT_MANAGE: Final = (
    "permission",
    "role rewards are not given: the bot may not manage roles",
    "give the bot's role the permission Manage Roles",
)


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a member's roles that the bot may make; ``refused`` are those it may not."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    refused: tuple[NotDone, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Whether members keep all roles or only the highest; the levels by role; which are given
    though dangerous.
    """

    mode: str
    levels: Mapping[str, Sequence[int]]
    dangerous: frozenset[str]


def terms_of(robo: RoboXP, guild_id: str) -> Terms:
    """How the guild gives rewards now."""
    settings, listed = robo.config.get(guild_id), robo.rewards.list(guild_id)
    given = given_roles(settings).values()
    dangerous = frozenset(one.role_id for one in given if one.dangerous)
    return Terms(str(settings["rewardsMode"]), levels_of(listed), dangerous)


def levels_of(rewards: Iterable[RoleReward]) -> dict[str, list[int]]:
    """The levels that give each role."""
    found: dict[str, list[int]] = {}
    for one in rewards:
        found.setdefault(one.role_id, []).append(one.level)
    return found


def plan_for(
    robo: RoboXP, guild_id: str, due: RolesDue, held_role_ids: tuple[str, ...]
) -> RewardPlan:
    """The roles to give and take after these moves, as the vault stands now."""
    ways = [lost for lost, went in ((False, due.rose), (True, due.fell)) if went]
    plans = [
        robo.rewards.plan(guild_id, due.user_id, held_role_ids=held_role_ids, lost=lost)
        for lost in ways
    ]
    plans.append(robo.periods.prize_plan(guild_id, due.user_id, held_role_ids))
    add = dict.fromkeys(role_id for plan in plans for role_id in plan.add)
    remove = dict.fromkeys(role_id for plan in plans for role_id in plan.remove)
    return RewardPlan(tuple(add), tuple(remove))


def gives_roles(robo: RoboXP, guild_id: str) -> bool:
    """Whether any role comes by a level or as a prize."""
    return bool(_role_ids(robo, guild_id))


def _role_ids(robo: RoboXP, guild_id: str) -> tuple[str, ...]:
    rewards = (reward.role_id for reward in robo.rewards.list(guild_id))
    return (*rewards, *robo.periods.prize_role_ids(guild_id))


def concerned_members(robo: RoboXP, guild_id: str, found: Iterable[RolesDue]) -> list[RolesDue]:
    """Those who could have a role to get or to lose: saves a look at the others."""
    every = _role_ids(robo, guild_id)
    if not every:
        return []
    return [
        due
        for due in found
        if plan_for(robo, guild_id, due, ()).add or plan_for(robo, guild_id, due, every).remove
    ]


def changes_for(guild: Guild, plan: RewardPlan, terms: Terms) -> Changes:
    """What of the plan the bot may do; a warning for each role that it may not change."""
    refused = {
        role_id: why
        for role_id in (*plan.add, *plan.remove)
        if (why := _warning_of(guild, role_id, terms)) is not None
    }
    for role_id in plan.add:
        if role_id not in refused and (why := _danger(guild, role_id, terms)) is not None:
            refused[role_id] = why
    return Changes(
        tuple(role_id for role_id in plan.add if role_id not in refused),
        tuple(role_id for role_id in plan.remove if role_id not in refused),
        tuple(refused.values()),
    )


def obstacle(guild: Guild, role_id: str, levels: Sequence[int] = ()) -> tuple[str, str, str] | None:
    """Why the bot may not give or take this role of these levels: a word, what is not done, what
    mends it.
    """
    if not guild.may_manage_roles:
        return MAY_NOT_MANAGE
    role = guild.roles.get(role_id)
    if role is None:
        return (
            "missing",
            "a role reward cannot be given: the role does not exist",
            _removal_of(levels),
        )
    if role.is_own:
        return (
            "managed",
            "a role reward cannot be given: the role belongs to an integration",
            "choose another role for the reward",
        )
    if not role.is_below:
        return (
            "hierarchy",
            "a role reward cannot be given: the role is not below the bot's",
            "drag the bot's role above it in the guild's role settings",
        )
    return None


def _removal_of(levels: Sequence[int]) -> str:
    """How the role of these levels is given up; that of a prize has none."""
    commands = [f"robo-xp reward remove {level}" for level in levels]
    return f"remove the reward: {', then '.join(commands)}" if levels else "choose another role"


def _warning_of(guild: Guild, role_id: str, terms: Terms) -> NotDone | None:
    """The same as a warning; None if the bot may."""
    found = obstacle(guild, role_id, terms.levels.get(role_id, ()))
    return None if found is None else tell(*found, guild_id=guild.id, role_id=role_id)


def _danger(guild: Guild, role_id: str, terms: Terms) -> NotDone | None:
    """Why the role may not come by a level: it has become dangerous; None if it may."""
    dangerous = guild.roles[role_id].dangerous
    if not dangerous or role_id in terms.dangerous:
        return None
    return tell(
        "dangerous",
        "a role reward is not given: who has the role may "
        + ", ".join(name.replace("_", " ") for name in dangerous),
        "take these permissions from the role"
        + "".join(
            f", or allow it in a terminal: robo-xp reward add {level} {role_id} --dangerous"
            for level in terms.levels.get(role_id, ())[:1]
        ),
        guild_id=guild.id,
        role_id=role_id,
    )
