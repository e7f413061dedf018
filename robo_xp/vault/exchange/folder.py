"""A data folder as a side of a move: raw lines of archive and journal out, files in."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from robo_xp.errors import VaultDamaged
from robo_xp.ports import Clock
from robo_xp.vault.batch import checked_batch_of
from robo_xp.vault.exchange.whole import Line, Whole
from robo_xp.vault.files.compaction import archive_of, head_line
from robo_xp.vault.files.disk import explained
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import content_of, replace_file
from robo_xp.vault.files.vault import FileVault
from robo_xp.vault.state import Mark


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
        beside = f"{self.shown}.moving-{os.getpid()}"
        vault = FileVault(beside, durability="os", clock=self._clock)
        files = vault.options.files
        try:
            vault.options.prepare()
            yield FolderWriter(vault.options)
            vault.close()
            with explained("put the new folder at", self.shown):
                files.rename(beside, self.shown)  # also over an empty folder
                files.sync_folder(os.path.dirname(self.shown))
        finally:
            if files.is_folder(beside):
                files.remove_tree(beside)
            vault.close()

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
        mark, now = whole.mark, options.clock.now_ms()
        lines = list(whole.lines)
        options.files.make_folder(place.folder, root=options.root)
        is_all = len(lines) == mark.seq
        start = Mark(mark.schema, 0, mark.generation, mark.lineage) if is_all else mark
        kept = b"".join(line + b"\n" for _, line in lines)
        with explained("write", place.journal):
            if lines and not is_all:
                numbers = (lines[0][0].seq, lines[-1][0].seq)
                archive = archive_of(place, options)
                archive.fold(kept, numbers, root=options.root, mode=options.file_mode())
            if not is_all:
                content = content_of(whole.tables, mark)
                replace_file(options.files, place.snapshot, content, options.file_mode())
            content = head_line(start, now) + (kept if is_all else b"")
            replace_file(options.files, place.journal, content, options.file_mode())
        return len(lines)


def _lines_of(place: Place, options: FileOptions, last: int) -> Iterator[Line]:
    """The kept lines up to a number, oldest first; those of folded journals may overlap."""
    seen = 0
    paths = [path for path, _ in archive_of(place, options).folded()]
    for path in [*paths, place.journal]:
        for batch, line in _lines_in(path, options):
            if batch.head is None and seen < batch.seq <= last:
                seen = batch.seq
                yield batch, line


def _lines_in(path: str, options: FileOptions) -> Iterator[Line]:
    """The whole lines of one file; VaultDamaged for a bad one, but at the end of a journal."""
    with explained("read", path):
        data = options.files.read_whole(path)
    is_folded = path.endswith(".gz")
    try:
        data = gzip.decompress(data) if is_folded else data
    except (OSError, EOFError, zlib.error) as error:
        raise VaultDamaged(f"the folded journal cannot be read: {error}", path=path) from error
    lines = data.split(b"\n")
    for place, line in enumerate(lines):
        batch = checked_batch_of(line)
        if batch is not None:
            yield batch, line
        elif line and (is_folded or place < len(lines) - 2):
            raise VaultDamaged("there is a damaged line", path=path)
