"""Folded journals: what compaction took out of a journal, gzip, kept for a number of days.

A file is named by the first and last batch in it. Files may overlap, after a crash between
folding and replacing; readers leave out what they have seen.

Now and then the snapshot that a compaction replaces is kept beside them, under the number of its
batch: a base, from which the kept batches lead to every later state. So a folded journal is
removed when it is old enough and an old base, or the present snapshot, holds all that it did.
"""

from __future__ import annotations

import gzip
import logging
import os
import re
import zlib
from collections.abc import Iterator

from robo_xp.errors import VaultDamaged, VaultUnavailable
from robo_xp.vault.batch import Batch
from robo_xp.vault.files.disk import Files, explained
from robo_xp.vault.files.journal import scan
from robo_xp.vault.files.snapshot import free_path, replace_file
from robo_xp.vault.state import Mark

log = logging.getLogger("robo_xp.vault")

FOLDED_NAME = re.compile(r"(\d+)-(\d+)\.jsonl\.gz")
BASE_NAME = re.compile(r"(\d+)\.json")
_DAY_MS = 86_400_000
_BASES_IN_TIME = 4


class Archive:
    """The folded journals of one namespace, in a folder of their own."""

    def __init__(self, folder: str, files: Files, *, name: str, days: int) -> None:
        self.folder = folder
        self.name = name
        self.days = days
        self._files = files

    def set_aside(self) -> None:
        """Move what an earlier life left away, so that its batches do not pass for new ones."""
        if self._files.is_folder(self.folder):
            aside = free_path(self._files, f"{self.folder}.left")
            self._files.rename(self.folder, aside)
            log.warning("%s was left by an earlier life of it; it is %s now", self.folder, aside)

    def fold(self, data: bytes, batches: tuple[int, int], *, root: str, mode: int) -> None:
        """Keep a journal's bytes that hold the batches from first to last."""
        if not self.days or batches[1] < batches[0]:
            return
        self._files.make_folder(self.folder, root=root)
        path = os.path.join(self.folder, folded_name(*batches))
        # a writer waits for this: level 6 takes three times as long to save 13 % of the bytes
        replace_file(self._files, path, gzip.compress(data, 1, mtime=0), mode)

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
        for path, (_, last) in self.folded():
            if self._is_before(path, oldest) and (last <= start or not self.days):
                self._files.remove(path)
        for path, base in bases:
            if base < start or not self.days:
                self._files.remove(path)

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
        paths = [path for path, _ in [*self.folded(), *self.bases()]]
        stats = (self._files.stat(path) for path in paths)
        return sum(stat.st_size for stat in stats if stat is not None)

    def bases(self) -> list[tuple[str, int]]:
        """Path of each base, and the batch that it holds at least, oldest first."""
        return [(path, int(match[1])) for path, match in self._named(BASE_NAME)]

    def folded(self) -> list[tuple[str, tuple[int, int]]]:
        """Path and batches of each folded journal, oldest first."""
        return [(path, (int(match[1]), int(match[2]))) for path, match in self._named(FOLDED_NAME)]

    def _named(self, pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
        """Path and match of each file that is named so, sorted."""
        with explained("list", self.folder):
            names = self._files.names_in(self.folder)
        found = [(name, pattern.fullmatch(name)) for name in names]
        return [(os.path.join(self.folder, name), match) for name, match in found if match]

    def batches(self, after: int) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""
        for path, (_, last) in self.folded():
            if last <= after:
                continue
            for batch in self.read(path):
                if batch.seq > after and batch.head is None:
                    after = batch.seq
                    yield batch

    def batches_back(self, before: int) -> Iterator[Batch]:
        """The kept batches with a lower number than ``before``, newest first."""
        for path, (first, _) in reversed(self.folded()):
            if first >= before:
                continue
            for batch in reversed(self.read(path)):
                if batch.seq < before and batch.head is None:
                    before = batch.seq
                    yield batch

    def read(self, path: str) -> list[Batch]:
        """All batches in one file, none when it has just expired; VaultDamaged unless whole."""
        try:
            with explained("read", path):
                data = self._files.read_whole(path)
        except VaultUnavailable as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return []
            raise
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise VaultDamaged(f"the folded journal cannot be read: {error}", path=path) from error
        batches, ends = scan(data, path=path)
        if not ends or ends[-1] != len(data):
            raise VaultDamaged("the folded journal has a damaged line", path=path)
        for batch in batches:
            if batch.head is not None:
                Mark.from_document({**batch.head, "seq": batch.seq}).check_owner(self.name, path)
        return batches


def folded_name(first: int, last: int) -> str:
    """What the folded journal with these batches is called."""
    return f"{first:012}-{last:012}.jsonl.gz"
