"""Writes the public pages into a folder for any web server: only what changed, each file whole.

A page is written after those that it links to, and what is gone is removed last, so a reader
never meets half a page or a link that leads nowhere.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from robo_xp import RoboXP
from robo_xp.errors import FileExists, FileFailed, FileMissing
from robo_xp.machine.draft import Draft
from robo_xp.machine.site import all_pages
from robo_xp.machine.whole_file import is_leftover, write_whole

LIST = ".robo-xp.json"
_READABLE = 0o644


@dataclass(frozen=True, slots=True)
class Published:
    """How many guilds have pages, and what became of the files."""

    guilds: int
    written: int
    removed: int
    unchanged: int


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a page that was published: what it showed, and its size in bytes."""

    digest: str
    size: int


_UNSURE = _Kept("", 0)
"""A page of a run that was cut short: whatever it is by now."""


def publish(robo: RoboXP, folder: Path) -> Published:
    """Make the folder what the public guilds show now; it may be a link, and nothing in it.

    Raises FileExists for a folder with files that were not published, FileFailed.
    """
    with _alone_in(folder):
        site = _Site(folder)
        pages = list(all_pages(robo))
        site.expect(path for path, _ in pages)
        for path, draft in pages:
            site.put(path, draft)
        site.finish()
    return Published(len(robo.public.guild_ids()), site.written, site.removed, site.unchanged)


class _Site:
    """A folder of pages while it is brought up to date."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = _published_before(folder)
        if not self._before or _UNSURE in self._before.values():
            _remove_leftovers(folder)
        self._after: dict[str, _Kept] = {}
        self._expected: list[str] = []
        self._is_begun = False
        self.written = self.removed = 0

    @property
    def unchanged(self) -> int:
        """How many pages are as they were."""
        return len(self._after) - self.written

    def expect(self, paths: Iterable[str]) -> None:
        """These are to come."""
        self._expected = list(paths)

    def put(self, path: str, draft: Draft) -> None:
        """Write the page if it is another than before."""
        shown = draft.shows()
        if shown is None:
            return
        digest, target = draft.digest(shown), self._folder / path
        known = self._before.get(path)
        if known is not None and known.digest == digest and known.size == _size_of(target):
            self._after[path] = known
            return
        content = draft.make(shown)
        self._after[path] = _Kept(digest, len(content))
        _check_way(self._folder, path)
        if _read(target) != content:
            self._begin()
            _write(target, content)
            self.written += 1

    def finish(self) -> None:
        """Remove what is gone, and keep the list of all pages for the next run."""
        # a page that leads to others came after them, and goes before them
        for path in reversed(dict.fromkeys([*self._before, *self._expected])):
            if path not in self._after:
                self._begin()
                _remove(self._folder, path)
                self.removed += 1
        if self._after != self._before or self._is_begun:
            _keep_list(self._folder, self._after)

    def _begin(self) -> None:
        """Note all paths, so that the next run cleans up after this one if it is cut short."""
        if not self._is_begun:
            self._is_begun = True
            _keep_list(self._folder, dict.fromkeys([*self._expected, *self._before], _UNSURE))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make the folder; within the block no other run is at work in it, which waits meanwhile."""
    try:
        _make_folder(folder)
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FileFailed.of(folder, "written", error) from None
    try:
        # some file systems of networks know no locks
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _remove_leftovers(folder: Path) -> None:
    """Remove what a run left half written when it was cut off."""
    for path in filter(is_leftover, folder.rglob(".*.new")):
        path.unlink(missing_ok=True)


def _published_before(folder: Path) -> dict[str, _Kept]:
    """The pages that an earlier run wrote."""
    _check_way(folder, LIST)
    content = _read(folder / LIST)
    if content is not None:
        listed = _list_in(folder / LIST, content)
        return {path: kept for path, kept in listed.items() if not _leads_out(path)}
    if not all(map(is_leftover, folder.iterdir())):
        raise FileExists(
            f"{folder} holds files that were not published from here",
            advice="give an empty folder, or one that 'robo-xp publish' made",
        )
    return {}


def _list_in(path: Path, content: bytes) -> dict[str, _Kept]:
    try:
        # earlier versions kept the paths alone
        found = msgspec.json.decode(content, type=dict[str, _Kept] | list[str])
    except msgspec.MsgspecError:
        raise FileFailed(
            f"{path} is no list of pages", advice="publish into an empty folder"
        ) from None
    return dict.fromkeys(found, _UNSURE) if isinstance(found, list) else found


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/")


def _check_way(folder: Path, path: str) -> None:
    """Raise FileFailed where no page can lie, or would lie outside the folder."""
    target = folder / path
    for one in (target, *target.parents[: path.count("/")]):
        fits = one.is_file() if one == target else one.is_dir()
        if one.is_symlink() or (one.exists() and not fits):
            raise FileFailed(
                f"{one} is in the way of a page",
                advice="remove it, and publish again; pages lie in plain files and folders alone",
            )


def _keep_list(folder: Path, pages: Mapping[str, _Kept]) -> None:
    _write(folder / LIST, msgspec.json.encode(pages), lasts=True)


def _size_of(path: Path) -> int:
    """How many bytes the file has; -1 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileFailed.of(path, "read", error) from None


def _write(path: Path, content: bytes, *, lasts: bool = False) -> None:
    try:
        _make_folder(path.parent)
        write_whole(path, content, mode=_READABLE, lasts=lasts)
    except FileMissing as error:
        raise FileFailed(error.message) from None
    except OSError as error:
        raise FileFailed.of(path, "written", error) from None


def _make_folder(folder: Path) -> None:
    """Make the folder so that a web server of another account may read it."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def _remove(folder: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    _check_way(folder, path)
    try:
        (folder / path).unlink(missing_ok=True)
        for parent in (folder / path).parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
    except OSError as error:
        raise FileFailed.of(folder / path, "removed", error) from None
