"""A backup: one ``tar.gz`` of everything, made while others write, with a manifest at its end.

Of each namespace it holds the journal as it stood between two batches, the snapshot that the
journal continues, and the archive. The manifest names the last batch of each namespace, and the
size and SHA-256 of each file; a backup without it was cut short. The files of a damaged namespace
are kept as they are, below ``damaged/``, and the manifest says what is wrong with them.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, count
from types import MappingProxyType
from typing import IO, cast

import msgspec

from robo_xp.errors import (
    FileExists,
    FileMissing,
    VaultDamaged,
    VaultUnavailable,
)
from robo_xp.vault.care.repair import stamp
from robo_xp.vault.care.survey import read_if_there
from robo_xp.vault.care_port import Backup, Entry, Manifest, Step, Stood
from robo_xp.vault.files.archive import BASE_NAME, FOLDED_NAME
from robo_xp.vault.files.compaction import archive_of
from robo_xp.vault.files.disk import PRIVATE_FILE, Files, explain_errors, open_named, unavailable
from robo_xp.vault.files.journal import check_order, head_of
from robo_xp.vault.files.journal_file import JournalFile
from robo_xp.vault.files.loading import check_pair, settled_pair
from robo_xp.vault.files.options import FileOptions, Place
from robo_xp.vault.files.snapshot import mark_of, write_all
from robo_xp.vault.name import is_namespace
from robo_xp.vault.packed import Bounded

MANIFEST = "manifest.json"
DAMAGED = "damaged/"
BACKUP_FORMAT = 1
_CHUNK = 1 << 20
_RESERVE = 1 << 16
_LARGEST_MANIFEST = 1 << 27


@dataclass(slots=True)
class _Packing:
    """A tar file that is being written."""

    tar: tarfile.TarFile
    now_s: float
    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> None:
        """Put a file in."""
        self.entries[name] = Entry(len(data), hashlib.sha256(data).hexdigest())
        self.put(name, data)

    def put(self, name: str, data: bytes) -> None:
        """Put a file in that is not listed."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(data), PRIVATE_FILE, int(self.now_s)
        self.tar.addfile(member, io.BytesIO(data))


@dataclass(frozen=True, slots=True)
class _Pair:
    """Snapshot and journal of a namespace that belong together."""

    snapshot: bytes | None
    journal: bytes
    stood: Stood


def create(
    names: list[str],
    options: FileOptions,
    target: str,
    *,
    step: Step | None = None,
    damaged: Mapping[str, str] = MappingProxyType({}),
) -> Backup:
    """Write a backup of these namespaces; ``target`` is a file that is not there, or a folder.

    ``damaged`` says what is wrong with those that the folder does not have. ``step`` is called
    after each namespace. Raises Refused when the file is there, and VaultUnavailable; then there
    is no backup.
    """
    files = options.files
    path = target_path(target, options)
    if files.stat(path) is not None:
        raise FileExists(f"{path} is there already")
    with explain_errors("write", path):
        _make_parents(files, os.path.dirname(path))
        beside = f"{path}.{os.getpid()}.new"
        try:
            manifest = _write(names, options, beside, step, damaged)
            files.rename(beside, path)
        finally:
            files.remove(beside)
        files.sync_folder(os.path.dirname(path))
    stat = files.stat(path)
    return Backup(path, 0 if stat is None else stat.st_size, manifest)


def _make_parents(files: Files, folder: str) -> None:
    """Make the missing folders of a backup, private."""
    files.make_folder(folder, root=folder)


def target_path(target: str, options: FileOptions) -> str:
    """The path of a new backup: ``target``, or a name with the time in the folder ``target``."""
    path = os.path.abspath(target)
    if os.path.isdir(path) or target.endswith(os.sep):
        stem = os.path.join(path, f"robo-xp-{stamp(options)}")
        names = (f"{stem}{number}.tar.gz" for number in chain([""], count(-2, -1)))
        return next(name for name in names if options.files.stat(name) is None)
    return path


def _write(
    names: list[str],
    options: FileOptions,
    path: str,
    step: Step | None,
    known: Mapping[str, str],
) -> Manifest:
    """Write the whole backup to the path, and wait until it is on the disk."""
    files, clock = options.files, options.clock
    started = clock.now_ms()
    stood: dict[str, Stood] = {}
    damaged = dict(known)
    fd = files.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(fd, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as tar:
            packing = _Packing(tar, started / 1000)
            for name in names:
                try:
                    packed = pack(name, options)
                except (VaultDamaged, VaultUnavailable) as error:
                    damaged[name] = error.message
                    _pack_as_it_is(name, options, packing.add)
                else:
                    stood |= {} if packed is None else {name: packed.stood}
                    for inside, data in [] if packed is None else packed.files:
                        packing.add(inside, data)
                if step is not None:
                    step(name)
            now = clock.now_ms()
            manifest = Manifest(BACKUP_FORMAT, started, now, stood, packing.entries, damaged)
            packing.put(MANIFEST, msgspec.json.encode(manifest))
        file.flush()
        files.sync(file.fileno())
    return manifest


@dataclass(frozen=True, slots=True)
class Packed:
    """All files of a namespace, by name and content, and where it stood."""

    stood: Stood
    files: list[tuple[str, bytes]]


def pack(name: str, options: FileOptions) -> Packed | None:
    """The files of a namespace, checked; None when it has none after all.

    Raises VaultDamaged and VaultUnavailable.
    """
    place, files = Place.of(options.root, name), options.files
    if files.stat(place.journal) is None and files.stat(place.snapshot) is None:
        return None
    pair = settled_pair(place, files, lambda journal: _read(place, files, journal))
    # the archive after the pair: what a compaction folds in between is in both, not in neither
    archived = [(path, read_if_there(path, files)) for path in _wanted_files(place, options, pair)]
    found = [(f"{name}.journal", pair.journal)]
    if pair.snapshot is not None:
        found.append((f"{name}.json", pair.snapshot))
    for path, data in archived:
        if data is not None:
            found.append((f"archive/{name}/{os.path.basename(path)}", data))
    return Packed(pair.stood, found)


def _pack_as_it_is(name: str, options: FileOptions, add: Callable[[str, bytes], None]) -> None:
    """Give each file of a damaged namespace that can be read, marked as such."""
    place, files = Place.of(options.root, name), options.files
    paths = {f"{name}.journal": place.journal, f"{name}.json": place.snapshot}
    with suppress(VaultUnavailable):
        archived = archive_of(place, options).paths()
        paths |= {f"archive/{name}/{os.path.basename(path)}": path for path in archived}
    for inside, path in paths.items():
        data = None
        with suppress(VaultUnavailable):
            data = read_if_there(path, files)
        if data is not None:
            add(f"{DAMAGED}{inside}", data)


def _read(place: Place, files: Files, journal: JournalFile) -> _Pair:
    """The pair of files as it is now, checked; the journal is closed."""
    snapshot = read_if_there(place.snapshot, files)
    mark = None if snapshot is None else mark_of([snapshot], place.snapshot)
    batches = journal.follow(journal.size())
    start = head_of(batches, place.journal)
    check_order(batches[1:], start.seq, place.journal)
    check_pair(place, mark, start, batches[-1].seq, journal.sum_at)
    pair = _Pair(snapshot, journal.content(), Stood(batches[-1].seq, batches[-1].ts, start.lineage))
    journal.close()
    return pair


def _wanted_files(place: Place, options: FileOptions, pair: _Pair) -> list[str]:
    """The files of the archive that hold anything up to the pair."""
    archive = archive_of(place, options)
    newer = {path for path, (first, _) in archive.folded() if first > pair.stood.seq}
    newer |= {path for path, seq in archive.bases() if seq > pair.stood.seq}
    return [path for path in archive.paths() if path not in newer]


def bad_backup(message: str, *, path: str) -> VaultDamaged:
    """The error for a file that is no whole backup; the vault itself is as it was."""
    advice = "nothing was changed; see 'robo-xp backup list' for the backups that are whole"
    return VaultDamaged(message, path=path, advice=advice)


def manifest_of(path: str) -> Manifest:
    """The manifest of a backup that is read to its end.

    Raises FileMissing, and VaultDamaged when it is no backup or was cut short.
    """
    manifest: Manifest | None = None
    with unpacking(path) as members:
        for name, _, file in members:
            if name == MANIFEST:
                manifest = decode_manifest(file.read(), path)
    if manifest is None:
        raise bad_backup("the backup has no manifest: it was cut short", path=path)
    return manifest


def decode_manifest(data: bytes, path: str) -> Manifest:
    """The manifest in the bytes; VaultDamaged or VaultUnavailable when it cannot be used."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise bad_backup(f"the manifest cannot be read: {error}", path=path) from error
    if manifest.format > BACKUP_FORMAT:
        raise VaultUnavailable(
            f"{path} has format {manifest.format}; this version knows formats up to"
            f" {BACKUP_FORMAT}",
            advice="upgrade Robo XP; nothing was changed",
        )
    return manifest


@contextmanager
def unpacking(path: str) -> Iterator[Iterator[tuple[str, int, IO[bytes]]]]:
    """Name, size and content of each file in a backup, in turn; only names that can be in one.

    At the end the rest is read too, so a file that was cut short anywhere is refused.
    """
    with explain_errors("read", path):
        try:
            file = open_named(path)
        except FileNotFoundError:
            raise FileMissing(f"there is no file {path}") from None
        try:
            with file, gzip.open(file) as raw:
                bounded = Bounded(cast("IO[bytes]", raw), os.fstat(file.fileno()).st_size)
                with tarfile.open(fileobj=cast("IO[bytes]", bounded), mode="r|") as tar:
                    yield _members(tar, path)
                while bounded.read(_CHUNK):
                    pass
        except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise bad_backup(f"the backup cannot be read: {error}", path=path) from error


def _members(tar: tarfile.TarFile, path: str) -> Iterator[tuple[str, int, IO[bytes]]]:
    """The files of a backup; VaultDamaged for anything that no backup has in it."""
    seen: set[str] = set()
    for member in tar:
        file = tar.extractfile(member) if member.isreg() else None
        if file is None or member.name in seen or not may_hold(member.name):
            raise bad_backup(f"the backup holds {member.name[:100]!a}, as none does", path=path)
        if member.name == MANIFEST and member.size > _LARGEST_MANIFEST:
            raise bad_backup("the manifest is far too large", path=path)
        seen.add(member.name)
        yield member.name, member.size, file


def may_hold(name: str) -> bool:
    """Whether a backup can have a file of this name; so none is ever written elsewhere."""
    if name == MANIFEST:
        return True
    name = name.removeprefix(DAMAGED)
    stem, suffix = os.path.splitext(name)
    if suffix in (".json", ".journal") and is_namespace(stem):
        return True
    folder, _, file = name.rpartition("/")
    top, _, inner = folder.partition("/")
    if top != "archive" or not is_namespace(inner):
        return False
    return bool(FOLDED_NAME.fullmatch(file) or BASE_NAME.fullmatch(file))


def unpack(path: str, folder: str, files: Files) -> Manifest:
    """Put the content of a backup into an empty folder; the manifest that it was checked against.

    Raises FileMissing, VaultDamaged unless each file is what the manifest says, and
    VaultUnavailable.
    """
    found: dict[str, Entry] = {}
    manifest: Manifest | None = None
    with unpacking(path) as members:
        for name, size, file in members:
            _refuse_without_room(size, folder, files)
            if name == MANIFEST:
                manifest = decode_manifest(file.read(), path)
            else:
                found[name] = _unpack_one(file, os.path.join(folder, name), folder, files)
                if found[name].size != size:
                    raise bad_backup(f"{name} is cut short in the backup", path=path)
    if manifest is None:
        raise bad_backup("the backup has no manifest: it was cut short", path=path)
    _compare(found, manifest, path)
    return manifest


def _refuse_without_room(size: int, folder: str, files: Files) -> None:
    """Raise VaultUnavailable for a file that the disk has no room for, before it is full."""
    if size + _RESERVE > files.room_in(folder):
        raise unavailable(OSError(errno.ENOSPC, ""), "unpack the backup into", folder)


def _unpack_one(file: IO[bytes], path: str, root: str, files: Files) -> Entry:
    """Write one file of a backup to the path; what was written."""
    digest, size = hashlib.sha256(), 0
    with explain_errors("write", path):
        files.make_folder(os.path.dirname(path), root=root)
        fd = files.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                write_all(files, fd, chunk)
        finally:
            files.close(fd)
    return Entry(size, digest.hexdigest())


def _compare(found: dict[str, Entry], manifest: Manifest, path: str) -> None:
    """Raise VaultDamaged unless exactly the files of the manifest are there, as it says."""
    for name in sorted({*found, *manifest.files}):
        if found.get(name) != manifest.files.get(name):
            raise bad_backup(f"{name} is not as the manifest says", path=path)
    for name in manifest.namespaces:
        if not is_namespace(name) or f"{name}.journal" not in found:
            raise bad_backup(f"the journal of {name[:100]!a} is missing", path=path)
