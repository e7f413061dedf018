"""A namespace on disk: snapshot, journal and lock in one folder, shared by processes.

The reading half is in ``following``. Who may lock what, and what a crash can leave, stands in
``docs/journal.md``.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from robo_xp.errors import VaultBusy, VaultUnavailable
from robo_xp.vault.batch import Batch, batch_of, is_plain, line_in_pieces, line_of
from robo_xp.vault.files.compaction import archive_of, compact, expire, start_journal
from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.journal_file import JournalFile, open_journal
from robo_xp.vault.files.lock import WriterLock, wait_for
from robo_xp.vault.files.options import FileOptions
from robo_xp.vault.files.reader import FollowedNamespace
from robo_xp.vault.files.rewriting import forget
from robo_xp.vault.files.snapshot import content_of, replace_file
from robo_xp.vault.port import tell
from robo_xp.vault.pseudonyms import ERASED, marks_in
from robo_xp.vault.state import Mark
from robo_xp.vault.transaction import Transaction

T = TypeVar("T")

log = logging.getLogger("robo_xp.vault")

_SMALLEST, _RECORD = 10_000, 700


# what tells this process from the one that it was forked from
_process = [object()]
os.register_at_fork(after_in_child=lambda: _process.__setitem__(0, object()))


class _Blocked(Exception):
    """A change of several namespaces is under way here."""


class FileNamespace(FollowedNamespace):
    """One namespace of a vault on disk."""

    def __init__(self, name: str, options: FileOptions) -> None:
        super().__init__(name, options)
        self._lock_file = WriterLock(
            self.place.lock, self._files, wait=options.lock_wait, room=options.room
        )
        self._prepared = False
        self._unsynced = False
        self._tried_upgrade = False
        self._process = _process[0]

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return _SMALLEST + _RECORD * sum(map(len, list(self.state.tables.values())))

    def begin(self, transaction: Transaction) -> None:
        """Start a transaction, once no change of several namespaces is in the way."""
        while True:
            try:
                super().begin(transaction)
            except _Blocked:
                self._options.take_up()
            else:
                return

    def _do_unblocked(self, work: Callable[[], T]) -> T:
        """Do the work, after a change of several namespaces that has to come first."""
        while True:
            try:
                return work()
            except _Blocked:
                self._options.take_up()

    def _lock(self) -> None:
        """Hold the lock; raises _Blocked where another change has to come first."""
        self._lock_alone()
        try:
            if self._options.blocks(self.name):
                raise _Blocked
        except BaseException:
            self._unlock()
            raise

    def append_planned(self, line: bytes) -> None:
        """Append the line of a change of several namespaces, unless it is there already."""
        with self._guard:
            self._lock_alone()
            try:
                batch = batch_of(line)
                if self.state.seq >= batch.seq:
                    return
                self._append(batch)
            finally:
                self._unlock()
        tell(self.listeners, self.name, batch)

    def _lock_alone(self) -> None:
        """Hold the lock, catch up, and mend what a crash or an earlier version left."""
        if self._process is not _process[0]:
            self._forget_files()  # a lock that came with a fork is shared with the parent
            self._process = _process[0]
        self._absent = False
        self._acquire()
        try:
            self._hold_journal()
            journal = self._journal
            if journal is not None and journal.writable:
                if self._size_seen > journal.offset:
                    journal.cut_torn_tail(self._options.file_mode())
                is_old = journal.head.sum is None and self._may_upgrade()
                if is_old or self._migrated or journal.suspect:
                    self._compact(journal)
                    self._hold_journal()
        except BaseException:
            self._unlock()
            raise

    def _may_upgrade(self) -> bool:
        """Whether this handle has not tried yet to bring its journal to format 2."""
        has_tried, self._tried_upgrade = self._tried_upgrade, True
        return not has_tried

    def _acquire(self) -> None:
        """Hold the lock file; the folder is made for it where there is none."""
        if self._journal is None:
            self._lock_file.look_again()  # there is no journal to lock besides
        if self._prepared:
            try:
                self._lock_file.acquire(self._options.file_mode)
                return
            except VaultUnavailable:
                if self._journal is not None or self._files.is_folder(self.place.folder):
                    raise
        with explain_errors("make", self.place.folder):
            self._options.prepare()
            self._files.make_folder(self.place.folder, root=self._options.root)
        self._prepared = True
        self._lock_file.acquire(self._options.file_mode)

    def _hold_journal(self) -> None:
        """Lock the journal too, and catch up: what stands at its path is then ours alone."""
        while True:
            journal = self._journal
            if journal is not None and (journal.writable or journal.may_be_written_now()):
                if not self._files.try_lock(journal.fd):
                    self._wait_for(journal)
            self._catch_up()
            if self._journal is journal:
                return

    def _wait_for(self, journal: JournalFile) -> None:
        """Lock the journal once others let it go; raises VaultBusy."""
        wait, fd = self._options.lock_wait, journal.fd
        wait_for(lambda: self._files.try_lock(fd), wait, journal.path, lambda: fd)

    def _unlock(self) -> None:
        """Give both locks back."""
        if self._journal is not None:
            self._files.unlock(self._journal.fd)
        self._lock_file.release()

    def _append(self, batch: Batch) -> None:
        """Write the batch as one line and, when asked for, wait until it is on the disk."""
        line = [line_of(batch)] if batch.about is None else line_in_pieces(batch)
        # What readers get is what the disk has: a tuple, say, comes back as a list.
        stored = batch if is_plain(batch) else batch_of(line_of(batch))
        journal = self._journal or self._create(batch.seq)
        sync = self._options.durability == "batch"
        if sync and not journal.lasting:
            self._lock_file.mark_used()
            self._make_lasting(journal)
        journal.append(line, sync=sync)
        self._unsynced = not sync
        self.state.apply(stored)
        journal.appended()
        if journal.offset > self._compact_at:
            self._compact_in_passing(journal)

    def _create(self, seq: int) -> JournalFile:
        """The journal of a new namespace."""
        mark = Mark(self._options.migrations.current, 0, 0, secrets.token_hex(8), self.name, 0)
        with explain_errors("create", self.place.journal):
            start_journal(self.place, self._options, mark)
            if self._lock_file.mark_used():
                log.warning("%s begins anew: journal and snapshot were gone", self.name)
        self._hold_journal()
        if self._journal is None or self.state.seq + 1 != seq:
            raise VaultBusy(f"{self.place.journal} was made by another process at the same time")
        return self._journal

    def _make_lasting(self, journal: JournalFile) -> None:
        """Sync the names of the journal and its folders: who made them may not have come to it."""
        root = self._options.root
        with explain_errors("sync", self.place.folder):
            for folder in self.place.folders(root):
                self._files.sync_folder(folder)
            with suppress(PermissionError):  # a service may own its folder, and not see the parent
                self._files.sync_folder(os.path.dirname(root))
        journal.lasting = True

    def compact(self) -> bool:
        """Write a new snapshot and a fresh journal; whether there was anything to write."""
        return self._do_unblocked(self._compact_now)

    def _compact_now(self) -> bool:
        with self._guard:
            self._refuse_while_writing()
            if not self.exists():
                return False
            self._catch_up()
            before = self._journal
            self._lock()
            try:
                journal = self._journal
                if journal is None or not (journal.has_batches or ERASED in self.state.tables):
                    self._expire()
                    return journal is not before  # what is of format 1 is compacted at once
                self._compact(journal)
            finally:
                self._unlock()
            return True

    def expire(self) -> None:
        """Remove folded journals that were kept long enough, without a compaction."""
        self._do_unblocked(self._expire_now)

    def _expire_now(self) -> None:
        with self._guard:
            self._refuse_while_writing()
            self._lock()
            try:
                self._expire()
            finally:
                self._unlock()

    def _expire(self) -> None:
        """The same with the lock held."""
        expire(self.place, self._options, self.state.mark.seq)

    def _compact_in_passing(self, journal: JournalFile) -> None:
        """Compact after a commit; trouble is only told, since the commit itself stands."""
        try:
            self._compact(journal)
        except Exception as error:
            self._compact_at = journal.offset + self._options.compact_from
            log.warning("%s could not be compacted: %s", self.place.journal, error)

    def _compact(self, journal: JournalFile) -> None:
        """Put a new pair of files in place and go over to it; needs the lock.

        What became of erased persons' ids is settled then too.
        """
        self._put_pair(journal)
        if pseudonyms := marks_in(self.state.tables):
            mode = self._options.file_mode()
            archive, link = archive_of(self.place, self._options), self.state.mark.link
            forget(archive, self._files, link, pseudonyms, mode=mode)
            # readers go on with the tables that they have
            tables = {name: one for name, one in self.state.tables.items() if name != ERASED}
            with explain_errors("write", self.place.snapshot):
                content = content_of(tables, self.state.mark)
                replace_file(self._files, self.place.snapshot, content, mode)
            self.state.tables = tables
            self._measure()

    def _put_pair(self, journal: JournalFile) -> None:
        """Put a new pair of files in place and go over to it."""
        old = self.state.mark
        mark = Mark(
            self._options.migrations.current,
            self.state.seq,
            old.generation + 1,
            old.lineage,
            self.name,
        )
        mark = compact(self.place, self._options, journal, self.state.tables, mark)
        fresh = open_journal(self.place.journal, self._files)
        fresh.follow(fresh.size())
        self._journal, self._migrated, self._unsynced = fresh, False, False
        journal.close()
        self.state.mark = mark
        self._measure()

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
                self._detach()
                self._forget_files()

    @property
    def has_lock_file(self) -> bool:
        """Whether its lock file is open."""
        return self._lock_file.is_open

    def rest(self) -> None:
        """Close the lock file, unless it is in use by any thread, this one included."""
        if self._guard.acquire(blocking=False):
            try:
                if not self._in_use:
                    self._lock_file.close()
            finally:
                self._guard.release()

    def _forget_files(self) -> None:
        """Close all files without a look at them."""
        self._drop()
        self._lock_file.close()
        self._prepared = False
