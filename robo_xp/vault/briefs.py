"""Lines read piece by piece, those of large batches without their bodies.

Each line is held against its crc all the same, so that what is read here is what was written.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from robo_xp.vault.batch import CRC_KEY, CRC_LENGTH, HEAD_LENGTH, batch_of, brief_of


class Unclear(Exception):
    """There is more to say of the lines than their starts tell: they have to be read as a whole."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A whole line, or the start of a large one; size and crc are of all of it, newline too."""

    line: bytes
    size: int
    crc: int


class _Reading:
    """The line that is being read. The bytes that may be its own crc are held back."""

    def __init__(self) -> None:
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
        if self.brief is None:
            self._start += piece
            if was_short and self.size >= HEAD_LENGTH:
                self.brief = brief_of(bytes(self._start[:HEAD_LENGTH]))

    def done(self) -> Brief:
        """The line, which ends here; Unclear unless it is whole."""
        line = bytes(self._start) if self.brief is None else self.brief
        told = b"%08x" % zlib.crc32(b"}", self._crc)
        if self._tail != CRC_KEY + told + b'"}':
            raise Unclear
        return Brief(line, self.size + 1, zlib.crc32(self._tail + b"\n", self._crc))


def briefs(chunks: Iterable[bytes], *, last: int | None = None) -> Iterator[Brief]:
    """The lines in a file that is given in pieces; of batch ``last`` the start alone is read.

    Raises Unclear where they are not whole, or do not end with a line.
    """
    reading = _Reading()
    for chunk in chunks:
        pieces = chunk.split(b"\n")
        for number, piece in enumerate(pieces):
            reading.add(piece)
            if number < len(pieces) - 1:
                yield reading.done()
                reading = _Reading()
            elif reading.brief is not None and batch_of(reading.brief).seq == last:
                yield Brief(reading.brief, 0, 0)
                return
    if reading.size:
        raise Unclear
