"""Writes to stdout and stderr, and says in one way what went wrong there.

A reader that went away is :class:`ReaderGone`; a full disk or a closed stdout is an error with
a message. Nothing here imports more than the interpreter has loaded anyway.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from robo_xp.errors import RoboXPError


_before: list[Callable[[], None]] = []


class ReaderGone(Exception):
    """The other end of the pipe on stdout was closed."""


def before_output(action: Callable[[], None] | None) -> None:
    """Do this before anything is printed, instead of what was to be done until now."""
    _before[:] = [] if action is None else [action]


def keep_descriptors() -> None:
    """Put /dev/null on closed descriptors 0 to 2, else the next file opened would get them."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def prepare() -> None:
    """Make stdout escape what its encoding cannot hold."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def write(text: str) -> None:
    """Hand ``text`` to stdout."""
    for action in _before:
        action()
    _guarded(lambda stream: stream.write(text))


def flush() -> None:
    """Hand over to the system what stdout has buffered."""
    if sys.stdout is not None:
        _guarded(lambda stream: stream.flush())


def settle() -> None:
    """Hand over what stdout has buffered, or drop it: leaving the program must not fail on it."""
    try:
        flush()
    except Exception:
        discard(sys.stdout)


def tell(text: str) -> None:
    """Write one line to stderr; a stderr that is closed or full is no reason to fail."""
    if sys.stderr is None:
        return
    for action in _before:
        action()
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        discard(sys.stderr)


def discard(stream: TextIO | None) -> None:
    """Let what ``stream`` still holds go nowhere, so that leaving the program is quiet."""
    if stream is None:
        return
    try:
        descriptor = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)
    except (OSError, ValueError):
        return


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at ``stream``."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def encoding() -> str:
    """The encoding of stdout, ``utf-8`` where there is none."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def is_utf8() -> bool:
    """Whether stdout holds any character."""
    return encoding().lower().replace("-", "").replace("_", "") == "utf8"


def _guarded(action: _Action) -> None:
    if sys.stdout is None:
        raise _failed("stdout is closed")
    try:
        action(sys.stdout)
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        from robo_xp.errors.causes import cause_of

        raise _failed(cause_of(error).said) from None


def _failed(why: str) -> RoboXPError:
    from robo_xp.errors import OutputFailed

    return OutputFailed(f"cannot write the output: {why}")


if TYPE_CHECKING:
    _Action = Callable[[TextIO], object]
