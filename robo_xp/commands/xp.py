"""XP of members: awards for messages, and what administrators add, remove, set and repair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from robo_xp.commands.award import awarded, count_message
from robo_xp.commands.core import DEFAULT_STORE, Core, Scope, check_reason
from robo_xp.commands.members import USERS, LevelEffect, Members, level_event
from robo_xp.model import (
    DUPLICATE,
    Award,
    Awarded,
    MemberXP,
    Message,
    Post,
    Recalculated,
    Refusal,
    XPChange,
    check_snowflake,
)
from robo_xp.plan import Plan
from robo_xp.rules.award import award_for
from robo_xp.vault import Transaction

R = TypeVar("R")
AWARD_CMD = "award"


class XP:
    """The XP of members. ``store`` names the track, ``default`` being the one for messages."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def plan(
        self,
        scope: Scope,
        cmd: str,
        decide: Callable[[Members], R],
        *,
        reason: str | None = None,
    ) -> Plan[R]:
        """A plan for changes of members in one store."""

        def within(transaction: Transaction) -> R:
            return decide(Members(scope, transaction, self._core.rules(scope)))

        origin = self._core.origin_for(cmd)
        return Plan(scope.namespace, origin, within, reason=check_reason(reason))

    def add(
        self,
        guild_id: str,
        user_id: str,
        amount: int,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> XPChange:
        """Add XP; a member without a record gets one.

        The highest level's threshold caps the total, but never lowers it. Raises InvalidAmount,
        InvalidId, LimitExceeded.
        """
        scope = self._core.scope(guild_id, store)
        plan = self.plan(
            scope,
            "xp give",
            lambda members: members.add(user_id, amount, reason=reason),
            reason=reason,
        )
        return _stamped(plan, dry_run)

    def remove(
        self,
        guild_id: str,
        user_id: str,
        amount: int,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> XPChange:
        """Take XP away, down to 0. Raises MemberNotFound for a member without a record."""
        scope = self._core.scope(guild_id, store)
        plan = self.plan(
            scope,
            "xp remove",
            lambda members: members.remove(user_id, amount, reason=reason),
            reason=reason,
        )
        return _stamped(plan, dry_run)

    def set(
        self,
        guild_id: str,
        user_id: str,
        total: int,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> XPChange:
        """Make the total exactly this much; ``capped`` says if the curve's cap was less."""
        scope = self._core.scope(guild_id, store)
        plan = self.plan(
            scope,
            "xp set",
            lambda members: members.set(user_id, total, reason=reason),
            reason=reason,
        )
        return _stamped(plan, dry_run)

    def recalc(
        self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE, dry_run: bool = False
    ) -> Recalculated:
        """Make the member's stored level what the curve says. Raises MemberNotFound."""
        return self.recalc_many(guild_id, [user_id], store=store, dry_run=dry_run)[0]

    def recalc_many(
        self,
        guild_id: str,
        user_ids: Iterable[str] | None = None,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> tuple[Recalculated, ...]:
        """The same for many members in one batch; None stands for all that have a record."""

        def decide(members: Members) -> tuple[Recalculated, ...]:
            ids = members.transaction.records(USERS) if user_ids is None else user_ids
            return tuple([members.recalculate(user_id) for user_id in list(ids)])

        plan = self.plan(self._core.scope(guild_id, store), "xp recalc", decide, reason=reason)
        found, seq = plan.carry_out(dry_run=dry_run)
        return tuple(replace(one, seq=seq, dry_run=dry_run) for one in found)

    def delete(
        self,
        guild_id: str,
        user_ids: str | Sequence[str],
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> int:
        """Delete the records of the members, all in one batch; how many. Undo brings them back."""
        ids = [user_ids] if isinstance(user_ids, str) else list(dict.fromkeys(user_ids))

        def decide(members: Members) -> int:
            for user_id in ids:
                members.delete(user_id)
            return len(ids)

        plan = self.plan(self._core.scope(guild_id, store), "xp delete", decide, reason=reason)
        return plan.carry_out(dry_run=dry_run)[0]

    def delete_all(
        self,
        guild_id: str,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> int:
        """Delete the records of all members of the store; how many."""

        def decide(members: Members) -> int:
            ids = list(members.transaction.records(USERS))
            for user_id in ids:
                members.delete(user_id)
            return len(ids)

        plan = self.plan(self._core.scope(guild_id, store), "xp delete", decide, reason=reason)
        return plan.carry_out(dry_run=dry_run)[0]

    def get(self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE) -> int:
        """The member's XP; 0 without a record."""
        record = self.record(guild_id, user_id, store=store)
        return 0 if record is None else record.xp

    def level(self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE) -> int:
        """The member's level on the curve that holds now; 0 without a record."""
        record = self.record(guild_id, user_id, store=store)
        return 0 if record is None else record.level

    def record(self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE) -> MemberXP | None:
        """What the store keeps of the member, the level as the curve says now; or None."""
        scope = self._core.scope(guild_id, store)
        found = scope.namespace.read().records(USERS).get(check_snowflake(user_id, "member id"))
        if found is None:
            return None
        member = MemberXP.from_record(user_id, found)
        level = self._core.rules(scope).curve.level_for(member.xp, member.level)
        return member if level == member.level else replace(member, level=level)

    def records(self, guild_id: str, *, store: str = DEFAULT_STORE) -> list[MemberXP]:
        """What the store keeps of all its members, levels as the curve says now."""
        scope = self._core.scope(guild_id, store)
        stored = scope.namespace.read().records(USERS)
        level_for = self._core.rules(scope).curve.level_for
        members = []
        for user_id, record in list(stored.items()):
            member = MemberXP.from_record(user_id, record)
            level = level_for(member.xp, member.level)
            members.append(member if level == member.level else replace(member, level=level))
        return members

    def award(
        self,
        guild_id: str,
        user_id: str,
        *,
        channel_id: str,
        parent_id: str | None = None,
        category_id: str | None = None,
        role_ids: Sequence[str] = (),
        message_id: str | None = None,
        at: int | None = None,
        store: str = DEFAULT_STORE,
    ) -> Awarded | Refusal:
        """Count a message and award XP for it, or say which rule refuses.

        ``at`` is the instant of the message in epoch milliseconds, now by default. A message
        whose id is not above the member's last counted one was counted before, and changes
        nothing.
        """
        core = self._core
        scope = core.scope(guild_id, store)
        at = core.clock.now_ms() if at is None else at
        message = Message(channel_id, parent_id, category_id, tuple(role_ids), at)
        with scope.namespace.transaction(core.origin_for(AWARD_CMD)) as transaction:
            found = count_message(
                core, scope, transaction, message, user_id=user_id, message_id=message_id
            )
        return found if isinstance(found, Refusal) else awarded(scope, *found, transaction.seq)

    def award_within(
        self,
        scope: Scope,
        transaction: Transaction,
        user_id: str,
        message: Message,
        message_id: str | None,
    ) -> Awarded | Refusal:
        """The same inside a transaction of the caller, who may put many messages into one."""
        found = count_message(
            self._core, scope, transaction, message, user_id=user_id, message_id=message_id
        )
        return found if isinstance(found, Refusal) else awarded(scope, *found, None)

    def level_effect(
        self, guild_id: str, *, store: str = DEFAULT_STORE, sample: int = 10
    ) -> LevelEffect:
        """What recalculating all members would move."""
        plan = self.plan(
            self._core.scope(guild_id, store),
            "xp recalc",
            lambda members: members.recalculate_all(sample=sample),
        )
        return plan.preview()[0]


def _stamped(plan: Plan[XPChange], dry_run: bool) -> XPChange:
    """The change, made or previewed, with the number of its batch."""
    change, seq = plan.carry_out(dry_run=dry_run)
    return replace(change, seq=seq, dry_run=dry_run)
