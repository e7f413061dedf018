"""What batches mean for Discord: whose level moved, and who has to hear of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from robo_xp.model.events import (
    Event,
    LevelDown,
    LevelRepaired,
    LevelUp,
    MemberDeleted,
    MemberRestored,
    NamespaceRestored,
    PeriodClosed,
    SettingChanged,
)
from robo_xp.model.outbox import ClosedBoard
from robo_xp.usecases.history.pending_for_discord import earned_by, is_bulk
from robo_xp.vault import Batch
from robo_xp.vault.pseudonyms import is_pseudonym

_MEANT: Final = (
    LevelUp, LevelDown, LevelRepaired, MemberDeleted, MemberRestored, NamespaceRestored,
    PeriodClosed, SettingChanged,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """Where one member's level went, over some batches.

    ``level`` is None where no event told it. ``rose`` and ``fell`` say which ways it moved; a
    repair counts as both. ``said_from`` is the level before the first rise that is worth telling,
    None without one; ``seq``, ``at`` (epoch ms) and ``channel_id`` are those of the last such rise.
    """

    user_id: str
    level: int | None = None
    total_xp: int = 0
    rose: bool = False
    fell: bool = False
    said_from: int | None = None
    seq: int = 0
    channel_id: str | None = None
    at: int = 0

    @property
    def is_worth_telling(self) -> bool:
        """Whether the member ended above where it was told to be."""
        if self.said_from is None or self.level is None:
            return False
        return self.level > self.said_from

    def then(self, later: Move) -> Move:
        """Both moves as one."""
        told = later if later.said_from is not None else self
        last = self if later.level is None else later
        return replace(
            later,
            level=last.level,
            total_xp=last.total_xp,
            rose=self.rose or later.rose,
            fell=self.fell or later.fell,
            said_from=later.said_from if self.said_from is None else self.said_from,
            seq=told.seq,
            channel_id=told.channel_id,
            at=told.at,
        )


@dataclass(slots=True)
class Moves:
    """The moves of all members over the batches that were added, one for each member.

    Those in ``fresh`` were moved by other than bulk changes. ``has_settings`` is whether some
    batches changed settings, too, ``is_restored`` whether one of them put the namespace back, and
    ``boards`` are those that they closed and that are to be told. Nothing is told of members who
    are ``erased``, up to the batch that stands beside their id.
    """

    erased: Mapping[str, int] = field(default_factory=dict)
    by_user: dict[str, Move] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    has_settings: bool = False
    is_restored: bool = False
    boards: list[ClosedBoard] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Count in the next batch."""
        earned, in_bulk = earned_by(batch), is_bulk(batch)
        for event in batch.told(*_MEANT):
            self.has_settings |= isinstance(event, SettingChanged)
            self.is_restored |= isinstance(event, NamespaceRestored)
            if isinstance(event, PeriodClosed) and event.announced:
                self.boards.append(self._board_of(event, batch))
            move = _move_of(event, batch, earned)
            if move is not None and not self._is_gone(move.user_id, batch):
                if not in_bulk:
                    self.fresh.add(move.user_id)
                before = self.by_user.get(move.user_id)
                self.by_user[move.user_id] = move if before is None else before.then(move)

    def _board_of(self, event: PeriodClosed, batch: Batch) -> ClosedBoard:
        top = tuple(
            (one["userId"], one["xp"])
            for one in event.top
            if not self._is_gone(one["userId"], batch)
        )
        span = (event.kind, event.begins_at, event.ends_at)
        return ClosedBoard(batch.seq, batch.ts, *span, event.members, top)

    def _is_gone(self, user_id: str, batch: Batch) -> bool:
        """Whether the member of that time was erased since."""
        return batch.seq <= self.erased.get(user_id, 0) or is_pseudonym(user_id)


def is_ordinary(batch: Batch) -> bool:
    """Whether the batch tells of nothing that anybody waits for."""
    return next(batch.told(*_MEANT), None) is None


def _move_of(event: Event, batch: Batch, earned: frozenset[str]) -> Move | None:
    """What one event means; None for those that move no level."""
    match event:
        case LevelUp(user_id, old, level, total, channel_id):
            if user_id not in earned:
                return Move(user_id, level, total, rose=True)
            return Move(user_id, level, total, True, False, old, batch.seq, channel_id, batch.ts)
        case LevelDown():
            return Move(event.user_id, event.new_level, event.total_xp, fell=True)
        case MemberDeleted() if event.record.get("level", 0):
            return Move(event.user_id, 0, 0, fell=True)
        case MemberRestored():
            return Move(event.user_id, rose=True)
        case LevelRepaired():
            return Move(event.user_id, rose=True, fell=True)
    return None
