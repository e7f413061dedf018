"""Role rewards: what a member's level asks for becomes the roles that it has.

Looks first and changes only what differs, so doing it twice does it once. Nothing that stands in
the way of one role keeps the others from being changed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import discord

from robo_xp import RewardPlan, RoboXP
from robo_xp.rules.reward import distinct_rewards
from robo_xp_daemon.client.port import Discord, Guild, Member
from robo_xp_daemon.client.refusals import NETWORK, is_passing, tell, tell_refusal
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.member_queue import Job
from robo_xp_daemon.levels.moves import Move

log = logging.getLogger("robo_xp_daemon")

REASON = "XP level reward"
_REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class _Terms:
    """Whether members keep all roles or only the highest; which are given though dangerous."""

    mode: str
    dangerous: frozenset[str]


class RoleRewards:
    """Brings the roles of members in line with their levels."""

    def __init__(self, context: Context, port: Discord) -> None:
        self._context = context
        self._discord = port

    async def settle(self, job: Job) -> None:
        """The member has the roles that its level asks for, as far as Discord allows.

        Raises what ``is_passing`` when Discord cannot be reached; everything else is told.
        """
        guild_id, move = job.guild_id, job.move
        robo, work = self._context.robo, self._context.work
        if not await work(_may_change, robo, guild_id, move):
            return
        guild = await self._discord.guild(guild_id)
        if guild is None:
            tell("guild", "roles of members are not changed: the bot is not in the guild",
                 "invite the bot again", guild_id=guild_id)  # fmt: skip
            return
        member = await self._member(guild_id, move.user_id)
        if member is None:
            return
        plan = await work(plan_for, robo, guild_id, move, member.role_ids)
        if (plan.add or plan.remove) and _may_manage_roles(guild):
            terms = await work(_terms_of, robo, guild_id)
            await self._carry_out(guild, member, plan, terms)

    async def _member(self, guild_id: str, user_id: str) -> Member | None:
        """The member as Discord has it now; None for one who cannot be had."""
        try:
            member = await self._discord.member(guild_id, user_id)
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            tell_refusal("a look at a member", error, guild_id=guild_id, user_id=user_id)
            return None
        if member is None:
            log.debug("member %s is not in guild %s any more", user_id, guild_id)
        return member

    async def _carry_out(
        self, guild: Guild, member: Member, plan: RewardPlan, terms: _Terms
    ) -> None:
        """Change the roles one by one: new ones first, so that nobody stands without."""
        note = " (replace mode)" if terms.mode == _REPLACE else ""
        given = [role_id for role_id in plan.add if _may_give(guild, role_id, terms)]
        trouble: Exception | None = None
        for change, role_ids, why in (
            (self._discord.give_role, given, REASON + note),
            (self._discord.take_role, plan.remove, REASON + (note or " (level down)")),
        ):
            for role_id in role_ids:
                if not _may_change_role(guild, role_id):
                    continue
                try:
                    await change(guild.id, member.id, role_id, why)
                except (*NETWORK, discord.HTTPException) as error:
                    if isinstance(error, discord.HTTPException) and not is_passing(error):
                        tell_refusal("a role reward", error, guild_id=guild.id,
                                     role_id=role_id, user_id=member.id)  # fmt: skip
                    else:
                        trouble = error
        if trouble is not None:
            raise trouble


def plan_for(robo: RoboXP, guild_id: str, move: Move, held_role_ids: tuple[str, ...]) -> RewardPlan:
    """The roles to give and take after this move, as the vault stands now."""
    ways = [lost for lost, went in ((False, move.rose), (True, move.fell)) if went]
    plans = [
        robo.rewards.plan(guild_id, move.user_id, held_role_ids=held_role_ids, lost=lost)
        for lost in ways
    ]
    add = dict.fromkeys(role_id for plan in plans for role_id in plan.add)
    remove = dict.fromkeys(role_id for plan in plans for role_id in plan.remove)
    return RewardPlan(tuple(add), tuple(remove))


def _terms_of(robo: RoboXP, guild_id: str) -> _Terms:
    """How the guild gives rewards now."""
    rewards = distinct_rewards(robo.rewards.list(guild_id))
    dangerous = frozenset(one.role_id for one in rewards if one.dangerous)
    return _Terms(str(robo.config.get(guild_id)["rewardsMode"]), dangerous)


def _may_change(robo: RoboXP, guild_id: str, move: Move) -> bool:
    """Whether any member with this move could have a role to get or to lose: saves a fetch."""
    rewards = robo.rewards.list(guild_id)
    if not rewards:
        return False
    every = tuple(reward.role_id for reward in rewards)
    return bool(
        plan_for(robo, guild_id, move, ()).add or plan_for(robo, guild_id, move, every).remove
    )


def _may_manage_roles(guild: Guild) -> bool:
    """Whether the bot may change roles here; a warning if not."""
    if guild.may_manage_roles:
        return True
    tell("permission", "role rewards are not given: the bot may not manage roles",
         "give the bot's role the permission Manage Roles", guild_id=guild.id)  # fmt: skip
    return False


def _may_give(guild: Guild, role_id: str, terms: _Terms) -> bool:
    """Whether the role may come by a level; a warning for one that has become dangerous."""
    role = guild.roles.get(role_id)
    if role is None or not role.dangerous or role_id in terms.dangerous:
        return True
    tell("dangerous", "a role reward is not given: who has the role may "
         + ", ".join(name.replace("_", " ") for name in role.dangerous),
         "take these permissions from the role, or allow it in a terminal: robo-xp reward add"
         " LEVEL ROLE --dangerous", guild_id=guild.id, role_id=role_id)  # fmt: skip
    return False


def _may_change_role(guild: Guild, role_id: str) -> bool:
    """Whether the bot may give or take this role; a warning if not."""
    role = guild.roles.get(role_id)
    ids = {"guild_id": guild.id, "role_id": role_id}
    if role is None:
        tell("missing", "a role reward cannot be given: the role does not exist",
             "remove the reward: robo-xp reward remove LEVEL", **ids)  # fmt: skip
        return False
    if role.is_own:
        tell("managed", "a role reward cannot be given: the role belongs to an integration",
             "choose another role for the reward", **ids)  # fmt: skip
        return False
    if not role.is_below:
        tell("hierarchy", "a role reward cannot be given: the role is not below the bot's",
             "drag the bot's role above it in the guild's role settings", **ids)  # fmt: skip
        return False
    return True
