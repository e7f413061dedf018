"""A model of what a power cut leaves of files and folders, and a file layer that feeds it.

The model is harsher than real file systems: what was not synced may be lost, or cut at any byte;
the entries of each folder reach the disk in their order, but folders wait for nobody.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from robo_xp.vault.files.disk import PRIVATE_FILE, Files
from tests.vault.faults import Stop

State = dict[str, bytes]
"""The files of a folder, by path below it."""


@dataclass
class Inode:
    """A file: what is on the disk for sure, and what was made of it since."""

    versions: list[bytes] = field(default_factory=lambda: [b""])

    def change(self, content: bytes) -> None:
        self.versions.append(content)

    def sync(self) -> None:
        self.versions = self.versions[-1:]

    def contents(self, *, every_byte: bool) -> list[bytes]:
        """What may be found after a cut; ``every_byte`` also of what was being written last."""
        found = dict.fromkeys(self.versions)
        for old, new in itertools.pairwise(self.versions):
            if len(new) > len(old) and new.startswith(old):
                size = len(new) - len(old)
                cuts = range(size) if every_byte else {0, 1, size // 2, size - 1}
                found.update(dict.fromkeys(new[: len(old) + cut] for cut in cuts))
        return list(found)


Entries = dict[str, "Inode | Folder"]


@dataclass
class Folder:
    """A folder: the entries that are on the disk for sure, and those after each later change."""

    versions: list[Entries] = field(default_factory=lambda: [{}])

    @property
    def now(self) -> Entries:
        return self.versions[-1]

    def change(self, entries: Entries) -> None:
        self.versions.append(entries)

    def sync(self) -> None:
        self.versions = self.versions[-1:]


class PowerFiles(Files):
    """Works on real files and tells the model of each change. After ``stop_at`` calls it stops."""

    def __init__(self, top: Path, stop_at: int = 0) -> None:
        self.top = Folder()
        self._path = str(top)
        self._by_fd: dict[int, Inode] = {}
        self.calls = 0
        self.stop_at = stop_at

    def learn(self) -> None:
        """Take what is in the folder for lasting."""

        def look(path: Path) -> Inode | Folder:
            if path.is_dir():
                return Folder([{one.name: look(one) for one in path.iterdir()}])
            return Inode([path.read_bytes()])

        top = look(Path(self._path))
        assert isinstance(top, Folder)
        self.top = top

    def states(self, *, every_byte: bool) -> Iterator[State]:
        """Everything that may be found when the power is cut now."""
        for folders in self._folder_choices(self.top, ""):
            names = list(folders)
            contents = [folders[name].contents(every_byte=every_byte) for name in names]
            for chosen in itertools.product(*contents):
                yield dict(zip(names, chosen, strict=True))

    def some_state(self, chance: Random) -> State:
        """One of them, by chance: of large changes there are more than can be looked at."""
        found: State = {}
        chosen: dict[int, bytes] = {}

        def look(folder: Folder, path: str) -> None:
            for name, node in chance.choice(folder.versions).items():
                if isinstance(node, Folder):
                    look(node, f"{path}{name}/")
                else:
                    content = chance.choice(node.contents(every_byte=False))
                    found[path + name] = chosen.setdefault(id(node), content)

        look(self.top, "")
        return found

    def _folder_choices(self, folder: Folder, path: str) -> Iterator[dict[str, Inode]]:
        """The files that may be there, by path, with each choice of entries in each folder."""
        for entries in folder.versions:
            files = {path + name: node for name, node in entries.items() if isinstance(node, Inode)}
            below = [
                list(self._folder_choices(node, f"{path}{name}/"))
                for name, node in entries.items()
                if isinstance(node, Folder)
            ]
            for chosen in itertools.product(*below):
                yield {**files, **{name: node for one in chosen for name, node in one.items()}}

    def _step(self) -> None:
        self.calls += 1
        if self.calls == self.stop_at:
            raise Stop

    def _parent(self, path: str) -> tuple[Folder, str]:
        """The model of the folder that holds the path, and the last part of the path."""
        folder = self.top
        *above, name = os.path.relpath(path, self._path).split(os.sep)
        for part in above:
            node = folder.now[part]
            assert isinstance(node, Folder)
            folder = node
        return folder, name

    def open(self, path: str, flags: int, mode: int = PRIVATE_FILE) -> int:
        if flags & os.O_CREAT:
            self._step()
        fd = super().open(path, flags, mode)
        folder, name = self._parent(path)
        if name not in folder.now:
            folder.change({**folder.now, name: Inode()})
        inode = folder.now[name]
        assert isinstance(inode, Inode)
        if flags & os.O_TRUNC and inode.versions[-1]:
            inode.change(b"")
        self._by_fd[fd] = inode
        return fd

    def write(self, fd: int, data: bytes) -> int:
        self._step()
        inode = self._by_fd[fd]
        inode.change(inode.versions[-1] + data)
        return super().write(fd, data)

    def truncate(self, fd: int, size: int) -> None:
        self._step()
        inode = self._by_fd[fd]
        inode.change(inode.versions[-1][:size])
        super().truncate(fd, size)

    def sync(self, fd: int) -> None:
        self._step()
        self._by_fd[fd].sync()

    def sync_folder(self, path: str) -> None:
        self._step()
        folder, _ = self._parent(os.path.join(path, "any"))
        folder.sync()

    def rename(self, source: str, target: str) -> None:
        self._step()
        folder, old = self._parent(source)
        other, new = self._parent(target)
        entries = dict(folder.now)
        moved = entries.pop(old)
        if other is folder:
            folder.change({**entries, new: moved})
        else:  # one step of the disk, after all that went before in either folder
            folder.change(entries)
            other.change({**other.now, new: moved})
            folder.sync()
            other.sync()
        super().rename(source, target)

    def link(self, source: str, target: str) -> None:
        self._step()
        old_folder, old = self._parent(source)
        folder, new = self._parent(target)
        folder.change({**folder.now, new: old_folder.now[old]})
        super().link(source, target)

    def remove(self, path: str) -> None:
        self._step()
        folder, name = self._parent(path)
        folder.change({other: node for other, node in folder.now.items() if other != name})
        super().remove(path)

    def remove_tree(self, path: str) -> None:
        self._step()
        if os.path.isdir(path):
            folder, name = self._parent(path)
            folder.change({other: node for other, node in folder.now.items() if other != name})
        super().remove_tree(path)

    def make_one_folder(self, path: str, mode: int) -> None:
        self._step()
        folder, name = self._parent(path)
        if name not in folder.now:
            folder.change({**folder.now, name: Folder()})
        super().make_one_folder(path, mode)


class UnsafeFiles(PowerFiles):
    """Believes in luck: what is synced never reaches the model."""

    def sync(self, fd: int) -> None:
        self._step()


def lay_out(state: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a state into an empty folder."""
    for name, content in state.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
