"""What batches did to members: one all together, and those after and before another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from robo_xp.model.event_reading import event_of
from robo_xp.model.events import (
    CountersChanged,
    Event,
    MemberDeleted,
    MemberHidden,
    MemberRestored,
    RoleHoldersChanged,
    SettingChanged,
    XpChanged,
)
from robo_xp.ports import Along, unseen
from robo_xp.usecases.history import undo_giveaways as giveaway_undo
from robo_xp.usecases.members.changes import USERS
from robo_xp.vault import Batch, Record
from robo_xp.vault.about import members_of

LAST, HIDDEN = "lastAwardedAt", "hidden"
COUNTERS = ("messages", "xpMessages", "voiceSeconds")
# a flag is counted from 0 to 1
COUNTED = (*COUNTERS, HIDDEN)
_FIXING = ("set", "replace")
_TAKING_OVER = ("import", "replace", "undo")
MOVING = (XpChanged, CountersChanged, MemberDeleted, MemberRestored, MemberHidden)


@dataclass(slots=True)
class Later:
    """What batches did after the one to take back; filled from the newest batch on.

    Each part says which of the batches was the last: it fixed a member's XP (and how), took XP
    away, touched the member at all, hid or showed it, changed a setting or a part of a giveaway.
    ``moved`` are the members whose XP some batch moved. ``gained`` is how much they all moved it
    by, and ``needed`` the most of that which came after any one of them: so much less than now
    the member once had.
    """

    fixed: dict[str, tuple[int, str]] = field(default_factory=dict)
    lowered: dict[str, int] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    hidden: dict[str, tuple[int, str]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    gained: dict[str, int] = field(default_factory=dict)
    needed: dict[str, int] = field(default_factory=dict)
    settings: dict[str, int] = field(default_factory=dict)
    giveaways: dict[str, int] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Count in a batch that still holds; what came to nothing in it does not count."""
        for user_id in members_of(batch):
            self.touched.setdefault(user_id, batch.seq)
        members = moved_by(batch)
        idle = {user_id for user_id, moved in members.items() if not moved.has_effect}
        if batch.undoes is None:
            self._sum_up(members)
        for event in batch.told():
            if isinstance(event, MOVING) and event.user_id in idle:
                continue
            match event:
                case MemberDeleted() if not holds_nothing(event.record):
                    self.fixed.setdefault(event.user_id, (batch.seq, "deleted"))
                case XpChanged() if event.how in _FIXING:
                    self.fixed.setdefault(event.user_id, (batch.seq, "set"))
                case XpChanged() if event.delta < 0:
                    self.lowered.setdefault(event.user_id, batch.seq)
                case MemberHidden():
                    word = "hid" if event.hidden else "showed"
                    self.hidden.setdefault(event.user_id, (batch.seq, word))
                case RoleHoldersChanged(role_id=key) | SettingChanged(key=key):
                    self.settings.setdefault(key, batch.seq)
                case _:
                    for subject in giveaway_undo.subjects_of(event):
                        self.giveaways.setdefault(subject, batch.seq)

    def _sum_up(self, members: Mapping[str, Moved]) -> None:
        """Count in by how much XP a batch moved its members."""
        for user_id, moved in members.items():
            if moved.has_effect:
                self.moved.add(user_id)
            gained = self.gained.get(user_id, 0) + moved.by.get("xp", 0)
            self.gained[user_id] = gained
            self.needed[user_id] = max(self.needed.get(user_id, 0), gained)


class Earlier(Protocol):
    """What batches did before the one to take back."""

    def has(self, user_id: str) -> bool:
        """Whether anything that one of them made of the member stands, or may stand."""


@dataclass(slots=True)
class Moved:
    """What the batch did to one member, all its events together.

    ``existed`` is whether the member had a record before, ``exists`` whether after; ``last`` is
    the instant of the last award before and after; ``record`` was deleted, ``image`` brought back.
    ``made_whole`` is whether the record was made with its counters, which no event tells then.
    """

    existed: bool | None = None
    exists: bool = True
    made_whole: bool = False
    restored: bool = False
    xp: int | None = None
    counters: dict[str, int] | None = None
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
                for key in ("xp", *COUNTED, LAST):
                    self._count(key, event.record.get(key, 0), 0)
            case MemberRestored():
                self._begins(existed=False)
                self._move("xp", event.xp)
                self.exists = self.restored = True

    @property
    def by(self) -> dict[str, int]:
        """How far each field was moved. XP stands apart: a million of these take half the room."""
        moved = {} if self.xp is None else {"xp": self.xp}
        return moved if self.counters is None else moved | self.counters

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
        """Keep the record that the batch brought back; one that it made says its counters."""
        self.image = image if self.restored else None
        if self.made_whole and image is not None and not self.by.keys() & {*COUNTED}:
            for key in (*COUNTED, LAST):
                if self.last is None or key != LAST:
                    self._count(key, 0, image.get(key, 0))

    def _begins(self, *, existed: bool) -> None:
        """The first event tells whether there was a record."""
        if self.existed is None:
            self.existed = existed

    def _move(self, key: str, delta: int) -> None:
        """Add to what a field was moved by."""
        if key == "xp":
            self.xp = (self.xp or 0) + delta
            return
        if self.counters is None:
            self.counters = {}
        self.counters[key] = self.counters.get(key, 0) + delta

    def _count(self, key: str, old: int, new: int) -> None:
        """Note that a field went from one value to another; an instant is not moved by a sum."""
        if key == LAST:
            self.last = (self.last[0] if self.last else old, new)
        elif new != old:
            self._move(key, new - old)


def moved_members(batch: Batch) -> set[str]:
    """The members whom the batch, all in all, made, deleted or moved."""
    moved = moved_by(batch)
    idle = {user_id for user_id, by in moved.items() if not by.has_effect}
    return members_of(batch) - idle


def holds_nothing(record: Record) -> bool:
    """Whether the record is like that of a member of whom nothing is known."""
    return not any(record.get(key) for key in ("xp", *COUNTED, LAST))


def moved_by(batch: Batch, along: Along = unseen) -> dict[str, Moved]:
    """What the batch did to each of its members; ``along`` counts what it tells of."""
    found: dict[str, Moved] = {}
    for event in map(event_of, along(batch.events)):
        if isinstance(event, MOVING):
            found.setdefault(event.user_id, Moved()).add(event)
    for table, user_id, image in batch.ops:
        if table == USERS and user_id in found:
            found[user_id].leaves(image)
    return found
