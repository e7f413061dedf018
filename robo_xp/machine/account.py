"""Root at work on a data folder of another account becomes that account first.

Whoever owns the folder, or belongs to its group, may put anything into it; what root would do
there, it would do for them.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from robo_xp.errors import NotConfigured

_PR_SET_DUMPABLE = 4


def become_owner(folder: Path) -> str | None:
    """Whom this process has become for good: the folder's owner. None where nothing changed.

    Nothing changes unless root runs it and somebody else owns the folder, or the nearest folder
    above one that is still to be made, or a link on the way there. User, group and further groups
    are those of the account; one without a name has no groups but the folder's.
    """
    if os.geteuid() != 0:
        return None
    owner = _owner_of(folder.absolute())
    if owner.st_uid == 0:
        return None
    import ctypes
    import pwd

    try:
        account = pwd.getpwuid(owner.st_uid)
    except KeyError:
        name = str(owner.st_uid)
        os.setgroups([])
        os.setgid(owner.st_gid)
    else:
        name = account.pw_name
        os.initgroups(name, account.pw_gid)
        os.setgid(account.pw_gid)
    os.setuid(owner.st_uid)
    with suppress(OSError, AttributeError):
        # others of this account may look at the process again, as at any that it started itself:
        # "daemon stop" proves by its open files which one it is
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    return name


def check_readable(name: str) -> None:
    """Raise NotConfigured where the account cannot read the programs that it is to work with."""
    for file in (__file__, os.__file__):
        if not os.access(file, os.R_OK):
            raise NotConfigured(
                f"{name}, who owns the data folder, cannot read {os.path.dirname(file)}",
                advice="install Robo XP, and its Python, where every account may read: see"
                " docs/systemd.md",
            )


def _owner_of(folder: Path) -> os.stat_result:
    """Who made the way to the folder, or else the folder, as the system tells it."""
    found = os.stat("/")
    for place in (*reversed(folder.parents), folder):
        try:
            there = place.lstat()
            if stat.S_ISLNK(there.st_mode):
                if there.st_uid != 0:
                    return there
                there = place.stat()
        except OSError:
            break
        found = there
    return found
