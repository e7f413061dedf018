"""The reading half of a namespace on disk: catch up with what any process committed.

It follows the journal while that grows, goes over to the journal of a compaction, and loads
everything again where neither will do. It writes nothing and takes no lock.
"""

from __future__ import annotations

from collections.abc import Iterator

from robo_xp.errors import VaultDamaged
from robo_xp.vault.batch import Batch, Part, batch_of, checked_batch_of
from robo_xp.vault.files.compaction import archive_of, exists
from robo_xp.vault.files.journal import check_order, head_of
from robo_xp.vault.files.journal_file import JournalFile, Rewritten, open_journal
from robo_xp.vault.files.loading import glance, load
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.port import Namespace, Sizes
from robo_xp.vault.state import Link, Mark

_NO_MARK = Mark(0, 0, 0, "")


class FollowedNamespace(Namespace):
    """A namespace on disk, as far as readers know it."""

    def __init__(self, name: str, options: FileOptions) -> None:
        super().__init__(name, options.clock)
        self._options = options
        self._files = options.files
        self.place = Place.of(options.root, name)
        self._journal: JournalFile | None = None
        self._migrated = False
        self._absent = False
        self._size_seen = 0
        self._compact_at = options.compact_from

    def _catch_up(self) -> None:
        """Apply what other processes appended; load again what was replaced."""
        if self._absent and not self._files.is_there(self.place.journal):
            return  # the defaults of all guilds are looked at for every award
        there = self._files.look(self.place.journal)
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
        archive = archive_of(self.place, self._options)
        if archive.folded():
            raise VaultDamaged(
                "it holds batches of a namespace without snapshot and journal", path=archive.folder
            )
        self._absent = True

    def _follow(self, journal: JournalFile, size: int) -> bool:
        """Apply the journal's new batches; False when everything has to be loaded again.

        New batches of an earlier version cannot be applied to tables that were migrated here.
        What looks like damage from here is looked at as a whole before it is called so.
        """
        try:
            batches = journal.follow(size)
            check_order(batches, self.state.seq, self.place.journal)
        except (Rewritten, VaultDamaged):
            return False
        if batches and self._migrated:
            return False
        for batch in batches:
            self.state.apply(batch)
        return True

    def _switch(self, old: JournalFile) -> bool:
        """Go over to the journal of a compaction that we have seen everything of.

        Whether that worked; otherwise the namespace has to be loaded again.
        """
        if self._migrated or old.size() - old.offset > self._compact_at:
            return False  # the snapshot is shorter, and leaves memory without holes
        if not self._follow(old, old.size()):
            return False
        fresh = open_journal(self.place.journal, self._files)
        batches = fresh.follow(fresh.size())
        mark, mine = head_of(batches, self.place.journal), self.state.mark
        if (mark.lineage, mark.schema, mark.seq) != (mine.lineage, mine.schema, self.state.seq):
            return False
        if None not in (old.head.sum, mark.sum) and mark.sum != old.sum:
            return False
        if mark.generation != mine.generation + 1:
            return False  # a restore put another state under the same number, and left one out
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

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The kept batches with a higher number than ``after``, oldest first."""
        link, lines = self._lines_after(after)
        yield from archive_of(self.place, self._options).batches(after, link)
        for line in lines:
            yield self._batch(line)

    def batches_back(self) -> Iterator[Batch]:
        """The kept batches, newest first."""
        link, lines = self._lines_after(0)
        for line in reversed(lines):
            yield self._batch(line)
        yield from archive_of(self.place, self._options).batches_back(link)

    def heads_back(self, part: Part | None = None) -> Iterator[Batch]:
        """The kept batches, newest first, of large ones that part or no body; no state is made.

        Whatever is not as it should be is told as by ``batches_back``.
        """
        there = self._files.is_there(self.place.journal)
        found = glance(self.place, self._files, part) if there else None
        if found is None:
            yield from self.batches_back()
            return
        link, lines = found
        yield from map(batch_of, reversed(lines))
        yield from archive_of(self.place, self._options).heads_back(link, part)

    def _lines_after(self, after: int) -> tuple[Link, list[bytes]]:
        """What the journal goes on after, and its lines of batches after a number."""
        with self._guard:
            self._catch_up()
            if self._journal is None:
                return Link(0, None), []
            return self._journal.head.link, self._journal.lines_after(after)

    def _batch(self, line: bytes) -> Batch:
        """The batch in a line that was whole before; VaultDamaged when it is not any more."""
        batch = checked_batch_of(line)
        if batch is None:
            raise VaultDamaged("the journal has a damaged line", path=self.place.journal)
        return batch

    def exists(self) -> bool:
        """Whether anything was ever committed here; also true of what is left of a damaged one."""
        return exists(self.place, self._options)

    def sizes(self) -> Sizes:
        """How large it is, also where it is damaged: nothing is opened for it."""
        snapshot, journal = (
            0 if (stat := self._files.stat(path)) is None else stat.st_size
            for path in (self.place.snapshot, self.place.journal)
        )
        return Sizes(snapshot, journal, archive_of(self.place, self._options).size())

    def _drop(self) -> None:
        """Close the journal and forget what it said."""
        if self._journal is not None:
            journal, self._journal = self._journal, None
            journal.close()
            self.state = self.state.successor({}, _NO_MARK)
        self._migrated = self._absent = False
