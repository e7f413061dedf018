"""Errors that only the command line can have."""

from __future__ import annotations

from collections.abc import Sequence

from robo_xp.errors.base import (
    Fault,
    InvalidValue,
    NotFound,
    Refused,
    RoboXPError,
    VaultBusy,
    kinds,
)
from robo_xp.errors.causes import cause_of
from robo_xp.errors.core import FolderGiven


class WrongUsage(InvalidValue):
    """The command line was not understood."""

    code = "USAGE"


class NeedsConfirmation(Refused):
    """A destructive command has neither a terminal to ask on nor ``--yes``."""

    code = "NEEDS_CONFIRMATION"
    advice = "add --yes to go ahead, or --dry-run to look first"


class NotConfirmed(Refused):
    """The question was not answered with yes."""

    code = "NOT_CONFIRMED"


class NeedsTerminal(Refused):
    """There is no terminal to edit on."""

    code = "NEEDS_TERMINAL"
    advice = "use 'robo-xp config export' and 'robo-xp config import', or set EDITOR"


class EditorFailed(Refused):
    """The editor ended with an error, so nothing was changed."""

    code = "EDITOR_FAILED"


class NeedsRoot(Refused):
    """Only root can change services of the system."""

    code = "NEEDS_ROOT"
    advice = "put sudo before it, or add --user for a service of this account"


class HiddenProgram(Refused):
    """The sandbox of a service hides the folder of the program."""

    code = "HIDDEN_PROGRAM"
    advice = (
        "install Robo XP into /opt/robo-xp and run service install from there,"
        " or add --user for a service of this account"
    )


class UntrustedProgram(Refused):
    """Others than root, or than the account of the service, could change what it would run."""

    code = "UNTRUSTED_PROGRAM"
    advice = (
        "install Robo XP as root into /opt/robo-xp, and take the right to write from others:"
        " chown -R root: and chmod -R go-w"
    )


class NotTheDaemon(Refused):
    """The program that a service is to start is not the daemon, or does not run."""

    code = "NOT_THE_DAEMON"
    advice = "try it by hand: robo-xpd --version"


class TokenExists(Refused):
    """A token is stored already."""

    code = "TOKEN_EXISTS"
    advice = "remove it, or replace it with --force"


class ConfigExists(Refused):
    """The configuration file is there already and says something else."""

    code = "CONFIG_EXISTS"
    advice = "edit it, or replace it with --force, which keeps a copy"


class DaemonNotRunning(NotFound):
    """No daemon works on this data folder."""

    code = "DAEMON_NOT_RUNNING"
    advice = "start one: systemctl start robo-xpd, or robo-xpd in the foreground"


class DaemonBusy(VaultBusy):
    """The daemon was told to stop and has not ended in time."""

    code = "DAEMON_BUSY"
    advice = "it may be waiting for Discord; look at its log, or wait with --timeout"


class DaemonUnreachable(RoboXPError):
    """The daemon's socket gave no answer that could be understood."""

    code = "DAEMON_UNREACHABLE"
    advice = "see the daemon's log"


class DaemonNotSignalled(Refused):
    """The daemon's process cannot be signalled from this account."""

    code = "DAEMON_UNREACHABLE"
    advice = "use the account that it runs under, or systemctl where systemd runs it"


class ToldByDaemon(RoboXPError):
    """What the daemon refused, with the code that it gave and the exit code of that code."""

    def __init__(self, code: str, message: str, advice: str, faults: Sequence[Fault]) -> None:
        super().__init__(message, advice=advice, faults=faults)
        self.code = code
        self.exit_code = next((one.exit_code for one in kinds() if one.code == code), 1)


class FileFailed(RoboXPError):
    """A file cannot be read or written."""

    code = "FILE_FAILED"

    @classmethod
    def of(cls, path: object, done: str, error: OSError) -> RoboXPError:
        """The error for a file that cannot be ``done`` (read, written), with what helps."""
        if isinstance(error, IsADirectoryError):
            return FolderGiven(f"{path} is a folder, not a file")
        cause = cause_of(error)
        return cls(f"{path} cannot be {done}: {cause.said}", advice=cause.advice)


class OutputFailed(RoboXPError):
    """The output cannot be written."""

    code = "OUTPUT_FAILED"
    advice = "make room, or send the output elsewhere"


class PlotFailed(RoboXPError):
    """The library that draws curves does not load."""

    code = "PLOT_FAILED"
    advice = "see 'robo-xp curve table' for the numbers"


class Unexpected(RoboXPError):
    """The program has a fault."""

    code = "UNEXPECTED"
    advice = "run it again with ROBO_XP_DEBUG=1 to see where, and report it"
