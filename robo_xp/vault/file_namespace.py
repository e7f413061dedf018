"""A namespace on disk: snapshot, journal and lock in one folder, shared by processes.

A reader opens the journal before it reads the snapshot, so that a compaction in between can only
give it a newer snapshot than the journal needs, never an older one. Who may lock what, and what
a crash can leave, stands in ``docs/journal.md``.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from robo_xp.errors import RoboXPError, VaultDamaged
from robo_xp.ports import Clock
from robo_xp.vault.archive import Archive
from robo_xp.vault.files import PRIVATE_FILE, SHARED_FILE, Files, explained
from robo_xp.vault.journal import FORMAT, HEAD_CMD, Batch, line_of, scan
from robo_xp.vault.journal_file import JournalFile, check_order, head_of
from robo_xp.vault.lock import WriterLock
from robo_xp.vault.migrations import Migrations
from robo_xp.vault.namespace import Namespace
from robo_xp.vault.snapshot import Mark, Tables, content_of, parse, replace_file

log = logging.getLogger("robo_xp.vault")

Durability = Literal["batch", "interval", "os"]
COMPACT_FROM = 1 << 20
_NO_MARK = Mark(0, 0, 0, "")


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What all namespaces of a vault share. ``lock_wait`` is in seconds."""

    root: str
    files: Files
    clock: Clock
    durability: Durability
    lock_wait: float
    archive_days: int
    migrations: Migrations
    prepare: Callable[[], None]

    def file_mode(self) -> int:
        """The mode of new files: private, or for the group when the data folder is."""
        return SHARED_FILE if self.files.is_shared(self.root) else PRIVATE_FILE


class FileNamespace(Namespace):
    """One namespace of a vault on disk."""

    def __init__(self, name: str, options: FileOptions) -> None:
        """Remember where the files are; nothing is opened yet."""
        super().__init__(name, options.clock)
        self._options = options
        self._files = options.files
        base = os.path.join(options.root, name)
        self._folder = os.path.dirname(base)
        self.snapshot_path = f"{base}.json"
        self.journal_path = f"{base}.journal"
        self._lock_file = WriterLock(f"{base}.lock", self._files, wait=options.lock_wait)
        self.archive = Archive(
            os.path.join(options.root, "archive", name), self._files, days=options.archive_days
        )
        self._journal: JournalFile | None = None
        self._behind = False
        self._prepared = False
        self._compact_at = COMPACT_FROM
        self.unsynced = False

    # -- reading ---------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Apply what other processes appended; load again what was replaced."""
        there = self._files.stat(self.journal_path)
        journal = self._journal
        if there is None:
            self._vanish()
        elif journal is None:
            self._load()
        elif there.st_ino != journal.inode:
            if not self._switch(journal):
                self._load()
        elif there.st_size > journal.offset:
            self._apply(journal.follow(there.st_size))
        elif there.st_size < journal.offset:
            self._load()

    def _vanish(self) -> None:
        """There is no journal: nothing was ever committed, or damage when a snapshot stands."""
        if self._files.stat(self.snapshot_path) is not None:
            raise VaultDamaged("there is a snapshot without its journal", path=self.journal_path)
        if self._journal is not None:
            raise VaultDamaged("the journal is gone while it is in use", path=self.journal_path)

    def _apply(self, batches: list[Batch]) -> None:
        """Carry out batches that come next."""
        check_order(batches, self.state.seq, self.journal_path)
        for batch in batches:
            self.state.apply(batch)

    def _switch(self, old: JournalFile) -> bool:
        """Go over to the journal of a compaction that we have seen everything of.

        Whether that worked; otherwise the namespace has to be loaded again.
        """
        self._apply(old.follow(old.size()))
        fresh, batches = self._open_journal()
        try:
            mark = head_of(batches, self.journal_path)
            mine = self.state.mark
            known = (mark.lineage, mark.schema, mark.seq)
            if known != (mine.lineage, mine.schema, self.state.seq):
                fresh.close()
                return False
            self._apply(batches[1:])
        except BaseException:
            fresh.close()
            raise
        old.close()
        self._journal = fresh
        self.state.mark = mark
        return True

    def _open_journal(self) -> tuple[JournalFile, list[Batch]]:
        """The journal that stands at the path now, and its batches."""
        with explained("open", self.journal_path):
            journal = JournalFile(self.journal_path, self._files)
        try:
            return journal, journal.follow(journal.size())
        except BaseException:
            journal.close()
            raise

    def _load(self) -> None:
        """Read snapshot and journal from the start."""
        self._drop()
        with explained("open", self.journal_path):
            journal = JournalFile(self.journal_path, self._files)
        try:
            tables, snapshot = self._read_snapshot()
            batches = journal.follow(journal.size())
            start = head_of(batches, self.journal_path)
            mark = self._check_pair(snapshot, start)
            check_order(batches[1:], start.seq, self.journal_path)
            self.state.load(tables, mark)
            for batch in batches[1:]:
                if batch.seq > mark.seq:
                    self.state.apply(batch)
            migrated = self._options.migrations.apply(
                self.state.tables, mark.schema, self.journal_path
            )
        except BaseException:
            journal.close()
            self.state.load({}, _NO_MARK)
            raise
        self._journal = journal
        self._behind = migrated or batches[-1].seq < mark.seq

    def _read_snapshot(self) -> tuple[Tables, Mark | None]:
        """The tables and mark of the snapshot; empty and None when there is none yet."""
        self._compact_at = COMPACT_FROM
        with explained("read", self.snapshot_path):
            if self._files.stat(self.snapshot_path) is None:
                return {}, None
            fd = self._files.open(self.snapshot_path, os.O_RDONLY)
            try:
                data = self._files.read(fd, os.fstat(fd).st_size, 0)
            finally:
                self._files.close(fd)
        self._compact_at = max(COMPACT_FROM, len(data))
        return parse(data, self.snapshot_path)

    def _check_pair(self, snapshot: Mark | None, journal: Mark) -> Mark:
        """The mark to start from; VaultDamaged when journal and snapshot are not of one life."""
        if snapshot is None:
            if journal.seq:
                raise VaultDamaged(
                    f"the snapshot of batch {journal.seq} is missing", path=self.snapshot_path
                )
            return journal
        if snapshot.lineage != journal.lineage or snapshot.seq < journal.seq:
            raise VaultDamaged(
                "the snapshot is not the one that the journal continues", path=self.snapshot_path
            )
        return snapshot

    # -- writing ---------------------------------------------------------------------------------

    def _lock(self) -> None:
        """Hold the lock, catch up, and mend what a crash left at the journal's end."""
        if not self._prepared:
            with explained("make", self._folder):
                self._options.prepare()
                self._files.make_folder(self._folder, root=self._options.root)
            self._prepared = True
        self._lock_file.acquire(self._options.file_mode)
        try:
            self._catch_up()
            if self._journal is not None and self._journal.writable:
                self._journal.cut_torn_tail(self._options.file_mode)
                if self._behind:
                    self._compact(self._journal)
        except BaseException:
            self._lock_file.release()
            raise

    def _unlock(self) -> None:
        """Give the lock back."""
        self._lock_file.release()

    def _append(self, batch: Batch) -> None:
        """Write the batch as one line and, when asked for, wait until it is on the disk."""
        journal = self._journal or self._create()
        line = line_of(batch)
        journal.append(line, sync=self._options.durability == "batch")
        self.unsynced = self._options.durability != "batch"
        self.state.apply(batch)
        journal.offset += len(line)
        if journal.offset > self._compact_at:
            self._compact_in_passing(journal)

    def _create(self) -> JournalFile:
        """The journal of a new namespace."""
        mark = Mark(self._options.migrations.current, 0, 0, secrets.token_hex(8))
        with explained("create", self.journal_path):
            self._start_journal(mark)
        self._load()
        assert self._journal is not None  # _load opened it or raised
        return self._journal

    def _start_journal(self, mark: Mark) -> None:
        """Put a fresh journal, with only a head, in place."""
        document = mark.document()
        head = Batch(
            seq=document.pop("seq"),
            ts=self.clock.now_ms(),
            by="robo-xp",
            cmd=HEAD_CMD,
            head={"format": FORMAT, **document},
            ops=[],
            events=[],
        )
        line = line_of(head)
        replace_file(self._files, self.journal_path, line, self._options.file_mode())

    # -- compaction and history ------------------------------------------------------------------

    def compact(self) -> bool:
        """Write a new snapshot and a fresh journal; whether there was anything to write."""
        with self._guard:
            if not self.exists():
                return False
            self._lock()
            try:
                if self._journal is not None:
                    self._compact(self._journal)
            finally:
                self._unlock()
            return True

    def _compact_in_passing(self, journal: JournalFile) -> None:
        """Compact after a commit; trouble is only told, since the commit itself stands."""
        try:
            self._compact(journal)
        except (OSError, RoboXPError) as error:
            self._compact_at += COMPACT_FROM
            log.warning("%s could not be compacted: %s", self.journal_path, error)

    def _compact(self, journal: JournalFile) -> None:
        """Fold the journal away, write the snapshot, start a fresh journal; needs the lock."""
        old = self.state.mark
        mark = Mark(
            self._options.migrations.current, self.state.seq, old.generation + 1, old.lineage
        )
        content = content_of(self.state.tables, mark)
        mode = self._options.file_mode()
        with explained("compact", self.journal_path):
            journal.sync()
            self._fold(journal, mode)
            replace_file(self._files, self.snapshot_path, content, mode)
            self._start_journal(mark)
        fresh, _ = self._open_journal()
        journal.close()
        self._journal, self._behind, self.unsynced = fresh, False, False
        self.state.mark = mark
        self._compact_at = max(COMPACT_FROM, len(content))

    def _fold(self, journal: JournalFile, mode: int) -> None:
        """Keep a compressed copy of the journal in the archive."""
        data = journal.content()
        head = scan(data[: data.find(b"\n") + 1], path=self.journal_path, offset=0)[0][0]
        self.archive.fold(data, (head.seq + 1, self.state.seq), root=self._options.root, mode=mode)
        self.archive.expire(self.clock.now_ms())

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""
        journal = self._journal_batches()
        start = journal[0].seq if journal else self.state.seq + 1
        if start > after + 1:
            for batch in self.archive.batches(after):
                if batch.seq < start:
                    yield batch
        for batch in journal:
            if batch.seq > after:
                yield batch

    def batches_back(self) -> Iterator[Batch]:
        """The kept batches, newest first."""
        journal = self._journal_batches()
        yield from reversed(journal)
        before = journal[0].seq if journal else self.state.seq + 1
        yield from self.archive.batches_back(before)

    def _journal_batches(self) -> list[Batch]:
        """The batches in the journal, oldest first."""
        with self._guard:
            self._catch_up()
            if self._journal is None:
                return []
            data = self._journal.content()
        return scan(data, path=self.journal_path, offset=0)[0][1:]

    def exists(self) -> bool:
        """Whether anything was ever committed here."""
        return self._files.stat(self.journal_path) is not None

    def sync(self) -> None:
        """Return when all that was committed is on the disk."""
        with self._guard:
            if self._journal is not None and self.unsynced:
                self._journal.sync()
                self.unsynced = False

    def close(self) -> None:
        """Give up memory and open files; the next use opens them again."""
        with self._guard:
            if self._options.durability == "interval":
                self.sync()
            self._drop()
            self._lock_file.close()
            self._prepared = False

    def _drop(self) -> None:
        """Close the journal and forget what it said."""
        if self._journal is not None:
            journal, self._journal = self._journal, None
            journal.close()
            self.state.load({}, _NO_MARK)
        self._behind = False
