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
acknowledged, and is left out. Anything wrong before the end is damage, and refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from robo_xp.errors import VaultDamaged

FORMAT = 1
HEAD_CMD = "journal"
_CRC_LENGTH = len(',"crc":"00000000"}')

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


def line_of(batch: Batch) -> bytes:
    """The batch as one line, crc and newline included."""
    body = _encode(batch)
    return b'%b,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


def is_whole(line: bytes) -> bool:
    """Whether the line (without its newline) carries the crc of its own content."""
    body = line[:-_CRC_LENGTH]
    mark = line[-_CRC_LENGTH:]
    if mark[:8] != b',"crc":"' or mark[-2:] != b'"}':
        return False
    return b"%08x" % zlib.crc32(b"}", zlib.crc32(body)) == mark[8:16]


def batch_of(line: bytes) -> Batch:
    """The batch in a whole line; raises ``msgspec.MsgspecError`` when it is no batch."""
    return _decode(line)


def scan(data: bytes, *, path: str, offset: int) -> tuple[list[Batch], int]:
    """The whole batches in ``data``, and how many of its bytes they fill.

    ``offset`` is where ``data`` starts in the file at ``path``, for messages. Bytes after the
    last whole batch are a torn tail. Raises VaultDamaged when a line before the end is bad.
    """
    batches: list[Batch] = []
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        batch = _batch_or_none(data[start:end])
        if batch is None:
            if end + 1 < len(data):
                raise VaultDamaged("the journal has a damaged line", path=path, offset=offset + start)
            break
        batches.append(batch)
        start = end + 1
    return batches, start


def _batch_or_none(line: bytes) -> Batch | None:
    """The batch in the line, or None when the line is not whole or no batch."""
    if not is_whole(line):
        return None
    try:
        return batch_of(line)
    except msgspec.MsgspecError:
        return None
