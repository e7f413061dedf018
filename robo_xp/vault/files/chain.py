"""How the files of a history prove that they follow from each other.

Each head tells the sum, a CRC-32, of all lines before its file. So a folded journal belongs where
it stands when the sum at its end is the one that the next head tells. That sum follows from the
first line and from the crc at the end of a gzip file, so that nothing else is read for it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from robo_xp.vault.files.journal import head_line
from robo_xp.vault.state import Link, Mark

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31
_ORDER = (1 << 32) - 1
"""After so many steps a crc comes back to where it was."""
Run = tuple[int, int, bytes]
"""First and last number of lines without a gap, and the lines."""


def folded_name(first: int, last: int) -> str:
    """What the folded journal with these batches is called."""
    return f"{first:012}-{last:012}.jsonl.gz"


def sum_behind(head: bytes, start: int, whole: int, size: int) -> int:
    """The sum at the end of a file, from the crc of the whole and how many bytes follow the head.

    ``start`` is the sum that the head tells.
    """
    # a crc is linear: what differs at the start differs at the end, moved on by the bytes between
    return whole ^ _product(_power(size), zlib.crc32(head) ^ start)


def sum_before(lines: bytes, total: int) -> int:
    """The sum from which these lines lead to ``total``."""
    there = total ^ zlib.crc32(lines)
    # the bits that the lines have put in are taken out again: x to the power of -8 for each byte
    return _product(_power(-len(lines) % _ORDER), there)


def _product(one: int, other: int) -> int:
    """The product of two polynomials, modulo that of CRC-32."""
    found, bit = 0, _ONE
    while one:
        if one & bit:
            found ^= other
            one ^= bit
        bit >>= 1
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return found


def _power(size: int) -> int:
    """The polynomial that moves a crc on by so many bytes."""
    found, step = _ONE, _ONE >> 8
    while size:
        if size & 1:
            found = _product(step, found)
        step = _product(step, step)
        size >>= 1
    return found


class Chain:
    """Lines of a history, written down as folded journals that follow from each other.

    ``link`` is where it has come to; ``points`` are the sums at the ends of its files, and what
    their heads say of the batch before.
    """

    def __init__(self, mark: Mark, start: Link, now_ms: int) -> None:
        """Start after a batch; heads say what the mark says of namespace and schema."""
        self.link = start
        self.points: dict[int, tuple[int, Link | None]] = {start.seq: (start.sum or 0, None)}
        self._mark = mark
        self._now_ms = now_ms

    def add(self, run: Run, lineage: str) -> tuple[str, bytes]:
        """Name and content of the next file, in the life that its lines are from."""
        return self._add_run(run, self.head(run[0], lineage))

    def close(self, run: Run, lineage: str, total: int) -> tuple[str, bytes]:
        """The same for a file that leads up to a sum that others go on after already.

        Its head tells the sum from which the lines lead there, and where the history came from.
        """
        start = sum_before(run[2], total)
        head = self.head(run[0], lineage)
        if head.sum != start:
            head = replace(head, sum=start, back=self.link)
        return self._add_run(run, head)

    def _add_run(self, run: Run, head: Mark) -> tuple[str, bytes]:
        first, last, lines = run
        lineage, start = head.lineage, head.sum or 0
        self.link = Link(last, zlib.crc32(lines, start), lineage)
        self.points |= {first - 1: (start, head.back), last: (self.link.sum or 0, None)}
        content = gzip.compress(head_line(head, self._now_ms) + lines, 1, mtime=0)
        return folded_name(first, last), content

    def head(self, first: int, lineage: str) -> Mark:
        """The head of a file that goes on from here with batch ``first``."""
        if self._mark.seq == first - 1 and self._mark.sum is not None and len(self.points) == 1:
            return self._mark  # the very file that it was the head of
        is_next = self.link.seq == first - 1 and self.link.lineage in ("", lineage)
        return replace(
            self._mark,
            seq=first - 1,
            lineage=lineage,
            sum=self.link.sum,
            back=None if is_next else self.link,
        )


def runs(lines: Iterable[tuple[int, bytes]]) -> Iterator[Run]:
    """Lines with their numbers, each with its newline, put together as far as there is no gap."""
    first = last = 0
    kept: list[bytes] = []
    for seq, line in lines:
        if kept and seq != last + 1:
            yield first, last, b"".join(kept)
            kept = []
        first = first if kept else seq
        last = seq
        kept.append(line)
    if kept:
        yield first, last, b"".join(kept)
