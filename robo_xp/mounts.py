"""On which file system a folder is, where another machine or a program has it."""

from __future__ import annotations

import os
import re

MOUNTS = "/proc/self/mountinfo"
# what would end a mount's name stands in it so: a space, a tab, a line's end, a backslash
_ESCAPED = re.compile(r"\\([0-7]{3})")
# on these another machine may write, or a program that tells the kernel nothing
_ELSEWHERE = (
    "nfs", "cifs", "smb", "fuse", "9p", "afs", "ceph", "gluster", "lustre", "gfs", "ocfs",
    "vboxsf", "virtiofs", "prl_", "drvfs",
)  # fmt: skip


def elsewhere(folder: str) -> str:
    """The file system of the folder where another machine, or a program, has it; else empty."""
    place, found = os.path.realpath(folder), ("", "")
    if not os.path.exists(MOUNTS):
        return ""
    with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as mounts:
        for line in mounts:
            mount, _, system = line.partition(" - ")
            point = _ESCAPED.sub(lambda sign: chr(int(sign[1], 8)), mount.split(" ")[4])
            within = point == "/" or f"{place}/".startswith(f"{point}/")
            if within and len(point) >= len(found[0]):
                found = point, system.split(" ")[0]
    return found[1] if found[1].startswith(_ELSEWHERE) else ""
