"""Pseudonyms: what takes the place of an erased person's id in the lines of the past.

An erasure leaves a mark in each namespace: the id, what it is called from now on, the last batch
that may still name it, and the table whose records of the person say who it was. With the next
compaction the pseudonym stands in every line up to that batch, without those records, and the mark
goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.vault.batch import CRC_LENGTH, Record, signed_line

ERASED: Final = "erased"
"""The table of the marks, by id."""

LOWEST: Final = 2**63
"""Pseudonyms are ids from here on, which Discord gives to nobody before the year 2084."""


def is_pseudonym(user_id: str) -> bool:
    """Whether the id stands for somebody who was erased."""
    return user_id.isdecimal() and int(user_id) >= LOWEST


_FLAT: Final = rb'\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}'
"""A record with no other within it."""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """``name`` in place of ``user_id`` in all batches up to ``until``.

    Its records in the table ``telling`` go from them, since they would say whom it stands for.
    """

    user_id: str
    name: str
    until: int
    telling: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """The mark as it is stored under the id."""
        told = {"telling": self.telling} if self.telling else {}
        return {"as": self.name, "until": self.until, **told}

    def in_bytes(self, data: bytes) -> bytes:
        """The bytes with the pseudonym wherever the id stands as a whole."""
        if self.user_id.encode() not in data:
            return data
        named = re.sub(rb"(?<![0-9])%b(?![0-9])" % self.user_id.encode(), self.name.encode(), data)
        if not self.telling:
            return named
        record = rb'(\["%b","%b",)%b' % (self.telling.encode(), self.name.encode(), _FLAT)
        return re.sub(record, rb"\1null", named)

    def in_tables(self, tables: Mapping[str, Any]) -> dict[str, Any]:
        """All tables with the pseudonym wherever the id stands, and without what tells of it."""
        found: dict[str, Any] = self.in_value(tables)
        found.get(self.telling, {}).pop(self.name, None)
        return found

    def in_value(self, value: Any) -> Any:
        """A JSON value with the pseudonym wherever the id stands, in keys too."""
        if isinstance(value, str):
            return self.in_bytes(value.encode()).decode() if self.user_id in value else value
        if isinstance(value, Mapping):
            return {self.in_value(key): self.in_value(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.in_value(part) for part in value]
        return value


def marks_in(tables: Mapping[str, Mapping[str, Record]]) -> list[Pseudonym]:
    """The pseudonyms that are to be put in place."""
    marks = tables.get(ERASED, {})
    return [
        Pseudonym(user_id, one["as"], one["until"], one.get("telling", ""))
        for user_id, one in marks.items()
    ]


def in_line(line: bytes, seq: int, pseudonyms: Iterable[Pseudonym]) -> bytes:
    """The line of a batch, with its newline or without, as it is to be kept; its crc is right."""
    body = line.removesuffix(b"\n")[:-CRC_LENGTH] + b"}"
    after = body
    for one in pseudonyms:
        if seq <= one.until:
            after = one.in_bytes(after)
    if after == body:
        return line
    return signed_line(after) + (b"\n" if line.endswith(b"\n") else b"")
