"""Compaction on disk: fold the journal into the archive, write the snapshot, start a journal.

In this order, each step lasting before the next: a crash leaves the old pair, or the new snapshot
beside a journal that it already holds, or the new pair.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable
from dataclasses import replace

from robo_xp.errors import VaultDamaged
from robo_xp.vault.files.archive import Archive
from robo_xp.vault.files.disk import explain_errors
from robo_xp.vault.files.journal import head_line
from robo_xp.vault.files.journal_file import JournalFile
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.rewriting import upgrade_format
from robo_xp.vault.files.snapshot import content_of, replace_file
from robo_xp.vault.files.stamps import DAY_MS, believed_time, names_for, times_in
from robo_xp.vault.state import Mark, Tables

log = logging.getLogger("robo_xp.vault")


def compact(
    place: Place, options: FileOptions, journal: JournalFile, tables: Tables, mark: Mark
) -> Mark:
    """Replace snapshot and journal by ones that start at ``mark``; needs the writer's lock.

    The mark as it was written, with the sum of the lines. What 0.1.0 wrote comes to format 2, and
    stays in format 1 where its archive is not whole.
    """
    mode = options.file_mode()
    archive = archive_of(place, options)
    with explain_errors("compact", place.journal):
        journal.sync()
        made = times_in(place.journal, options.files)
        lines, total = _lines(place, options, archive, journal)
        mark = replace(mark, sum=total)
        archive.fold(lines, (journal.first + 1, mark.seq), root=options.root, mode=mode)
        del lines
        replace_file(options.files, place.snapshot, content_of(tables, mark), mode)
        start_journal(place, options, mark, after=max(made[-1:], default=0))
        expire(place, options, mark.seq)
    return mark


def expire(place: Place, options: FileOptions, seq: int) -> None:
    """Remove what was kept for its days; ``seq`` is the batch of the present snapshot."""
    archive, now = archive_of(place, options), options.clock.now_ms()
    if archive.days and archive.is_overdue(now):
        now = min(now, options.newest_ms() + DAY_MS)  # a clock may run ahead
    archive.expire(now, snapshot=place.snapshot, seq=seq)


def _lines(
    place: Place, options: FileOptions, archive: Archive, journal: JournalFile
) -> tuple[Iterable[bytes], int | None]:
    """What of the journal is to be folded, and the sum behind it; None for format 1."""
    if journal.head.sum is None:
        try:
            options.say_format()
            head = upgrade_format(place, options, archive, journal.head)
        except VaultDamaged as error:
            log.warning("%s stays in format 1: %s (vault repair)", place.journal, error.message)
        else:
            lines = journal.content().partition(b"\n")[2]
            total = zlib.crc32(lines, head.sum or 0)
            return [head_line(head, options.clock.now_ms()), lines], total
    archive.keep_base(place.snapshot, journal.first, root=options.root)
    return journal.chunks(), None if journal.head.sum is None else journal.sum


def start_journal(place: Place, options: FileOptions, mark: Mark, *, after: int = 0) -> None:
    """Put a fresh journal, with only a head, in place; ``after`` is when the last batch was made.

    The head is never older than that, also where the clock ran backwards.
    """
    options.say_format()
    content = head_line(mark, max(options.clock.now_ms(), after))
    replace_file(options.files, place.journal, content, options.file_mode())


def archive_of(place: Place, options: FileOptions) -> Archive:
    """The folded journals of the namespace."""
    return Archive(place.archive, options.files, name=place.name, days=options.archive_days)


def exists(place: Place, options: FileOptions) -> bool:
    """Whether anything was ever committed there; also true of what is left of a damaged one."""
    paths = place.journal, place.snapshot
    return any(options.files.stat(path) is not None for path in paths) or bool(
        archive_of(place, options).folded()
    )


def stores_of(guild_id: str, options: FileOptions) -> list[str]:
    """The namespaces of the stores of a guild with anything committed, sorted."""
    names = names_for(guild_id, options.root, options.files)
    return [name for name in names if exists(Place.of(options.root, name), options)]


def newest_ms(names: Iterable[str], options: FileOptions) -> int:
    """When the newest batch of the namespaces was made (epoch ms), as far as that is believed."""
    places = [Place.of(options.root, name) for name in names]
    found = (
        believed_time([*archive_of(one, options).made_ms(), *times_in(one.journal, options.files)])
        for one in places
    )
    return max(found, default=0)
