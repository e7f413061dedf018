"""Repair: damaged files are copied beside themselves, then replaced by what can be proved.

The namespace goes on with a new lineage and a number above all that were ever given, so open
handles load it again and nobody's cursor points at another batch. The first batch says that it
was repaired, and which batches are lost.
"""

from __future__ import annotations

import gzip
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from robo_xp.errors import VaultUnavailable
from robo_xp.model.events import NamespaceRepaired
from robo_xp.text import count_text
from robo_xp.vault.batch import Batch, line_of
from robo_xp.vault.care.holding import hold_writers
from robo_xp.vault.care.kept import Kept, Piece, kept_in
from robo_xp.vault.care.mend import Mended, mended_state, missing
from robo_xp.vault.care.survey import Survey, read_if_there, span, survey
from robo_xp.vault.care_port import REPAIR, Repaired
from robo_xp.vault.files.archive import FOLDED_NAME, Archive
from robo_xp.vault.files.chain import Chain, folded_name, runs
from robo_xp.vault.files.compaction import archive_of
from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.journal import head_line
from robo_xp.vault.files.journal_file import open_journal
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import content_of, free_path, replace_file
from robo_xp.vault.state import Link, Mark
from robo_xp.vault.transaction import Origin


@dataclass(frozen=True, slots=True)
class Repair:
    """One run of the repair: by whom and why, and whether to use what cannot be proved."""

    options: FileOptions
    origin: Origin
    reason: str | None = None
    salvage: bool = False
    dry_run: bool = False

    def namespace(self, name: str) -> Repaired | None:
        """Repair one namespace; None when there is nothing to repair.

        Raises VaultBusy and VaultUnavailable; then the files are as they were, or copied.
        """
        place = Place.of(self.options.root, name)
        if self.dry_run:
            return self._mend(name, place)
        if not self._needs_it(place):
            return None
        with hold_writers(place, self.options), explain_errors("repair", place.folder):
            return self._mend(name, place)

    def _needs_it(self, place: Place) -> bool:
        """Whether anything is wrong, seen without a lock."""
        found = survey(place, self.options.files)
        return bool(found.damaged or _torn(found) or self._kept_archive(place, found).damaged)

    def _kept_archive(self, place: Place, found: Survey) -> Kept:
        """What the archive is worth."""
        return kept_in(archive_of(place, self.options), self.options.files, found.own)

    def _mend(self, name: str, place: Place) -> Repaired | None:
        """Look again, now that nobody writes, and replace what is damaged."""
        found = survey(place, self.options.files)
        kept = self._kept_archive(place, found)
        done: Repaired | None = None
        if found.damaged:
            own = found.own
            state = mended_state(own, kept, salvage=self.salvage and own == found)
            if state is None:
                return Repaired(name, "", refused=_why_not(found))
            done = self._replace(place, found, kept, state)
        elif _torn(found):
            done = self._cut_tail(name, place, found)
        if kept.damaged:
            done = self._mend_archive(place, kept, done)
        return done

    def _replace(self, place: Place, found: Survey, kept: Kept, state: Mended) -> Repaired:
        """Copy the originals, fold the whole batches, and start anew from the state."""
        name = place.name
        self._refuse_later_schema(name, state.schema)
        # one number is left out, so that the folded batches do not seem to lead up to this state
        mark = Mark(state.schema, state.seq + 1, 0, secrets.token_hex(8), name)
        repaired = Repaired(name, _kept_words(state), state.lost)
        if self.dry_run:
            return repaired
        originals = [
            (part.path, part.data) for part in (found.snapshot, found.journal) if part is not None
        ]
        copies = tuple(self._copy(path, data) for path, data in originals)
        link = self._fold(place, found.own, kept, mark)
        if link.sum is not None:
            mark = replace(mark, sum=link.sum, back=link)
        files, mode = self.options.files, self.options.file_mode()
        batch = self._repair_batch(mark.seq + 1, repaired)
        content = head_line(mark, batch.ts) + line_of(batch)
        replace_file(files, place.snapshot, content_of(state.tables, mark), mode)
        replace_file(files, place.journal, content, mode)
        return replace(repaired, copies=copies, seq=batch.seq)

    def _refuse_later_schema(self, name: str, schema: int) -> None:
        """Raise VaultUnavailable for a schema that this version does not know."""
        if schema > self.options.migrations.current:
            raise VaultUnavailable(
                f"{name} has schema {schema}, which this version does not know",
                advice="upgrade Robo XP; nothing was changed",
            )

    def _repair_batch(self, seq: int, repaired: Repaired) -> Batch:
        """The batch that tells of the repair."""
        lost = [list(part) for part in repaired.lost]
        return Batch(
            seq=seq,
            ts=self.options.clock.now_ms(),
            by=self.origin.by,
            cmd=self.origin.cmd or REPAIR,
            reason=self.reason,
            ops=[],
            events=[NamespaceRepaired(repaired.kept, lost)],
        )

    def _copy(self, path: str, data: bytes) -> str:
        """Keep what stood in a file beside it; the path of the copy."""
        kept = free_path(self.options.files, f"{path}.damaged-{stamp(self.options)}")
        replace_file(self.options.files, kept, data, self.options.file_mode())
        return kept

    def _fold(self, place: Place, found: Survey, kept: Kept, mark: Mark) -> Link:
        """Put the whole batches of the journal into the archive: they are history. Its end."""
        journal, archive = found.journal, archive_of(place, self.options)
        head = None if journal is None else journal.head
        snapshot = None if found.snapshot is None else found.snapshot.mark
        start = head or snapshot
        link = start.link if start is not None else _end_of(kept)
        known = 0 if link.sum is None else link.seq
        lines = [(x.batch.seq, x) for x in (journal.kept if journal else []) if x.batch.seq > known]
        data = b"" if journal is None else journal.data
        chain = Chain(head or mark, link, self.options.clock.now_ms())
        texts = ((seq, data[one.start : one.end] + b"\n") for seq, one in lines)
        for run in runs(texts):
            if link.sum is None:
                archive.fold([run[2]], run[:2], root=self.options.root, mode=self._mode)
            elif archive.days:
                lineage = mark.lineage if start is None else start.lineage
                self._keep(archive, *chain.add(run, lineage))
        return chain.link if link.sum is not None else link

    @property
    def _mode(self) -> int:
        return self.options.file_mode()

    def _keep(self, archive: Archive, name: str, content: bytes) -> None:
        """Put a file into the archive."""
        archive.keep(name, content, root=self.options.root, mode=self._mode)

    def _cut_tail(self, name: str, place: Place, found: Survey) -> Repaired:
        """Cut an unfinished batch from the end, as the next writer would.

        One that has its newline was perhaps finished, so it is named.
        """
        is_line = found.journal is not None and found.journal.data.endswith(b"\n")
        lost = ((found.last + 1, found.last + 1),) if is_line else ()
        repaired = Repaired(name, "everything but a batch that was never finished", lost)
        if self.dry_run:
            return repaired
        journal = open_journal(place.journal, self.options.files)
        try:
            journal.follow(journal.size())
            kept = journal.cut_torn_tail(self.options.file_mode())
        finally:
            journal.close()
        return replace(repaired, copies=(kept,))

    def _mend_archive(self, place: Place, kept: Kept, done: Repaired | None) -> Repaired:
        """Move damaged files of the archive aside, and keep their whole batches."""
        repaired = done or Repaired(place.name, "all of the state")
        words, copies = [repaired.kept], list(repaired.copies)
        pieces = {piece.folded.path: piece for piece in kept.pieces}
        for path in kept.damaged:
            if os.path.dirname(path) != place.archive:
                continue
            piece = pieces.get(path)
            if not self.dry_run:
                data = read_if_there(path, self.options.files) or b""
                copies.append(self._copy(path, data))
                self._replace_folded(place, path, piece)
            words.append(_folded_words(path, piece))
        return replace(repaired, kept="; ".join(words), copies=tuple(copies))

    def _replace_folded(self, place: Place, path: str, piece: Piece | None) -> None:
        """Put files with the whole batches in the place of a damaged one."""
        archive = archive_of(place, self.options)
        written = set()
        for name, content in () if piece is None else self._anew(place, piece):
            self._keep(archive, name, content)
            written.add(os.path.join(archive.folder, name))
        if path not in written:
            self.options.files.remove(path)

    def _anew(self, place: Place, piece: Piece) -> Iterator[tuple[str, bytes]]:
        """Name and content of files with the whole batches of a piece, which lead up to the same.

        A batch that tells of the repair takes the place of the last one, if that is lost.
        """
        last = piece.folded.last
        lines = [(x.batch.seq, piece.data[x.start : x.end] + b"\n") for x in piece.lines]
        head, until = piece.folded.head, piece.until
        if head is None or head.sum is None or until.sum is None:
            for first, end, text in runs(lines):
                yield folded_name(first, end), gzip.compress(text, 1, mtime=0)
            return
        if not lines or lines[-1][0] < last:
            lost = Repaired(place.name, "the history around it", ((last, last),))
            lines.append((last, line_of(self._repair_batch(last, lost))))
        parts = list(runs(lines))
        chain = Chain(head, piece.folded.link, self.options.clock.now_ms())
        for part in parts[:-1]:
            yield chain.add(part, head.lineage)
        yield chain.close(parts[-1], head.lineage, until.sum)


def mend_format(options: FileOptions) -> str:
    """Write a format file that cannot be read anew; the path of the copy of the old one."""
    files, path = options.files, os.path.join(options.root, "format.json")
    with explain_errors("repair", path):
        kept = free_path(files, f"{path}.damaged-{stamp(options)}")
        files.rename(path, kept)
        options.prepare()
    return kept


def _end_of(kept: Kept) -> Link:
    """The last batch in the archive."""
    if not kept.pieces:
        return Link(0, 0)
    newest = kept.pieces[-1].folded
    return Link(newest.last, newest.sum, "" if newest.head is None else newest.head.lineage)


def stamp(options: FileOptions) -> str:
    """The present second in UTC, fit for the name of a file."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(options.clock.now_ms() / 1000))


def _torn(found: Survey) -> int:
    """How many bytes of an unfinished batch stand at the end of the journal."""
    return 0 if found.journal is None else found.journal.torn


def _folded_words(path: str, piece: Piece | None) -> str:
    """What is left of a damaged file of the archive."""
    name = os.path.basename(path)
    match = FOLDED_NAME.fullmatch(name)
    if match is None:
        return f"without {name}, from which earlier states could be restored"
    kept = set() if piece is None else {line.batch.seq for line in piece.lines}
    lost = missing(kept, int(match[1]), int(match[2]))
    gone = ", ".join(span(*part) for part in lost) or "nothing"
    return f"{count_text(len(kept), 'batch')} of {name} ({gone} gone from the history)"


def _kept_words(state: Mended) -> str:
    """What the state is made of."""
    later = f" and {count_text(state.applied, 'later batch')}" if state.applied else ""
    return state.base + later


def _why_not(found: Survey) -> str:
    """Why a namespace cannot be repaired with what proves itself."""
    if found.own != found:
        return (
            "its files belong to another namespace, and its archive does not hold all; put each"
            " back in the place that its name says, or restore a backup"
        )
    if not found.last and found.snapshot is None:
        return (
            "nothing is left in its files; restore a backup (robo-xp backup list), or add --salvage"
            " to begin anew without what it held"
        )
    first = span(1, max(found.last, 1))
    return (
        f"the snapshot is lost and the archive does not hold {first} without a gap; restore a"
        " backup, or add --salvage to keep what can still be read"
    )
