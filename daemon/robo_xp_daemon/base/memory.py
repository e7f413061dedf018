"""Memory that bulk work took, given back to the machine."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from typing import Final

_ARENA_MAX: Final = -8
_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 256 * 1024


def keep_little() -> None:
    """Have the C library give back each large block at once; to be called before there are threads.

    Else it keeps blocks of the largest size that was ever freed, and for each thread its own.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, 1)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)


def give_back() -> None:
    """What is free in this process is free for others; takes a moment, so not in the event loop."""
    gc.collect()
    # the C library keeps what Python freed; another one than GNU's has no such call
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
