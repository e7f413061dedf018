"""The journal: JSON Lines, one batch a line, appended and never rewritten.

One line::

    {"seq":42,"ts":1732170000123,"by":"cli:alice","cmd":"xp give","reason":"contest",
     "ops":[["users","881…",{"xp":120,…}],["users","882…",null]],
     "events":[{"type":"xpChange",…}],"crc":"9f1c02aa"}

``seq`` counts up by one; ``ts`` is epoch milliseconds; ``ops`` are after-images (null: deleted),
so applying a line twice does no harm; ``events`` are what listeners get; ``crc`` is the CRC-32,
in eight hex digits, of the line as it was before the crc was added.

The first line of a file is its head: a batch without ops whose ``seq`` is that of the snapshot
the file continues (0 when there is none) and whose ``head`` names format, schema, generation and
lineage. ``docs/journal.md`` tells operators the same.

A last line that is cut short or has a bad crc is a crash in mid-write: it was never
acknowledged, and is left out. Anything wrong before the end is damage, and refused. A reader
remembers the last ``TAIL_LENGTH`` bytes of what it has read: they carry the crc of the last line.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from robo_xp.errors import VaultDamaged

FORMAT = 1
HEAD_CMD = "journal"
CRC_KEY = b',"crc":"'
CRC_LENGTH = len(CRC_KEY) + len('00000000"}')
TAIL_LENGTH = CRC_LENGTH + 1

Record = Mapping[str, Any]
Op = tuple[str, str, Record | None]


class Batch(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One transaction in one namespace: its number, author, after-images and events."""

    seq: int
    ts: int
    by: str
    cmd: str
    reason: str | None = None
    undoes: int | None = None
    head: dict[str, Any] | None = None
    ops: list[tuple[str, str, dict[str, Any] | None]]
    events: list[dict[str, Any]]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Batch).decode


_PLAIN = frozenset({int, str, bool, type(None)})


def is_plain(batch: Batch) -> bool:
    """Whether the batch's records hold only values that JSON gives back as they are."""
    for _, _, record in batch.ops:
        if record is not None and not _PLAIN.issuperset(map(type, record.values())):
            return False
    return True


def line_of(batch: Batch) -> bytes:
    """The batch as one line, crc and newline included."""
    body = _encode(batch)
    return b'%b,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


def is_whole(line: bytes) -> bool:
    """Whether the line (without its newline) carries the crc of its own content."""
    body = line[:-CRC_LENGTH]
    mark = line[-CRC_LENGTH:]
    if mark[:8] != CRC_KEY or mark[-2:] != b'"}':
        return False
    return b"%08x" % zlib.crc32(b"}", zlib.crc32(body)) == mark[8:16]


def batch_of(line: bytes) -> Batch:
    """The batch in a whole line; raises ``msgspec.MsgspecError`` when it is no batch."""
    return _decode(line)


def checked_batch_of(line: bytes) -> Batch | None:
    """The batch in the line, or None when the line is not whole or no batch."""
    if not is_whole(line):
        return None
    try:
        return batch_of(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


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
