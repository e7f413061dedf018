"""Files of the archive, written down anew: to come to format 2, and to forget erased persons.

In format 2 each file says whose it is and what it goes on after; the lines stay as they are. A
crash on the way leaves files of both formats beside a journal of format 1, and the next writer
begins again.

To forget, each file that names an erased id gets the pseudonym, one file after the other and
each in one step, so a crash in between is made up for the next time. It leads up to the same sum
as before, so that what goes on after it still proves it.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from robo_xp.vault.files.archive import Archive, Folded
from robo_xp.vault.files.chain import Chain, runs
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import content_of, parse, replace_file
from robo_xp.vault.pseudonyms import ERASED, Pseudonym, in_line
from robo_xp.vault.state import Link, Mark


def upgrade_format(place: Place, options: FileOptions, archive: Archive, journal: Mark) -> Mark:
    """Write the archive anew; the head that the journal has in format 2.

    Needs the writer's lock. Raises VaultDamaged where the archive is not whole.
    """
    chain = Chain(replace(journal, name=place.name), Link(0, 0), options.clock.now_ms())
    pieces = [*archive.leading_to(journal.link)]
    before = set(archive.paths())
    root, mode = options.root, options.file_mode()
    written = set()
    for name, content in rewritten(archive, pieces, chain, journal):
        archive.keep(name, content, root=root, mode=mode)
        written.add(os.path.join(archive.folder, name))
    head = chain.head(journal.seq + 1, journal.lineage)
    for path, seq in [*archive.bases(), (place.snapshot, journal.seq)]:
        if options.files.stat(path) is None or not archive.days:
            continue
        tables, mark = parse(options.files.read_whole(path), path)
        if mark.seq in chain.points or mark.seq == journal.seq:
            total, back = chain.points.get(mark.seq, (head.sum, head.back))
            content = content_of(tables, replace(mark, name=place.name, sum=total, back=back))
            archive.keep(f"{seq:012}.json", content, root=root, mode=mode)
            written.add(os.path.join(archive.folder, f"{seq:012}.json"))
    for path in before - written:
        options.files.remove(path)
    return head


def rewritten(
    archive: Archive, pieces: list[Folded], chain: Chain, journal: Mark
) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files that hold the lines of the pieces, given newest first."""
    for piece in reversed(pieces):
        after = chain.link.seq
        lines = (
            (batch.seq, line)
            for batch, line in archive.lines(piece.path)
            if batch.head is None and after < batch.seq <= journal.seq
        )
        lineage = journal.lineage if piece.head is None else piece.head.lineage
        for run in runs(lines):
            yield chain.add(run, lineage)


def forget(
    archive: Archive, files: Files, link: Link, pseudonyms: Sequence[Pseudonym], *, mode: int
) -> None:
    """Put the pseudonyms in place in all that leads up to a batch, and keep nothing else.

    Raises VaultDamaged for what is not whole.
    """
    pieces = [*archive.leading_to(link)]
    for path in {path for path, _ in archive.folded()} - {piece.path for piece in pieces}:
        files.remove(path)
    anew = [piece for piece in pieces if _forget_in(archive, piece, files, pseudonyms, mode)]
    for path, _ in archive.bases():
        with explain_errors("read", path):
            before = files.read_whole(path)
        tables, mark = parse(before, path)
        if any(piece.first <= mark.seq < piece.last for piece in anew):
            files.remove(path)  # a crash left it where nothing can prove it any more
            continue
        tables.pop(ERASED, None)
        values = dict(tables)
        for one in pseudonyms:
            if mark.seq <= one.until:
                values = one.in_tables(values)
        content = content_of(values, _as_told(mark, archive, pieces))
        if content != before:
            with explain_errors("write", path):
                replace_file(files, path, content, mode)


def _forget_in(
    archive: Archive, piece: Folded, files: Files, pseudonyms: Sequence[Pseudonym], mode: int
) -> bool:
    """Put the pseudonyms in place in one folded journal; whether it named anybody."""
    if piece.first > max(one.until for one in pseudonyms):
        return False
    lines = archive.lines(piece.path)
    after = [
        line if batch.head is not None else in_line(line, batch.seq, pseudonyms)
        for batch, line in lines
    ]
    if after == [line for _, line in lines]:
        return False
    content = gzip.compress(b"".join(after), 1, mtime=0)
    if piece.head is not None and piece.sum is not None:
        run = piece.first, piece.last, b"".join(after[1:])
        chain = Chain(piece.head, piece.link, lines[0][0].ts)
        _, content = chain.close(run, piece.head.lineage, piece.sum)
    with explain_errors("write", piece.path):
        replace_file(files, piece.path, content, mode)
    return True


def _as_told(mark: Mark, archive: Archive, pieces: Sequence[Folded]) -> Mark:
    """The mark of a base that a restore left, with the sum of the file that goes on after it."""
    for piece in pieces if mark.back is not None else ():
        if piece.first == mark.seq + 1:
            told = archive.peek(piece.path, piece.first, piece.last)
            if told is not None and told.head is not None and told.head.back == mark.back:
                return replace(mark, sum=told.head.sum)
    return mark
