"""The inverse of one batch: what undo means for members and settings.

XP and counters move back by what the batch moved them, so that later gains stay; a deleted record
comes back, with what its member gained since; settings get their earlier values. Where a later
batch fixed a value, so that going back would mean two things, undo refuses and names that batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from robo_xp.errors import Refused, UndoUnclear
from robo_xp.model import MAX_XP
from robo_xp.model.events import (
    Event,
    LevelMoved,
    LevelRepaired,
    MadeTogether,
    MemberErased,
    NamespaceRepaired,
    NamespaceRestored,
    SettingChanged,
    SumsMoved,
)
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import Core, GuildRules, Scope
from robo_xp.usecases.history import undo_giveaways as giveaway_undo
from robo_xp.usecases.history.moved import (
    COUNTERS,
    HIDDEN,
    LAST,
    MOVING,
    Earlier,
    Later,
    Moved,
    holds_nothing,
    moved_by,
)
from robo_xp.usecases.history.undo_periods import OF_PERIODS, take_back_periods
from robo_xp.usecases.members.changes import NEW_MEMBER, USERS, Members
from robo_xp.usecases.members.sums import MARKS
from robo_xp.usecases.settings.configure import CONFIG
from robo_xp.vault import Batch, Record, Transaction, name_of
from robo_xp.vault.pseudonyms import ERASED, is_pseudonym

_OF_MEMBERS = (*MOVING, LevelMoved, LevelRepaired, SumsMoved)
_KNOWN = (SettingChanged, MadeTogether, *OF_PERIODS)


class Inverse:
    """The inverse of one batch, put into a transaction."""

    def __init__(
        self,
        core: Core,
        namespace: str,
        transaction: Transaction,
        later: Later,
        earlier: Earlier,
    ) -> None:
        """Take a batch back in the transaction, given what ``later`` and ``earlier`` ones did."""
        self._core = core
        self._earlier = earlier
        self._namespace = namespace
        self._transaction = transaction
        self._later = later

    def carry_out(self, batch: Batch) -> Mapping[str, Any] | None:
        """Put the inverse into the transaction; the own settings after it if the curve moved."""
        later, rest = self._later.giveaways, list(batch.told_besides(*_OF_MEMBERS))
        if giveaway_undo.take_back(self._transaction, self._namespace, rest, later):
            return None
        _refuse_erasure(batch.seq, rest)
        _refuse_files(batch.seq, rest)
        _refuse_unknown(batch.seq, rest)
        settings, curve_moved = self._take_back_settings(rest)
        if name_of(self._namespace).kind == "xp":
            members, moves = self._members(settings), moved_by(batch, self._core.along)
            self._transaction.foresee([*moves], USERS, MARKS)
            for user_id in self._core.along(list(moves)):
                self._take_back(members, user_id, moves.pop(user_id))
            take_back_periods(members, batch, rest, self._later.settings)
            if curve_moved:
                members.recalculate_all(along=self._core.along)
        if not self._transaction.events and not _is_undone_by_nothing(batch):
            raise Refused(
                f"batch {batch.seq} ({batch.cmd}) has nothing to take back",
                advice="see 'robo-xp history' for the batches that can be undone",
            )
        return settings if curve_moved else None

    def _members(self, settings: Mapping[str, Any] | None) -> Members:
        """The members of the namespace under the rules that hold after the undo."""
        name = name_of(self._namespace)
        scope = self._core.scope(name.guild_id, name.store_id)
        return Members(scope, self._transaction, self._rules(scope, settings))

    def _rules(self, scope: Scope, settings: Mapping[str, Any] | None) -> GuildRules:
        """The rules of the store; worked out anew only where the undo changed settings."""
        if settings is None:
            return self._core.rules(scope)
        return self._core.rules_for(scope, self._core.global_own(), settings)

    def _take_back_settings(self, events: Sequence[Event]) -> tuple[Mapping[str, Any] | None, bool]:
        """Give settings their earlier values; the settings then, and whether the curve moved."""
        changes = [event for event in events if isinstance(event, SettingChanged)]
        if not changes:
            return None, False
        before = CONFIG.own(self._transaction)
        there = XP.leaves_of(before)
        after = dict(before)
        for event in reversed(changes):
            key = event.key
            now = None if event.new is UNSET else event.new
            self._refuse_if_set_later(key, is_changed=there.get(key) != now)
            is_gone = event.old is UNSET
            after = XP.unset(after, key) if is_gone else XP.set(after, key, event.old)
        return after, "levels" in CONFIG.put(self._transaction, before, after)

    def _refuse_if_set_later(self, key: str, *, is_changed: bool) -> None:
        """Raise UndoUnclear when the setting was given another value since."""
        seq = self._later.settings.get(key)
        if seq is not None or is_changed:
            who = "something" if seq is None else f"batch {seq}"
            raise UndoUnclear(f"{who} set {key} later")

    def _take_back(self, members: Members, user_id: str, moved: Moved) -> None:
        """Move one member back; of who was erased nothing comes back."""
        if is_pseudonym(user_id) or user_id in self._transaction.records(ERASED):
            return
        if user_id in self._later.fixed:
            seq, what = self._later.fixed[user_id]
            raise UndoUnclear(f"batch {seq} {what} member {user_id} later")
        record = self._transaction.get(USERS, user_id)
        if not (moved.existed or moved.exists):
            return
        if moved.restored and not moved.existed:
            self._take_away(members, user_id, moved.image)
        elif moved.record is not None and not moved.exists and record is None:
            before = _before(moved, moved.record)
            if not holds_nothing(before) or self._earlier.has(user_id):
                members.restore(user_id, before)
        else:
            self._move_back(members, user_id, record, moved)

    def _take_away(self, members: Members, user_id: str, image: Record | None) -> None:
        """Delete a record that the batch brought back, unless it has changed since."""
        now = self._transaction.get(USERS, user_id)
        if _without_level(now) != _without_level(image):
            seq = self._later.touched.get(user_id)
            raise UndoUnclear(f"batch {seq} changed member {user_id} later")
        members.delete(user_id)

    def _move_back(
        self, members: Members, user_id: str, record: Record | None, moved: Moved
    ) -> None:
        """Move XP and counters back; a record that the batch made goes if it is empty again."""
        now, told = record or NEW_MEMBER, len(self._transaction.events)
        fields = {"xp": now["xp"] - moved.by.get("xp", 0)}
        # at no time since may there have been less than nothing, or what was taken then hangs in
        # the air, and the batches that are left can be taken back in no order at all
        needed = self._later.needed.get(user_id, 0) if moved.by.get("xp", 0) > 0 else 0
        if not needed <= fields["xp"] <= MAX_XP:
            raise self._out_of_reach(user_id, now["xp"], moved.by["xp"])
        for key in COUNTERS:
            if moved.by.get(key):
                fields[key] = max(0, now.get(key, 0) - moved.by[key])
        if moved.last is not None and now.get(LAST, 0) == moved.last[1]:
            fields[LAST] = moved.last[0]
        if any(now.get(key, 0) != value for key, value in fields.items()):
            members.replace(user_id, fields, how="undo")
        self._show_or_hide(members, user_id, moved.by.get(HIDDEN, 0))
        if self._is_left_over(user_id, moved):
            if len(self._transaction.events) > told:
                self._transaction.delete(USERS, user_id)
            else:
                members.delete(user_id)  # an undo of this one has to find what it did

    def _show_or_hide(self, members: Members, user_id: str, moved: int) -> None:
        """Show who was hidden, and the other way round."""
        if moved and user_id in self._later.hidden:
            seq, what = self._later.hidden[user_id]
            raise UndoUnclear(f"batch {seq} {what} member {user_id} later")
        if moved:
            members.hide(user_id, hidden=moved < 0)

    def _out_of_reach(self, user_id: str, xp: int, delta: int) -> UndoUnclear:
        """Why the XP cannot be moved back so far."""
        seq = self._later.lowered.get(user_id)
        if delta < 0 or seq is None:
            return UndoUnclear(f"member {user_id} has {xp} XP; they cannot be moved by {-delta}")
        return UndoUnclear(
            f"batch {seq} took some away later, of the {delta} XP that member {user_id} was given"
        )

    def _is_left_over(self, user_id: str, moved: Moved) -> bool:
        """Whether there is an empty record, and no other batch that stands made anything of it."""
        record = self._transaction.get(USERS, user_id)
        if record is None or not holds_nothing(record) or user_id in self._later.moved:
            return False
        return not (moved.existed and self._earlier.has(user_id))


def _is_undone_by_nothing(batch: Batch) -> bool:
    """Whether it changed members or more elsewhere, so it can be undone also where nothing of that
    is left here.
    """
    kinds = (*MOVING, MadeTogether)
    return batch.undoes is not None or any(isinstance(event, kinds) for event in batch.told())


def _without_level(record: Record | None) -> Mapping[str, Any] | None:
    """The record but for its level, which follows curves."""
    return record and {**record, "level": 0}


def _refuse_erasure(seq: int, events: Sequence[Event]) -> None:
    """Raise Refused for the erasure of a person, which kept nothing to bring back."""
    if any(isinstance(event, MemberErased) for event in events):
        raise Refused(
            f"batch {seq} erased a person, which nothing can take back",
            advice="only a backup from before still has what was erased",
        )


def _refuse_files(seq: int, events: Sequence[Event]) -> None:
    """Raise Refused for a restore or a repair, which put other files in place."""
    for event in events:
        if isinstance(event, NamespaceRestored):
            raise Refused(
                f"batch {seq} is a restore, which only another restore takes back",
                advice=f"restore what it replaced: robo-xp backup restore {event.kept}"
                if event.kept and event.since is not None
                else "restore another backup; see 'robo-xp backup list' for those that there are",
            )
        if isinstance(event, NamespaceRepaired):
            raise Refused(
                f"batch {seq} is a repair of damaged files, which is not taken back",
                advice="see 'robo-xp backup list' for the backups that could be restored",
            )


def _refuse_unknown(seq: int, events: Sequence[Event]) -> None:
    """Raise Refused for an event that a later version may have written."""
    for event in events:
        if not isinstance(event, _KNOWN):
            raise Refused(
                f"batch {seq} did {event.type}, which this version cannot take back",
                advice="upgrade Robo XP",
            )


def _before(moved: Moved, record: Record) -> dict[str, Any]:
    """The record as it was before a batch that deleted it, and may have changed it first."""
    before = {**record, **{key: -delta for key, delta in moved.by.items()}}
    if HIDDEN in moved.by:
        before[HIDDEN] = moved.by[HIDDEN] < 0
    if moved.last is not None:
        before[LAST] = moved.last[0]
    return before
