"""One open journal file: what of it was read, and the next line appended to it.

Knows bytes and whole lines, not what they mean for a namespace.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable

from robo_xp.errors import VaultDamaged
from robo_xp.vault.files import Files, explained, unavailable
from robo_xp.vault.journal import FORMAT, Batch, scan
from robo_xp.vault.snapshot import Mark, replace_file, write_all

log = logging.getLogger("robo_xp.vault")


class JournalFile:
    """A journal that is open for reading and, where the system allows, for appending."""

    __slots__ = ("_files", "fd", "inode", "offset", "path", "writable")

    def __init__(self, path: str, files: Files) -> None:
        """Open the file; nothing is read yet. Raises FileNotFoundError when it is gone."""
        self.path = path
        self._files = files
        self.writable = True
        try:
            self.fd = files.open(path, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            self.writable = False
            self.fd = files.open(path, os.O_RDONLY)
        self.inode = os.fstat(self.fd).st_ino
        self.offset = 0

    def size(self) -> int:
        """The size of this file now, also when another one has taken its place."""
        return os.fstat(self.fd).st_size

    def follow(self, size: int) -> list[Batch]:
        """The whole batches between what was read before and ``size``; VaultDamaged at damage."""
        with explained("read", self.path):
            data = self._files.read(self.fd, size - self.offset, self.offset)
        batches, used = scan(data, path=self.path, offset=self.offset)
        self.offset += used
        return batches

    def content(self) -> bytes:
        """All bytes that were read or written so far."""
        with explained("read", self.path):
            return self._files.read(self.fd, self.offset, 0)

    def append(self, line: bytes, *, sync: bool) -> None:
        """Add the line; when this returns it is in the file, and on the disk with ``sync``.

        On any error the file is cut back to what it was, and VaultUnavailable raised.
        """
        if not self.writable:
            raise unavailable(OSError(errno.EACCES, ""), "write", self.path)
        try:
            write_all(self._files, self.fd, line)
            if sync:
                self._files.sync(self.fd)
        except BaseException as error:
            self._take_back()
            if isinstance(error, OSError):
                raise unavailable(error, "write", self.path) from error
            raise

    def _take_back(self) -> None:
        """Remove what a failed write may have left; if that fails too, the next writer does it."""
        try:
            self._files.truncate(self.fd, self.offset)
        except OSError:
            log.warning("%s could not be cut back after a failed write", self.path)

    def cut_torn_tail(self, mode: Callable[[], int]) -> None:
        """Cut away a last line that a crash left unfinished; its bytes are kept beside it."""
        size = self.size()
        if size <= self.offset:
            return
        with explained("mend", self.path):
            torn = self._files.read(self.fd, size - self.offset, self.offset)
            replace_file(self._files, f"{self.path}.torn", torn, mode())
            self._files.truncate(self.fd, self.offset)
            self._files.sync(self.fd)
        log.warning(
            "%s ended in %d bytes of a batch that was never finished; they are kept in %s.torn",
            self.path,
            len(torn),
            self.path,
        )

    def sync(self) -> None:
        """Return when the content is on the disk."""
        with explained("sync", self.path):
            self._files.sync(self.fd)

    def close(self) -> None:
        """Close the file."""
        self._files.close(self.fd)


def head_of(batches: list[Batch], path: str) -> Mark:
    """Where the journal starts; VaultDamaged without a head that this version can read."""
    try:
        head = batches[0].head
        if head is None or head["format"] > FORMAT:
            raise KeyError("head")
        return Mark.from_document({**head, "seq": batches[0].seq})
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise VaultDamaged(
            "the journal has no head that this version can read", path=path, offset=0
        ) from error


def check_order(batches: list[Batch], seq: int, path: str) -> None:
    """Raise VaultDamaged unless the batches are numbered on from ``seq`` without a gap."""
    for batch in batches:
        if batch.seq != seq + 1:
            raise VaultDamaged(f"batch {batch.seq} follows batch {seq}", path=path)
        seq = batch.seq
