"""Which state a damaged namespace can be given back, and what of it is lost. Changes nothing.

What counts is what proves itself: a snapshot with the right crc, batches with theirs. Batches
hold after-images, so those after a lost one still say what their records were; what only the
lost one touched keeps its value from before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from robo_xp.vault.batch import Batch
from robo_xp.vault.care.kept import Kept
from robo_xp.vault.care.survey import Survey
from robo_xp.vault.care_port import Ranges
from robo_xp.vault.migrations import SCHEMA
from robo_xp.vault.state import META, Mark, State, Tables


@dataclass(frozen=True, slots=True)
class Mended:
    """A state to go on from: its tables, and the highest number that was ever given.

    ``base`` says in words what the batches were applied to; ``lost`` are first and last numbers
    of batches that are gone; ``proven`` is False where anything without a right crc was used.
    """

    tables: Tables
    schema: int
    seq: int
    base: str
    applied: int
    lost: Ranges
    proven: bool = True


@dataclass(frozen=True, slots=True)
class _Base:
    """Where batches can be applied to: tables at a batch."""

    tables: Tables
    seq: int
    words: str
    schema: int = SCHEMA
    proven: bool = True


def mended_state(found: Survey, kept: Kept, *, salvage: bool) -> Mended | None:
    """The state to go on from; None when nothing proves itself and ``salvage`` is off."""
    batches = _batches(found, kept)
    top = max([found.last, *batches])
    base = _own_base(found) or _rebuilt_base(found, kept, batches)
    if base is None:
        base = _other_base(found)
        if base is not None:
            # the batches are of another life than the snapshot
            return _applied_batches(base, {}, top, lost_from=_first_of(found))
    if base is None and salvage:
        base = _salvaged_base(found) or _Base({}, 0, "nothing", proven=False)
    return None if base is None else _doubted_state(_applied_batches(base, batches, top), found)


def _applied_batches(
    base: _Base, batches: dict[int, Batch], top: int, *, lost_from: int | None = None
) -> Mended:
    """The state after the batches that come after the base, in their order."""
    state = State()
    state.load(base.tables, Mark(base.schema, base.seq, 0, ""))
    later = [batches[seq] for seq in sorted(batches) if seq > base.seq]
    for batch in later:
        state.apply(batch)
    first = base.seq + 1 if lost_from is None else lost_from
    lost = missing({batch.seq for batch in later}, first, top)
    return Mended(state.tables, base.schema, top, base.words, len(later), lost, base.proven)


def _doubted_state(state: Mended, found: Survey) -> Mended:
    """The same with the numbers among the lost ones that two different lines claim."""
    doubted = set() if found.journal is None else found.journal.doubted
    named = {seq for first, last in state.lost for seq in range(first, last + 1)} | doubted
    there = set(range(min(named, default=1), max(named, default=0) + 1)) - named
    return replace(state, lost=missing(there, min(named, default=1), max(named, default=0)))


def missing(there: set[int], first: int, last: int) -> Ranges:
    """The ranges from first to last without those that are there."""
    found: list[tuple[int, int]] = []
    start = first
    for seq in [*sorted(seq for seq in there if first <= seq <= last), last + 1]:
        if seq > start:
            found.append((start, seq - 1))
        start = seq + 1
    return tuple(found)


def _batches(found: Survey, kept: Kept) -> dict[int, Batch]:
    """All whole batches by number: those of the journal, and folded ones from before its end.

    Folded ones from after its end may be of a future that somebody took back by hand.
    """
    journal = found.journal
    end = None if journal is None or (journal.head is None and not journal.kept) else journal.last
    batches = {
        line.batch.seq: line.batch
        for piece in kept.pieces
        for line in piece.lines
        if end is None or line.batch.seq <= end
    }
    if journal is not None:
        batches |= {line.batch.seq: line.batch for line in journal.kept}
    return batches


def _own_base(found: Survey) -> _Base | None:
    """The snapshot, or the empty beginning, that the journal continues; None when it is lost."""
    journal, snapshot = found.journal, found.snapshot
    mark = None if snapshot is None else snapshot.mark
    if snapshot is not None and snapshot.tables is not None and mark is not None:
        head = None if journal is None else journal.head
        is_ahead = journal is not None and mark.seq >= journal.last
        if head is None or head.lineage == mark.lineage or is_ahead:
            return _Base(
                snapshot.tables, mark.seq, f"the snapshot of batch {mark.seq}", mark.schema
            )
    if mark is None and _tells(found) and _first_of(found) == 1:
        return _Base({}, 0, "the beginning")
    return None


def _tells(found: Survey) -> bool:
    """Whether the journal tells anything at all; one of no bytes does not."""
    journal = found.journal
    return journal is not None and (journal.head is not None or bool(journal.kept))


def _first_of(found: Survey) -> int:
    """The number that the journal starts with, as far as it tells."""
    journal = found.journal
    if journal is None:
        return found.last + 1
    if journal.head is not None:
        return journal.head.seq + 1
    return journal.kept[0].batch.seq if journal.kept else found.last + 1


def _rebuilt_base(found: Survey, kept: Kept, batches: dict[int, Batch]) -> _Base | None:
    """A base from which the kept batches lead up to the journal without a gap."""
    last = _first_of(found) - 1 if _tells(found) else max(batches, default=0)
    for _, tables, mark in kept.bases:
        seq = mark.seq
        if seq <= last and all(number in batches for number in range(seq + 1, last + 1)):
            return _Base(tables, seq, f"the archived snapshot of batch {seq}", mark.schema)
    if last and all(number in batches for number in range(1, last + 1)):
        return _Base({}, 0, "the archive from batch 1 on")
    return None


def _other_base(found: Survey) -> _Base | None:
    """A whole snapshot, whatever stands beside it."""
    snapshot = found.snapshot
    if snapshot is None or snapshot.tables is None or snapshot.mark is None:
        return None
    seq = snapshot.mark.seq
    return _Base(snapshot.tables, seq, f"the snapshot of batch {seq}", snapshot.mark.schema)


def _salvaged_base(found: Survey) -> _Base | None:
    """What can be read of a snapshot whose crc is wrong; None when it is no JSON."""
    if found.snapshot is None:
        return None
    try:
        tables = msgspec.json.decode(found.snapshot.data, type=dict[str, dict[str, dict[str, Any]]])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    try:
        mark = Mark.from_document(tables.pop(META)["1"])
        seq, schema = mark.seq, min(mark.schema, SCHEMA)
    except (KeyError, TypeError, ValueError):
        seq, schema = _first_of(found) - 1, SCHEMA
    # dict is invariant in its value
    return _Base(
        tables,  # type: ignore[arg-type]
        seq,
        "what can be read of the snapshot",
        schema,
        proven=False,
    )
