"""Opening a namespace: journal and snapshot from disk to tables in memory.

The journal is opened before the snapshot is read, so that a compaction in between can only give
a newer snapshot than the journal needs, never an older one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import TypeVar

from robo_xp.collector import collector_at_rest
from robo_xp.errors import VaultDamaged
from robo_xp.vault.batch import Batch, Part, batch_of
from robo_xp.vault.briefs import Unclear, briefs
from robo_xp.vault.files.chain import sum_behind
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.journal import check_order, head_of
from robo_xp.vault.files.journal_file import JournalFile, open_journal
from robo_xp.vault.files.options import Place
from robo_xp.vault.files.snapshot import mark_at, parse
from robo_xp.vault.state import Link, Mark, Tables

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A snapshot's tables, its mark, and the batches of the open journal that come after it."""

    journal: JournalFile
    tables: Tables
    mark: Mark
    batches: list[Batch]


def load(place: Place, files: Files) -> Loaded:
    """What the files say, with the journal left open.

    Raises VaultDamaged when they are damaged or do not belong together.
    """
    with collector_at_rest():
        return settled_pair(place, files, lambda journal: _read(place, files, journal))


def settled_pair(place: Place, files: Files, read: Callable[[JournalFile], Found]) -> Found:
    """What ``read`` makes of the journal that it is given open, and of the snapshot.

    It is asked again when compactions passed meanwhile. The journal is closed after an error.
    """
    while True:
        journal = open_journal(place.journal, files)
        try:
            return read(journal)
        except VaultDamaged:
            there = files.stat(place.journal)
            was_replaced = there is not None and there.st_ino != journal.inode
            journal.close()
            if not was_replaced:
                raise
            # several compactions passed between opening the journal and reading the snapshot
        except BaseException:
            journal.close()
            raise


def _read(place: Place, files: Files, journal: JournalFile) -> Loaded:
    """What snapshot and journal say together."""
    tables, snapshot = _read_snapshot(place.snapshot, files)
    batches = journal.follow(journal.size())
    start = head_of(batches, place.journal)
    check_order(batches[1:], start.seq, place.journal)
    mark = check_pair(place, snapshot, start, batches[-1].seq, journal.sum_at)
    # batch numbers have no gaps, so the first one after the snapshot has a known place
    return Loaded(journal, tables, mark, batches[1 + mark.seq - start.seq :])


def glance(place: Place, files: Files, part: Part | None = None) -> tuple[Link, list[bytes]] | None:
    """What the journal goes on after, and its lines, of large batches that part or no body.

    No state is made. None where only loading can tell what is so.
    """
    with suppress(VaultDamaged, Unclear):
        return settled_pair(place, files, lambda journal: _glance(place, files, journal, part))
    return None


def _glance(
    place: Place, files: Files, journal: JournalFile, part: Part | None
) -> tuple[Link, list[bytes]]:
    """The same of a journal, which is closed."""
    snapshot = mark_at(place.snapshot, files)
    found = list(briefs(files.chunks(journal.fd), part))
    batches = (batch_of(one.line) for one in found)
    head = head_of([*islice(batches, 1)], place.journal)
    check_order(batches, head.seq, place.journal)

    def sum_at(seq: int) -> int:
        lines = found[1 : 1 + seq - head.seq]
        return reduce(lambda at, one: sum_behind(b"", at, one.crc, one.size), lines, head.sum or 0)

    check_pair(place, snapshot, head, head.seq + len(found) - 1, sum_at)
    journal.close()
    return head.link, [one.line for one in found[1:]]


def _read_snapshot(path: str, files: Files) -> tuple[Tables, Mark | None]:
    """The tables and mark of the snapshot; empty and None when there is none yet."""
    with explain_errors("read", path):
        try:
            data = files.read_whole(path)
        except FileNotFoundError:
            return {}, None
    return parse(data, path)


def check_pair(
    place: Place,
    snapshot: Mark | None,
    journal: Mark,
    last: int,
    sum_at: Callable[[int], int],
) -> Mark:
    """The mark to start from; VaultDamaged when journal and snapshot are not of one life.

    ``sum_at`` gives the sum of the journal's lines up to one of its batches. The journal goes at
    least as far as the snapshot: it is on the disk before the snapshot is
    written, and only replaced afterwards.
    """
    journal.check_owner(place.name, place.journal)
    if snapshot is not None:
        snapshot.check_owner(place.name, place.snapshot)
    if snapshot is None:
        if journal.seq:
            raise VaultDamaged(
                f"the snapshot of batch {journal.seq} is missing", path=place.snapshot
            )
        return journal
    if snapshot.lineage != journal.lineage:
        raise VaultDamaged(
            "snapshot and journal are from different lives of the namespace", path=place.snapshot
        )
    if not journal.seq <= snapshot.seq <= last:
        raise VaultDamaged(
            f"the snapshot is of batch {snapshot.seq}, the journal beside it"
            f" goes from {journal.seq} to {last}",
            path=place.snapshot,
        )
    is_beside = (snapshot.seq, snapshot.back) == (journal.seq, journal.back)
    is_later = snapshot.generation > journal.generation
    if journal.sum is not None and not (
        snapshot.sum == sum_at(snapshot.seq)
        and (is_later or (is_beside and snapshot.generation == journal.generation))
    ):
        raise VaultDamaged(
            f"its batch {snapshot.seq} is not the one that {place.journal} has", path=place.snapshot
        )
    return snapshot
