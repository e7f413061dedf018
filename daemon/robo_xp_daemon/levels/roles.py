"""Role rewards: what a member's level asks for becomes the roles that it has.

Looks first and changes only what differs, so doing it twice does it once. Nothing that stands in
the way of one role keeps the others from being changed. Who waits stands in the vault; many
members are looked at by the hundred and changed at a pace, and a few never wait for them.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import discord

from robo_xp.errors import RoboXPError
from robo_xp.model.outbox import MANY, NotDone, RolesDue
from robo_xp.rules.reward import REPLACE
from robo_xp.usecases.outbox import CROWD
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
    concerned_members,
    plan_for,
    terms_of,
)
from robo_xp_daemon.outbox.drain import Drain
from robo_xp_daemon.outbox.gauge import Gauge, Progress

log = logging.getLogger("robo_xp_daemon")

REASON: Final = "XP level reward"
_FEW, _BULK = "few", "bulk"
_Key = tuple[str, str]
_Queue = OrderedDict[str, None]


class RoleRewards:
    """Brings the roles of members in line with their levels, one guild beside the other.

    A few members of a guild are dealt with beside many, who therefore never hold them up.
    """

    def __init__(self, context: Context, port: Discord) -> None:
        """Change them there."""
        self._context = context
        self._discord = port
        self.drain: Drain[_Key] = Drain(context, counters.ROLE_REWARDS, self._round)
        self._rounds = self.drain.rounds
        self._queues: dict[_Key, _Queue] = {}
        self._in_crowds: dict[str, int] = {}
        self._unread: set[str] = set()
        self._gauges: dict[str, Gauge] = {}
        self._paces: dict[str, Pace] = {}
        self._in_hand = 0

    @property
    def left(self) -> int:
        """How many members are in hand or wait, without those that are refused.

        A guild of which is not read yet who waits counts as one.
        """
        in_queues = sum(map(len, list(self._queues.values())))
        return in_queues + sum(self._in_crowds.values()) + self._in_hand + len(self._unread)

    def progress(self) -> list[Progress]:
        """How far it is in each guild where many members wait."""
        return [one.now(self._many_left(one.guild_id)) for one in self._gauges.values()]

    def _many_left(self, guild_id: str) -> int:
        queue = self._queues.get((guild_id, _BULK), ())
        return len(queue) + self._in_crowds.get(guild_id, 0)

    def ask(self, guild_id: str, user_ids: Sequence[str], in_crowd: int = 0) -> None:
        """Look at these members: many wait in the vault as a crowd, as so many others do."""
        if len(user_ids) > MANY:
            user_ids, in_crowd = (), in_crowd + len(user_ids)
        if in_crowd:
            self._in_crowds[guild_id] = self._in_crowds.get(guild_id, 0) + in_crowd
            self._rounds.ask((guild_id, _BULK))
        if user_ids:
            self._line_up((guild_id, _FEW), user_ids)

    def _line_up(self, key: _Key, user_ids: Sequence[str]) -> None:
        self._queues.setdefault(key, OrderedDict()).update(dict.fromkeys(user_ids))
        self._rounds.ask(key)

    def retry(self, guild_id: str) -> None:
        """Look again at everybody of the guild who waits in the vault."""
        self._unread.add(guild_id)
        self.drain.retry(guild_id)
        self._rounds.ask((guild_id, _BULK))

    async def _round(self, key: _Key) -> None:
        """Look at those of the guild who wait, a few or many."""
        guild_id, kind = key
        if kind == _BULK:
            if guild_id in self._unread:
                self._unread.discard(guild_id)  # what changes from here on asks again
                self._in_hand += 1
                try:
                    await self._read(guild_id)
                except BaseException:
                    self._unread.add(guild_id)
                    raise
                finally:
                    self._in_hand -= 1
            await self._look_at_crowds(guild_id)
        while not self._rounds.is_ending and (queue := self._queues.get(key)):
            await self._look_at(_Piece(guild_id, queue, is_bulk=kind == _BULK))
            self._tell_how_far(guild_id)
        if not self._queues.get(key):
            self._queues.pop(key, None)
        if kind == _BULK:
            self._paces.pop(guild_id, None)
            if self._gauges.pop(guild_id, None) is not None:
                await self._context.work(give_back)

    async def _look_at_crowds(self, guild_id: str) -> None:
        """Look at those who were asked for together, one crowd after the other."""
        outbox, work = self._context.robo.outbox, self._context.work
        while not self._rounds.is_ending:
            before = self._in_crowds.get(guild_id, 0)
            crowd, left = await work(outbox.next_crowd, guild_id)
            asked_meanwhile = self._in_crowds.get(guild_id, 0) - before
            self._in_crowds[guild_id] = left + asked_meanwhile
            if not crowd:
                if not asked_meanwhile:
                    del self._in_crowds[guild_id]
                return
            self._tell_how_far(guild_id)
            await self._look_at(_Piece(guild_id, crowd=crowd))

    def _tell_how_far(self, guild_id: str) -> None:
        """Let operators see how far it is where many wait."""
        left = self._many_left(guild_id)
        gauge = self._gauges.get(guild_id)
        if gauge is None and left:
            gauge = self._gauges[guild_id] = Gauge("role rewards", guild_id, left)
        if gauge is not None:
            gauge.tell(left)

    async def _read(self, guild_id: str) -> None:
        """Line up who waits in the vault, but for those that wait for the same as before."""
        outbox, work = self._context.robo.outbox, self._context.work
        due = await work(outbox.roles_due, guild_id)
        if due and (why := _obstacle(guild_id, await self._discord.guild(guild_id))) is not None:
            due = await work(outbox.roles_due, guild_id, but=why)
            await work(outbox.tried, guild_id)
            self.drain.refuse((guild_id, _BULK), counters.ROLE_REWARDS)
        if due:
            key = (guild_id, _BULK if len(due) > MANY else _FEW)
            self._line_up(key, [one.user_id for one in due])

    async def _look_at(self, piece: _Piece) -> None:
        """Deal with these; what could not be dealt with waits again."""
        self._in_hand += piece.size
        try:
            await self._settle_all(piece, await self._due(piece))
        finally:
            piece.put_back()
            try:
                await self._keep(piece)
            finally:
                self._in_hand -= piece.size

    async def _due(self, piece: _Piece) -> list[RolesDue]:
        """What the vault has about these members, but for those with nothing to change."""
        robo, work = self._context.robo, self._context.work
        found = piece.crowd or await work(robo.outbox.roles_of, piece.guild_id, list(piece.waiting))
        wanted = await work(concerned_members, robo, piece.guild_id, found)
        piece.done += [one for one in found if one not in wanted]
        piece.keep_waiting({one.user_id for one in wanted})
        return wanted

    async def _settle_all(self, piece: _Piece, due: Sequence[RolesDue]) -> None:
        """Change the roles of these members, each of whom leaves those who wait."""
        if not due:
            return
        guild_id = piece.guild_id
        guild = await self._discord.guild(guild_id)
        why = _obstacle(guild_id, guild)
        if guild is None or why is not None:
            piece.refuse_all(due, why)
            return
        try:
            members = await self._members(guild_id, [one.user_id for one in due])
        except discord.HTTPException as error:
            if is_passing(error):
                raise
            user_id = due[0].user_id if len(due) == 1 else None
            why = tell_refusal("a look at a member", error, guild_id=guild_id, user_id=user_id)
            piece.refuse_all(due, why)
            return
        for one in due:
            if piece.is_bulk:
                await self._paces.setdefault(guild_id, Pace()).turn()
                if self._rounds.is_ending:
                    return
            piece.waiting.move_to_end(one.user_id)
            with yielding(piece.is_bulk):
                refused = await self._settle_guarded(guild, one, members.get(one.user_id))
            del piece.waiting[one.user_id]
            if refused:
                piece.refused.append((one, refused))
            else:
                piece.done.append(one)

    async def _members(self, guild_id: str, user_ids: Sequence[str]) -> Mapping[str, Member]:
        """The members as Discord has them now; nothing of those who have left."""
        if len(user_ids) > 2:
            return await self._discord.members(guild_id, user_ids)
        found = [await self._discord.member(guild_id, one) for one in user_ids]
        return {one.id: one for one in found if one is not None}

    async def _settle_guarded(
        self, guild: Guild, due: RolesDue, member: Member | None
    ) -> list[NotDone]:
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

    async def _keep(self, piece: _Piece) -> None:
        """Note in the vault who is done, and who is refused and why."""
        if not piece.done and not piece.refused:
            return
        if piece.refused:
            self.drain.refuse((piece.guild_id, _BULK), counters.ROLE_REWARDS)
        outbox, work = self._context.robo.outbox, self._context.work
        new = await work(outbox.roles_settled, piece.guild_id, piece.done, piece.refused)
        self.drain.count(counters.DONE, len(piece.done))
        self.drain.count(counters.REFUSED, new)


class _Piece:
    """Members of a guild who are dealt with together: the first of a queue, or a crowd.

    Some ``waiting`` are done at last, and others refused; of a crowd those who still wait are in
    the vault.
    """

    def __init__(
        self,
        guild_id: str,
        queue: _Queue | None = None,
        *,
        crowd: Sequence[RolesDue] = (),
        is_bulk: bool = True,
    ) -> None:
        self.guild_id = guild_id
        self.crowd = list(crowd)
        self.is_bulk = is_bulk
        self._queue = queue
        user_ids = [one.user_id for one in crowd]
        if queue is not None:
            user_ids = [queue.popitem(last=False)[0] for _ in range(min(len(queue), CROWD))]
        self.size = 0 if crowd else len(user_ids)
        self.waiting = _Queue(dict.fromkeys(user_ids))
        self.done: list[RolesDue] = []
        self.refused: list[tuple[RolesDue, list[NotDone]]] = []

    def keep_waiting(self, user_ids: Collection[str]) -> None:
        """Only these still wait."""
        for one in [one for one in self.waiting if one not in user_ids]:
            del self.waiting[one]

    def refuse_all(self, due: Sequence[RolesDue], why: NotDone | None) -> None:
        """Nobody waits any more, for this reason."""
        self.refused += [(one, [why]) for one in due if why is not None]
        self.waiting.clear()

    def put_back(self) -> None:
        """Let those who still wait come after the others of their queue."""
        if self._queue is not None:
            self._queue.update(self.waiting)


def _obstacle(guild_id: str, guild: Guild | None) -> NotDone | None:
    """Why no role can be changed in the guild at all; None if some can."""
    if guild is None:
        return tell("guild", "roles of members are not changed: the bot is not in the guild",
                    "invite the bot again", guild_id=guild_id)  # fmt: skip
    if not guild.may_manage_roles:
        return tell(*MAY_NOT_MANAGE, guild_id=guild.id)
    return None
