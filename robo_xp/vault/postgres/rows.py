"""Records as rows of the server: where a member stands on the board, and columns of many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from robo_xp.vault.batch import Record
from robo_xp.vault.postgres.arrays import bodies, numbers, texts
from robo_xp.vault.postgres.schema import bucket_of

Row = tuple[str, str, int | None, int | None, bytes]
"""Table, id, XP by which it is ranked, the bucket of that, content."""
Place = tuple[int | None, int | None]
NOWHERE: Place = (None, None)
content_of = msgspec.json.Encoder().encode


def place_of(record: Record | None) -> Place:
    """XP and bucket of a member's record, where it can stand on a board; a hidden one does not."""
    xp = None if record is None or record.get("hidden") else record.get("xp")
    return (xp, bucket_of(xp)) if type(xp) is int and 0 < xp < 2**62 else NOWHERE


def columns_of(rows: Sequence[Row]) -> list[Any]:
    """Rows as the columns in which the server takes them."""
    tables, ids, totals, buckets, contents = zip(*rows, strict=True) if rows else ((),) * 5
    return [texts(tables), texts(ids), numbers(totals), numbers(buckets), bodies(contents)]
