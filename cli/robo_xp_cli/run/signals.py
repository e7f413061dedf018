"""Ctrl-C and SIGTERM: leave at once and quietly, or unwind what is being done."""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130
TERMINATED = 143


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived; unwinds like Ctrl-C, so that a vault finishes or rolls back."""


def leave_at_once() -> None:
    """From now on a signal ends the program on the spot: nothing is under way."""
    _set(_leave, _leave)


def unwind() -> None:
    """From now on a signal raises :class:`KeyboardInterrupt` or :class:`Terminated`."""
    _set(signal.default_int_handler, _terminate)


def _set(on_interrupt: signal._HANDLER, on_terminate: signal._HANDLER) -> None:
    # a shell starts background jobs with SIGINT ignored; that is the operator's wish
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, on_interrupt)
    signal.signal(signal.SIGTERM, on_terminate)


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
