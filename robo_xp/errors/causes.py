"""Why the operating system refuses a file, and what helps: one table for all who meet that."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import Final, NamedTuple


class Cause(NamedTuple):
    """What the system says, in our words, and what to do about it."""

    said: str
    advice: str


_PERMISSION = Cause(
    "permission denied",
    "use the account that the file belongs to, or mend the permissions of the file and its folder",
)
_STALE = Cause(
    "the network disk does not answer",
    "see that it is mounted and its server runs, then try again",
)

CAUSES: Final[Mapping[int, Cause]] = {
    errno.ENOSPC: Cause("the disk is full", "make room on that disk, then try again"),
    errno.EDQUOT: Cause(
        "the disk quota is used up", "make room, or have the quota raised, then try again"
    ),
    errno.EROFS: Cause(
        "the file system is read-only",
        "mount it writable, or give a place elsewhere; a disk with errors becomes read-only too,"
        " and dmesg tells of that",
    ),
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.EMFILE: Cause(
        "this process has too many open files",
        "raise its limit: ulimit -n 4096, or LimitNOFILE= in the unit of a service",
    ),
    errno.ENFILE: Cause(
        "the machine has too many open files",
        "end programs that hold many, or raise the limit: sysctl fs.file-max",
    ),
    errno.EIO: Cause(
        "the disk reported an error",
        "look at dmesg; if the disk fails, copy the data folder to another one first",
    ),
    errno.ELOOP: Cause(
        "it is a symbolic link, and none is followed here",
        "put the file itself in the place of the link",
    ),
    errno.ENOTDIR: Cause("a part of this path is no folder", "check the path"),
    errno.ENOENT: Cause("No such file or directory", "check the path, and that its folder exists"),
    errno.EISDIR: Cause("it is a folder", "give the path of a file"),
    errno.EINVAL: Cause(
        "this cannot be done there",
        "see what stands there with ls -ld, and move it away or give another path",
    ),
    errno.EMLINK: Cause(
        "it is the same file as another one", "remove this one of the two, then try again"
    ),
    errno.ENAMETOOLONG: Cause("the name is too long", "give a shorter one"),
    errno.EFBIG: Cause(
        "the file would be larger than it may be", "raise the limit: ulimit -f unlimited"
    ),
    errno.ENOLCK: Cause(
        "the file system gives no locks", "move the data folder to a disk of this machine"
    ),
    errno.EXDEV: Cause("the two places are on different disks", "give a place on the same disk"),
    errno.ENOMEM: Cause(
        "there is not enough memory", "end other programs, or raise the limit: ulimit -v unlimited"
    ),
    errno.ESTALE: _STALE,
    errno.ETIMEDOUT: _STALE,
    errno.EHOSTDOWN: _STALE,
}
"""By number of the error."""


def cause_of(error: OSError) -> Cause:
    """Why the system refused; with its own words and no advice where the table has none."""
    told = error.strerror or str(error)
    found = CAUSES.get(error.errno or 0, Cause(told, ""))
    is_told_better = error.errno == errno.EINVAL and told != os.strerror(errno.EINVAL)
    return Cause(told, found.advice) if is_told_better else found
