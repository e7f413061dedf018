"""Folded journals: what compaction took out of a journal, gzip, kept for a number of days.

A file is named by the first and last batch in it. Files may overlap, after a crash between
folding and replacing; readers leave out what they have seen.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator

from robo_xp.errors import VaultDamaged, VaultUnavailable
from robo_xp.vault.files import Files, explained
from robo_xp.vault.journal import Batch, scan
from robo_xp.vault.snapshot import replace_file

_NAME = re.compile(r"(\d+)-(\d+)\.jsonl\.gz")
_DAY_MS = 86_400_000


class Archive:
    """The folded journals of one namespace, in a folder of their own."""

    def __init__(self, folder: str, files: Files, *, days: int) -> None:
        """Remember where; ``days`` is how long files are kept, 0 keeps none."""
        self.folder = folder
        self.days = days
        self._files = files

    def fold(self, data: bytes, batches: tuple[int, int], *, root: str, mode: int) -> None:
        """Keep a journal's bytes that hold the batches from first to last."""
        if not self.days or batches[1] < batches[0]:
            return
        self._files.make_folder(self.folder, root=root)
        path = os.path.join(self.folder, f"{batches[0]:012}-{batches[1]:012}.jsonl.gz")
        replace_file(self._files, path, gzip.compress(data, 6, mtime=0), mode)

    def expire(self, now_ms: int) -> None:
        """Remove what is older than it has to be kept."""
        for path, _ in self._entries():
            stat = self._files.stat(path)
            if stat is not None and now_ms - stat.st_mtime_ns // 1_000_000 > self.days * _DAY_MS:
                self._files.remove(path)

    def _entries(self) -> list[tuple[str, tuple[int, int]]]:
        """Path and batches of each file, oldest first."""
        with explained("list", self.folder):
            names = self._files.names_in(self.folder)
        found = [(name, _NAME.fullmatch(name)) for name in names]
        return [
            (os.path.join(self.folder, name), (int(match[1]), int(match[2])))
            for name, match in found
            if match
        ]

    def batches(self, after: int) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""
        for path, (_, last) in self._entries():
            if last <= after:
                continue
            for batch in self._read(path):
                if batch.seq > after and batch.head is None:
                    after = batch.seq
                    yield batch

    def batches_back(self, before: int) -> Iterator[Batch]:
        """The kept batches with a lower number than ``before``, newest first."""
        for path, (first, _) in reversed(self._entries()):
            if first >= before:
                continue
            for batch in reversed(self._read(path)):
                if batch.seq < before and batch.head is None:
                    before = batch.seq
                    yield batch

    def _read(self, path: str) -> list[Batch]:
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
        return batches
