"""``robo-xp leaderboard``: pages of the board."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import WrongUsage
from robo_xp.rules.period import HAND
from robo_xp.text import count_text, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.periods import KINDS, at_of, period_when
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import Column, One, Result, Rows
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.model import BoardPage
    from robo_xp.views.period import PeriodSpan

app = noun("", "The leaderboard")

_PER_PAGE = 10
_MOST = 100_000
_WIDE_ENOUGH = 100


@app.verb(
    "leaderboard",
    examples=(
        "robo-xp lb --limit 25",
        "robo-xp lb --around @ada",
        "robo-xp lb --period week --at -1",
    ),
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
    period: Annotated[
        str | None,
        option("--period", help="What was gained in a day, week or month", choices=KINDS),
    ] = None,
    at: Annotated[
        Any,
        option(
            "--at",
            help="Which period: -1 for the one before, or a day in it",
            metavar="-N|DATE",
            parse=period_when,
        ),
    ] = None,
    since: Annotated[
        int | None,
        option("--since", help="What was gained since then", metavar="WHEN", parse=values.when),
    ] = None,
) -> Result:
    """Show the members with the most XP, of all time or of a day, week or month."""
    if sum(given is not None for given in (page, offset, around)) > 1:
        raise WrongUsage("--page, --offset and --around exclude each other")
    if (period is not None and since is not None) or (at is not None and period is None):
        raise WrongUsage("give --since, or --period with or without --at")
    run.check_there()
    if period is not None or since is not None:
        start = offset if offset is not None else ((page or 1) - 1) * limit
        return _of_period(run, (period, at, since), (start, limit, around))
    board = run.robo().leaderboard
    if around is not None:
        found = board.around(run.guild_id, around, limit=limit, store=run.store_id)
    else:
        start = offset if offset is not None else ((page or 1) - 1) * limit
        found = board.page(run.guild_id, offset=start, limit=limit, store=run.store_id)
    return _board_result(run, found)


def _of_period(
    run: Run, which: tuple[str | None, Any, int | None], part: tuple[int, int, str | None]
) -> Result:
    """The board of a day, week or month, or since an instant."""
    from robo_xp.usecases.periods.use import Cut
    from robo_xp.views.period import PeriodSpan

    (kind, at, since), periods, cut = which, run.robo().periods, Cut(*part)
    if kind is not None:
        found = periods.board(run.guild_id, kind, at_of(at), cut, store=run.store_id)
    else:
        found = periods.board_since(run.guild_id, since or 0, cut, store=run.store_id)
    notes = []
    if since is not None and found.period.begins_at > since:
        notes = [f"the history reaches back to {human_time(found.period.begins_at)} only"]
    counts = run.robo().config.get(run.guild_id, store=run.store_id)["periods"]["count"]
    if not found.board.total and HAND not in counts:
        notes.append("XP given by hand do not count here (periods.count)")
    return _board_result(run, found.board, PeriodSpan.of(found.period), notes)


def _board_result(
    run: Run, found: BoardPage, period: PeriodSpan | None = None, notes: Sequence[str] = ()
) -> Result:
    from robo_xp.views.board import BoardCut

    more = {} if period is None else {"period": period}
    data = BoardCut.of(found, people.names_of(run), **more).as_json()
    entries = data["entries"]
    empty = "nobody has XP here yet" if period is None else "nobody gained XP in that time"
    empty = "no entries" if found.total else empty
    table = Rows(_columns(run, entries, period), _board_rows(run, entries, period), empty=empty)
    return One(data, table=table, notes=[*notes, *_notes(run, found)])


def _columns(run: Run, entries: list[dict[str, Any]], period: PeriodSpan | None) -> list[Column]:
    has_names = not run.for_people or any("name" in entry for entry in entries)
    columns = [
        Column("rank", "#" if run.for_people else "", kind="number"),
        *([Column("name")] if has_names else []),
        Column("userId"),
        Column("xp", "XP", kind="number"),
        Column("level", kind="number"),
    ]
    if period is not None or not _wide(run):
        return columns
    return [*columns, Column("progress", "to the next level", kind="id")]


def _board_rows(
    run: Run, entries: list[dict[str, Any]], period: PeriodSpan | None
) -> list[dict[str, Any]]:
    if period is not None or not _wide(run):
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
        return [f"that is beyond the end of {count_text(found.total, 'member')} with XP"]
    if not run.for_people or pages == 1:
        return []
    last = found.offset + len(found.entries)
    through = f"{thousands(found.offset + 1)} to {thousands(last)}"
    return [f"{through} of {count_text(found.total, 'member')} with XP"]
