"""``robo-xp xp apply``: many changes from a file or stdin, as one."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from robo_xp.errors import Fault, InvalidRows, NotFound
from robo_xp.text import thousands
from robo_xp.vault import xp_name
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.daemon_note import xp_told_later
from robo_xp_cli.nouns.shared.foreign_files import content_of
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import One, Result

if TYPE_CHECKING:
    from robo_xp.usecases.members.bulk import Applied
    from robo_xp.usecases.members.rows import Defaults, Row
    from robo_xp_cli.run.context import Run

_FOR_A_SCREEN = 50
_SOME_FAILED = 4


def apply_file(
    run: Run, file: str, defaults: Defaults, *, keep_going: bool, once: str | None
) -> Result:
    """Carry out the rows of the file; what came of it."""
    from robo_xp.views.member import Applied

    rows = _read(run, file, defaults)
    with run.progress(len(rows), "Applying") as counting:
        try:
            done = run.robo().xp.apply(
                run.guild_id,
                (rows.popleft() for _ in range(len(rows))),
                resolve=people.resolver(run),
                step=counting.step,
                keep_going=keep_going,
                once=once,
                reason=run.reason,
                store=run.store_id,
                dry_run=run.dry_run,
            )
        except InvalidRows as error:
            raise _for_reader(run, error) from None
    if done.already is not None:
        return _already(run, done.already, done.dry_run)
    shown = Applied.of(done, guild_id=run.guild_id, store_id=run.store_id)
    return One(
        shown.as_json(),
        human=lambda: _pairs(done),
        id_key="seq",
        exit_code=_SOME_FAILED if done.failed else 0,
        notes=_notes(run, done),
    )


def _already(run: Run, seq: int, dry_run: bool) -> Result:
    """What an earlier run with the same key comes to, also where it was undone since."""
    data = {"guildId": run.guild_id, "storeId": run.store_id, "alreadyApplied": seq}
    notes = []
    with suppress(NotFound):  # its line may be folded away by now
        by = run.robo().history.show(xp_name(run.store_id, run.guild_id), seq).row.undone_by
        if by is not None:
            again = xp_views.undo_words(run, by)
            notes.append(f"it was undone by {by}; {again} has it again, another key applies anew")
    told = f"nothing is changed: batch {seq} was made with the same key"
    return One({**data, "dryRun": dry_run}, human=told, id_key="alreadyApplied", notes=notes)


def _read(run: Run, file: str, defaults: Defaults) -> deque[Row]:
    """All rows of the file; what cannot be a row carries its fault."""
    from robo_xp.usecases.members.rows import rows_in

    content = content_of(run, file)
    rows: deque[Row] = deque()
    with run.progress(None, "Reading") as counting:
        try:
            for row in rows_in(content, defaults):
                rows.append(row)
                counting.step()
        except InvalidRows as error:
            raise _for_reader(run, error) from None
    return rows


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
    cut = [f"fractions of XP were cut off: {done.cut:.2f} XP in all"] if done.cut else []
    if done.seq is not None:
        back = f"to take all of it back: {xp_views.undo_words(run, done.seq)}"
        return [*cut, back, *xp_told_later(run, done.seq)]
    has_rows = done.applied or done.skipped or done.failed
    return [] if has_rows else ["there are no rows"]
