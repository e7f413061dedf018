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
from dataclasses import dataclass, replace

from robo_xp.errors import VaultUnavailable
from robo_xp.model.events import NamespaceRepaired
from robo_xp.text import counted
from robo_xp.vault.batch import Batch, line_of
from robo_xp.vault.care.holding import held
from robo_xp.vault.care.mend import (
    Mended,
    batches_in,
    mended,
    missing,
    owner_of,
    unfolded,
)
from robo_xp.vault.care.survey import (
    Survey,
    lines_in,
    read_if_there,
    span,
    survey,
    survey_snapshot,
)
from robo_xp.vault.care_port import REPAIR, Damage, Repaired
from robo_xp.vault.files.archive import FOLDED_NAME, Archive, folded_name
from robo_xp.vault.files.compaction import archive_of, head_line
from robo_xp.vault.files.disk import Files, explained
from robo_xp.vault.files.journal_file import open_journal
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import content_of, free_path, replace_file
from robo_xp.vault.state import Mark
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
        with held(place, self.options), explained("repair", place.folder):
            return self._mend(name, place)

    def _needs_it(self, place: Place) -> bool:
        """Whether anything is wrong, seen without a lock."""
        found = survey(place, self.options.files)
        return bool(found.damaged or _torn(found) or self._bad_in_archive(place))

    def _mend(self, name: str, place: Place) -> Repaired | None:
        """Look again, now that nobody writes, and replace what is damaged."""
        files = self.options.files
        found = survey(place, files)
        archive = archive_of(place, self.options)
        in_archive = self._bad_in_archive(place)
        done: Repaired | None = None
        if found.damaged:
            own = found.own
            state = mended(own, archive, files, salvage=self.salvage and own == found)
            if state is None:
                return Repaired(name, "", refused=_why_not(found))
            done = self._replace(name, place, found, state)
        elif _torn(found):
            done = self._cut_tail(name, place, _torn(found))
        if in_archive:
            done = self._mend_archive(name, in_archive, done)
        return done

    def _replace(self, name: str, place: Place, found: Survey, state: Mended) -> Repaired:
        """Copy the originals, fold the whole batches, and start anew from the state."""
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
        self._fold(place, found.own)
        files, mode = self.options.files, self.options.file_mode()
        batch = self._told(mark.seq + 1, repaired)
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

    def _told(self, seq: int, repaired: Repaired) -> Batch:
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

    def _fold(self, place: Place, found: Survey) -> None:
        """Put the whole batches of the journal into the archive: they are history."""
        if found.journal is None or not found.journal.kept:
            return
        batches = [line.batch for line in found.journal.kept]
        data = b"".join(map(line_of, batches))
        archive = archive_of(place, self.options)
        ends = (batches[0].seq, batches[-1].seq)
        archive.fold(data, ends, root=self.options.root, mode=self.options.file_mode())

    def _cut_tail(self, name: str, place: Place, torn: int) -> Repaired:
        """Cut an unfinished batch from the end, as the next writer would."""
        repaired = Repaired(name, f"everything but {torn} bytes of a batch never finished")
        if self.dry_run:
            return repaired
        journal = open_journal(place.journal, self.options.files)
        try:
            journal.follow(journal.size())
            kept = journal.cut_torn_tail(self.options.file_mode())
        finally:
            journal.close()
        return replace(repaired, copies=(kept,))

    def _bad_in_archive(self, place: Place) -> dict[str, Archived]:
        """The damaged files in the archive."""
        files = self.options.files
        paths = archive_paths(archive_of(place, self.options))
        found = {path: archived(path, files, place.name) for path in paths}
        return {path: one for path, one in found.items() if one.damaged}

    def _mend_archive(self, name: str, bad: dict[str, Archived], done: Repaired | None) -> Repaired:
        """Move damaged files of the archive aside, and keep their whole batches."""
        repaired = done or Repaired(name, "all of the state")
        words, copies = [repaired.kept], list(repaired.copies)
        for path, one in bad.items():
            if not self.dry_run:
                data = read_if_there(path, self.options.files) or b""
                copies.append(self._copy(path, data))
                self._replace_folded(path, one.batches)
            words.append(_folded_words(path, one.batches))
        return replace(repaired, kept="; ".join(words), copies=tuple(copies))

    def _replace_folded(self, path: str, kept: tuple[Batch, ...]) -> None:
        """Put a file with the kept batches in the place of a damaged one."""
        files = self.options.files
        if kept:
            content = gzip.compress(b"".join(map(line_of, kept)), 1, mtime=0)
            target = os.path.join(os.path.dirname(path), folded_name(kept[0].seq, kept[-1].seq))
            replace_file(files, target, content, self.options.file_mode())
            if target == path:
                return
        files.remove(path)


def mend_format(options: FileOptions) -> str:
    """Write a format file that cannot be read anew; the path of the copy of the old one."""
    files, path = options.files, os.path.join(options.root, "format.json")
    with explained("repair", path):
        kept = free_path(files, f"{path}.damaged-{stamp(options)}")
        files.rename(path, kept)
        options.prepare()
    return kept


def archive_paths(archive: Archive) -> list[str]:
    """The files of the archive."""
    return [path for path, _ in [*archive.folded(), *archive.bases()]]


@dataclass(frozen=True, slots=True)
class Archived:
    """One file of the archive: what is wrong with it, and its whole batches."""

    damaged: Damage | None = None
    batches: tuple[Batch, ...] = ()


def archived(path: str, files: Files, name: str) -> Archived:
    """What a file of the archive is worth; the byte of a damage is that of the unpacked lines."""
    data = read_if_there(path, files)
    if data is None:
        return Archived()  # it has just expired
    if not FOLDED_NAME.fullmatch(os.path.basename(path)):
        base = survey_snapshot(data, path, name)
        return Archived(base.damaged[0] if base.damaged else None)
    content, is_all = unfolded(data)
    lines = lines_in(content)
    batches = tuple(batches_in(lines))
    owner = owner_of(lines)
    if owner not in ("", name):
        return Archived(Damage(path, 0, f"it belongs to {owner}"))
    if not is_all:
        return Archived(Damage(path, None, "the folded journal cannot be unpacked"), batches)
    if not lines.bad and not lines.torn:
        return Archived(None, batches)
    byte = lines.bad[0] if lines.bad else len(content) - lines.torn
    return Archived(Damage(path, byte, "the folded journal has a damaged line"), batches)


def stamp(options: FileOptions) -> str:
    """The present second in UTC, fit for the name of a file."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(options.clock.now_ms() / 1000))


def _torn(found: Survey) -> int:
    """How many bytes of an unfinished batch stand at the end of the journal."""
    return 0 if found.journal is None else found.journal.torn


def _folded_words(path: str, kept: tuple[Batch, ...]) -> str:
    """What is left of a damaged file of the archive."""
    name = os.path.basename(path)
    match = FOLDED_NAME.fullmatch(name)
    if match is None:
        return f"without {name}, from which earlier states could be restored"
    lost = missing({batch.seq for batch in kept}, int(match[1]), int(match[2]))
    gone = ", ".join(span(*part) for part in lost) or "nothing"
    return f"{counted(len(kept), 'batch')} of {name} ({gone} gone from the history)"


def _kept_words(state: Mended) -> str:
    """What the state is made of."""
    later = f" and {counted(state.applied, 'later batch')}" if state.applied else ""
    return state.base + later


def _why_not(found: Survey) -> str:
    """Why a namespace cannot be repaired with what proves itself."""
    if found.own != found:
        return (
            "its files belong to another namespace, and its archive does not hold all; put each"
            " back in the place that its name says, or restore a backup"
        )
    first = span(1, max(found.last, 1))
    return (
        f"the snapshot is lost and the archive does not hold {first} without a gap; restore a"
        " backup, or add --salvage to keep what can still be read"
    )
