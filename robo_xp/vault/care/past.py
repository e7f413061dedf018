"""Earlier states of a namespace, from its files at rest: snapshots, archive, journal.

The state of a moment is that after the last batch, in the order of numbers, whose time is not
after the moment. So a clock that ran backwards never takes away a batch that was followed by
one from before the moment.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate, pairwise
from zlib import crc32

from robo_xp.errors import Refused, TooFarBack, VaultDamaged
from robo_xp.model.events import NamespaceRestored
from robo_xp.vault.batch import Batch
from robo_xp.vault.care.survey import read_if_there
from robo_xp.vault.files.archive import Archive, Folded
from robo_xp.vault.files.chain import Chain, folded_name, runs
from robo_xp.vault.files.disk import Files
from robo_xp.vault.files.journal import check_order, head_of, scan
from robo_xp.vault.files.loading import check_pair
from robo_xp.vault.files.options import Place
from robo_xp.vault.files.rewriting import rewritten
from robo_xp.vault.files.snapshot import content_of, mark_at, parse
from robo_xp.vault.pseudonyms import ERASED
from robo_xp.vault.state import Link, Mark, State, Tables


@dataclass(frozen=True, slots=True)
class Moment:
    """A state to go back to: its last batch, when that was made, and the tables.

    ``ts`` is epoch ms; ``late`` is how many batches of it carry a time after the moment.
    """

    seq: int
    ts: int
    tables: Tables
    schema: int
    late: int = 0


@dataclass(slots=True)
class _Times:
    """When the kept batches were made, by number, and when the heads of journals were."""

    batches: dict[int, int] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)


class Past:
    """What the files of one namespace tell of its past; nothing else may write to them."""

    def __init__(self, name: str, root: str, files: Files) -> None:
        """Read the journal.

        Raises VaultDamaged unless journal and snapshot are whole, and the archive theirs.
        """
        self.name = name
        self.place = Place.of(root, name)
        self.archive = Archive(self.place.archive, files, name=name, days=1)
        self._files = files
        data = read_if_there(self.place.journal, files)
        if data is None:
            raise VaultDamaged("the journal is missing", path=self.place.journal)
        lines, ends = scan(data, path=self.place.journal)
        self.head = head_of(lines, self.place.journal)
        self.journal = lines[1:]
        check_order(self.journal, self.head.seq, self.place.journal)
        self._first_line = lines[0]
        self.last = lines[-1].seq
        # the lines themselves: what another version wrote into them is kept
        self._lines = [data[start:end] for start, end in pairwise([0, *ends])]
        sums = accumulate(self._lines[1:], lambda at, line: crc32(line, at), initial=self._start)
        self._sums = dict(enumerate(sums, self.head.seq))
        check_pair(
            self.place,
            mark_at(self.place.snapshot, files),
            self.head,
            self.last,
            self._sums.__getitem__,
        )
        self._pieces = [*self.archive.leading_to(self.head.link)][::-1]

    @property
    def _start(self) -> int:
        """The sum before the first line of the journal."""
        return self.head.sum or 0

    def at(self, moment: int | None) -> Moment | None:
        """The state at the moment (epoch ms; None for the last); None where there was none yet.

        Raises Refused when the kept batches do not reach back so far.
        """
        if moment is None:
            ts = self.journal[-1].ts if self.journal else self._first_line.ts
            return self._state(self.last, ts, late=0)
        times = self._times()
        fitting = [seq for seq, ts in times.batches.items() if ts <= moment]
        self._refuse_what_was_taken_out(moment, max(fitting, default=0))
        if fitting:
            seq = max(fitting)
            late = sum(1 for other, ts in times.batches.items() if other < seq and ts > moment)
            return self._state(seq, times.batches[seq], late=late)
        first = min(times.batches, default=self.last + 1)
        if first == 1 or self._starts_from_nothing:
            return None
        # the head of a journal is younger than the last batch before it
        if times.heads.get(first - 1, moment + 1) <= moment:
            return self._state(first - 1, times.heads[first - 1], late=0)
        if found := self._restored_for(moment):
            return found
        raise self._too_far(times.heads.get(first - 1, times.batches.get(first)))

    def _refuse_what_was_taken_out(self, moment: int, seq: int) -> None:
        """Raise TooFarBack where a later restore took out batches that were there at the moment."""
        for batch, event in reversed([*self.restores()]):  # an earlier one is in that folder too
            since = event.since
            if event.kept is None and batch.seq != (event.from_seq or 0) + 1:
                # by 0.1.0, which did not tell since when; what it took out came after "at"
                since = event.at or 0
            # of what it took out only the batches that tell of restores are left
            is_taken_out = (event.from_seq or 0) < seq < batch.seq
            is_missed = seq < batch.seq and since is not None and moment >= since
            if is_taken_out or is_missed:
                when = datetime.fromtimestamp(batch.ts / 1000, UTC).isoformat(timespec="seconds")
                folder = event.kept or "a folder before-…"
                raise TooFarBack(
                    f"the restore of {when} took out what {self.name} was at that moment",
                    advice=f"it is kept in the data folder, in {folder}: restore from that folder"
                    " with the same --at",
                )

    def _restored_for(self, moment: int) -> Moment | None:
        """The state that a restore put in place for this moment or one not long before it, where
        the batches that it went back to are not kept themselves.
        """
        limit = self.last
        for batch, event in reversed([*self.restores()]):
            if batch.seq > limit or event.from_seq is None:
                continue  # carried over by a later one: nothing here goes on from it
            if event.at is not None and event.at <= moment:
                found = self._state(batch.seq, event.at, late=0)
                return replace(found, seq=event.from_seq)
            limit = event.from_seq
        return None

    def restores(self) -> Iterator[tuple[Batch, NamespaceRestored]]:
        """The kept batches that tell of a restore, oldest first."""
        for batch, _ in self._heads():
            if not batch.ops:
                for event in batch.told():
                    if isinstance(event, NamespaceRestored):
                        yield batch, event

    def taken_out_by(self, other: Past | None, seq: int) -> int | None:
        """When the oldest batch was made that a history up to ``seq`` of another does not have.

        None where it has all of them, 0 where that cannot be told since not all are kept here.
        Restores, which are carried over, do not count.
        """
        carried = {batch.seq for batch, _ in self.restores()}
        there = {} if other is None else other.sums(seq)
        own = [one for one in self._heads() if one[0].seq not in carried]
        gone = [batch.ts for batch, crc in own if there.get(batch.seq) != crc]
        is_known = self._starts_from_nothing or len(gone) < len(own)
        if not is_known and (other is None or not other.has(self._start_link, seq)):
            return 0
        return min(gone, default=None)

    def has(self, link: Link, last: int) -> bool:
        """Whether the history up to batch ``last`` goes through what others go on after."""
        if link.seq > last:
            return False
        if self._start_link == link:
            return True
        return link.sum is not None and any(link.sum == one for one, _ in self._told_sums(link.seq))

    def sums(self, seq: int) -> dict[int, int]:
        """A sum of each kept batch up to ``seq``, by number."""
        return {batch.seq: crc for batch, crc in self._heads() if batch.seq <= seq}

    def _times(self) -> _Times:
        """When everything that is kept was made."""
        times = _Times()
        for batch, _ in self._folded_heads():
            (times.batches if batch.head is None else times.heads)[batch.seq] = batch.ts
        times.heads[self.head.seq] = self._first_line.ts
        times.batches |= {batch.seq: batch.ts for batch in self.journal}
        return times

    def _state(self, seq: int, ts: int, *, late: int) -> Moment:
        """The state after batch ``seq``; Refused when nothing leads up to it."""
        for tables, mark in self._bases():
            if mark.seq <= seq and self._leads(mark.seq, seq):
                state = State()
                state.load(tables, mark)
                for batch in self.batches(mark.seq, seq):
                    state.apply(batch)
                return Moment(seq, ts, state.tables, mark.schema, late)
        raise self._too_far(None)

    def _leads(self, first: int, last: int) -> bool:
        """Whether every batch after the first number up to the last is kept."""
        missing = range(first + 1, min(last, self.head.seq) + 1)
        return all(number in self._folded_numbers for number in missing)

    @cached_property
    def _folded_numbers(self) -> set[int]:
        """The numbers of the folded batches."""
        return {batch.seq for batch, _ in self._folded_heads() if batch.head is None}

    def _bases(self) -> Iterator[tuple[Tables, Mark]]:
        """The states that batches can be applied to, newest first."""
        snapshot = self._tables_of(self.place.snapshot)
        if snapshot is not None:
            yield snapshot
        for path, _ in reversed(self.archive.bases()):
            base = self._tables_of(path)
            if base is not None and self._is_proven(base[1], path):
                yield base
        yield {}, Mark(self.head.schema, 0, 0, "")

    def _is_proven(self, mark: Mark, path: str) -> bool:
        """Whether an archived snapshot is of this history; not where nothing kept goes on after it.

        Raises VaultDamaged where it is of another.
        """
        if self.head.sum is None:
            return True
        told = self._told_sums(mark.seq)
        if mark.back is not None and ERASED in (self._tables_of(self.place.snapshot) or ((),))[0]:
            told = {(mark.sum, back) for _, back in told}  # while it is rid of somebody erased
        if told and (mark.sum, mark.back) not in told:
            raise VaultDamaged(
                f"its batch {mark.seq} is not one of this namespace's history", path=path
            )
        return bool(told)

    def _told_sums(self, seq: int) -> set[tuple[int | None, Link | None]]:
        """What the files say of the sum at a batch; empty where none of them comes by it."""
        heads = [self.head, *(piece.head for piece in self._pieces if piece.head is not None)]
        told = {(head.sum, head.back) for head in heads if head.seq == seq}
        told |= {(head.back.sum, None) for head in heads if head.back and head.back.seq == seq}
        told |= {(self._sums[seq], None)} if seq in self._sums else set()
        for piece in self._pieces:
            if piece.first <= seq <= piece.last:
                is_end = seq == piece.last
                told.add((piece.sum if is_end else self.archive.sum_at(piece, seq), None))
        return told

    def _tables_of(self, path: str) -> tuple[Tables, Mark] | None:
        """The tables and mark of a snapshot; None when it is not there."""
        data = read_if_there(path, self._files)
        if data is None:
            return None
        tables, mark = parse(data, path)
        mark.check_owner(self.name, path)
        return tables, mark

    def batches(self, after: int, last: int) -> Iterator[Batch]:
        """The kept batches after one number up to another, in order."""
        for batch in self._folded_batches():
            if after < batch.seq <= min(last, self.head.seq):
                yield batch
        for batch in self.journal:
            if after < batch.seq <= last:
                yield batch

    def _folded_batches(self) -> Iterator[Batch]:
        """The folded batches up to the journal, each once, in order."""
        seen = 0
        for piece in self._pieces:
            for batch in self.archive.read(piece.path):
                if batch.head is None and seen < batch.seq <= self.head.seq:
                    seen = batch.seq
                    yield batch

    def _heads(self) -> Iterator[tuple[Batch, int]]:
        """The kept batches in order, the large ones without ops and events, and their sums."""
        yield from (one for one in self._folded_heads() if one[0].head is None)
        yield from zip(self.journal, map(crc32, self._lines[1:]), strict=True)

    def _folded_heads(self) -> Iterator[tuple[Batch, int]]:
        """The same of those up to the journal, with the heads of their files."""
        seen = 0
        for piece in self._pieces:
            for batch, crc in self.archive.heads(piece.path):
                if batch.head is not None:
                    yield batch, crc
                elif seen < batch.seq <= self.head.seq:
                    seen = batch.seq
                    yield batch, crc

    def history(self, last: int, write: Callable[[str, bytes], None], now_ms: int) -> Link:
        """Give name and content of the archive's files as they are after batch ``last``: nothing
        later, but all of the journal and its snapshot. The batch that they lead up to.
        """
        chain = Chain(replace(self.head, name=self.name), self._oldest, now_ms)
        if self.head.sum is None:
            end = replace(self.head, seq=min(last, self.head.seq))
            for name, content in rewritten(self.archive, self._pieces[::-1], chain, end):
                write(name, content)
        else:
            for piece in self._pieces:
                self._write_piece(piece, last, chain, write)
        kept = [
            (batch.seq, line)
            for batch, line in zip(self.journal, self._lines[1:], strict=True)
            if batch.seq <= last
        ]
        if self.head.sum is None:
            for run in runs(kept):
                write(*chain.add(run, self.head.lineage))
        elif kept:
            lines = [self._lines[0], *(line for _, line in kept)]
            write(folded_name(kept[0][0], kept[-1][0]), zipped_lines(lines))
            chain.link = Link(kept[-1][0], self._sums[kept[-1][0]])
        self._write_bases(last, chain, write)
        return chain.link

    @property
    def _start_link(self) -> Link:
        """The batch that the oldest kept one goes on after, as its head tells."""
        return self._pieces[0].link if self._pieces else self.head.link

    @property
    def _starts_from_nothing(self) -> bool:
        """Whether nothing came before the oldest kept batch."""
        return self._start_link.seq == 0

    @property
    def _oldest(self) -> Link:
        """The same, 0 where the head is of format 1 and does not tell."""
        return self._start_link if self._start_link.sum is not None else Link(0, 0)

    def _write_piece(
        self, piece: Folded, last: int, chain: Chain, write: Callable[[str, bytes], None]
    ) -> None:
        """Give a folded journal as it is, or as far as a number."""
        if piece.first > last:
            return
        if piece.last <= last:
            write(os.path.basename(piece.path), read_if_there(piece.path, self._files) or b"")
            chain.link = Link(piece.last, piece.sum)
            return
        lines = [line for batch, line in self.archive.lines(piece.path) if batch.seq <= last]
        start = 0 if piece.head is None else piece.head.sum or 0
        write(folded_name(piece.first, last), zipped_lines(lines))
        chain.link = Link(last, crc32(b"".join(lines[1:]), start))

    def _write_bases(self, last: int, chain: Chain, write: Callable[[str, bytes], None]) -> None:
        """Give the archived snapshots up to a number, and the present one."""
        sources = [path for path, _ in self.archive.bases()]
        for path in [*sources, self.place.snapshot]:
            mark = mark_at(path, self._files)
            if mark is None or mark.seq > last:
                continue
            mark.check_owner(self.name, path)
            if mark.back is not None and mark.seq == last:
                continue  # what goes on after the restore is left out, so this leads nowhere
            name = f"{mark.seq:012}.json"
            if self.head.sum is not None:
                if path == self.place.snapshot or self._is_proven(mark, path):
                    write(name, read_if_there(path, self._files) or b"")
            elif mark.seq in chain.points and (base := self._tables_of(path)):
                total, back = chain.points[mark.seq]
                mark = replace(mark, name=self.name, sum=total, back=back)
                write(name, content_of(base[0], mark))

    def _too_far(self, earliest: int | None) -> Refused:
        """The error for a moment that nothing leads up to."""
        advice = "choose a later time, or give an older backup"
        if earliest is not None:
            first = datetime.fromtimestamp(earliest / 1000, UTC).isoformat(timespec="seconds")
            advice += f"; {first} is the earliest"
        return TooFarBack(
            f"what is kept of {self.name} does not reach back to that moment",
            advice=advice,
        )


def zipped_lines(lines: list[bytes]) -> bytes:
    """The content of a folded journal with these lines."""
    return gzip.compress(b"".join(lines), 1, mtime=0)
