"""Compaction on disk: fold the journal into the archive, write the snapshot, start a journal.

In this order, each step lasting before the next: a crash leaves the old pair, or the new snapshot
beside a journal that it already holds, or the new pair.
"""

from __future__ import annotations

from robo_xp.vault.batch import FORMAT, Batch, line_of
from robo_xp.vault.files.archive import Archive
from robo_xp.vault.files.disk import explained
from robo_xp.vault.files.journal import HEAD_CMD
from robo_xp.vault.files.journal_file import JournalFile
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import content_of, replace_file
from robo_xp.vault.state import Mark, Tables


def compact(
    place: Place, options: FileOptions, journal: JournalFile, tables: Tables, mark: Mark
) -> None:
    """Replace snapshot and journal by ones that start at ``mark``; needs the writer's lock."""
    content = content_of(tables, mark)
    mode = options.file_mode()
    archive = archive_of(place, options)
    with explained("compact", place.journal):
        journal.sync()
        archive.keep_base(place.snapshot, journal.first, root=options.root)
        archive.fold(journal.content(), (journal.first + 1, mark.seq), root=options.root, mode=mode)
        replace_file(options.files, place.snapshot, content, mode)
        start_journal(place, options, mark)
        archive.expire(options.clock.now_ms(), snapshot=place.snapshot, seq=mark.seq)


def start_journal(place: Place, options: FileOptions, mark: Mark) -> None:
    """Put a fresh journal, with only a head, in place."""
    content = head_line(mark, options.clock.now_ms())
    replace_file(options.files, place.journal, content, options.file_mode())


def head_line(mark: Mark, now_ms: int) -> bytes:
    """The first line of a journal that starts at ``mark``."""
    document = mark.document()
    head = Batch(
        seq=document.pop("seq"),
        ts=now_ms,
        by="robo-xp",
        cmd=HEAD_CMD,
        head={"format": FORMAT, **document},
        ops=[],
        events=[],
    )
    return line_of(head)


def archive_of(place: Place, options: FileOptions) -> Archive:
    """The folded journals of the namespace."""
    return Archive(place.archive, options.files, name=place.name, days=options.archive_days)
