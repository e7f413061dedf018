"""Folded journals: what compaction took out of a journal, gzip, kept for a number of days.

A file is named by the first and last batch in it. Files may overlap, after a crash between
folding and replacing; readers take the larger one. Each must lead up to what continues it: see
``chain``. What does not is refused, and so is all before it, since nothing proves that it belongs.

Now and then the snapshot that a compaction replaces is kept beside them, under the number of its
batch: a base, from which the kept batches lead to every later state. So a folded journal is
removed when it is old enough and an old base, or the present snapshot, holds all that it did.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from robo_xp.errors import VaultDamaged, VaultUnavailable
from robo_xp.model.events import NamespaceRepaired, NamespaceRestored
from robo_xp.vault.batch import Batch, Part, batch_of, checked_batch_of
from robo_xp.vault.briefs import Unclear, briefs
from robo_xp.vault.files.chain import folded_name, sum_behind
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.journal import head_of, scan
from robo_xp.vault.files.snapshot import replace_file
from robo_xp.vault.packed import most_of, too_much, unpack_all
from robo_xp.vault.state import Link, Mark

FOLDED_NAME = re.compile(r"(\d+)-(\d+)\.jsonl\.gz")
BASE_NAME = re.compile(r"(\d+)\.json")
_DAY_MS = 86_400_000
_BASES_IN_TIME = 4
_PEEK = 1 << 14
_PEEK_INTO = 1 << 18
_TRAILER = 8


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded journal, as far as its first lines and the end of the file tell.

    ``sum`` is that of all lines up to its last; ``link`` is the batch that it goes on after.
    """

    path: str
    first: int
    last: int
    head: Mark | None
    sum: int | None
    link: Link


class Archive:
    """The folded journals of one namespace, in a folder of their own."""

    def __init__(self, folder: str, files: Files, *, name: str, days: int) -> None:
        self.folder = folder
        self.name = name
        self.days = days
        self._files = files

    def fold(
        self, data: Iterable[bytes], batches: tuple[int, int], *, root: str, mode: int
    ) -> None:
        """Keep a journal's bytes, given in pieces, that hold the batches from first to last."""
        if not self.days or batches[1] < batches[0]:
            return
        # a writer waits for this: level 6 takes three times as long to save 13 % of the bytes
        press = zlib.compressobj(1, wbits=31)
        content = b"".join([*map(press.compress, data), press.flush()])
        self.keep(folded_name(*batches), content, root=root, mode=mode)

    def keep(self, name: str, content: bytes, *, root: str, mode: int) -> None:
        """Put a file in."""
        self._files.make_folder(self.folder, root=root)
        replace_file(self._files, os.path.join(self.folder, name), content, mode)

    def keep_base(self, snapshot: str, seq: int, *, root: str) -> None:
        """Keep the snapshot, of batch ``seq`` or later, that is about to be replaced.

        Only where the folded journals do not lead up to it, or the last base is old already.
        """
        made = self._made_ms(snapshot)
        if not self.days or made is None:
            return
        bases, folded = self.bases(), self.folded()
        is_led_to = bool(folded) and folded[-1][1][1] == seq
        last = None if not bases else self._made_ms(bases[-1][0])
        if is_led_to and bases and last is not None:
            if made - last < self.days * _DAY_MS // _BASES_IN_TIME:
                return
        self._files.make_folder(self.folder, root=root)
        self._files.link(snapshot, os.path.join(self.folder, f"{seq:012}.json"))

    def expire(self, now_ms: int, *, snapshot: str = "", seq: int = 0) -> None:
        """Remove what is older than it has to be kept, with the present snapshot and its batch."""
        oldest = now_ms - self.days * _DAY_MS
        bases = self.bases()
        old = [base for path, base in [*bases, (snapshot, seq)] if self._is_before(path, oldest)]
        start = max(old, default=0)
        for path, base in bases:
            if base < start or not self.days:
                self._files.remove(path)
        for path, (_, last) in self.folded():
            # what was kept under another setting leads up to nothing any more
            if not self.days or (last <= start and self._is_before(path, oldest)):
                self._files.remove(path)

    def made_ms(self) -> list[int]:
        """When the folded journals were written, in the order of their numbers."""
        found = (self._made_ms(path) for path, _ in self.folded())
        return [made for made in found if made is not None]

    def is_overdue(self, now_ms: int) -> bool:
        """Whether a folded journal was kept for its days, so that a look at it is worth while."""
        oldest = now_ms - self.days * _DAY_MS
        return any(self._is_before(path, oldest) for path, _ in self.folded())

    def _made_ms(self, path: str) -> int | None:
        """When the file was written; None when it is gone."""
        stat = self._files.stat(path) if path else None
        return None if stat is None else stat.st_mtime_ns // 1_000_000

    def _is_before(self, path: str, instant: int) -> bool:
        """Whether the file is there and was written before the instant, in epoch ms."""
        made = self._made_ms(path)
        return made is not None and made < instant

    def size(self) -> int:
        """How many bytes the kept files take."""
        stats = (self._files.stat(path) for path in self.paths())
        return sum(stat.st_size for stat in stats if stat is not None)

    def paths(self) -> list[str]:
        """All its files."""
        return [path for path, _ in [*self.folded(), *self.bases()]]

    def bases(self) -> list[tuple[str, int]]:
        """Path of each base, and the batch that it holds at least, oldest first."""
        return [(path, int(match[1])) for path, match in self._named_files(BASE_NAME)]

    def folded(self) -> list[tuple[str, tuple[int, int]]]:
        """Path and batches of each folded journal, oldest first."""
        return [
            (path, (int(match[1]), int(match[2]))) for path, match in self._named_files(FOLDED_NAME)
        ]

    def _named_files(self, pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
        """Path and match of each file that is named so, sorted."""
        with explain_errors("list", self.folder):
            names = self._files.names_in(self.folder)
        found = [(name, pattern.fullmatch(name)) for name in names]
        return [(os.path.join(self.folder, name), match) for name, match in found if match]

    def leading_to(self, link: Link) -> Iterator[Folded]:
        """The folded journals that lead up to a batch, newest first, as far as any are kept.

        Raises VaultDamaged at the first one that does not belong to the same history.
        """
        rest = self.folded()
        while rest := [one for one in rest if one[1][0] <= link.seq]:
            path, (first, last) = self.next_of(rest, link)
            found = self.peek(path, first, last)
            if found is not None:
                self.prove(found, link)
                yield found
                link = found.link
            rest = [one for one in rest if one[1][0] < first]

    @staticmethod
    def next_of(
        rest: list[tuple[str, tuple[int, int]]], link: Link | None
    ) -> tuple[str, tuple[int, int]]:
        """Of files by path and batches the one to look at next: the largest that has the batch."""
        holding = [one for one in rest if link is not None and one[1][1] >= link.seq]
        if holding:
            return min(holding, key=lambda one: one[1][0])
        return max(rest, key=lambda one: (one[1][1], -one[1][0]))

    def prove(self, found: Folded, link: Link) -> None:
        """Raise VaultDamaged unless the folded journal has the batch that another goes on after."""
        lineage = "" if found.head is None else found.head.lineage
        is_of_life = not link.lineage or not lineage or link.lineage == lineage
        if link.sum is None:
            if not is_of_life:
                raise VaultDamaged("it is from another life of the namespace", path=found.path)
            return
        if found.sum is None:
            raise VaultDamaged(
                "it is of format 1, and what goes on after it is not", path=found.path
            )
        if found.last < link.seq:
            gap = f"nothing is kept from batch {found.last + 1} to {link.seq}"
            raise VaultDamaged(f"{gap}, so it does not prove that it belongs here", path=found.path)
        there = found.sum if found.last == link.seq else self.sum_at(found, link.seq)
        if there != link.sum or not is_of_life:
            raise VaultDamaged(
                f"its batch {link.seq} is not the one that {self.name}.journal goes on after",
                path=found.path,
            )

    def sum_at(self, found: Folded, seq: int) -> int | None:
        """The sum at a batch in the middle of a folded journal; None where that is not there."""
        data = self.content(found.path)
        start = at = data.find(b"\n") + 1
        for _ in range(found.first, seq + 1):
            at = data.find(b"\n", at) + 1
            if not at:
                return None
        return zlib.crc32(memoryview(data)[start:at], found.link.sum or 0)

    def peek(self, path: str, first: int, last: int) -> Folded | None:
        """What a folded journal tells of itself without being unpacked; None if it just expired."""
        try:
            with explain_errors("read", path):
                fd = self._files.open(path, os.O_RDONLY)
                try:
                    start = self._files.read(fd, _PEEK, 0)
                    end = max(os.fstat(fd).st_size - _TRAILER, 0)
                    trailer = self._files.read(fd, _TRAILER, end)
                finally:
                    self._files.close(fd)
        except VaultUnavailable as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise
        try:
            begin = zlib.decompressobj(wbits=31).decompress(start, _PEEK_INTO)
        except zlib.error as error:
            raise VaultDamaged(f"the folded journal cannot be read: {error}", path=path) from error
        return self._folded_file(path, (first, last), begin, trailer)

    def _folded_file(
        self, path: str, batches: tuple[int, int], begin: bytes, trailer: bytes
    ) -> Folded:
        """The same, from how the unpacked lines begin and how the file ends."""
        first, last = batches
        line, _, rest = begin.partition(b"\n")
        batch = checked_batch_of(line)
        if batch is None:
            raise VaultDamaged("the folded journal has a damaged line", path=path, offset=0)
        if batch.head is None:
            return Folded(path, first, last, None, None, Link(first - 1, None))
        head = head_of([batch], path)
        head.check_owner(self.name, path)
        if head.seq != first - 1:
            raise VaultDamaged(f"it starts with batch {head.seq + 1}", path=path)
        link = head.link if head.sum is not None else Link(first - 1, None, head.lineage)
        if _starts_anew(rest.partition(b"\n")[0]):
            link = replace(link, lineage="")
        if head.sum is None:
            return Folded(path, first, last, head, None, link)
        whole, size = (int.from_bytes(trailer[at : at + 4], "little") for at in (0, 4))
        size = (size - len(line) - 1) % (1 << 32)
        total = sum_behind(line + b"\n", head.sum, whole, size)
        return Folded(path, first, last, head, total, link)

    def batches(self, after: int, link: Link) -> Iterator[Batch]:
        """The kept batches after a number up to one that is gone on after, oldest first."""
        pieces: list[Folded] = []
        for piece in self.leading_to(link) if after < link.seq else ():
            pieces.append(piece)
            if piece.first - 1 <= after:
                break
        for piece in reversed(pieces):
            for batch in self.read(piece.path):
                if after < batch.seq <= link.seq and batch.head is None:
                    after = batch.seq
                    yield batch

    def batches_back(self, link: Link) -> Iterator[Batch]:
        """The kept batches up to one that is gone on after, newest first."""
        before = link.seq + 1
        for piece in self.leading_to(link):
            for batch in reversed(self.read(piece.path)):
                if batch.seq < before and batch.head is None:
                    before = batch.seq
                    yield batch

    def heads_back(self, link: Link, part: Part | None = None) -> Iterator[Batch]:
        """The same, of large ones that part or no body."""
        before = link.seq + 1
        for piece in self.leading_to(link):
            for batch, _ in reversed(list(self.heads(piece.path, part, last=piece.last))):
                if batch.seq < before and batch.head is None:
                    before = batch.seq
                    yield batch

    def heads(
        self, path: str, part: Part | None = None, *, last: int | None = None
    ) -> Iterator[tuple[Batch, int]]:
        """The batches in one file with the sums of their lines, of large ones that part or no body.

        The line of batch ``last`` is not read to its end where no part of it is asked for.
        VaultDamaged for one that is not whole.
        """
        try:
            for one in briefs(self._unpacked_lines(path), part, last=None if part else last):
                yield batch_of(one.line), one.crc
        except Unclear as error:
            raise VaultDamaged("the folded journal has a damaged line", path=path) from error

    def _unpacked_lines(self, path: str) -> Iterator[bytes]:
        """The lines of one file in pieces, none when it has just expired."""
        unpack = zlib.decompressobj(wbits=31)
        try:
            size, told = 0, 0
            for packed in self._packed_bytes(path):
                size += len(packed)
                rest = packed
                while rest:
                    piece = unpack.decompress(rest, _PEEK_INTO)
                    rest, told = unpack.unconsumed_tail, told + len(piece)
                    if told > most_of(size):
                        raise too_much()
                    yield piece
            yield unpack.flush()
        except zlib.error as error:
            what = f"the folded journal cannot be read: {error}"
            raise VaultDamaged(what, path=path) from error

    def content(self, path: str) -> bytes:
        """The lines of one file, none when it has just expired; VaultDamaged if it is no gzip."""
        data = b"".join(self._packed_bytes(path))
        try:
            return unpack_all(data)
        except (OSError, EOFError, zlib.error) as error:
            raise VaultDamaged(f"the folded journal cannot be read: {error}", path=path) from error

    def _packed_bytes(self, path: str) -> Iterator[bytes]:
        """The bytes of one file in pieces, none when it has just expired."""
        with explain_errors("read", path):
            try:
                fd = self._files.open(path, os.O_RDONLY)
            except FileNotFoundError:
                return
            try:
                yield from self._files.chunks(fd)
            finally:
                self._files.close(fd)

    def read(self, path: str) -> list[Batch]:
        """All batches in one file, none when it has just expired; VaultDamaged unless whole."""
        return self._scan_file(path)[1]

    def lines(self, path: str) -> list[tuple[Batch, bytes]]:
        """All batches in one file, each with its line; VaultDamaged unless whole."""
        data, batches, ends = self._scan_file(path)
        places = pairwise([0, *ends])
        return [(one, data[x:y]) for one, (x, y) in zip(batches, places, strict=True)]

    def _scan_file(self, path: str) -> tuple[bytes, list[Batch], list[int]]:
        """The lines of one file, their batches and where they end; VaultDamaged unless whole."""
        data = self.content(path)
        batches, ends = scan(data, path=path)
        if data and (not ends or ends[-1] != len(data)):
            raise VaultDamaged("the folded journal has a damaged line", path=path)
        for batch in batches:
            if batch.head is not None:
                head_of([batch], path).check_owner(self.name, path)
        return data, batches, ends


def _starts_anew(line: bytes) -> bool:
    """Whether a restore or a repair wrote the line: either may begin another life."""
    batch = checked_batch_of(line)
    return batch is not None and starts_anew(batch)


def starts_anew(batch: Batch) -> bool:
    """Whether a restore or a repair wrote the batch: both leave numbers out."""
    return any(isinstance(event, NamespaceRepaired | NamespaceRestored) for event in batch.told())
