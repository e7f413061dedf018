"""History: the batches of a namespace, and taking one back.

What undo means, event by event, stands in ``inverse``; here is which batches there are, which of
them still hold, and the batch that takes one back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, Final

from robo_xp.errors import AlreadyUndone, BatchNotFound, Refused, UndoUnclear
from robo_xp.model.events import MadeTogether
from robo_xp.rules.what import Known, delta_of, own_part, what_of
from robo_xp.usecases.core import Core, check_reason
from robo_xp.usecases.giveaways.book import Book
from robo_xp.usecases.history import undo_giveaways as giveaway_undo
from robo_xp.usecases.history.moved import Later, moved_members
from robo_xp.usecases.history.pending_for_discord import is_awaited
from robo_xp.usecases.history.undo import Inverse
from robo_xp.usecases.history.what import Change, changes_of
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.names import CHANNELS, MEMBERS, ROLES, Names
from robo_xp.usecases.members.use import AWARD_CMD
from robo_xp.usecases.plan import Plan, bind
from robo_xp.usecases.settings.recalculate_levels import Behind, follow_global
from robo_xp.vault import GLOBAL, Batch, Namespace, Part, Transaction, giveaways_name, name_of
from robo_xp.vault.about import members_of


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One batch: who did what and when (epoch ms), how many members it touched, the XP moved.

    ``undoes`` is the batch that it took back, ``undone_by`` the one that took it back; ``what``
    says in a line what it did.
    """

    seq: int
    ts: int
    by: str
    cmd: str
    reason: str | None
    members: int
    delta: int
    undoes: int | None
    undone_by: int | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichBatches:
    """Which batches to list: those that touched a member, from ``since`` to ``until`` (epoch ms),
    by an actor (``cli:alice``, or ``alice``), of a command (``xp give``, or all of ``xp``).

    Awards for messages are left out unless asked for.
    """

    user_id: str | None = None
    awards: bool = False
    since: int = 0
    until: int | None = None
    by: str | None = None
    cmd: str | None = None

    def has(self, batch: Batch) -> bool:
        """Whether the batch is one of them, whoever it touched."""
        return (
            (self.awards or batch.cmd != AWARD_CMD)
            and batch.ts >= self.since
            and (self.until is None or batch.ts < self.until)
            and (self.by is None or self.by in (batch.by, batch.by.rpartition(":")[2]))
            and (self.cmd is None or f"{batch.cmd} ".startswith(f"{self.cmd} "))
        )


ALL: Final = WhichBatches()
_TRIED: Final = 50


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """One batch and all that it did; each change has ``kind``, ``old`` and ``new``."""

    row: HistoryRow
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """A batch that was taken back: its number and command, the number of the inverse, the members
    touched, the XP moved. ``behind`` are stores that could not follow a global curve, ``beside``
    the batches that were taken back with it, by their namespaces.
    """

    undone: int
    cmd: str
    seq: int | None
    members: int
    delta: int
    dry_run: bool
    behind: tuple[Behind, ...] = ()
    beside: Mapping[str, int] = field(default_factory=dict)


class History:
    """The batches of a namespace, newest first, and undo."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def rows(self, namespace: str, which: WhichBatches = ALL) -> Iterator[HistoryRow]:
        """The kept batches, newest first; members and XP of one member alone where one is meant."""
        standing, known = _Standing(), self.known(namespace)
        where, user_id = self._core.vault.namespace(namespace), which.user_id
        for batch in where.heads_back(_part_of(user_id)):
            undone_by = standing.undone_by(batch)
            if which.has(batch) and (user_id is None or user_id in members_of(batch)):
                yield _row(batch, undone_by, known, user_id=user_id)

    def gains(self, namespace: str, user_id: str, since: int) -> Iterator[tuple[int, int]]:
        """When (epoch ms) and by how much the member's XP moved since, the newest first."""
        for batch in self._core.vault.namespace(namespace).heads_back(_part_of(user_id)):
            if batch.ts < since:
                return
            delta = delta_of(own_part(batch.told(), user_id))
            if delta:
                yield batch.ts, delta

    def last(self, namespace: str) -> HistoryRow | None:
        """The newest change that still stands; neither an award nor an undo."""
        rows = self.rows(namespace)
        return next((row for row in rows if row.undoes is None and row.undone_by is None), None)

    def undoable_before(self, namespace: str, seq: int) -> HistoryRow | None:
        """The newest change before this one that can be taken back now; None of the last ones."""
        rows = (row for row in self.rows(namespace) if row.seq < seq)
        standing = (row for row in rows if row.undoes is None and row.undone_by is None)
        for row in islice(standing, _TRIED):
            with suppress(Refused):
                self.undo(namespace, row.seq, dry_run=True)
                return row
        return None

    def show(self, namespace: str, seq: int) -> ShownBatch:
        """One batch and all that it did. Raises BatchNotFound."""
        where, standing = self._core.vault.namespace(namespace), _Standing()
        for head in where.heads_back():
            undone_by = standing.undone_by(head)
            if head.seq == seq and (batch := next(where.batches(seq - 1), None)):
                known = self.known(namespace)
                row = _row(batch, undone_by, known)
                return ShownBatch(row, tuple(changes_of(batch, known)))
        raise _no_batch(namespace, seq, where.read().seq)

    def known(self, namespace: str) -> Known:
        """How those are called whom the batches of the namespace are about."""
        guild_id = name_of(namespace).guild_id
        if not guild_id:
            return Known()
        names = Names(self._core)
        book = Book(guild_id, self._core.vault.namespace(giveaways_name(guild_id)).read())
        return Known(
            names.of(guild_id, MEMBERS),
            names.of(guild_id, ROLES),
            names.of(guild_id, CHANNELS),
            {one.id: one.prize for one in book.all()},
        )

    def undo(
        self, namespace: str, seq: int, *, reason: str | None = None, dry_run: bool = False
    ) -> Undone:
        """Take one batch back, as a batch of its own, and with it those that were made with it.

        Messages that the batch counted stay counted. Raises BatchNotFound, AlreadyUndone,
        UndoUnclear, and Refused for a batch that has nothing to take back.
        """
        if beside := self._made_with(namespace, seq):
            return self._undo_all({**beside, namespace: seq}, namespace, reason, dry_run=dry_run)
        where = self._core.vault.namespace(namespace)
        shared: list[Mapping[str, Any]] = []
        origin = self._core.origin_for("undo")

        def decide(transaction: Transaction) -> Undone:
            undone, settings = self._take_back(transaction, namespace, seq)
            if settings is not None and namespace == GLOBAL:
                shared.append(settings)
                if not dry_run:
                    follow_up.begin(origin)
            return undone

        with self._core.vault.following() as follow_up:
            plan = Plan(where, origin, decide, reason=check_reason(reason), undoes=seq)
            undone, committed = plan.carry_out(dry_run=dry_run)
            undone = replace(undone, seq=committed)
            if not shared:
                return undone
            followed = follow_global(self._core, shared[0] if dry_run else None, reason=reason)
            if not followed.can_catch_up:
                follow_up.end()
        return replace(undone, members=followed.levels.changed, behind=followed.behind)

    def _take_back(
        self, transaction: Transaction, namespace: str, seq: int
    ) -> tuple[Undone, Mapping[str, Any] | None]:
        """Put the inverse of a batch into the transaction; also the settings if the curve moved."""
        where = self._core.vault.namespace(namespace)
        batch, later = _find(where, seq)
        inverse = Inverse(self._core, namespace, transaction, later, _Earlier(where, seq))
        settings = inverse.carry_out(batch)
        members = transaction.touched(USERS) + giveaway_undo.entries_in(transaction.events)
        delta = delta_of(transaction.events)
        return Undone(seq, batch.cmd, None, members, delta, transaction.dry_run), settings

    def _made_with(self, namespace: str, seq: int) -> dict[str, int]:
        """The batches of other namespaces that were made together with this one."""
        batch = next(self._core.vault.namespace(namespace).batches(seq - 1), None)
        if batch is None or batch.seq != seq:
            return {}
        told = batch.told(MadeTogether)
        return {one.namespace: one.seq for one in told if isinstance(one, MadeTogether)}

    def _undo_all(
        self, seqs: Mapping[str, int], namespace: str, reason: str | None, *, dry_run: bool
    ) -> Undone:
        """Take back the batches that were made together, all of them or none.

        The result is that of the one in the namespace. One that was taken back alone stays so.
        """
        vault, undone = self._core.vault, dict[str, Undone]()
        origin, why = self._core.origin_for("undo"), check_reason(reason)
        with vault.together(tuple(seqs), origin, dry_run=dry_run) as transactions:
            for name, seq in seqs.items():
                try:
                    undone[name], _ = self._take_back(transactions[name], name, seq)
                except AlreadyUndone:
                    if name == namespace:
                        raise
                except UndoUnclear as error:
                    raise UndoUnclear(f"{error.message}, in {name}") from error
            for name in undone:
                transactions[name].reason, transactions[name].undoes = why, seqs[name]
            bind(vault, {name: transactions[name] for name in undone})
        beside = {name: seqs[name] for name in undone if name != namespace}
        return replace(undone[namespace], seq=transactions[namespace].seq, beside=beside)

    def is_awaited(self, namespace: str, seq: int) -> bool:
        """Whether this batch leaves something for Discord to be told of by a daemon."""
        return is_awaited(self._core, namespace, seq)


class _Standing:
    """Which batches were taken back; to be shown all batches from the newest on."""

    def __init__(self) -> None:
        self._undone_by: dict[int, int] = {}

    def undone_by(self, batch: Batch) -> int | None:
        """The batch that took this one back, unless that was itself taken back."""
        by = self._undone_by.get(batch.seq)
        if by is None and batch.undoes is not None:
            self._undone_by[batch.undoes] = batch.seq
        return by


def _part_of(user_id: str | None) -> Part | None:
    """What of large batches is asked for: nothing, or what they did to one member."""
    return None if user_id is None else Part(naming=user_id)


def _row(
    batch: Batch, undone_by: int | None, known: Known, *, user_id: str | None = None
) -> HistoryRow:
    """The line of history for a batch, or for its part in one member."""
    if batch.about is not None and user_id is None:
        members, delta = batch.about.members, batch.about.delta
        what = known.said(batch.about.what)
    else:
        members = len(members_of(batch)) if user_id is None else 1
        delta = delta_of(own_part(batch.told(), user_id))
        otherwise = batch.reason or batch.cmd
        what = what_of(batch.told(), known, otherwise=otherwise, user_id=user_id)
    return HistoryRow(
        batch.seq,
        batch.ts,
        batch.by,
        batch.cmd,
        batch.reason,
        members,
        delta,
        batch.undoes,
        undone_by,
        what,
    )


def _find(namespace: Namespace, seq: int) -> tuple[Batch, Later]:
    """The batch of that number, and what the batches after it that still hold say."""
    standing, later = _Standing(), Later()
    batches = namespace.batches_back()
    for batch in batches:
        if batch.seq < seq:
            break
        undone_by = standing.undone_by(batch)
        if batch.seq == seq:
            if undone_by is not None:
                raise AlreadyUndone(
                    f"batch {seq} was undone by batch {undone_by}",
                    advice=f"undo that one to have it again: robo-xp undo {undone_by}",
                )
            _check_stands_once(batch, batches, standing)
            return batch, later
        # a later batch and the one that took it back cancel each other out
        if undone_by is None and (batch.undoes is None or batch.undoes < seq):
            later.add(batch)
    raise _no_batch(namespace.name, seq, namespace.state.seq)


class _Earlier:
    """The batches before one; they are read when somebody asks, which few undos do."""

    def __init__(self, namespace: Namespace, seq: int) -> None:
        self._namespace = namespace
        self._seq = seq

    def has(self, user_id: str) -> bool:
        """Whether anything that one of them made of the member stands, or may stand."""
        return self._members is None or user_id in self._members

    @cached_property
    def _members(self) -> set[str] | None:
        """The members of those that stand; None where not all of them are kept."""
        standing, oldest = _Standing(), self._seq
        found: set[str] = set()
        for batch in self._namespace.batches_back():
            oldest, undone_by = batch.seq, standing.undone_by(batch)
            if oldest < self._seq and undone_by is None and batch.undoes is None:
                found |= moved_members(batch)
        return found if oldest == 1 else None


def _no_batch(namespace: str, seq: int, last: int) -> BatchNotFound:
    """The error for a number that no batch has, or none that is kept."""
    if 0 < seq <= last:
        return BatchNotFound(f"batch {seq} of {namespace} is no longer kept")
    there = f"the last one is {last}" if last else "there are none yet"
    return BatchNotFound(f"there is no batch {seq} in {namespace}; {there}")


def _check_stands_once(target: Batch, earlier: Iterator[Batch], standing: _Standing) -> None:
    """Raise AlreadyUndone where undoing the target would take a batch back for the second time.

    The target took an undo back; meanwhile another one has done what that undo did.
    """
    if target.undoes is None:
        return
    wanted, taken_back = target.undoes, None
    for batch in earlier:
        by = standing.undone_by(batch)
        if batch.seq == taken_back and by is not None:
            raise AlreadyUndone(
                f"what undoing batch {target.seq} would do again, batch {by} has done meanwhile",
                advice=f"undo that one to have batch {taken_back} again: robo-xp undo {by}",
            )
        if batch.seq == wanted:
            taken_back = batch.undoes
        if batch.seq <= (wanted if taken_back is None else taken_back):
            return
