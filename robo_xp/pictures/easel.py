"""The parent of the process that draws: starts it when needed, kills it when it takes too long."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from robo_xp.errors import ExtraMissing, PictureFailed

EXTRA: Final = "cards"


class Fault(Exception):
    """What Typst says is wrong; ``line`` is 0 where it is not known."""

    def __init__(self, message: str, file: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line


class TakesTooLong(Exception):
    """No picture came in time."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be drawn: a Typst file below ``root``, its inputs, and ``png`` or ``svg``."""

    root: Path
    main: Path
    inputs: Mapping[str, str]
    format: str = "png"

    def line(self) -> bytes:
        """The order as the worker reads it."""
        wanted = {
            "root": str(self.root),
            "main": str(self.main),
            "inputs": self.inputs,
            "format": self.format,
        }
        return json.dumps(wanted).encode() + b"\n"


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("typst") is not None


def check_installed() -> None:
    """Raise ExtraMissing without the extra."""
    if not is_installed():
        raise ExtraMissing(f"pictures are drawn by the extra {EXTRA!r}", EXTRA)


class Easel:
    """One worker process; one picture is drawn at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def pages(self, order: Order, seconds: float) -> list[bytes]:
        """The pictures of all pages, waited for at most so long.

        Raises ExtraMissing, Fault, TakesTooLong, and PictureFailed where the worker ended.
        """
        check_installed()
        with self._lock:
            process = self._running()
            overdue = threading.Event()

            def kill() -> None:
                overdue.set()
                process.kill()

            timer = threading.Timer(seconds, kill)
            timer.start()
            try:
                return _worker_answer(process, order)
            except (OSError, ValueError, EOFError):
                self.close_process()
                if overdue.is_set():
                    raise TakesTooLong from None
                raise PictureFailed(
                    "the process that draws ended: the picture needs too much memory or time"
                ) from None
            finally:
                timer.cancel()

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self.close_process()

    def close_process(self) -> None:
        """End the worker without waiting for the turn."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close_process()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "robo_xp.pictures.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process


def _worker_answer(process: subprocess.Popen[bytes], order: Order) -> list[bytes]:
    """The worker's answer. Raises EOFError where it ended, Fault for what it says is wrong."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(order.line())
    process.stdin.flush()
    line = process.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head: dict[str, Any] = json.loads(line)
    if "error" in head:
        raise Fault(head["error"], head["file"], head["line"])
    pages = [process.stdout.read(size) for size in head["sizes"]]
    if [len(page) for page in pages] != head["sizes"]:
        raise EOFError
    return pages
