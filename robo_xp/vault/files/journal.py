"""The journal: JSON Lines, one batch a line, appended and never rewritten.

The first line of a file is its head: a batch without ops whose ``seq`` is that of the snapshot
the file continues (0 when there is none) and whose ``head`` names format, schema, generation and
lineage. ``docs/journal.md`` tells operators the same.

A last line that is cut short or has a bad crc is a crash in mid-write: it was never
acknowledged, and is left out. Anything wrong before the end is damage, and refused. A reader
remembers the last ``TAIL_LENGTH`` bytes of what it has read: they carry the crc of the last line.
"""

from __future__ import annotations

from robo_xp.errors import VaultDamaged
from robo_xp.vault.batch import CRC_KEY, CRC_LENGTH, Batch, checked_batch_of, is_whole

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
        batch = checked_batch_of(data[start:end])
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
