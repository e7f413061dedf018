"""``robo-xp xp apply``: many changes from a file or stdin, as one."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from robo_xp.errors import Fault, InvalidRows
from robo_xp.text import thousands
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.daemon_note import xp_told_later
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import One, Result

if TYPE_CHECKING:
    from robo_xp.usecases.members.bulk import Applied, Row
    from robo_xp_cli.run.context import Run

_FOR_A_SCREEN = 50
_SOME_FAILED = 4


def apply_file(run: Run, file: str, *, op: str | None, keep_going: bool) -> Result:
    """Carry out the rows of the file; what came of it."""
    from robo_xp.views.member import Applied

    rows = _read(run, file, op)
    with run.progress(len(rows), "Applying") as counting:
        try:
            done = run.robo().xp.apply(
                run.guild_id,
                rows,
                resolve=people.resolver(run),
                step=counting.step,
                keep_going=keep_going,
                reason=run.reason,
                store=run.store_id,
                dry_run=run.dry_run,
            )
        except InvalidRows as error:
            raise _for_reader(run, error) from None
    shown = Applied.of(done, guild_id=run.guild_id, store_id=run.store_id)
    return One(
        shown.as_json(),
        human=lambda: _pairs(done),
        id_key="seq",
        exit_code=_SOME_FAILED if done.failed else 0,
        notes=_notes(run, done),
    )


def _read(run: Run, file: str, op: str | None) -> list[Row]:
    """All rows of the file; what cannot be a row carries its fault."""
    from robo_xp.usecases.members.bulk import rows_of

    rows = []
    with run.progress(None, "Reading") as counting, _opened(run, file) as lines:
        try:
            for row in rows_of(lines, op=op):
                rows.append(row)
                counting.step()
        except InvalidRows as error:
            raise _for_reader(run, error) from None
    return rows


@contextmanager
def _opened(run: Run, file: str) -> Iterator[TextIO]:
    """The file as lines of text; bytes that are no UTF-8 become faults of their rows."""
    if file != "-":
        with open(file, encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            yield lines
        return
    stdin = run.stdin()
    if isinstance(stdin, io.TextIOWrapper):
        stdin.reconfigure(errors="surrogateescape")
    yield stdin


def _for_reader(run: Run, error: InvalidRows) -> InvalidRows:
    """The error with all its faults, or as many as somebody at a terminal can look at."""
    is_program = run.output in ("json", "jsonl") or not streams.is_terminal(sys.stderr)
    more = len(error.faults) - _FOR_A_SCREEN
    if is_program or more <= 0:
        return error
    rest = Fault("", f"and {thousands(more)} more; -o json lists them all")
    return InvalidRows([*error.faults[:_FOR_A_SCREEN], rest], advice=error.advice)


def _pairs(done: Applied) -> list[tuple[str, Any]]:
    would = "would be " if done.dry_run else ""
    pairs: list[tuple[str, Any]] = [
        (f"{would}applied", done.applied),
        ("skipped", done.skipped),
        ("failed", len(done.failed)),
        ("level ups", done.level_ups),
        ("level downs", done.level_downs),
    ]
    pairs += [(fault.where, fault.message) for fault in done.failed[:_FOR_A_SCREEN]]
    more = len(done.failed) - _FOR_A_SCREEN
    return [*pairs, ("and", f"{thousands(more)} more")] if more > 0 else pairs


def _notes(run: Run, done: Applied) -> list[str]:
    if done.seq is not None:
        back = f"to take all of it back: {xp_views.undo_words(run, done.seq)}"
        return [back, *xp_told_later(run, done.seq)]
    has_rows = done.applied or done.skipped or done.failed
    return [] if has_rows else ["there are no rows"]
