"""A namespace on disk: snapshot, journal and lock in one folder, shared by processes.

Who may lock what, and what a crash can leave, stands in ``docs/journal.md``.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator

from robo_xp.errors import VaultBusy, VaultDamaged, VaultUnavailable
from robo_xp.vault.compaction import archive_of, compact, start_journal
from robo_xp.vault.files import explained
from robo_xp.vault.journal import Batch, batch_of, checked_batch_of, line_of
from robo_xp.vault.journal_file import JournalFile, Rewritten, check_order, head_of, open_journal
from robo_xp.vault.loading import load
from robo_xp.vault.lock import WriterLock, wait_for
from robo_xp.vault.namespace import Namespace
from robo_xp.vault.options import FileOptions, Place
from robo_xp.vault.snapshot import Mark

log = logging.getLogger("robo_xp.vault")

_NO_MARK = Mark(0, 0, 0, "")


class FileNamespace(Namespace):
    """One namespace of a vault on disk."""

    def __init__(self, name: str, options: FileOptions) -> None:
        """Remember where the files are; nothing is opened yet."""
        super().__init__(name, options.clock)
        self._options = options
        self._files = options.files
        self.place = Place.of(options.root, name)
        self._lock_file = WriterLock(self.place.lock, self._files, wait=options.lock_wait)
        self._journal: JournalFile | None = None
        self._migrated = False
        self._prepared = False
        self._unsynced = False
        self._size_seen = 0
        self._compact_at = options.compact_from
        self._process = os.getpid()

    # -- reading ---------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Apply what other processes appended; load again what was replaced."""
        there = self._files.stat(self.place.journal)
        journal = self._journal
        if there is None:
            self._vanish()
        elif journal is None:
            self._load()
        elif there.st_ino != journal.inode:
            if not self._switch(journal):
                self._load()
        elif there.st_size != journal.offset and not self._follow(journal, there.st_size):
            self._load()
        self._size_seen = there.st_size if there is not None else 0

    def _vanish(self) -> None:
        """There is no journal: nothing was ever committed, or damage when there was one."""
        if self._journal is not None:
            raise VaultDamaged("the journal is gone while it is in use", path=self.place.journal)
        if self._files.stat(self.place.snapshot) is not None:
            raise VaultDamaged("there is a snapshot without its journal", path=self.place.journal)

    def _follow(self, journal: JournalFile, size: int) -> bool:
        """Apply the journal's new batches; False when everything has to be loaded again.

        New batches of an earlier version cannot be applied to tables that were migrated here.
        What looks like damage from here is looked at as a whole before it is called so.
        """
        if self._migrated:
            return False
        try:
            batches = journal.follow(size)
            check_order(batches, self.state.seq, self.place.journal)
        except (Rewritten, VaultDamaged):
            return False
        for batch in batches:
            self.state.apply(batch)
        return True

    def _switch(self, old: JournalFile) -> bool:
        """Go over to the journal of a compaction that we have seen everything of.

        Whether that worked; otherwise the namespace has to be loaded again.
        """
        if not self._follow(old, old.size()):
            return False
        fresh = open_journal(self.place.journal, self._files)
        batches = fresh.follow(fresh.size())
        mark, mine = head_of(batches, self.place.journal), self.state.mark
        if (mark.lineage, mark.schema, mark.seq) != (mine.lineage, mine.schema, self.state.seq):
            return False
        check_order(batches[1:], mark.seq, self.place.journal)
        old.close()
        self._journal = fresh
        self.state.mark = mark
        for batch in batches[1:]:
            self.state.apply(batch)
        self._measure()
        return True

    def _load(self) -> None:
        """Read snapshot and journal from the start."""
        self._drop()
        loaded = load(self.place, self._files)
        state = self.state.successor(loaded.tables, loaded.mark)
        for batch in loaded.batches:
            state.apply(batch)
        migrations = self._options.migrations
        self._migrated = migrations.apply(self.name, state.tables, loaded.mark.schema)
        self.state, self._journal = state, loaded.journal
        self._measure()

    def _measure(self) -> None:
        """Set the size at which the journal is worth a compaction: that of the snapshot."""
        snapshot = self._files.stat(self.place.snapshot)
        size = 0 if snapshot is None else snapshot.st_size
        self._compact_at = max(self._options.compact_from, size)

    # -- writing ---------------------------------------------------------------------------------

    def _lock(self) -> None:
        """Hold the lock, catch up, and mend what a crash or an earlier version left."""
        if self._process != os.getpid():
            self._forget_files()  # a lock that came with a fork is shared with the parent
            self._process = os.getpid()
        self._acquire()
        try:
            self._hold_journal()
            journal = self._journal
            if journal is not None and journal.writable:
                if self._size_seen > journal.offset:
                    journal.cut_torn_tail(self._options.file_mode())
                if self._migrated or journal.suspect:
                    self._compact(journal)
                    self._hold_journal()
        except BaseException:
            self._unlock()
            raise

    def _acquire(self) -> None:
        """Hold the lock file; the folder is made for it where there is none."""
        if self._prepared:
            try:
                self._lock_file.acquire(self._options.file_mode)
                return
            except VaultUnavailable:
                if self._journal is not None or os.path.isdir(self.place.folder):
                    raise
        with explained("make", self.place.folder):
            self._options.prepare()
            self._files.make_folder(self.place.folder, root=self._options.root)
        self._prepared = True
        self._lock_file.acquire(self._options.file_mode)

    def _hold_journal(self) -> None:
        """Lock the journal too, and catch up: what stands at its path is then ours alone."""
        while True:
            journal = self._journal
            if journal is not None and journal.writable and not journal.try_lock():
                wait_for(journal.try_lock, self._options.lock_wait, journal.path, journal.fileno)
            self._catch_up()
            if self._journal is journal:
                return

    def _unlock(self) -> None:
        """Give both locks back."""
        if self._journal is not None:
            self._journal.unlock()
        self._lock_file.release()

    def _append(self, batch: Batch) -> None:
        """Write the batch as one line and, when asked for, wait until it is on the disk."""
        line = line_of(batch)
        journal = self._journal or self._create(batch.seq)
        sync = self._options.durability == "batch"
        if sync and not journal.lasting:
            self._make_lasting(journal)
        journal.append(line, sync=sync)
        self._unsynced = not sync
        # What readers get is what the disk has, not what the caller may still change.
        self.state.apply(batch_of(line))
        journal.appended(line)
        if journal.offset > self._compact_at:
            self._compact_in_passing(journal)

    def _create(self, seq: int) -> JournalFile:
        """The journal of a new namespace."""
        mark = Mark(self._options.migrations.current, 0, 0, secrets.token_hex(8))
        with explained("create", self.place.journal):
            start_journal(self.place, self._options, mark)
        self._hold_journal()
        if self._journal is None or self.state.seq + 1 != seq:
            raise VaultBusy(f"{self.place.journal} was made by another process at the same time")
        return self._journal

    def _make_lasting(self, journal: JournalFile) -> None:
        """Sync the names of the journal and its folders: who made them may not have come to it."""
        with explained("sync", self.place.folder):
            for folder in self.place.folders(self._options.root):
                self._files.sync_folder(folder)
        journal.lasting = True

    # -- compaction and history ------------------------------------------------------------------

    def compact(self) -> bool:
        """Write a new snapshot and a fresh journal; whether there was anything to write."""
        with self._guard:
            self._refuse_while_writing()
            if not self.exists():
                return False
            self._lock()
            try:
                journal = self._journal
                if journal is None or not journal.has_batches:
                    archive_of(self.place, self._options).expire(self.clock.now_ms())
                    return False
                self._compact(journal)
            finally:
                self._unlock()
            return True

    def _compact_in_passing(self, journal: JournalFile) -> None:
        """Compact after a commit; trouble is only told, since the commit itself stands."""
        try:
            self._compact(journal)
        except Exception as error:
            self._compact_at = journal.offset + self._options.compact_from
            log.warning("%s could not be compacted: %s", self.place.journal, error)

    def _compact(self, journal: JournalFile) -> None:
        """Put a new pair of files in place and go over to it; needs the lock."""
        old = self.state.mark
        mark = Mark(
            self._options.migrations.current, self.state.seq, old.generation + 1, old.lineage
        )
        compact(self.place, self._options, journal, self.state.tables, mark)
        fresh = open_journal(self.place.journal, self._files)
        fresh.follow(fresh.size())
        self._journal, self._migrated, self._unsynced = fresh, False, False
        journal.close()
        self.state.mark = mark
        self._measure()

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""
        first, lines = self._lines_after(after)
        if after < first:
            for batch in archive_of(self.place, self._options).batches(after):
                if batch.seq <= first:
                    yield batch
        for line in lines:
            yield self._batch(line)

    def batches_back(self) -> Iterator[Batch]:
        """The kept batches, newest first."""
        first, lines = self._lines_after(0)
        for line in reversed(lines):
            yield self._batch(line)
        yield from archive_of(self.place, self._options).batches_back(first + 1)

    def _lines_after(self, after: int) -> tuple[int, list[bytes]]:
        """The last batch before the journal, and the journal's lines of batches after ``after``."""
        with self._guard:
            self._catch_up()
            if self._journal is None:
                return 0, []
            return self._journal.first, self._journal.lines_after(after)

    def _batch(self, line: bytes) -> Batch:
        """The batch in a line that was whole before; VaultDamaged when it is not any more."""
        batch = checked_batch_of(line)
        if batch is None:
            raise VaultDamaged("the journal has a damaged line", path=self.place.journal)
        return batch

    def exists(self) -> bool:
        """Whether anything was ever committed here; also true of what is left of a damaged one."""
        return any(
            self._files.stat(path) is not None for path in (self.place.journal, self.place.snapshot)
        )

    def sync(self) -> None:
        """Return when all that was committed is on the disk."""
        with self._guard:
            if self._journal is not None and self._unsynced:
                if not self._journal.lasting:
                    self._make_lasting(self._journal)
                self._journal.sync()
                self._unsynced = False

    def close(self) -> None:
        """Give up memory and open files; the next use opens them again."""
        with self._guard:
            self._refuse_while_writing()
            try:
                if self._options.durability == "interval":
                    self.sync()
            finally:
                self._forget_files()

    def close_if_idle(self) -> bool:
        """Close unless it is in use by any thread, this one included; whether it was closed."""
        if not self._guard.acquire(blocking=False):
            return False
        try:
            if self._in_use:
                return False
            self.close()
            return True
        finally:
            self._guard.release()

    def _forget_files(self) -> None:
        """Close all files without a look at them."""
        self._drop()
        self._lock_file.close()
        self._prepared = False

    def _drop(self) -> None:
        """Close the journal and forget what it said."""
        if self._journal is not None:
            journal, self._journal = self._journal, None
            journal.close()
            self.state = self.state.successor({}, _NO_MARK)
        self._migrated = False
