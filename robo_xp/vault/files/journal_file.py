"""One open journal file: what of it was read, and the next line appended to it.

Knows bytes and whole lines, not what they mean for a namespace.
"""

from __future__ import annotations

import errno
import logging
import os
import zlib
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress

from robo_xp.errors import VaultUnavailable
from robo_xp.vault.batch import Batch
from robo_xp.vault.files.disk import Files, explain_errors, unavailable
from robo_xp.vault.files.journal import TAIL_LENGTH, head_of, scan
from robo_xp.vault.files.snapshot import free_path, replace_file, write_all
from robo_xp.vault.state import Mark

log = logging.getLogger("robo_xp.vault")


_NO_HEAD = Mark(0, 0, 0, "")
_LARGE = 1 << 20
_UNSURE = (
    "whether the change is there is not known; when the disk works again, look at"
    " 'robo-xp history' before you try again"
)


class Rewritten(Exception):
    """The file no longer says what was read from it before."""


class JournalFile:
    """A journal that is open for reading and, where the system allows, for appending.

    ``offset`` is where the known lines end. ``suspect`` is set by a sync that failed: the system
    may then have dropped what it had not written, so the file must not be built upon.
    ``lasting`` is whether the names of the folders down to the file are known to be on the disk.
    ``sum`` is that of all known lines, gone on from the one that ``head`` tells.
    """

    __slots__ = (
        "_ends", "_files", "_next", "_tail",
        "fd", "head", "inode", "lasting", "offset", "path", "sum", "suspect", "writable",
    )  # fmt: skip

    def __init__(self, path: str, files: Files) -> None:
        """Open the file; nothing is read yet. Raises FileNotFoundError when it is gone."""
        self.fd = -1
        self.path = path
        self._files = files
        self.writable = self._open_to_write()
        if not self.writable:
            self.fd = files.open(path, os.O_RDONLY)
        self.inode = os.fstat(self.fd).st_ino
        self.offset = 0
        self.suspect = False
        self.lasting = False
        self.head = _NO_HEAD
        self.sum = 0
        self._tail = b""
        self._next = b"", 0, 0
        self._ends = array("Q")

    def _open_to_write(self) -> bool:
        """Open the file for appending; whether the system let us."""
        try:
            self.fd = self._files.open(self.path, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            return False
        return True

    def may_be_written_now(self) -> bool:
        """Become writable if the system has come to allow it; whether the file is."""
        with explain_errors("open", self.path):
            read_only = self.fd
            if not self._open_to_write():
                return False
            if os.fstat(self.fd).st_ino == self.inode:
                self.writable = True
                self._files.close(read_only)
            else:
                # replaced meanwhile; whoever catches up next goes over to the new one
                self._files.close(self.fd)
                self.fd = read_only
        return self.writable

    def size(self) -> int:
        """The size of this file now, also when another one has taken its place."""
        return os.fstat(self.fd).st_size

    def follow(self, size: int) -> list[Batch]:
        """The whole batches between what was read before and ``size``.

        Raises VaultDamaged at damage, and Rewritten when the last known line is not there any
        more: a batch that we saw was taken back, since its writer could not make it lasting.
        """
        known = len(self._tail)
        base = self.offset - known
        with explain_errors("read", self.path):
            if size - base > _LARGE:
                size = min(size, self._files.end(self.fd))
            data = self._files.read(self.fd, max(size - base, 0), base)
        if not data.startswith(self._tail):
            raise Rewritten
        batches, ends = scan(data, path=self.path, offset=base, start=known)
        if batches:
            if not self._ends:
                self.head = head_of(batches, self.path)
                self.sum = self.head.sum or 0
                known = ends[0]
            self.sum = zlib.crc32(memoryview(data)[known : ends[-1]], self.sum)
            self._ends.extend([base + end for end in ends])
            self.offset = base + ends[-1]
            self._tail = data[ends[-1] - TAIL_LENGTH : ends[-1]]
        return batches

    def content(self) -> bytes:
        """All bytes that were read or written so far."""
        with explain_errors("read", self.path):
            return self._files.read(self.fd, self.offset, 0)

    def chunks(self) -> Iterator[bytes]:
        """The same piece by piece: a bulk line has hundreds of megabytes."""
        with explain_errors("read", self.path):
            yield from self._files.chunks(self.fd, 0, self.offset)

    def lines_after(self, seq: int) -> list[bytes]:
        """The known lines, without the head, of the batches with a higher number than ``seq``."""
        position = max(seq - self.head.seq, 0)
        if position >= len(self._ends):
            return []
        start = self._ends[position]
        with explain_errors("read", self.path):
            data = self._files.read(self.fd, self.offset - start, start)
        return data.split(b"\n")[:-1]

    def sum_at(self, seq: int) -> int:
        """The sum of all lines up to a known batch."""
        if seq >= self.head.seq + len(self._ends) - 1:
            return self.sum
        start = self._ends[0]
        with explain_errors("read", self.path):
            data = self._files.read(self.fd, self._ends[seq - self.head.seq] - start, start)
        return zlib.crc32(data, self.head.sum or 0)

    @property
    def first(self) -> int:
        """The number of the batch that the journal continues."""
        return self.head.seq

    @property
    def has_batches(self) -> bool:
        """Whether there is anything after the head."""
        return len(self._ends) > 1

    def append(self, line: Iterable[bytes], *, sync: bool) -> None:
        """Add the line; when this returns it is in the file, and on the disk with ``sync``.

        On any error the file is cut back to what it was, and VaultUnavailable raised, which says
        so where that failed too. The line is given in pieces, and counts as known after
        ``appended``.
        """
        if not self.writable:
            raise unavailable(OSError(errno.EACCES, ""), "write", self.path)
        tail, total, offset = b"", self.sum, self.offset
        try:
            for piece in line:
                written = self._files.write(self.fd, piece)
                if written < len(piece):
                    write_all(self._files, self.fd, piece[written:])
                tail = (tail + piece)[-TAIL_LENGTH:]
                total = zlib.crc32(piece, total)
                offset += len(piece)
            if sync:
                self.suspect = True
                self._files.sync(self.fd)
                self.suspect = False
        except BaseException as error:
            is_back = self._take_back()
            if isinstance(error, OSError):
                found = unavailable(error, "write", self.path)
                if not is_back:
                    raise VaultUnavailable(found.message, advice=_UNSURE) from error
                raise found from error
            raise
        self._next = tail, total, offset

    def appended(self) -> None:
        """Count the appended line as known."""
        self._tail, self.sum, self.offset = self._next
        self._ends.append(self.offset)

    def _take_back(self) -> bool:
        """Remove what a failed write may have left; if that fails too, the next writer cuts off
        what is no whole line.
        """
        try:
            self._files.truncate(self.fd, self.offset)
        except OSError:
            log.warning("%s could not be cut back after a failed write", self.path)
            return False
        return True

    def cut_torn_tail(self, mode: int) -> str:
        """Cut away a last line that a crash left unfinished; where its bytes are kept."""
        with explain_errors("mend", self.path):
            size = self.size() - self.offset
            end = max(self._files.end(self.fd), self.offset)
            torn = self._files.read(self.fd, end - self.offset, self.offset)
            kept = free_path(self._files, f"{self.path}.torn")
            replace_file(self._files, kept, torn, mode)
            self._files.truncate(self.fd, self.offset)
            self._files.sync(self.fd)
        log.warning(
            "%s ended in %d bytes of a batch that was never finished; all of them but zeros are"
            " kept in %s",
            self.path,
            size,
            kept,
        )
        return kept

    def sync(self) -> None:
        """Return when the content is on the disk."""
        self.suspect = True
        with explain_errors("sync", self.path):
            self._files.sync(self.fd)
        self.suspect = False

    def close(self) -> None:
        """Close the file, and so give up its lock."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            self._files.close(fd)

    def __del__(self) -> None:
        """Close a file that was forgotten."""
        with suppress(OSError):
            self.close()


def open_journal(path: str, files: Files) -> JournalFile:
    """The journal that stands at the path now; VaultUnavailable when it cannot be opened."""
    with explain_errors("open", path):
        return JournalFile(path, files)
