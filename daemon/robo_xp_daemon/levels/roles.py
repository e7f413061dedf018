"""Role rewards: what a member's level asks for becomes the roles that it has.

Looks first and changes only what differs, so doing it twice does it once. Nothing that stands in
the way of one role keeps the others from being changed. Who waits stands in the vault; many
members are looked at by the hundred and changed at a pace, and a few never wait for them.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

import discord

from robo_xp.errors import RoboXPError
from robo_xp.model.outbox import NotDone, RolesDue
from robo_xp.rules.reward import REPLACE
from robo_xp.usecases.history.pending_for_discord import MANY
from robo_xp_daemon.base import counters
from robo_xp_daemon.base.memory import give_back
from robo_xp_daemon.base.pace import Pace, yielding
from robo_xp_daemon.client.port import Discord, Guild, Member
from robo_xp_daemon.client.refusals import NETWORK, is_passing, tell, tell_refusal
from robo_xp_daemon.context import Context
from robo_xp_daemon.levels.role_plan import (
    MAY_NOT_MANAGE,
    Changes,
    changes_for,
    concerned,
    plan_for,
    terms_of,
)
from robo_xp_daemon.outbox.drain import Drain
from robo_xp_daemon.outbox.gauge import Gauge, Progress

log = logging.getLogger("robo_xp_daemon")

REASON: Final = "XP level reward"
AT_ONCE: Final = 100
"""So many members Discord shows in one answer."""

_Queue = OrderedDict[str, None]


class RoleRewards:
    """Brings the roles of members in line with their levels, one guild beside the other."""

    def __init__(self, context: Context, port: Discord) -> None:
        """Change them there."""
        self._context = context
        self._discord = port
        self.drain: Drain[tuple[str]] = Drain(context, counters.ROLE_REWARDS, self._round)
        self._rounds = self.drain.rounds
        self._few: dict[str, _Queue] = {}
        self._many: dict[str, _Queue] = {}
        self._unread: set[str] = set()
        self._gauges: dict[str, Gauge] = {}
        self._paces: dict[str, Pace] = {}
        self._in_hand = 0

    @property
    def left(self) -> int:
        """How many members are in hand or wait, without those that are refused.

        A guild of which is not read yet who waits counts as one.
        """
        queues = (*list(self._few.values()), *list(self._many.values()))
        return sum(map(len, queues)) + self._in_hand + len(self._unread)

    def progress(self) -> list[Progress]:
        """How far it is in each guild where many members wait."""
        return [one.now(len(self._many.get(one.guild_id, ()))) for one in self._gauges.values()]

    def ask(self, guild_id: str, user_ids: Sequence[str]) -> None:
        """Look at these members: a few go before many, which can wait."""
        if not user_ids:
            return
        self._line_up(guild_id, user_ids)
        self._rounds.ask((guild_id,))

    def _line_up(self, guild_id: str, user_ids: Sequence[str]) -> None:
        if user_ids:
            queues = self._few if len(user_ids) <= MANY else self._many
            queues.setdefault(guild_id, OrderedDict()).update(dict.fromkeys(user_ids))

    def retry(self, guild_id: str) -> None:
        """Look again at everybody of the guild who waits in the vault."""
        self._unread.add(guild_id)
        self.drain.retry(guild_id)
        self._rounds.ask((guild_id,))

    async def _round(self, key: tuple[str]) -> None:
        """Look at everybody of the guild who waits."""
        (guild_id,) = key
        if guild_id in self._unread:
            await self._read(guild_id)
        while not self._rounds.is_ending:
            queue = self._few.get(guild_id) or self._many.get(guild_id)
            if not queue:
                break
            if guild_id in self._many and guild_id not in self._gauges:
                self._gauges[guild_id] = Gauge("role rewards", guild_id, len(self._many[guild_id]))
            await self._look_at(guild_id, queue)
            if (gauge := self._gauges.get(guild_id)) is not None:
                gauge.tell(len(self._many.get(guild_id, ())))
        self._paces.pop(guild_id, None)
        if self._gauges.pop(guild_id, None) is not None:
            await self._context.work(give_back)
        for queues in (self._few, self._many):
            if not queues.get(guild_id):
                queues.pop(guild_id, None)

    async def _read(self, guild_id: str) -> None:
        """Line up who waits in the vault, but for those that wait for the same as before."""
        outbox, work = self._context.robo.outbox, self._context.work
        due = await work(outbox.roles_due, guild_id)
        if due and (why := _obstacle(guild_id, await self._discord.guild(guild_id))) is not None:
            due = await work(outbox.roles_due, guild_id, but=why)
            await work(outbox.tried, guild_id)
            self.drain.refuse((guild_id,), counters.ROLE_REWARDS)
        self._unread.discard(guild_id)
        self._line_up(guild_id, [one.user_id for one in due])

    async def _look_at(self, guild_id: str, queue: _Queue) -> None:
        """Deal with the first of a queue; what could not be dealt with waits again."""
        user_ids = [queue.popitem(last=False)[0] for _ in range(min(len(queue), AT_ONCE))]
        self._in_hand += len(user_ids)
        waiting, settled = _Queue(dict.fromkeys(user_ids)), _Settled()
        try:
            due = await self._due(guild_id, user_ids, settled)
            for one in set(user_ids) - {one.user_id for one in due}:
                del waiting[one]
            await self._settle_all(guild_id, due, waiting, settled)
        finally:
            queue.update(waiting)
            try:
                await self._keep(guild_id, settled)
            finally:
                self._in_hand -= len(user_ids)

    async def _due(
        self, guild_id: str, user_ids: Sequence[str], settled: _Settled
    ) -> list[RolesDue]:
        """What the vault has about these members, but for those with nothing to change."""
        robo, work = self._context.robo, self._context.work
        found = await work(robo.outbox.roles_of, guild_id, user_ids)
        wanted = await work(concerned, robo, guild_id, found)
        settled.done += [one for one in found if one not in wanted]
        return wanted

    async def _settle_all(
        self, guild_id: str, due: Sequence[RolesDue], waiting: _Queue, settled: _Settled
    ) -> None:
        """Change the roles of these members, each of whom leaves ``waiting``."""
        if not due:
            return
        guild = await self._discord.guild(guild_id)
        why = _obstacle(guild_id, guild)
        if guild is None or why is not None:
            settled.refused += [(one, [why]) for one in due if why is not None]
            waiting.clear()
            return
        try:
            members = await self._members(guild_id, [one.user_id for one in due])
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            user_id = due[0].user_id if len(due) == 1 else None
            why = tell_refusal("a look at a member", error, guild_id=guild_id, user_id=user_id)
            settled.refused += [(one, [why]) for one in due]
            waiting.clear()
            return
        is_bulk = len(due) > MANY
        for one in due:
            if is_bulk:
                if few := self._few.get(guild_id):
                    await self._look_at(guild_id, few)
                await self._paces.setdefault(guild_id, Pace()).turn()
            if self._rounds.is_ending and is_bulk:
                return
            waiting.move_to_end(one.user_id)
            with yielding(is_bulk):
                refused = await self._settled(guild, one, members.get(one.user_id))
            del waiting[one.user_id]
            if refused:
                settled.refused.append((one, refused))
            else:
                settled.done.append(one)

    async def _members(self, guild_id: str, user_ids: Sequence[str]) -> Mapping[str, Member]:
        """The members as Discord has them now; nothing of those who have left."""
        if len(user_ids) > 2:
            return await self._discord.members(guild_id, user_ids)
        found = [await self._discord.member(guild_id, one) for one in user_ids]
        return {one.id: one for one in found if one is not None}

    async def _settled(self, guild: Guild, due: RolesDue, member: Member | None) -> list[NotDone]:
        """``_settle``, in which what nobody foresaw is a refusal too: others go on."""
        try:
            return await self._settle(guild, due, member)
        except Exception as error:
            if is_passing(error) or isinstance(error, RoboXPError):
                raise
            log.exception("the role rewards of member %s in guild %s failed", due.user_id, guild.id)
            ids = {"guild_id": guild.id}
            return [NotDone("fault", f"role rewards failed: {error!r}", "see the log", ids)]

    async def _settle(self, guild: Guild, due: RolesDue, member: Member | None) -> list[NotDone]:
        """The member has the roles that its level asks for, as far as Discord allows.

        What it does not allow comes back. Raises what ``is_passing``.
        """
        if member is None:
            log.debug("member %s is not in guild %s any more", due.user_id, guild.id)
            return []
        robo, work = self._context.robo, self._context.work
        plan = await work(plan_for, robo, guild.id, due, member.role_ids)
        if not plan.add and not plan.remove:
            return []
        terms = await work(terms_of, robo, guild.id)
        changes = changes_for(guild, plan, terms)
        note = f"{REASON} (replace mode)" if terms.mode == REPLACE else ""
        refused = await self._change(guild.id, member, changes, note)
        return [*changes.refused, *refused]

    async def _change(
        self, guild_id: str, member: Member, changes: Changes, note: str
    ) -> list[NotDone]:
        """Several changes in one request; one by one where Discord refuses them together."""
        if len(changes.add) + len(changes.remove) > 1:
            kept = [one for one in member.role_ids if one not in changes.remove]
            reason = note or REASON + ("" if changes.add else " (level down)")
            try:
                role_ids = (*kept, *changes.add)
                await self._discord.set_roles(guild_id, member.id, role_ids, reason)
                return []
            except discord.HTTPException as error:
                if is_passing(error):
                    raise
        return await self._change_singly(guild_id, member, changes, note)

    async def _change_singly(
        self, guild_id: str, member: Member, changes: Changes, note: str
    ) -> list[NotDone]:
        """Change the roles one by one: new ones first, so that nobody stands without."""
        trouble: Exception | None = None
        refused = list[NotDone]()
        for change, role_ids, why in (
            (self._discord.give_role, changes.add, note or REASON),
            (self._discord.take_role, changes.remove, note or f"{REASON} (level down)"),
        ):
            for role_id in role_ids:
                try:
                    await change(guild_id, member.id, role_id, why)
                except (*NETWORK, discord.HTTPException) as error:
                    if isinstance(error, discord.HTTPException) and not is_passing(error):
                        refused.append(tell_refusal("a role reward", error, guild_id=guild_id,
                                                    role_id=role_id))  # fmt: skip
                    else:
                        trouble = error
        if trouble is not None:
            raise trouble
        return refused

    async def _keep(self, guild_id: str, settled: _Settled) -> None:
        """Note in the vault who is done, and who is refused and why."""
        if not settled.done and not settled.refused:
            return
        if settled.refused:
            self.drain.refuse((guild_id,), counters.ROLE_REWARDS)
        outbox, work = self._context.robo.outbox, self._context.work
        new = await work(outbox.roles_settled, guild_id, settled.done, settled.refused)
        self.drain.count(counters.DONE, len(settled.done))
        self.drain.count(counters.REFUSED, new)


class _Settled:
    """What became of members: done, or refused and why."""

    def __init__(self) -> None:
        self.done: list[RolesDue] = []
        self.refused: list[tuple[RolesDue, list[NotDone]]] = []


def _obstacle(guild_id: str, guild: Guild | None) -> NotDone | None:
    """Why no role can be changed in the guild at all; None if some can."""
    if guild is None:
        return tell("guild", "roles of members are not changed: the bot is not in the guild",
                    "invite the bot again", guild_id=guild_id)  # fmt: skip
    if not guild.may_manage_roles:
        return tell(*MAY_NOT_MANAGE, guild_id=guild.id)
    return None
