"""A progress bar on stderr: only for a terminal, only for work longer than half a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from robo_xp_cli.show import streams

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE_SECONDS = 0.5
_REDRAW_SECONDS = 0.1


class Progress:
    """Counts finished steps. Costs a comparison per step unless somebody can see the bar."""

    def __init__(self, total: int | None, label: str, *, visible: bool) -> None:
        self.done = 0
        self._total = total
        self._label = label
        self._visible = visible
        self._next_look = time.monotonic() + PATIENCE_SECONDS
        self._drawn: tuple[Bar, TaskID] | None = None
        self._stack = ExitStack()

    def step(self, count: int = 1) -> None:
        """Count ``count`` more steps as done."""
        self.done += count
        if self._visible and time.monotonic() >= self._next_look:
            self._draw()

    def close(self) -> None:
        """Take the bar away."""
        self._stack.close()

    def _draw(self) -> None:
        if self._drawn is None:
            self._drawn = self._begin()
        bar, task = self._drawn
        bar.update(task, completed=self.done)
        self._next_look = time.monotonic() + _REDRAW_SECONDS

    def _begin(self) -> tuple[Bar, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._stack.enter_context(bar)
        return bar, bar.add_task(self._label, total=self._total)


@contextmanager
def progress(total: int | None, label: str, *, quiet: bool = False) -> Iterator[Progress]:
    """A :class:`Progress` to step while the work goes on; the bar is gone afterwards."""
    counting = Progress(total, label, visible=not quiet and streams.is_terminal(sys.stderr))
    try:
        yield counting
    finally:
        counting.close()
