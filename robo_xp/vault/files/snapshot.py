"""The snapshot: a plain TinyDB file with all tables of a namespace at one batch.

Its ``meta`` table has one document, ``1``: schema, seq, generation and lineage, and last the crc
of the file as it was before the crc was added. Stock TinyDB opens it, since all ids are digits.
A snapshot is written beside the old one and renamed over it, so there is always a whole one.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec

from robo_xp.errors import VaultDamaged
from robo_xp.vault.files.disk import Files, explain_errors
from robo_xp.vault.state import META, Mark, Tables

META_ID = "1"
_encoder = msgspec.json.Encoder()
_META_START = b'"meta":{"1":{'
_META_LENGTH = 1 << 12
_CRC_LENGTH = len(',"crc":"00000000"}}}')


def content_of(tables: Tables, mark: Mark) -> bytes:
    """The snapshot file for these tables."""
    document: dict[str, Any] = {name: table for name, table in tables.items() if name != META}
    document[META] = {META_ID: mark.document()}
    body = bytearray()
    _encoder.encode_into(document, body)  # grown in place: a large guild has hundreds of megabytes
    body[-3:] = b',"crc":"%08x"}}}' % zlib.crc32(body)
    return bytes(body)


def parse(data: bytes, path: str) -> tuple[Tables, Mark]:
    """The tables (without ``meta``) and the mark of a snapshot file.

    Raises VaultDamaged when the crc is not that of the content, or the content is no snapshot.
    """
    _check_crc(data, path)
    try:
        tables = msgspec.json.decode(data, type=dict[str, dict[str, dict[str, Any]]])
        mark = Mark.from_document(tables.pop(META)[META_ID])
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise VaultDamaged(f"the snapshot cannot be read: {error}", path=path) from error
    return tables, mark  # type: ignore[return-value]  # dict is invariant in its value


def _check_crc(data: bytes, path: str, crc: int = 0) -> None:
    """Raise VaultDamaged unless the file carries the crc of its own content.

    ``crc`` is that of what comes before ``data``.
    """
    view = memoryview(data)
    expected = b',"crc":"%08x"}}}' % zlib.crc32(b"}}}", zlib.crc32(view[:-_CRC_LENGTH], crc))
    if view[-_CRC_LENGTH:] != expected:
        raise VaultDamaged("the snapshot is not as it was written", path=path)


class _Meta(msgspec.Struct):
    """A snapshot of which only ``meta`` is wanted."""

    meta: dict[str, dict[str, Any]]


def mark_of(pieces: Iterable[bytes], path: str) -> Mark:
    """The mark of a snapshot file that is given in pieces, for a fraction of what its tables cost.

    Raises VaultDamaged when the crc is not that of the content, or the content is no snapshot.
    """
    crc, end = 0, b""
    for piece in pieces:
        data = end + piece
        crc, end = zlib.crc32(memoryview(data)[:-_META_LENGTH], crc), data[-_META_LENGTH:]
    _check_crc(end, path, crc)
    try:
        # meta comes last
        meta = b"{" + end[end.rindex(_META_START) :]
        return Mark.from_document(msgspec.json.decode(meta, type=_Meta).meta[META_ID])
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise VaultDamaged(f"the snapshot cannot be read: {error}", path=path) from error


def mark_at(path: str, files: Files) -> Mark | None:
    """The mark of the snapshot at the path, None where there is none; VaultDamaged as above."""
    with explain_errors("read", path):
        try:
            fd = files.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            return mark_of(files.chunks(fd), path)
        finally:
            files.close(fd)


def replace_file(
    files: Files, path: str, data: bytes, mode: int, *, beside: str | None = None
) -> None:
    """Put ``data`` at ``path``: written beside it, synced, renamed, the folder synced.

    At any error before the rename the file at ``path`` is as it was, and nothing is left beside
    it. Two callers at once need a lock, or each a name of their own for ``beside``.
    """
    beside = beside or f"{path}.new"
    try:
        fd = files.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            write_all(files, fd, data)
            files.sync(fd)
        finally:
            files.close(fd)
        files.rename(beside, path)
    except OSError:
        with suppress(OSError):  # what is left beside is overwritten by the next attempt
            files.remove(beside)
        raise
    files.sync_folder(os.path.dirname(path))


def free_path(files: Files, path: str) -> str:
    """The path, with a number behind it where something stands there already."""
    found, number = path, 2
    while files.stat(found) is not None:
        found, number = f"{path}-{number}", number + 1
    return found


def write_all(files: Files, fd: int, data: bytes) -> None:
    """Append all of ``data``, however many writes the system needs."""
    written = files.write(fd, data)
    while written < len(data):
        written += files.write(fd, data[written:])
