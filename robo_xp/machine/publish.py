"""Writes the public pages into a folder for any web server: only what changed, each file whole.

A page is written after those that it links to, and what is gone is removed last, so a reader
never meets half a page or a link that leads nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from robo_xp import RoboXP
from robo_xp.errors import FileExists, FileFailed, FileMissing
from robo_xp.machine.site import all_pages
from robo_xp.machine.whole_file import write_whole

LIST = ".robo-xp.json"
_READABLE = 0o644


@dataclass(frozen=True, slots=True)
class Published:
    """How many guilds have pages, and what became of the files."""

    guilds: int
    written: int
    removed: int
    unchanged: int


def publish(robo: RoboXP, folder: Path) -> Published:
    """Make the folder what the public guilds show now.

    Raises FileExists for a folder with files that were not published, FileFailed.
    """
    before = _published_before(folder)
    pages = list(all_pages(robo))
    paths = [path for path, _ in pages]
    gone = sorted({*before} - {*paths})
    # so that the next run cleans up after one that was cut short
    _keep_list(folder, [*paths, *gone])
    written, kept = 0, []
    for path, made in pages:
        page = made()
        if page is None:
            gone.append(path)
            continue
        kept.append(path)
        if _read(folder / path) != page.content:
            _write(folder / path, page.content)
            written += 1
    for path in gone:
        _remove(folder, path)
    _keep_list(folder, kept)
    guilds = len(robo.public.guild_ids())
    return Published(guilds, written, len(gone), len(kept) - written)


def _published_before(folder: Path) -> list[str]:
    """The paths that an earlier run wrote."""
    content = _read(folder / LIST)
    if content is not None:
        return [path for path in _list_in(folder / LIST, content) if not _leads_out(path)]
    if folder.is_dir() and any(folder.iterdir()):
        raise FileExists(
            f"{folder} holds files that were not published from here",
            advice="give an empty folder, or one that 'robo-xp publish' made",
        )
    return []


def _list_in(path: Path, content: bytes) -> list[str]:
    try:
        return msgspec.json.decode(content, type=list[str])
    except msgspec.MsgspecError:
        raise FileFailed(
            f"{path} is no list of pages", advice="publish into an empty folder"
        ) from None


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/")


def _keep_list(folder: Path, paths: list[str]) -> None:
    content = msgspec.json.encode(paths)
    if _read(folder / LIST) != content:
        _write(folder / LIST, content)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileFailed.of(path, "read", error) from None


def _write(path: Path, content: bytes) -> None:
    try:
        _make_folder(path.parent)
        write_whole(path, content, mode=_READABLE, lasts=False)
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
    try:
        (folder / path).unlink(missing_ok=True)
        for parent in (folder / path).parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
    except OSError as error:
        raise FileFailed.of(folder / path, "removed", error) from None
