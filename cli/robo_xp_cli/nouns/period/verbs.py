"""``robo-xp period``: boards of days, weeks and months, and closing those that are over."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.text import first_of, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.daemon_note import xp_told_later
from robo_xp_cli.nouns.shared.periods import KINDS, at_of, period_when
from robo_xp_cli.show.results import Column, One, Result, Rows
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

app = noun("period", "Boards of days, weeks and months")

_COLUMNS = (
    Column("kind", "period", kind="id"),
    Column("from", kind="time"),
    Column("to", kind="time"),
    Column("closed"),
    Column("members", kind="number"),
    Column("top"),
)
_SHOWN = 3


@app.verb("list", examples=("robo-xp period list week", "robo-xp period list --json"))
def list_periods(
    run: Run,
    kind: Annotated[
        str | None, argument("KIND", "day, week or month; else all", choices=KINDS)
    ] = None,
) -> Result:
    """List the periods that run, and those that are closed, the newest first.

    Of a closed one the first hundred members are kept for ever.
    """
    run.check_there()
    from robo_xp.views.period import PeriodView

    found = run.robo().periods.list(run.guild_id, kind, store=run.store_id)
    names = people.names_of(run)
    rows = [PeriodView.of(one, names).as_json() for one in found]
    return _rows(run, rows, "nobody has gained anything yet")


@app.verb("show", examples=("robo-xp period show week --at -1", "robo-xp period show month"))
def show(
    run: Run,
    kind: Annotated[str, argument("KIND", "day, week or month", choices=KINDS)],
    at: Annotated[
        Any,
        option("--at", help="-1 for the one before, or a day in it", metavar="-N|DATE",
               parse=period_when),
    ] = None,
) -> Result:  # fmt: skip
    """Show one period and its first members."""
    run.check_there()
    from robo_xp.views.period import PeriodView

    found = run.robo().periods.show(run.guild_id, kind, at_of(at), store=run.store_id)
    data = PeriodView.of(found, people.names_of(run)).as_json()
    state = "it runs" if found.ends_at > time.time() * 1000 else "not closed yet"
    state = "closed" if found.closed else state
    head = [
        (kind, f"{human_time(found.begins_at)} to {human_time(found.ends_at)}, {state}"),
        ("members", thousands(found.members)),
    ]
    table = Rows(("userId", "name", Column("xp", "XP", kind="number")), data["top"])
    return One(data, human=head, table=table if run.for_people else None, id_key="from")


@app.verb("close", changes=True, examples=("robo-xp period close --dry-run",))
def close(run: Run) -> Result:
    """Close the periods that are over: keep their boards, and give their prizes.

    The daemon does so by itself, a minute after each end; after a stop all that are overdue are
    closed in order. Each is a change of its own; undo takes its prizes back.
    """
    run.check_there()
    from robo_xp.views.period import PeriodClosing

    found = run.robo().periods.close(
        run.guild_id, store=run.store_id, reason=run.reason, dry_run=run.dry_run
    )
    names = people.names_of(run)
    rows = [PeriodClosing.of(one, names).as_json() for one in found]
    notes = list(dict.fromkeys(note for one in found for note in xp_told_later(run, one.seq)))
    return replace(_rows(run, rows, "no period is over that is not closed"), notes=notes)


def _rows(run: Run, rows: Sequence[dict[str, Any]], empty: str) -> Rows:
    """The periods; for people with their first members in a line."""
    if run.for_people:
        rows = [{**row, "top": _line(row["top"])} for row in rows]
    return Rows(_COLUMNS, rows, id_key="from", empty=empty)


def _line(top: Sequence[dict[str, Any]]) -> str:
    return first_of(
        [f"{one.get('name', one['userId'])} {thousands(one['xp'])} XP" for one in top], _SHOWN
    )
