"""The inverse of one batch: what undo means for members and settings.

XP and counters move back by what the batch moved them, so that later gains stay; a deleted record
comes back, with what its member gained since; settings get their earlier values. Where a later
batch fixed a value, so that going back would mean two things, undo refuses and names that batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import UNSET

from robo_xp.errors import Refused, UndoUnclear
from robo_xp.model import MAX_XP
from robo_xp.model.events import (
    CountersChanged,
    Event,
    LevelMoved,
    LevelRepaired,
    MemberDeleted,
    MemberErased,
    MemberHidden,
    MemberRestored,
    SettingChanged,
    XpChanged,
)
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import Core, GuildRules, Scope
from robo_xp.usecases.history import undo_giveaways as giveaway_undo
from robo_xp.usecases.members.changes import NEW_MEMBER, USERS, Members
from robo_xp.usecases.settings.configure import CONFIG
from robo_xp.vault import Batch, Record, Transaction, name_of
from robo_xp.vault.pseudonyms import ERASED, is_pseudonym

LAST, HIDDEN = "lastAwardedAt", "hidden"
_COUNTERS = ("messages", "xpMessages", "voiceSeconds")
# a flag is counted from 0 to 1
_COUNTED = (*_COUNTERS, HIDDEN)
_FIXING = ("set", "replace")
_TAKING_OVER = ("import", "replace", "undo")
_MOVING = (XpChanged, CountersChanged, MemberDeleted, MemberRestored, MemberHidden)
_KNOWN = (*_MOVING, LevelMoved, LevelRepaired, SettingChanged)


def members_of(batch: Batch) -> set[str]:
    """The members that a batch touched."""
    touched = {doc_id for table, doc_id, _ in batch.ops if table == USERS}
    for event in batch.told():
        touched.update(event.user_ids)
    return touched


@dataclass(slots=True)
class Later:
    """What batches did after the one to take back; filled from the newest batch on.

    Each part says which of the batches was the last: it fixed a member's XP (and how), took XP
    away, touched the member at all, hid or showed it, changed a setting or a part of a giveaway.
    ``moved`` are the members whose XP some batch moved.
    """

    fixed: dict[str, tuple[int, str]] = field(default_factory=dict)
    lowered: dict[str, int] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    hidden: dict[str, tuple[int, str]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    settings: dict[str, int] = field(default_factory=dict)
    giveaways: dict[str, int] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Count in a batch that still holds; what came to nothing in it does not count."""
        for user_id in members_of(batch):
            self.touched.setdefault(user_id, batch.seq)
        idle = {user_id for user_id, moved in _moved_by(batch).items() if not moved.has_effect}
        for event in batch.told():
            if isinstance(event, _MOVING):
                if event.user_id in idle:
                    continue
                if batch.undoes is None:
                    self.moved.add(event.user_id)
            match event:
                case MemberDeleted() if not _holds_nothing(event.record):
                    self.fixed.setdefault(event.user_id, (batch.seq, "deleted"))
                case XpChanged() if event.how in _FIXING:
                    self.fixed.setdefault(event.user_id, (batch.seq, "set"))
                case XpChanged() if event.delta < 0:
                    self.lowered.setdefault(event.user_id, batch.seq)
                case MemberHidden():
                    word = "hid" if event.hidden else "showed"
                    self.hidden.setdefault(event.user_id, (batch.seq, word))
                case SettingChanged():
                    self.settings.setdefault(event.key, batch.seq)
                case _:
                    for subject in giveaway_undo.subjects_of(event):
                        self.giveaways.setdefault(subject, batch.seq)


class Earlier(Protocol):
    """What batches did before the one to take back."""

    def has(self, user_id: str) -> bool:
        """Whether anything that one of them made of the member stands, or may stand."""


@dataclass(slots=True)
class _Moved:
    """What the batch did to one member, all its events together.

    ``existed`` is whether the member had a record before, ``exists`` whether after; ``last`` is
    the instant of the last award before and after; ``record`` was deleted, ``image`` left behind.
    ``made_whole`` is whether the record was made with its counters, which no event tells then.
    """

    existed: bool | None = None
    exists: bool = True
    made_whole: bool = False
    restored: bool = False
    by: dict[str, int] = field(default_factory=dict)
    last: tuple[int, int] | None = None
    record: Record | None = None
    image: Record | None = None

    def add(self, event: Event) -> None:
        """Count in the next event of the member."""
        match event:
            case XpChanged():
                self._begins(existed=not event.created)
                self.made_whole |= event.created and event.how in _TAKING_OVER
                self._move("xp", event.delta)
                self.exists = True
            case CountersChanged():
                for key in event.new:
                    self._count(key, event.old[key], event.new[key])
            case MemberHidden():
                self._begins(existed=not event.created)
                self._count(HIDDEN, not event.hidden, event.hidden)
                self.exists = True
            case MemberDeleted():
                self._begins(existed=True)
                self.record, self.exists = event.record, False
                for key in ("xp", *_COUNTED, LAST):
                    self._count(key, event.record.get(key, 0), 0)
            case MemberRestored():
                self._begins(existed=False)
                self._move("xp", event.xp)
                self.exists = self.restored = True

    @property
    def has_effect(self) -> bool:
        """Whether the batch, all in all, made, deleted or moved anything of the member."""
        existed = self.existed is not False
        if existed != self.exists:
            return True
        return existed and (
            any(self.by.values()) or (self.last is not None and self.last[0] != self.last[1])
        )

    def leaves(self, image: Record | None) -> None:
        """Keep the record that the batch left behind; one that it made says its counters."""
        self.image = image
        if self.made_whole and image is not None and not self.by.keys() & {*_COUNTED}:
            for key in (*_COUNTED, LAST):
                if self.last is None or key != LAST:
                    self._count(key, 0, image.get(key, 0))

    def _begins(self, *, existed: bool) -> None:
        """The first event tells whether there was a record."""
        if self.existed is None:
            self.existed = existed

    def _move(self, key: str, delta: int) -> None:
        """Add to what a field was moved by."""
        self.by[key] = self.by.get(key, 0) + delta

    def _count(self, key: str, old: int, new: int) -> None:
        """Note that a field went from one value to another; an instant is not moved by a sum."""
        if key == LAST:
            self.last = (self.last[0] if self.last else old, new)
        elif new != old:
            self._move(key, new - old)


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
        later = self._later.giveaways
        if giveaway_undo.take_back(self._transaction, self._namespace, batch, later):
            return None
        _refuse_erasure(batch)
        _refuse_unknown(batch)
        settings, curve_moved = self._take_back_settings(batch)
        if name_of(self._namespace).kind == "xp":
            members = self._members(settings)
            for user_id, moved in _moved_by(batch).items():
                self._take_back(members, user_id, moved)
            if curve_moved:
                members.recalculate_all()
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

    def _take_back_settings(self, batch: Batch) -> tuple[Mapping[str, Any] | None, bool]:
        """Give settings their earlier values; the settings then, and whether the curve moved."""
        changes = [event for event in batch.told() if isinstance(event, SettingChanged)]
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

    def _take_back(self, members: Members, user_id: str, moved: _Moved) -> None:
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
            members.restore(user_id, _before(moved, moved.record))
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
        self, members: Members, user_id: str, record: Record | None, moved: _Moved
    ) -> None:
        """Move XP and counters back; a record that the batch made goes if it is empty again."""
        now, told = record or NEW_MEMBER, len(self._transaction.events)
        fields = {"xp": now["xp"] - moved.by.get("xp", 0)}
        if not 0 <= fields["xp"] <= MAX_XP:
            raise self._out_of_reach(user_id, now["xp"], moved.by["xp"])
        for key in _COUNTERS:
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
            f"member {user_id} has {xp} XP left of {delta}: batch {seq} took some away later"
        )

    def _is_left_over(self, user_id: str, moved: _Moved) -> bool:
        """Whether there is an empty record, and no other batch that stands made anything of it."""
        record = self._transaction.get(USERS, user_id)
        if record is None or not _holds_nothing(record) or user_id in self._later.moved:
            return False
        return not (moved.existed and self._earlier.has(user_id))


def moved_members(batch: Batch) -> set[str]:
    """The members whom the batch, all in all, made, deleted or moved."""
    moved = _moved_by(batch)
    idle = {user_id for user_id, by in moved.items() if not by.has_effect}
    return members_of(batch) - idle


def _is_undone_by_nothing(batch: Batch) -> bool:
    """Whether it changed members, so it can be undone also where nothing of that is left."""
    return batch.undoes is not None or any(isinstance(event, _MOVING) for event in batch.told())


def _holds_nothing(record: Record) -> bool:
    """Whether the record is like that of a member of whom nothing is known."""
    return not any(record.get(key) for key in ("xp", *_COUNTED, LAST))


def _moved_by(batch: Batch) -> dict[str, _Moved]:
    """What the batch did to each of its members."""
    found: dict[str, _Moved] = {}
    for event in batch.told():
        if isinstance(event, _MOVING):
            found.setdefault(event.user_id, _Moved()).add(event)
    for table, user_id, image in batch.ops:
        if table == USERS and user_id in found:
            found[user_id].leaves(image)
    return found


def _without_level(record: Record | None) -> Mapping[str, Any] | None:
    """The record but for its level, which follows curves."""
    return record and {**record, "level": 0}


def _refuse_erasure(batch: Batch) -> None:
    """Raise Refused for the erasure of a person, which kept nothing to bring back."""
    if any(isinstance(event, MemberErased) for event in batch.told()):
        raise Refused(
            f"batch {batch.seq} erased a person, which nothing can take back",
            advice="only a backup from before still has what was erased",
        )


def _refuse_unknown(batch: Batch) -> None:
    """Raise Refused for an event that a later version may have written."""
    for event in batch.told():
        if not isinstance(event, _KNOWN):
            raise Refused(
                f"batch {batch.seq} did {event.type}, which this version cannot take back",
                advice="upgrade Robo XP",
            )


def _before(moved: _Moved, record: Record) -> dict[str, Any]:
    """The record as it was before a batch that deleted it, and may have changed it first."""
    before = {**record, **{key: -delta for key, delta in moved.by.items()}}
    if HIDDEN in moved.by:
        before[HIDDEN] = moved.by[HIDDEN] < 0
    if moved.last is not None:
        before[LAST] = moved.last[0]
    return before
