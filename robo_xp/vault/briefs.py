"""Lines read piece by piece, those of large batches without their bodies, or with a part of them.

Each line is held against its crc all the same, so that what is read here is what was written.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from robo_xp.vault.batch import CRC_KEY, CRC_LENGTH, HEAD_LENGTH, Part, batch_of, brief_of


class Unclear(Exception):
    """There is more to say of the lines than their starts tell: they have to be read as a whole."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A line, or what is wanted of a large one; size and crc are of all of it, newline too."""

    line: bytes
    size: int
    crc: int


class _Reading:
    """The line that is being read. The bytes that may be its own crc are held back."""

    def __init__(self, part: Part | None) -> None:
        self._part = part
        self.brief: bytes | None = None
        self.size = 0
        self._crc = 0
        self._start = bytearray()
        self._tail = b""

    def add(self, piece: bytes) -> None:
        """Read on."""
        was_short = self.size < HEAD_LENGTH
        self.size += len(piece)
        data = self._tail + piece
        self._tail = data[-CRC_LENGTH:]
        self._crc = zlib.crc32(memoryview(data)[:-CRC_LENGTH], self._crc)
        if self.brief is None or self._part is not None:
            self._start += piece
            if was_short and self.size >= HEAD_LENGTH:
                self.brief = brief_of(bytes(self._start[:HEAD_LENGTH]))

    def done(self) -> Brief:
        """The line, which ends here; Unclear unless it is whole."""
        told = b"%08x" % zlib.crc32(b"}", self._crc)
        if self._tail != CRC_KEY + told + b'"}':
            raise Unclear
        line = bytes(self._start) if self.brief is None else self.brief
        if self.brief is not None and self._part is not None:
            line = self._part.line(self._start, self.brief)
        return Brief(line, self.size + 1, zlib.crc32(self._tail + b"\n", self._crc))


def briefs(
    chunks: Iterable[bytes], part: Part | None = None, *, last: int | None = None
) -> Iterator[Brief]:
    """The lines in a file that is given in pieces, large ones with that part of their bodies.

    Of batch ``last`` the start alone is read.
    Raises Unclear where they are not whole, or do not end with a line.
    """
    reading = _Reading(part)
    for chunk in chunks:
        pieces = chunk.split(b"\n")
        for number, piece in enumerate(pieces):
            reading.add(piece)
            if number < len(pieces) - 1:
                yield reading.done()
                reading = _Reading(part)
            elif reading.brief is not None and batch_of(reading.brief).seq == last:
                yield Brief(reading.brief, 0, 0)
                return
    if reading.size:
        raise Unclear
