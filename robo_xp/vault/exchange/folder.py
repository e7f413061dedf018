"""A data folder as a side of a move: raw lines of archive and journal out, files in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, pairwise

from robo_xp.ports import Clock
from robo_xp.vault.exchange.whole import Line, Whole
from robo_xp.vault.files.chain import Chain, runs
from robo_xp.vault.files.compaction import archive_of
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.files.journal import head_line, head_of, scan
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import content_of, replace_file
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.state import Link, Mark

_BESIDE = ".moving-"


class FolderSide:
    """A vault in a data folder."""

    def __init__(self, root: str, clock: Clock) -> None:
        """Open it; a folder that is not there yet can be written."""
        self._clock = clock
        self._vault = FileVault(root, durability="os", clock=clock)

    @property
    def shown(self) -> str:
        """The path of the folder."""
        return self._vault.root

    @property
    def address(self) -> str:
        """The path of the folder."""
        return self._vault.root

    def numbers(self) -> dict[str, int]:
        """The last batch of each namespace."""
        return {name: self._vault.namespace(name).read().seq for name in self._vault.names()}

    @contextmanager
    def read(self, name: str) -> Iterator[Whole]:
        """A namespace as it is now; lines come from the files themselves."""
        state = self._vault.namespace(name).read()
        mark = Mark(state.mark.schema, state.seq, state.mark.generation, state.mark.lineage)
        lines = _lines_of(Place.of(self.shown, name), self._vault.options, state.seq)
        yield Whole(name, mark, state.tables, lines)
        self._vault.close()

    @contextmanager
    def writing(self) -> Iterator[FolderWriter]:
        """A folder beside, which takes the place of this one at the end."""
        beside = f"{self.shown}{_BESIDE}{os.getpid()}"
        vault = FileVault(beside, durability="os", clock=self._clock)
        files = vault.options.files
        for left in _left_beside(self.shown, files):
            files.remove_tree(left)
        try:
            with explain_errors("make", beside):
                vault.options.prepare()
            yield FolderWriter(vault.options)
            vault.close()
            with explain_errors("put the new folder at", self.shown):
                files.rename(beside, self.shown)  # also over an empty folder
                files.sync_folder(os.path.dirname(self.shown))
        finally:
            if files.is_folder(beside):
                files.remove_tree(beside)
            vault.close()

    def identity(self) -> object:
        """The folder itself, whatever links lead to it."""
        return os.path.realpath(self.shown)

    def worker(self) -> str:
        """Nobody: a daemon's lock on a folder is the machine's to know."""
        return ""

    def mark_moved(self, target: str) -> None:
        """Let the format say where the vault is now."""
        self._vault.mark_moved(target)

    def close(self) -> None:
        """Close its files."""
        self._vault.close()


class FolderWriter:
    """Puts namespaces into a new data folder."""

    def __init__(self, options: FileOptions) -> None:
        """Write with these options."""
        self._options = options

    def put(self, whole: Whole) -> int:
        """Write one namespace: its journal alone where all lines are kept, else a snapshot too."""
        options, place = self._options, Place.of(self._options.root, whole.name)
        mark, now = replace(whole.mark, name=whole.name, sum=0), options.clock.now_ms()
        mode = options.file_mode()
        lines = [(batch.seq, line + b"\n") for batch, line in whole.lines]
        with explain_errors("write", place.journal):
            options.files.make_folder(place.folder, root=options.root)
            if len(lines) == mark.seq:
                content = head_line(replace(mark, seq=0), now) + b"".join(x for _, x in lines)
            else:
                link = self._fold(place, lines, mark)
                back = None if link.seq == mark.seq else link
                mark = replace(mark, sum=link.sum, back=back)
                replace_file(options.files, place.snapshot, content_of(whole.tables, mark), mode)
                content = head_line(mark, now)
            replace_file(options.files, place.journal, content, mode)
        return len(lines)

    def _fold(self, place: Place, lines: list[tuple[int, bytes]], mark: Mark) -> Link:
        """Put lines into the archive; the last of them."""
        archive = archive_of(place, self._options)
        kept = Chain(replace(mark, sum=None), Link(0, 0), self._options.clock.now_ms())
        for run in runs(lines):
            name, content = kept.add(run, mark.lineage)
            mode = self._options.file_mode()
            archive.keep(name, content, root=self._options.root, mode=mode)
        return kept.link


def _left_beside(root: str, files: Files) -> Iterator[str]:
    """The folders that moves to this one left unfinished, whose processes are gone."""
    above, start = os.path.dirname(root), f"{os.path.basename(root)}{_BESIDE}"
    for name in files.names_in(above):
        process = name.removeprefix(start) if name.startswith(start) else ""
        # of a process with our own number it is from a life before, as in a container
        is_left = process == str(os.getpid()) or not os.path.exists(f"/proc/{process}")
        if process.isdecimal() and is_left:
            yield os.path.join(above, name)


def _lines_of(place: Place, options: FileOptions, last: int) -> Iterator[Line]:
    """The kept lines up to a number, oldest first; those of folded journals may overlap."""
    with explain_errors("read", place.journal):
        data = options.files.read_whole(place.journal)
    batches, ends = scan(data, path=place.journal)
    archive, seen = archive_of(place, options), 0
    pieces = [*archive.leading_to(head_of(batches, place.journal).link)]
    journal = [(one, data[x:y]) for one, (x, y) in zip(batches, pairwise([0, *ends]), strict=True)]
    folded = (archive.lines(piece.path) for piece in reversed(pieces))
    for batch, line in chain.from_iterable(chain(folded, [journal])):
        if batch.head is None and seen < batch.seq <= last:
            seen = batch.seq
            yield batch, line[:-1]
