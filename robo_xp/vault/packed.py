"""Unpacks gzip, but not what nobody packs here: little that becomes very much."""

from __future__ import annotations

import zlib
from typing import IO, Final

MOST_TIMES: Final = 300
"""How many times its size a file may unpack to; lines of ours come to a tenth of that."""
_FREE_OF_FOLDED: Final = 1 << 20
_FREE_OF_BACKUP: Final = 1 << 26
"""So much is let pass of a small one: a damaged journal in it may end in zeros."""


def most_of(packed: int) -> int:
    """How many bytes a folded journal of this size may come to."""
    return packed * MOST_TIMES + _FREE_OF_FOLDED


def too_much() -> zlib.error:
    """The error for what comes to more."""
    return zlib.error(f"it unpacks to more than {MOST_TIMES} times its size")


def unpack_all(data: bytes) -> bytes:
    """All that was packed. Raises EOFError and zlib.error for what is no whole gzip."""
    left, pieces, rest = most_of(len(data)), list[bytes](), data
    while rest:
        unpack = zlib.decompressobj(wbits=31)
        pieces.append(unpack.decompress(rest, left))
        left -= len(pieces[-1])
        if unpack.unconsumed_tail or left <= 0:
            raise too_much()
        if not unpack.eof:
            raise EOFError("it is cut short")
        rest = unpack.unused_data.lstrip(b"\0")
    return b"".join(pieces)


class Bounded:
    """A gzip that is read in turn, as long as it comes to no more than a backup can."""

    def __init__(self, raw: IO[bytes], packed: int) -> None:
        """Read it; ``packed`` is the size of the file."""
        self._raw = raw
        self._left = packed * MOST_TIMES + _FREE_OF_BACKUP

    def read(self, size: int) -> bytes:
        """The next bytes; zlib.error once it is too much."""
        data = self._raw.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise too_much()
        return data
