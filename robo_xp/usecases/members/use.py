"""XP of members: awards for messages, and what administrators add, remove, set and repair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from robo_xp.errors import InvalidValue
from robo_xp.model import Awarded, MemberXP, Message, Post, Recalculated, Refusal, XPChange
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.voice import VoiceTime
from robo_xp.usecases.core import DEFAULT_STORE, Core, Scope, check_reason
from robo_xp.usecases.members.award import award_result, count_message, count_voice
from robo_xp.usecases.members.bulk import BulkCases
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.members.sums import MARKS
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.selection import Selected, Selection, member_now, selected_members
from robo_xp.vault import Transaction

if TYPE_CHECKING:
    from robo_xp.usecases.members.why import Why

R = TypeVar("R")
AWARD_CMD = "award"


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many records a deletion removed, in batch ``seq`` (None: dry run, or none there)."""

    count: int
    seq: int | None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Options:
    """The keywords that every change of members takes."""

    reason: str | None
    store: str
    dry_run: bool


class XP(BulkCases):
    """The XP of members. ``store`` names the track, ``default`` being the one for messages."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._award_origin = core.origin_for(AWARD_CMD)

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
        how = _Options(reason, store, dry_run)
        return self._move_member(
            guild_id, "xp give", lambda members: members.add(user_id, amount, reason=reason), how
        )

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
        how = _Options(reason, store, dry_run)
        return self._move_member(
            guild_id,
            "xp remove",
            lambda members: members.remove(user_id, amount, reason=reason),
            how,
        )

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
        how = _Options(reason, store, dry_run)
        return self._move_member(
            guild_id, "xp set", lambda members: members.set(user_id, total, reason=reason), how
        )

    def move(
        self,
        guild_id: str,
        op: str,
        user_ids: Sequence[str],
        amount: int,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> tuple[XPChange, ...]:
        """The same for many members in one batch: ``give``, ``remove`` or ``set`` an amount.

        ``level`` sets the XP of that level. Raises what the single ones raise; then nothing is
        changed.
        """
        ids = list(dict.fromkeys(user_ids))
        if not ids:
            raise InvalidValue("there is nobody to change")

        def decide(members: Members) -> tuple[XPChange, ...]:
            by_level = op == "level"
            total = members.rules.curve.threshold(amount) if by_level else amount
            verbs = {"give": members.add, "remove": members.remove}
            one = verbs.get(op, members.set)
            return tuple([one(user_id, total, reason=reason) for user_id in ids])

        cmd = "xp set" if op == "level" else f"xp {op}"
        plan = self.plan(self._core.scope(guild_id, store), cmd, decide, reason=reason)
        moved, seq = plan.carry_out(dry_run=dry_run)
        return tuple([structs.replace(one, seq=seq, dry_run=dry_run) for one in moved])

    def _move_member(
        self, guild_id: str, cmd: str, decide: Callable[[Members], XPChange], how: _Options
    ) -> XPChange:
        """Change one member; the result says in which batch."""
        plan = self.plan(self._core.scope(guild_id, how.store), cmd, decide, reason=how.reason)
        moved, seq = plan.carry_out(dry_run=how.dry_run)
        return structs.replace(moved, seq=seq, dry_run=how.dry_run)

    def recalc(
        self, guild_id: str, user_id: str, *, store: str = DEFAULT_STORE, dry_run: bool = False
    ) -> Recalculated:
        """Make the member's stored level what the curve says, and have its roles looked at.

        Raises MemberNotFound.
        """
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
        chosen = None if user_ids is None else list(dict.fromkeys(user_ids))

        def decide(members: Members) -> tuple[Recalculated, ...]:
            ids = members.transaction.records(USERS) if chosen is None else chosen
            return tuple([members.repair(user_id) for user_id in self._core.along(list(ids))])

        plan = self.plan(self._core.scope(guild_id, store), "xp recalc", decide, reason=reason)
        found, seq = plan.carry_out(dry_run=dry_run)
        return tuple(structs.replace(one, seq=seq, dry_run=dry_run) for one in found)

    def delete(
        self,
        guild_id: str,
        user_ids: str | Sequence[str],
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> Deleted:
        """Delete the records of the members, all in one batch. Undo brings them back.

        Raises MemberNotFound if one has no record; then nothing is deleted.
        """
        ids = [user_ids] if isinstance(user_ids, str) else list(dict.fromkeys(user_ids))
        return self._delete(guild_id, lambda members: ids, _Options(reason, store, dry_run))

    def delete_all(
        self,
        guild_id: str,
        *,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> Deleted:
        """Delete the records of all members of the store, in one batch."""

        def all_of(members: Members) -> list[str]:
            return list(members.transaction.records(USERS))

        return self._delete(guild_id, all_of, _Options(reason, store, dry_run))

    def _delete(
        self, guild_id: str, ids_of: Callable[[Members], Sequence[str]], how: _Options
    ) -> Deleted:
        """Delete the members that are chosen within the transaction."""

        def decide(members: Members) -> int:
            ids = ids_of(members)
            for user_id in self._core.along(ids):
                members.delete(user_id)
            return len(ids)

        scope = self._core.scope(guild_id, how.store)
        plan = self.plan(scope, "xp delete", decide, reason=how.reason)
        count, seq = plan.carry_out(dry_run=how.dry_run)
        return Deleted(count, seq, how.dry_run)

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
        return None if found is None else member_now(user_id, found, self._core.rules(scope).curve)

    def records(self, guild_id: str, *, store: str = DEFAULT_STORE) -> list[MemberXP]:
        """What the store keeps of all its members, levels as the curve says now."""
        scope = self._core.scope(guild_id, store)
        stored = scope.namespace.read().records(USERS)
        curve = self._core.rules(scope).curve
        return [member_now(user_id, record, curve) for user_id, record in list(stored.items())]

    def select(
        self, guild_id: str, which: Selection | None = None, *, store: str = DEFAULT_STORE
    ) -> Selected:
        """Members of the store by their figures, in order; all of them by XP if nothing is said."""
        scope = self._core.scope(guild_id, store)
        members = scope.namespace.read().table(USERS)
        return selected_members(
            members,
            self._core.rules(scope).curve,
            which or Selection(),
            now_ms=self._core.clock.now_ms(),
        )

    def why(
        self, guild_id: str, user_id: str, message: Message, *, store: str = DEFAULT_STORE
    ) -> Why:
        """Which rules a message would meet and what it would earn; nothing is changed."""
        from robo_xp.usecases.members.why import explain_award

        return explain_award(self._core, self._core.scope(guild_id, store), user_id, message)

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
        post = Post(user_id, message, message_id)
        with scope.namespace.transaction(self._award_origin) as transaction:
            found = count_message(core, core.rules(scope), transaction, post)
        return found if isinstance(found, Refusal) else award_result(scope, found, transaction.seq)

    def award_many(
        self, guild_id: str, posts: Sequence[Post], *, store: str = DEFAULT_STORE
    ) -> tuple[Awarded | Refusal, ...]:
        """Count many messages of one guild in one batch, in their order; an answer for each.

        Raises InvalidId; then none is counted.
        """
        core = self._core
        scope = core.scope(guild_id, store)
        with scope.namespace.transaction(self._award_origin) as transaction:
            transaction.foresee([post.user_id for post in posts], USERS, MARKS)
            rules = core.rules(scope)
            found = [count_message(core, rules, transaction, post) for post in posts]
        return tuple(
            one if isinstance(one, Refusal) else award_result(scope, one, transaction.seq)
            for one in found
        )

    def award_voice(
        self, guild_id: str, spent: Sequence[VoiceTime], *, store: str = DEFAULT_STORE
    ) -> tuple[Awarded, ...]:
        """Count the time of members in voice in one batch; an answer for each, also of 0 XP.

        Raises InvalidId; then nothing is counted.
        """
        core = self._core
        scope = core.scope(guild_id, store)
        with scope.namespace.transaction(self._award_origin) as transaction:
            transaction.reason = "voice"
            transaction.foresee([one.user_id for one in spent], USERS, MARKS)
            rules = core.rules(scope)
            found = [count_voice(rules, transaction, one) for one in spent]
        return tuple(award_result(scope, one, transaction.seq) for one in found)
