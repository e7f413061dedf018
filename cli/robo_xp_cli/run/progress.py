"""A progress bar on stderr: only for a terminal, only for work longer than half a second.

It is one line without colours or any other escape sequence, drawn by a thread of its own, so that
work inside one long call shows too. Whatever else is printed comes in its place.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

from robo_xp_cli.show import streams

PATIENCE_SECONDS = 0.5
_REDRAW_SECONDS = 0.1
T = TypeVar("T")
_BAR_WIDTH = 24


class Progress:
    """Counts finished steps of work, of ``total`` or, without it, for as long as it takes."""

    def __init__(self, total: int | None, label: str) -> None:
        self.done = 0
        self.is_paused = False
        self._total = total
        self._label = label
        self._began = time.monotonic()

    def step(self, count: int = 1) -> None:
        """Count ``count`` more steps as done."""
        self.done += count

    def along(self, items: Iterable[T], /) -> Iterator[T]:
        """The items, each counted once it is done with; a bar where it is known how many."""
        before = self.done, self._total, self._began
        total = len(items) if isinstance(items, Sized) else None
        self.done, self._total, self._began = 0, total, time.monotonic()
        for item in items:
            yield item
            self.done += 1
        self.done, self._total, self._began = before

    def line(self) -> str:
        """What there is to see now: a bar where the end is known, else the seconds that went by."""
        passed = time.monotonic() - self._began
        if not self._total:
            steps = f" {self.done:,}" if self.done else ""
            return f"{self._label}{steps} ({_clock(passed)})"
        share = min(self.done / self._total, 1.0)
        filled = round(share * _BAR_WIDTH)
        bar = "#" * filled + "-" * (_BAR_WIDTH - filled)
        left = f" ({_clock(passed / share - passed)} left)" if share else ""
        return f"{self._label} [{bar}] {self.done:,}/{self._total:,}{left}"


class _Screen:
    """The last line of the terminal, and the one of several nested works that it shows."""

    def __init__(self) -> None:
        self._works: list[Progress] = []
        self._drawn = ""
        self._is_over = False
        self._lock = threading.RLock()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, work: Progress) -> None:
        """Show this work from half a second on, in place of the one that it is a part of."""
        with self._lock:
            self._works.append(work)
            self._is_over = False
            if self._thread is None:
                self._ends = threading.Event()
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
        streams.beside_output(self.aside)

    def end(self) -> None:
        """Take the newest work away, and with the last one the thread."""
        with self._lock:
            self._works.pop()
            self.wipe()
        if not self._works and self._thread is not None:
            self._ends.set()
            self._thread.join()
            self._thread = None
            streams.beside_output(None)

    @contextmanager
    def aside(self, is_over: bool) -> Iterator[None]:
        """Draw nothing while something is printed; nor ever again, if that goes on."""
        with self._lock:
            self._is_over = self._is_over or is_over
            self.wipe()
            yield

    def wipe(self) -> None:
        """Leave the line empty."""
        with self._lock:
            if self._drawn:
                self._put("\r" + " " * len(self._drawn) + "\r")
                self._drawn = ""

    def pause(self) -> list[Progress]:
        """Draw none of the works under way; those that were drawn until now come back."""
        with self._lock:
            stopped = [work for work in self._works if not work.is_paused]
            for work in stopped:
                work.is_paused = True
            self.wipe()
        return stopped

    def _watch(self) -> None:
        ends = self._ends
        seconds = PATIENCE_SECONDS
        while not ends.wait(seconds):
            seconds = _REDRAW_SECONDS
            with self._lock:
                is_drawn = self._works and not self._works[-1].is_paused
                if is_drawn and not ends.is_set() and not self._is_over:
                    self._draw(self._works[-1].line())

    def _draw(self, line: str) -> None:
        import shutil

        line = line[: max(shutil.get_terminal_size().columns - 1, 1)]
        rest = " " * (len(self._drawn) - len(line))
        self._put(f"\r{line}{rest}")
        self._drawn = line

    def _put(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):  # the terminal went away, which the work need not notice
            self._drawn = ""


_screen = _Screen()


@contextmanager
def progress(total: int | None, label: str, *, quiet: bool = False) -> Iterator[Progress]:
    """A :class:`Progress` to step while the work goes on; the bar is gone afterwards."""
    work = Progress(total, label)
    if quiet or not streams.is_terminal(sys.stderr):
        yield work
        return
    _screen.begin(work)
    try:
        yield work
    finally:
        _screen.end()


def leave_terminal() -> None:
    """Draw no bar for what is under way any more: somebody else has the terminal from now on."""
    _screen.pause()


def ask(question: str) -> str:
    """The line that is typed behind the question, with its line break; without one at its end."""
    stopped = _screen.pause()
    try:
        sys.stderr.write(streams.folded(question, sys.stderr))
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):  # Ctrl-D leaves the cursor behind the question
            streams.tell("")
        return answer
    finally:
        for work in stopped:
            work.is_paused = False


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
