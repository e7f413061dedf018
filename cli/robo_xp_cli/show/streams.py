"""Writes to stdout and stderr, and says in one way what went wrong there.

A reader that went away is :class:`ReaderGone`; a full disk or a closed stdout is an error with
a message. Nothing here imports more than the interpreter has loaded anyway.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing takes long to load
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import TextIO

    from robo_xp.errors import RoboXPError


_COLOUR = "\x1b\\[[0-9;]*m"
_beside: list[Callable[[bool], AbstractContextManager[None]]] = []


class ReaderGone(Exception):
    """The other end of the pipe on stdout was closed."""


def beside_output(room: Callable[[bool], AbstractContextManager[None]] | None) -> None:
    """Print everything within this, instead of what it was printed within until now.

    It is told whether the result itself begins to flow, to a terminal or a pipe: whoever reads it
    sees that the work goes on, and nothing else may be drawn there any more.
    """
    _beside[:] = [] if room is None else [room]


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
    if not _beside or _is_file(sys.stdout):
        _run_guarded(lambda stream: stream.write(text))
        return
    with _beside[0](True):
        _run_guarded(lambda stream: stream.write(text))


def flush() -> None:
    """Hand over to the system what stdout has buffered."""
    if sys.stdout is not None:
        _run_guarded(lambda stream: stream.flush())


def settle() -> None:
    """Hand over what stdout has buffered, or drop it: leaving the program must not fail on it."""
    try:
        flush()
    except Exception:
        discard(sys.stdout)


def tell(text: str, *, is_data: bool = False) -> None:
    """Write one line to stderr; a stderr that is closed or full is no reason to fail.

    Data stays one line, however narrow the terminal is.
    """
    if sys.stderr is None:
        return
    line = f"{text if is_data else folded(text, sys.stderr)}\n"
    if not _beside:
        _tell(line)
        return
    with _beside[0](False):
        _tell(line)


def _tell(line: str) -> None:
    try:
        sys.stderr.write(line)
        sys.stderr.flush()
    except (OSError, ValueError):
        discard(sys.stderr)


def folded(text: str, stream: TextIO | None) -> str:
    """The line broken between its words where a terminal would break it inside of one.

    Several lines stay as they are: they were laid out by somebody.
    """
    if "\n" in text or not is_terminal(stream):
        return text
    assert stream is not None
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return text
    lines = [""]
    for word in text.split(" "):
        if _cells(lines[-1]) + _cells(word) >= columns > 0 and lines[-1].strip():
            lines[-1] = lines[-1].removesuffix(" ")
            lines.append("  ")
        lines[-1] += f"{word} "
    return "\n".join(lines)[:-1]


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


def _is_file(stream: TextIO | None) -> bool:
    """Whether what is written goes to a file that nobody looks at meanwhile."""
    import stat

    try:
        return stream is not None and stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def encoding() -> str:
    """The encoding of stdout, ``utf-8`` where there is none."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def is_utf8() -> bool:
    """Whether stdout holds any character."""
    return encoding().lower().replace("-", "").replace("_", "") == "utf8"


def _cells(text: str) -> int:
    """How many columns the text takes on a terminal, but for marks that take none."""
    import re
    from unicodedata import east_asian_width

    return sum(1 + (east_asian_width(char) in "WF") for char in re.sub(_COLOUR, "", text))


def _run_guarded(action: _Action) -> None:
    if sys.stdout is None:
        raise _output_error("stdout is closed")
    try:
        action(sys.stdout)
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        from robo_xp.errors.causes import cause_of

        raise _output_error(cause_of(error).said) from None


def _output_error(why: str) -> RoboXPError:
    from robo_xp.errors import OutputFailed

    return OutputFailed(f"cannot write the output: {why}")


if TYPE_CHECKING:
    _Action = Callable[[TextIO], object]
