"""From format 1 to format 2: the archive of a namespace, written down anew with proofs.

Each file says by then whose it is and what it goes on after; the lines stay as they are. A crash
on the way leaves files of both formats beside a journal of format 1, and the next writer begins
again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from robo_xp.vault.files.archive import Archive, Folded
from robo_xp.vault.files.chain import Chain, runs
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import content_of, parse
from robo_xp.vault.state import Link, Mark


def upgraded(place: Place, options: FileOptions, archive: Archive, journal: Mark) -> Mark:
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
