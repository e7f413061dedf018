"""The trunk of the tree of errors: one class for each exit code, and what every error carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

EXIT_CODES: Final[Mapping[int, str]] = {
    0: "done",
    1: "failed unexpectedly, or the disk or a permission stood in the way",
    2: "wrong usage or invalid value",
    3: "not found: no such member, giveaway, store or file",
    4: "refused by a rule or by the state, or a question was not answered with yes",
    5: "busy: the lock was not free in time",
    6: "damaged data",
    7: "not configured: no guild was given, or no token",
    130: "interrupted; what was committed stays, what was not never happened",
    141: "the reader of the pipe went away",
    143: "terminated, otherwise as 130",
}
"""What each exit code of ``robo-xp`` means."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one value: where it is, and what is wrong with it."""

    where: str
    message: str

    def __str__(self) -> str:
        """The fault as one line of text."""
        return f"{self.where}: {self.message}" if self.where else self.message


class RoboXPError(Exception):
    """Something failed that no other code names."""

    code: str = "FAILED"
    exit_code: int = 1
    http_status: int = 500
    advice: str = ""
    faults: tuple[Fault, ...] = ()

    def __init__(
        self,
        message: str,
        *,
        advice: str | None = None,
        faults: Sequence[Fault] = (),
        named: Mapping[str, object] | None = None,
    ) -> None:
        """Keep the message, each fault, and an advice more precise than the class's own.

        ``named`` are values for words in capitals in the class's advice, such as ``ID``.
        """
        super().__init__(message)
        self.message = message
        if advice is not None:
            self.advice = advice
        for word, value in (named or {}).items():
            self.advice = re.sub(rf"\b{word}\b", str(value), self.advice)
        if faults:
            self.faults = tuple(faults)


class InvalidValue(RoboXPError):
    """A value is wrong whatever the state."""

    code = "INVALID_VALUE"
    exit_code = 2
    http_status = 400


class NotFound(RoboXPError):
    """Something that was named does not exist."""

    code = "NOT_FOUND"
    exit_code = 3
    http_status = 404


class Refused(RoboXPError):
    """A rule or the present state says no."""

    code = "REFUSED"
    exit_code = 4
    http_status = 409


class VaultBusy(RoboXPError):
    """The lock was not free in time."""

    code = "VAULT_BUSY"
    exit_code = 5
    http_status = 503
    advice = "try again; if it stays busy, look at the process that is named"


class VaultDamaged(RoboXPError):
    """A file of the vault is damaged; the message names the file and the byte."""

    code = "VAULT_DAMAGED"
    exit_code = 6
    advice = "nothing was changed; keep a copy of the file, then run 'robo-xp vault repair'"

    def __init__(
        self, message: str, *, path: str, offset: int | None = None, advice: str | None = None
    ) -> None:
        self.what = message
        self.path = path
        self.offset = offset
        at = path if offset is None else f"{path}, byte {offset}"
        super().__init__(f"{message} ({at})", advice=advice)


class NotConfigured(RoboXPError):
    """Something that must be given was not: a guild, a token."""

    code = "NOT_CONFIGURED"
    exit_code = 7
    http_status = 400


class VaultUnavailable(RoboXPError):
    """The operating system refused a file operation; the data on disk is whole."""

    code = "VAULT_UNAVAILABLE"
    http_status = 503
    advice = "nothing was changed; make room or mend the permissions, then try again"


def kinds(base: type[RoboXPError] = RoboXPError) -> Iterator[type[RoboXPError]]:
    """Every class of the tree that has a code of its own, the base first."""
    if "code" in vars(base):
        yield base
    for below in base.__subclasses__():
        yield from kinds(below)
