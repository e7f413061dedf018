"""Memory that bulk work took, given back to the machine."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def give_back() -> None:
    """What is free in this process is free for others; takes a moment, so not in the event loop."""
    gc.collect()
    # the C library keeps what Python freed; another one than GNU's has no such call
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
