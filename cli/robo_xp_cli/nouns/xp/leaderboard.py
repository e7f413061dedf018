"""``robo-xp leaderboard``: pages of the board."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import WrongUsage
from robo_xp.text import counted, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.model import BoardPage

app = noun("", "The leaderboard")

_PER_PAGE = 10
_MOST = 100_000
_WIDE_ENOUGH = 100


@app.verb(
    "leaderboard",
    examples=("robo-xp lb --limit 25", "robo-xp lb --page 3", "robo-xp lb --around @ada"),
)
def leaderboard(
    run: Run,
    page: Annotated[
        int | None,
        option("--page", help="Page, from 1", metavar="N", parse=values.whole(1, 10**9)),
    ] = None,
    limit: Annotated[
        int,
        option("--limit", help="How many entries", metavar="N", parse=values.whole(1, _MOST)),
    ] = _PER_PAGE,
    offset: Annotated[
        int | None,
        option("--offset", help="Leave out the first N entries", metavar="N", parse=values.total),
    ] = None,
    around: Annotated[
        str | None,
        option(
            "--around",
            help="The entries around this member",
            metavar="USER",
            parse=values.user,
            completes="member",
        ),
    ] = None,
) -> Result:
    """Show the members with the most XP."""
    if sum(given is not None for given in (page, offset, around)) > 1:
        raise WrongUsage("--page, --offset and --around exclude each other")
    run.check_there()
    board = run.robo().leaderboard
    if around is not None:
        found = board.around(run.guild_id, around, limit=limit, store=run.store_id)
    else:
        start = offset if offset is not None else ((page or 1) - 1) * limit
        found = board.page(run.guild_id, offset=start, limit=limit, store=run.store_id)
    return _shown(run, found)


def _shown(run: Run, found: BoardPage) -> Result:
    from robo_xp.views.board import BoardCut

    data = BoardCut.of(found, people.names_of(run)).as_json()
    entries = data["entries"]
    empty = "nobody has XP here yet" if not found.total else "no entries"
    table = Rows(_columns(run, entries), _drawn(run, entries), empty=empty)
    return One(data, table=table, notes=_notes(run, found))


def _columns(run: Run, entries: list[dict[str, Any]]) -> list[Column]:
    has_names = not run.for_people or any("name" in entry for entry in entries)
    columns = [
        Column("rank", "#" if run.for_people else "", kind="number"),
        *([Column("name")] if has_names else []),
        Column("userId"),
        Column("xp", "XP", kind="number"),
        Column("level", kind="number"),
    ]
    return [*columns, Column("progress", "to the next level", kind="id")] if _wide(run) else columns


def _drawn(run: Run, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not _wide(run):
        return entries
    curve = run.robo().curves.get(run.guild_id, store=run.store_id).curve
    return [
        {**entry, "progress": xp_views.bar(curve.progress(entry["xp"]).percentage, 16)}
        for entry in entries
    ]


def _wide(run: Run) -> bool:
    wide = shutil.get_terminal_size().columns >= _WIDE_ENOUGH
    return run.for_people and not run.fields and wide


def _notes(run: Run, found: BoardPage) -> list[str]:
    if not found.total:
        return []
    pages = -(-found.total // found.limit)
    if not found.entries:
        return [f"that is beyond the end of {counted(found.total, 'member')} with XP"]
    if not run.for_people or pages == 1:
        return []
    last = found.offset + len(found.entries)
    through = f"{thousands(found.offset + 1)} to {thousands(last)}"
    return [f"{through} of {counted(found.total, 'member')} with XP"]
