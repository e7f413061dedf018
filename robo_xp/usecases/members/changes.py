"""Changes of members inside one transaction: the one place that turns totals into records and
events, for messages, commands, bulk files, imports, undo and curves alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from robo_xp.errors import MemberNotFound
from robo_xp.model import MAX_XP, Recalculated, XPChange, check_xp
from robo_xp.model.events import (
    CountersChanged,
    LevelRepaired,
    MemberDeleted,
    MemberHidden,
    MemberRestored,
    XpChanged,
    level_event,
)
from robo_xp.model.ids import check_snowflake
from robo_xp.ports import Along, unseen
from robo_xp.rules.levels.total import (
    capped_total,
    total_after_add,
    total_after_remove,
    total_after_set,
)
from robo_xp.rules.period import HAND
from robo_xp.usecases.core import GuildRules, Scope
from robo_xp.usecases.members.sums import count_gain, count_nothing, forget_sums
from robo_xp.vault import Record, Transaction

USERS = "users"
NEW_MEMBER: Mapping[str, Any] = {
    "xp": 0,
    "level": 0,
    "lastAwardedAt": 0,
    "messages": 0,
    "xpMessages": 0,
}

_BY_HAND = ("add", "remove", "set")
LATER_COUNTS = ("voiceSeconds", "voiceDay", "voiceMinutes", "cooldownFrom")
"""What records have besides once there is anything to count."""


@dataclass(frozen=True, slots=True)
class LevelEffect:
    """How many stored levels a change of curve moved, and the first few of them."""

    changed: int = 0
    up: int = 0
    down: int = 0
    sample: tuple[Recalculated, ...] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """The members of one store, as one transaction changes them under the rules that hold."""

    scope: Scope
    transaction: Transaction
    rules: GuildRules

    def add(self, user_id: str, amount: int, *, reason: str | None = None) -> XPChange:
        """Add XP; a member without a record gets one. The cap holds, and never lowers."""
        check_xp(amount)
        record = self._record(user_id)
        old = NEW_MEMBER["xp"] if record is None else record["xp"]
        new, capped = total_after_add(old, amount, self.rules.curve)
        return self._store(user_id, record, {"xp": new}, _How("add", reason, capped))

    def remove(self, user_id: str, amount: int, *, reason: str | None = None) -> XPChange:
        """Take XP away, down to 0; MemberNotFound without a record."""
        check_xp(amount)
        record = self.existing(user_id)
        new = total_after_remove(record["xp"], amount)
        return self._store(user_id, record, {"xp": new}, _How("remove", reason))

    def set(self, user_id: str, total: int, *, reason: str | None = None) -> XPChange:
        """Make the total exactly this much, or the cap if that is less."""
        check_xp(total, "total")
        new, capped = total_after_set(total, self.rules.curve)
        how = _How("set", reason, capped)
        return self._store(user_id, self._record(user_id), {"xp": new}, how)

    def shift(self, user_id: str, delta: int) -> XPChange:
        """Move the total by exactly ``delta``, whatever the cap: what undo does."""
        record = self._record(user_id)
        new = (0 if record is None else record["xp"]) + delta
        return self._store(user_id, record, {"xp": min(max(new, 0), MAX_XP)}, _How("undo"))

    def decay(self, user_id: str, amount: int) -> XPChange:
        """Take XP away from one who was away for long."""
        record = self.existing(user_id)
        fields = {"xp": total_after_remove(record["xp"], amount)}
        return self._store(user_id, record, fields, _How("decay"))

    def give_prize(self, user_id: str, amount: int, *, reason: str) -> XPChange:
        """Add XP for a place on a board, up to the most that a member can have."""
        record = self.existing(user_id)
        new = capped_total(record["xp"], amount, self.rules.curve.cap)
        return self._store(user_id, record, {"xp": new}, _How("prize", reason))

    def recalculate(self, user_id: str) -> Recalculated:
        """Make the stored level what the curve says; MemberNotFound without a record."""
        record = self.existing(user_id)
        old = record["level"]
        new = self.rules.curve.level_for(record["xp"], old)
        if new != old:
            self.transaction.put(USERS, user_id, {**record, "level": new})
            self._tell_level(user_id, old, new, record["xp"])
        where = self.scope
        return Recalculated(
            where.guild_id, where.store_id, user_id, old, new, record["xp"], new != old, None
        )

    def repair(self, user_id: str) -> Recalculated:
        """The same, told even where the level was right: then only the roles may be behind."""
        found = self.recalculate(user_id)
        self.transaction.event(LevelRepaired(user_id))
        return found

    def recalculate_all(self, *, sample: int = 0, along: Along = unseen) -> LevelEffect:
        """Make all stored levels what the curve says, and count what moved."""
        level_for = self.rules.curve.level_for
        stale = [
            user_id
            for user_id, record in along(self.transaction.records(USERS).items())
            if level_for(record["xp"], record["level"]) != record["level"]
        ]
        moved = [self.recalculate(user_id) for user_id in along(stale)]
        up = sum(1 for one in moved if one.new_level > one.old_level)
        return LevelEffect(len(moved), up, len(moved) - up, tuple(moved[:sample]))

    def delete(self, user_id: str) -> None:
        """Delete the record; the event keeps it for undo. MemberNotFound without one."""
        record = self.existing(user_id)
        self.transaction.delete(USERS, user_id)
        self.transaction.event(MemberDeleted(user_id, dict(record)))

    def restore(self, user_id: str, record: Record) -> None:
        """Put a deleted record back, its level as the curve says now."""
        level = self.rules.curve.level_for(record["xp"], record["level"])
        self.transaction.put(USERS, user_id, {**record, "level": level})
        self.transaction.event(MemberRestored(user_id, record["xp"]))

    def replace(self, user_id: str, fields: Mapping[str, int], *, how: str) -> XPChange:
        """Take over total and counters from elsewhere; the old counters are kept for undo.

        Of a member without a record they were 0, and the record that is made says the new ones.
        """
        record = self._record(user_id)
        before = record or fields
        moved = {
            key: value
            for key, value in fields.items()
            if key != "xp" and before.get(key, 0) != value
        }
        if moved:
            old = {key: before.get(key, 0) for key in moved}
            self.transaction.event(CountersChanged(user_id, old, moved))
        return self._store(user_id, record, fields, _How(how))

    def hide(self, user_id: str, *, hidden: bool) -> bool:
        """Keep the member off boards, or let it stand there again; whether that changed anything.

        Who has no record gets one to be hidden by.
        """
        record = self._record(user_id)
        if bool((record or NEW_MEMBER).get("hidden")) == hidden:
            return False
        after = {**(record or NEW_MEMBER), "hidden": True}
        if not hidden:
            del after["hidden"]
        self.transaction.put(USERS, user_id, after)
        self.transaction.event(MemberHidden(user_id, hidden, record is None))
        return True

    def existing(self, user_id: str) -> Record:
        """The record; MemberNotFound without one."""
        record = self._record(user_id)
        if record is None:
            raise no_record(self.scope, user_id)
        return record

    def _record(self, user_id: str) -> Record | None:
        """The record, or None; InvalidId for an id that cannot be."""
        return self.transaction.get(USERS, check_snowflake(user_id, "member id"))

    def _store(
        self, user_id: str, record: Record | None, fields: Mapping[str, int], how: _How
    ) -> XPChange:
        """Store the fields, with the level of their XP, and tell what changed, if anything did."""
        old_xp, old_level = (0, 0) if record is None else (record["xp"], record["level"])
        new_xp = fields["xp"]
        new_level = self.rules.curve.level_for(new_xp, old_level)
        after = {**(record or NEW_MEMBER), **fields, "level": new_level}
        if after != record:
            delta, is_new = new_xp - old_xp, record is None
            day = self._count(user_id, (old_xp, new_xp), how, is_new=is_new)
            self.transaction.put(USERS, user_id, after)
            self.transaction.event(
                XpChanged(user_id, old_xp, new_xp, delta, how.verb, how.reason, is_new, day)
            )
            self._tell_level(user_id, old_level, new_level, new_xp)
        ids = (self.scope.guild_id, self.scope.store_id, user_id)
        return XPChange(*ids, old_xp, new_xp, old_level, new_level, None, how.capped)

    def _count(
        self, user_id: str, totals: tuple[int, int], how: _How, *, is_new: bool
    ) -> int | None:
        """Count a change by hand into the periods of today where the guild wants that, and all
        else into none; the day.
        """
        periods = self.rules.settings.periods
        if is_new:
            # whoever had this record before has no part in the new one
            forget_sums(self.transaction, user_id)
        if HAND not in periods.counted or how.verb not in _BY_HAND:
            count_nothing(self.transaction, user_id, totals[1] - totals[0])
            return None
        day = periods.calendar.day_of(self.transaction.ts)
        count_gain(self.transaction, periods.calendar, user_id, day, totals)
        return day

    def _tell_level(self, user_id: str, old: int, new: int, xp: int) -> None:
        """Tell listeners of a level that moved."""
        if old != new:
            self.transaction.event(level_event(user_id, old, new, xp))


@dataclass(frozen=True, slots=True)
class _How:
    """Which verb changed a total, why, and whether the cap held it."""

    verb: str
    reason: str | None = None
    capped: bool = False


def no_record(where: Scope, user_id: str) -> MemberNotFound:
    """The error to raise for a member without a record."""
    return MemberNotFound(
        f"member {user_id} has no record in store {where.store_id!r} of guild {where.guild_id}"
    )
