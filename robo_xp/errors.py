"""The one tree of errors that the core raises on purpose.

::

    RoboXPError
    ├── InvalidValue            2  a value that no state could make right
    │   ├── InvalidId
    │   ├── InvalidAmount
    │   ├── InvalidConfig          carries every fault, not only the first
    │   └── InvalidRows            a bulk file with bad rows, each with its line
    ├── NotFound                3
    │   ├── GuildNotFound, StoreNotFound, MemberNotFound
    │   ├── RewardNotFound, BatchNotFound, FileMissing
    ├── Refused                 4  a rule or the present state says no
    │   ├── LimitExceeded, NeedsConfirmation
    │   └── UndoUnclear, AlreadyUndone
    ├── VaultBusy               5
    ├── VaultDamaged            6
    ├── NotConfigured           7
    └── VaultUnavailable        1  disk full, read-only, no permission

Each class has a stable ``code`` (scripts and the REST surface match on it), the exit code of
the programs, and an ``advice``: what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one value: where it is, and what is wrong with it."""

    where: str
    message: str

    def __str__(self) -> str:
        """The fault as one line of text."""
        return f"{self.where}: {self.message}" if self.where else self.message


class RoboXPError(Exception):
    """Base of all errors that Robo XP raises on purpose."""

    code = "FAILED"
    exit_code = 1
    advice = ""

    def __init__(self, message: str, *, advice: str | None = None, code: str | None = None) -> None:
        """Keep the message, and an advice or code that is more precise than the class's own."""
        super().__init__(message)
        self.message = message
        if advice is not None:
            self.advice = advice
        if code is not None:
            self.code = code


class InvalidValue(RoboXPError):
    """A value is wrong whatever the state."""

    code = "INVALID_VALUE"
    exit_code = 2


class InvalidId(InvalidValue):
    """An id is not a snowflake, or a store id is not allowed."""

    code = "INVALID_ID"
    advice = "ids are 17 to 20 digits; turn on Discord's developer mode and use Copy ID"


class InvalidAmount(InvalidValue):
    """An amount of XP is not a whole number in its range."""

    code = "INVALID_AMOUNT"


class InvalidConfig(InvalidValue):
    """Settings with at least one fault; ``faults`` holds all of them."""

    code = "INVALID_CONFIG"
    advice = "nothing was stored; correct each line and try again"

    def __init__(self, faults: Sequence[Fault], *, advice: str | None = None) -> None:
        """Join the faults to one message and keep them."""
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults), advice=advice)


class InvalidRows(InvalidConfig):
    """Rows of a bulk change with faults; ``where`` of each fault is ``line N``."""

    code = "INVALID_ROWS"
    advice = "nothing was changed; correct the lines, or apply the good ones with --keep-going"


class NotFound(RoboXPError):
    """Something that was named does not exist."""

    code = "NOT_FOUND"
    exit_code = 3


class GuildNotFound(NotFound):
    """The guild has no data here."""

    code = "GUILD_NOT_FOUND"
    advice = "see 'robo-xp guild list' for the guilds that have data"


class StoreNotFound(NotFound):
    """The store has no data in this guild."""

    code = "STORE_NOT_FOUND"
    advice = "see 'robo-xp store list' for the stores of this guild"


class MemberNotFound(NotFound):
    """The member has no record in this store."""

    code = "USER_NOT_FOUND"
    advice = "see 'robo-xp xp list' for the members that have a record"


class RewardNotFound(NotFound):
    """No reward is set for this level."""

    code = "REWARD_NOT_FOUND"
    advice = "see 'robo-xp reward list'"


class BatchNotFound(NotFound):
    """The journal and its archive hold no batch with this number."""

    code = "BATCH_NOT_FOUND"
    advice = "see 'robo-xp history' for the batches that are kept"


class FileMissing(NotFound):
    """A file that was named does not exist."""

    code = "FILE_NOT_FOUND"
    advice = "check the path"


class Refused(RoboXPError):
    """A rule or the present state says no."""

    code = "REFUSED"
    exit_code = 4


class LimitExceeded(Refused):
    """The change would pass a limit."""

    code = "LIMIT_EXCEEDED"


class NeedsConfirmation(Refused):
    """A destructive command without a terminal and without ``--yes``."""

    code = "NEEDS_CONFIRMATION"
    advice = "add --yes to go ahead, or --dry-run to look first"


class UndoUnclear(Refused):
    """Later batches make it unclear what undoing this one would mean."""

    code = "UNDO_UNCLEAR"
    advice = "undo the later batch first, or set the values by hand"


class AlreadyUndone(Refused):
    """The batch was undone before."""

    code = "ALREADY_UNDONE"


class VaultBusy(RoboXPError):
    """The lock was not free in time."""

    code = "VAULT_BUSY"
    exit_code = 5
    advice = "try again; if it stays busy, look at the process that is named"


class VaultDamaged(RoboXPError):
    """A file of the vault is damaged; nothing was changed. Names the file and the byte."""

    code = "VAULT_DAMAGED"
    exit_code = 6
    advice = "nothing was changed; keep a copy of the file, then run 'robo-xp vault repair'"

    def __init__(self, message: str, *, path: str, offset: int | None = None) -> None:
        """Keep where the damage is: the file and, where it is known, the byte from its start."""
        self.what = message
        self.path = path
        self.offset = offset
        at = path if offset is None else f"{path}, byte {offset}"
        super().__init__(f"{message} ({at})")


class NotConfigured(RoboXPError):
    """Something that must be given was not: a guild, a token."""

    code = "NOT_CONFIGURED"
    exit_code = 7


class VaultUnavailable(RoboXPError):
    """The operating system refused a file operation; the data on disk is whole."""

    code = "VAULT_UNAVAILABLE"
    exit_code = 1
    advice = "nothing was changed; make room or mend the permissions, then try again"
