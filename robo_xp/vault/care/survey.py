"""A look at the files of one namespace that goes on after damage: what is whole, what is not.

Everything else in this package refuses damaged files; ``check`` and ``repair`` start from here.
Nothing is locked or changed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from robo_xp.errors import VaultDamaged
from robo_xp.vault.batch import CRC_KEY, CRC_LENGTH, Batch, checked_batch_of
from robo_xp.vault.care_port import Damage
from robo_xp.vault.files.archive import FOLDED_NAME
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.journal import head_of, may_be_torn
from robo_xp.vault.files.loading import check_pair
from robo_xp.vault.files.options import Place
from robo_xp.vault.files.snapshot import parse
from robo_xp.vault.state import Mark, Tables

_START = b'{"seq":'
_LOOKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line: the bytes that it starts and ends at, and its batch."""

    start: int
    end: int
    batch: Batch


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a journal: the whole ones, where others start, and the bytes of a torn tail."""

    whole: list[Line]
    bad: list[int]
    torn: int


@dataclass(frozen=True, slots=True)
class JournalSurvey:
    """A journal: its head, the batches that count in rising order, and what is wrong.

    ``lost`` are first and last numbers of batches that are missing between others, ``doubted`` the
    numbers that two different lines have; ``torn`` is how many bytes of a batch that was never
    finished stand at the end.
    """

    path: str
    data: bytes
    head: Mark | None
    kept: list[Line]
    damaged: list[Damage]
    lost: list[tuple[int, int]]
    torn: int
    doubted: set[int] = field(default_factory=set)

    def sum_at(self, seq: int) -> int:
        """The sum of all lines up to a batch, of a journal without damage."""
        if self.head is None or seq <= self.head.seq:
            return 0 if self.head is None else self.head.sum or 0
        end = self.kept[seq - self.head.seq - 1].end
        return zlib.crc32(memoryview(self.data)[self.kept[0].start : end + 1], self.head.sum or 0)

    @property
    def last(self) -> int:
        """The number of the last batch that counts."""
        if self.kept:
            return self.kept[-1].batch.seq
        return 0 if self.head is None else self.head.seq


@dataclass(frozen=True, slots=True)
class SnapshotSurvey:
    """A snapshot: its tables and mark, None when it is damaged."""

    path: str
    data: bytes
    tables: Tables | None
    mark: Mark | None
    damaged: list[Damage]


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands in the files of one namespace; None for a file that is not there."""

    journal: JournalSurvey | None
    snapshot: SnapshotSurvey | None
    pair: list[Damage] = field(default_factory=list)
    name: str = ""

    @property
    def own(self) -> Survey:
        """The same without a file that says it belongs to another namespace."""
        head = None if self.journal is None else self.journal.head
        mark = None if self.snapshot is None else self.snapshot.mark
        journal = None if self._is_foreign(head) else self.journal
        snapshot = None if self._is_foreign(mark) else self.snapshot
        return replace(self, journal=journal, snapshot=snapshot)

    def _is_foreign(self, mark: Mark | None) -> bool:
        return mark is not None and mark.name not in ("", self.name)

    @property
    def damaged(self) -> list[Damage]:
        """All that is wrong."""
        journal = [] if self.journal is None else self.journal.damaged
        snapshot = [] if self.snapshot is None else self.snapshot.damaged
        return [*journal, *snapshot, *self.pair]

    @property
    def last(self) -> int:
        """The highest number of a batch that anything here tells of."""
        known = [0 if self.journal is None else self.journal.last]
        if self.snapshot is not None and self.snapshot.mark is not None:
            known.append(self.snapshot.mark.seq)
        return max(known)

    @property
    def mark(self) -> Mark | None:
        """Where the namespace stands; None when it is damaged or not there."""
        if self.damaged or self.journal is None:
            return None
        return self.journal.head if self.snapshot is None else self.snapshot.mark


def survey(place: Place, files: Files) -> Survey:
    """What is in the files now; a damage is looked at again while somebody replaces files.

    Raises VaultUnavailable when they cannot be read, or are of a later format.
    """
    for _ in range(_LOOKS):
        before = identity(place, files)
        found = _survey_once(place, files)
        if not found.damaged or identity(place, files) == before:
            break
    return found


def identity(place: Place, files: Files) -> list[tuple[int, int] | None]:
    """Something that differs when the files were replaced or grew."""
    stats = [files.stat(path) for path in (place.journal, place.snapshot)]
    return [None if stat is None else (stat.st_ino, stat.st_size) for stat in stats]


def _survey_once(place: Place, files: Files) -> Survey:
    # the journal first, as in loading: a compaction in between only gives a newer snapshot
    data = read_if_there(place.journal, files)
    journal = None if data is None else survey_journal(data, place.journal)
    data = read_if_there(place.snapshot, files)
    snapshot = None if data is None else survey_snapshot(data, place.snapshot)
    pair = _pair_damage(place, journal, snapshot)
    if journal is None and snapshot is None:
        pair = _left_damage(place, files)
    return Survey(journal, snapshot, pair, place.name)


def _left_damage(place: Place, files: Files) -> list[Damage]:
    """What is wrong where snapshot and journal are gone: nothing, unless an archive is left."""
    with explain_errors("list", place.archive):
        names = filter(FOLDED_NAME.fullmatch, files.names_in(place.archive))
    what = "snapshot and journal are gone, and what they folded away is left here"
    return [Damage(place.archive, None, what)] if any(names) else []


def read_if_there(path: str, files: Files) -> bytes | None:
    """The content of the file; None when there is none."""
    with explain_errors("read", path):
        try:
            return files.read_whole(path)
        except FileNotFoundError:
            return None


def survey_snapshot(data: bytes, path: str, name: str = "") -> SnapshotSurvey:
    """What the content of a snapshot is worth, to the namespace ``name`` where it is given."""
    try:
        tables, mark = parse(data, path)
        if name:
            mark.check_owner(name, path)
    except VaultDamaged as error:
        return SnapshotSurvey(path, data, None, None, [Damage(path, None, error.what)])
    return SnapshotSurvey(path, data, tables, mark, [])


def _pair_damage(
    place: Place, journal: JournalSurvey | None, snapshot: SnapshotSurvey | None
) -> list[Damage]:
    """What is wrong with the two together."""
    if journal is None:
        if snapshot is None:
            return []
        return [Damage(place.journal, None, "the journal beside a snapshot is missing")]
    if journal.head is None or (snapshot is not None and snapshot.mark is None):
        return []
    mark = None if snapshot is None else snapshot.mark
    both = ((journal.head, place.journal), (mark, place.snapshot))
    foreign = [
        Damage(path, None, f"it belongs to {one.name}")
        for one, path in both
        if one is not None and one.name not in ("", place.name)
    ]
    if foreign:
        return foreign
    sum_at = (lambda _: (mark and mark.sum) or 0) if journal.damaged else journal.sum_at
    try:
        check_pair(place, mark, journal.head, journal.last, sum_at)
    except VaultDamaged as error:
        return [Damage(error.path, error.offset, error.what)]
    return []


def survey_journal(data: bytes, path: str) -> JournalSurvey:
    """What the content of a journal is worth. Raises VaultUnavailable for a later format."""
    lines = lines_in(data)
    wrong = dict.fromkeys(lines.bad, "a line is not as it was written")
    head, rest = _head_and_rest(lines.whole, path)
    if head is None:
        wrong.setdefault(0, "the journal has no head")
    kept, lost = _in_order(rest, None if head is None else head.seq, wrong)
    damaged = [Damage(path, byte, what) for byte, what in sorted(wrong.items())]
    known = {line.batch.seq: data[line.start : line.end] for line in kept} if wrong else {}
    doubted = {
        line.batch.seq
        for line in (rest if wrong else ())
        if line.batch.head is None and known.get(line.batch.seq, b"") != data[line.start : line.end]
    }
    return JournalSurvey(path, data, head, kept, damaged, lost, lines.torn, doubted)


def _head_and_rest(lines: list[Line], path: str) -> tuple[Mark | None, list[Line]]:
    """The mark of a head at the very start, and the lines that should be batches."""
    if not lines or lines[0].start or lines[0].batch.head is None:
        return None, lines
    try:
        return head_of([lines[0].batch], path), lines[1:]
    except VaultDamaged:
        return None, lines[1:]


def _in_order(
    lines: list[Line], start: int | None, wrong: dict[int, str]
) -> tuple[list[Line], list[tuple[int, int]]]:
    """The lines whose numbers rise, and the numbers missing between; faults go into ``wrong``."""
    kept: list[Line] = []
    lost: list[tuple[int, int]] = []
    last, before = start, 0
    for line in lines:
        seq = line.batch.seq
        if line.batch.head is not None:
            wrong[line.start] = "a second head stands among the batches"
            continue
        if last is not None and seq <= last:
            wrong[line.start] = f"batch {seq} follows batch {last}"
            continue
        if last is not None and seq > last + 1:
            lost.append((last + 1, seq - 1))
            _blame(wrong, before, line, last)
        kept.append(line)
        last, before = seq, line.start
    return kept, lost


def _blame(wrong: dict[int, str], before: int, line: Line, last: int) -> None:
    """Say at the bad line before a gap, or else where the gap ends, which batches are lost."""
    between = [byte for byte in wrong if before <= byte < line.start]
    if between:
        wrong[max(between)] += f"; {span(last + 1, line.batch.seq - 1)} lost"
    else:
        wrong[line.start] = f"batch {line.batch.seq} follows batch {last}"


def span(first: int, last: int) -> str:
    """Batch numbers as words: ``batch 5`` or ``batches 5 to 7``."""
    return f"batch {first}" if first == last else f"batches {first} to {last}"


def lines_in(data: bytes) -> Lines:
    """All lines in the bytes of a journal."""
    whole: list[Line] = []
    bad: list[int] = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        stop = len(data) if end < 0 else end
        batch = None if end < 0 else checked_batch_of(data, start, end)
        if batch is not None:
            whole.append(Line(start, end, batch))
        elif stop + 1 >= len(data) and may_be_torn(data[start:]):
            return Lines(whole, bad, len(data) - start)
        else:
            bad.append(start)
            whole += _lines_within(data[start:stop], start)
        start = stop + 1
    return Lines(whole, bad, 0)


def _lines_within(piece: bytes, offset: int) -> Iterator[Line]:
    """Whole lines inside a bad one: they lost a newline, or follow one that was cut short."""
    ends = [at + CRC_LENGTH for at in _places(piece, CRC_KEY)]
    done = 0
    for start in _places(piece, _START):
        if start < done:
            continue
        for end in ends:
            batch = checked_batch_of(piece[start:end]) if end > start else None
            if batch is not None:
                yield Line(offset + start, offset + end, batch)
                done = end
                break


def _places(piece: bytes, part: bytes) -> Iterator[int]:
    """Where the part stands in the piece."""
    at = piece.find(part)
    while at >= 0:
        yield at
        at = piece.find(part, at + 1)
