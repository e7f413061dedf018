"""The journal: JSON Lines, one batch a line, appended and never rewritten.

The first line of a file is its head: a batch without ops whose ``seq`` is that of the snapshot
the file continues (0 when there is none) and whose ``head`` names format, schema, generation,
lineage, namespace, and the sum of all lines before. ``docs/journal.md`` tells operators the same.

A last line that is cut short or has a bad crc is a crash in mid-write: it was never
acknowledged, and is left out. Anything wrong before the end is damage, and refused. A reader
remembers the last ``TAIL_LENGTH`` bytes of what it has read: they carry the crc of the last line.
"""

from __future__ import annotations

from collections.abc import Iterable

from robo_xp.errors import VaultDamaged, VaultUnavailable
from robo_xp.vault.batch import (
    CRC_KEY,
    CRC_LENGTH,
    FORMAT,
    Batch,
    checked_batch_of,
    is_whole,
    line_of,
)
from robo_xp.vault.state import Mark

HEAD_CMD = "journal"
TAIL_LENGTH = CRC_LENGTH + 1


def scan(
    data: bytes, *, path: str, offset: int = 0, start: int = 0
) -> tuple[list[Batch], list[int]]:
    """The whole batches in ``data`` from ``start`` on, and where in ``data`` each of them ends.

    ``offset`` is where ``data`` starts in the file at ``path``, for messages. Bytes after the
    last whole batch are a torn tail. Raises VaultDamaged when a line before the end is bad.
    """
    batches: list[Batch] = []
    ends: list[int] = []
    while (end := data.find(b"\n", start)) >= 0:
        batch = checked_batch_of(data, start, end)
        if batch is None:
            break
        batches.append(batch)
        start = end + 1
        ends.append(start)
    if start < len(data) and not may_be_torn(data[start:]):
        raise VaultDamaged("the journal has a damaged line", path=path, offset=offset + start)
    return batches, ends


def may_be_torn(tail: bytes) -> bool:
    """Whether a crash in mid-write can have left these bytes after the last whole line.

    A write that was cut off leaves one line. Bytes after a newline, or after a whole line that
    lacks its newline, were written later, so what is before them was acknowledged.
    """
    end = tail.find(b"\n")
    if 0 <= end < len(tail) - 1:
        return False
    at = tail.find(CRC_KEY)
    while at >= 0:
        end = at + CRC_LENGTH
        if end < len(tail) and is_whole(tail[:end]):
            return False
        at = tail.find(CRC_KEY, at + 1)
    return True


def head_line(mark: Mark, now_ms: int) -> bytes:
    """The first line of a journal that starts at ``mark``."""
    document = mark.document()
    head = Batch(
        seq=document.pop("seq"),
        ts=now_ms,
        by="robo-xp",
        cmd=HEAD_CMD,
        head={"format": 1 if mark.sum is None else FORMAT, **document},
        ops=[],
        events=[],
    )
    return line_of(head)


def head_of(batches: list[Batch], path: str) -> Mark:
    """Where the journal starts.

    Raises VaultDamaged without a head, and VaultUnavailable for one of a later format.
    """
    try:
        head = batches[0].head
        if head is None:
            raise KeyError("head")
        if head["format"] > FORMAT:
            raise VaultUnavailable(
                f"{path} has format {head['format']}; this version knows formats up to {FORMAT}",
                advice="upgrade Robo XP; nothing was changed",
            )
        mark = Mark.from_document({**head, "seq": batches[0].seq})
        if head["format"] > 1 and mark.sum is None:
            raise KeyError("sum")
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise VaultDamaged("the journal has no head", path=path, offset=0) from error
    return mark


def check_order(batches: Iterable[Batch], seq: int, path: str) -> None:
    """Raise VaultDamaged unless the batches are numbered on from ``seq`` without a gap."""
    for batch in batches:
        if batch.seq != seq + 1 or batch.head is not None:
            raise VaultDamaged(f"batch {batch.seq} follows batch {seq}", path=path)
        seq = batch.seq
