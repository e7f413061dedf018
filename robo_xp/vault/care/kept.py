"""What the archive of a namespace is worth: which files prove that they belong, and their batches.

Goes on after damage, as ``survey`` does for snapshot and journal. Nothing is changed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from msgspec import structs

from robo_xp.errors import VaultDamaged
from robo_xp.vault.care.survey import (
    Line,
    Lines,
    Survey,
    lines_in,
    read_if_there,
    span,
    survey_snapshot,
)
from robo_xp.vault.care_port import Damage
from robo_xp.vault.files.archive import Archive, Folded, starts_anew
from robo_xp.vault.files.disk import Files
from robo_xp.vault.packed import most_of, unpack_all
from robo_xp.vault.pseudonyms import ERASED
from robo_xp.vault.state import Link, Mark, Tables


@dataclass(frozen=True, slots=True)
class Piece:
    """A folded journal that belongs: its whole batches, and what it is to lead up to.

    ``data`` are the unpacked lines.
    """

    folded: Folded
    data: bytes
    lines: list[Line]
    until: Link


@dataclass(slots=True)
class Kept:
    """Damage by file, and what belongs: ``pieces`` oldest first, ``bases`` newest first.

    ``gaps`` are the files of format 1 before which batches are kept nowhere, and which. While it
    ``is_forgetting`` somebody, a base may have the sum that the file after it had before.
    """

    damaged: dict[str, Damage] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    bases: list[tuple[str, Tables, Mark]] = field(default_factory=list)
    gaps: list[tuple[str, str]] = field(default_factory=list)
    points: set[tuple[int, int, Link | None]] = field(default_factory=set)
    is_forgetting: bool = False

    def blame(self, path: str, what: str, byte: int | None = None) -> None:
        """Say what is wrong with a file, unless something was said already."""
        self.damaged.setdefault(path, Damage(path, byte, what))

    def has_point(self, seq: int, total: int | None, back: Link | None = None) -> bool | None:
        """Whether the sum at a batch is that of the history; None where nothing of it is kept."""
        there = {point[1:] for point in self.points if point[0] == seq}
        if back is not None and self.is_forgetting:
            return any(other == back for _, other in there) if there else None
        return (total, back) in there if there else None


def kept_in(archive: Archive, files: Files, found: Survey, *, bodies: bool = True) -> Kept:
    """What the archive is worth to snapshot and journal; ``found`` without foreign files.

    Without ``bodies`` all is looked at, and of what is whole neither lines nor tables are kept.
    """
    kept, journal = Kept(), found.journal
    head = None if journal is None else journal.head
    mark = None if found.snapshot is None else found.snapshot.mark
    kept.is_forgetting = found.snapshot is not None and ERASED in (found.snapshot.tables or ())
    if head is not None and journal is not None:
        kept.points |= points_of(head, journal.data, [] if journal.damaged else journal.kept)
    if mark is not None and mark.sum is not None:
        kept.points.add((mark.seq, mark.sum, mark.back))
    start = head or mark
    _walk(kept, archive, files, None if start is None else start.link, bodies=bodies)
    is_whole = journal is not None and not journal.damaged
    _look_at_rest(kept, archive, start, is_whole=is_whole)
    _look_at_bases(kept, archive, files, start)
    if not bodies:
        kept.bases.clear()
    if start is not None and start.sum is None:
        _look_for_gaps(kept, found)
    return kept


def points_of(head: Mark, data: bytes, lines: Iterable[Line]) -> set[tuple[int, int, Link | None]]:
    """Number and sum at the head and after each line; none for format 1."""
    if head.sum is None:
        return set()
    total = head.sum
    found: set[tuple[int, int, Link | None]] = {(head.seq, total, head.back)}
    if head.back is not None:
        found.add((head.back.seq, head.back.sum or 0, None))
    for line in lines:
        total = zlib.crc32(memoryview(data)[line.start : line.end + 1], total)
        found.add((line.batch.seq, total, None))
    return found


def _walk(kept: Kept, archive: Archive, files: Files, link: Link | None, *, bodies: bool) -> None:
    """Follow the files back from a link as far as they belong, and blame the first that does not.

    Without a link the newest file is believed.
    """
    rest = archive.folded()
    while rest := [one for one in rest if link is None or one[1][0] <= link.seq]:
        path, (first, last) = archive.next_of(rest, link)
        rest = [one for one in rest if one[1][0] < first]
        piece = _piece(kept, archive, files, (path, first, last), link)
        if piece is None:
            for other, _ in rest:
                what = f"nothing proves that it belongs to {archive.name}.journal: {path} does not"
                kept.blame(other, what)
            return
        if piece.folded.head is not None:
            kept.points |= points_of(piece.folded.head, piece.data, piece.lines)
        kept.pieces.insert(0, piece if bodies else _without_bodies(piece))
        link = piece.folded.link


def _without_bodies(piece: Piece) -> Piece:
    """The same without ops, events and bytes: those of a million members fit once."""
    lines = [
        replace(line, batch=structs.replace(line.batch, ops=(), events=()))
        if line.batch.about is not None
        else line
        for line in piece.lines
    ]
    return replace(piece, data=b"", lines=lines)


def _piece(
    kept: Kept, archive: Archive, files: Files, named: tuple[str, int, int], link: Link | None
) -> Piece | None:
    """A file with its whole batches; None when it, or anything before it, is not to be used."""
    path, first, last = named
    data, is_all = unfolded_part(read_if_there(path, files) or b"")
    lines = lines_in(data)
    try:
        folded = archive.peek(path, first, last)
        if folded is None:
            return None
        total = _sum_of(folded, lines, data)
        folded = replace(folded, sum=total)
        if lines.bad or lines.torn or not is_all:
            byte = lines.bad[0] if lines.bad else len(data) - lines.torn
            what = "has a damaged line" if is_all else "cannot be unpacked"
            kept.blame(path, f"the folded journal {what}", byte if is_all else None)
        elif link is not None:
            archive.prove(folded, link)
    except VaultDamaged as error:
        kept.blame(path, error.what, error.offset)
        return _of_format_1(path, named, data, lines, link)
    batches = [line for line in lines.whole if line.batch.head is None]
    return Piece(folded, data, batches, link or Link(folded.last, folded.sum))


def _sum_of(folded: Folded, lines: Lines, data: bytes) -> int | None:
    """The sum at the end of a file, of which all lines are whole."""
    if folded.head is None or folded.head.sum is None or not lines.whole:
        return None
    return zlib.crc32(memoryview(data)[lines.whole[0].end + 1 :], folded.head.sum)


def _of_format_1(
    path: str, named: tuple[str, int, int], data: bytes, lines: Lines, link: Link | None
) -> Piece | None:
    """What is left of a file that is damaged at its head, where format 1 proves no more."""
    batches = [line for line in lines.whole if line.batch.head is None]
    heads = [line.batch for line in lines.whole if line.batch.head is not None]
    if heads or link is None or link.sum is not None:
        return None
    _, first, last = named
    folded = Folded(path, first, last, None, None, Link(first - 1, None, link.lineage))
    return Piece(folded, data, batches, link)


def _look_at_rest(kept: Kept, archive: Archive, start: Mark | None, *, is_whole: bool) -> None:
    """Blame the files that are not needed, unless they hold what others do.

    Beside a damaged journal a crash may have left lines of it that only go on from the same place.
    """
    used = {piece.folded.path for piece in kept.pieces}
    for path, (first, last) in archive.folded():
        if path in used or path in kept.damaged:
            continue
        try:
            found = archive.peek(path, first, last)
            content = archive.content(path)
        except VaultDamaged as error:
            kept.blame(path, error.what, error.offset)
            continue
        lines = lines_in(content)
        if lines.bad or lines.torn:
            kept.blame(path, "the folded journal has a damaged line", (lines.bad or [0])[0])
        if found is None or start is None or start.sum is None:
            continue
        points = set() if found.head is None else points_of(found.head, content, lines.whole[1:])
        needed = points if is_whole else {one for one in points if one[0] < first}
        if not needed or not all(kept.has_point(seq, total, back) for seq, total, back in needed):
            kept.blame(path, f"it holds other batches than {archive.name}.journal goes on after")


def _look_at_bases(kept: Kept, archive: Archive, files: Files, start: Mark | None) -> None:
    """Read the archived snapshots, and blame those that are not of this history."""
    for path, _ in reversed(archive.bases()):
        data = read_if_there(path, files)
        base = None if data is None else survey_snapshot(data, path, archive.name)
        if base is None or base.mark is None or base.tables is None:
            for damage in [] if base is None else base.damaged:
                kept.blame(path, damage.what)
            continue
        if start is not None and start.sum is None:
            is_ours: bool | None = base.mark.lineage == start.lineage or bool(kept.pieces)
        else:
            is_ours = kept.has_point(base.mark.seq, base.mark.sum, base.mark.back)
        if is_ours:
            kept.bases.append((path, base.tables, base.mark))
        elif is_ours is False:
            kept.blame(
                path, f"its batch {base.mark.seq} is not one of {archive.name}.journal's history"
            )


def _look_for_gaps(kept: Kept, found: Survey) -> None:
    """Note where numbers are missing between files of format 1 that no restore left out."""
    batches = [(piece.folded.path, line.batch) for piece in kept.pieces for line in piece.lines]
    journal = found.journal
    # gaps inside a journal, and before it when its first batch is lost, are damage and told so
    if journal is not None and journal.kept and journal.head is not None:
        if journal.kept[0].batch.seq == journal.head.seq + 1:
            batches.append((journal.path, journal.kept[0].batch))
    last: int | None = None
    for path, batch in batches:
        if last is not None and batch.seq > last + 1 and not starts_anew(batch):
            kept.gaps.append((path, span(last + 1, batch.seq - 1)))
        last = batch.seq if last is None else max(last, batch.seq)


def unfolded_part(data: bytes) -> tuple[bytes, bool]:
    """What can be unpacked of a folded journal, and whether that is all of it."""
    try:
        return unpack_all(data), True
    except (OSError, EOFError, zlib.error):
        pass
    left = most_of(len(data))
    unpack = zlib.decompressobj(wbits=31)
    pieces: list[bytes] = []
    try:
        # in small steps: an error takes away only what its own step would have given
        for start in range(0, len(data), 256):
            pieces.append(unpack.decompress(data[start : start + 256]))
            left -= len(pieces[-1])
            if left < 0:
                break
    except zlib.error:
        pass
    return b"".join(pieces), False
