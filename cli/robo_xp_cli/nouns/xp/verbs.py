"""``robo-xp xp``: repair, show, list and delete the XP of members; ``moves`` changes it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import WrongUsage
from robo_xp.text import count_text, thousands
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.daemon_note import xp_told_later
from robo_xp_cli.nouns.xp import looks
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.nouns.xp.moves import LEVEL, How, Users, app, how
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.views.member import Recalculation


_OPS = ("give", "remove", "set", "delete", "recalc")
_SORTS = ("xp", "messages", "last")
_FOR_A_SCREEN = 100
_A_FEW = 20
_DAY_MS = 86_400_000
_WIDE_ENOUGH = 110
_HIDDEN = Column("hidden")
_COLUMNS = (
    Column("userId"),
    Column("name"),
    Column("xp", "XP", kind="number"),
    Column("level", kind="number"),
    Column("messages", kind="number"),
    Column("xpMessages", "earning XP", kind="number"),
    Column("lastAwardedAt"),
    _HIDDEN,
    Column("voiceSeconds", "seconds in voice", kind="number"),
)

User = Annotated[
    str, argument("USER", "Id, mention or name", parse=values.user, completes="member")
]


@app.verb("recalc", changes=True, examples=("robo-xp xp recalc @ada", "robo-xp xp recalc --all"))
def recalc(
    run: Run,
    users: Users = None,
    everybody: Annotated[bool, option("--all", help="All members of the store")] = False,
) -> Result:
    """Make stored levels what the curve says, and have role rewards looked at again."""
    from robo_xp.views.member import LevelCheck, Recalculation, Recalculations

    _check_choice(users, everybody)
    run.check_there()
    ids = None if everybody else users or []
    found = run.robo().xp.recalc_many(run.guild_id, ids, **how(run))
    seq = found[0].seq if found else None
    if not everybody and len(found) == 1:
        one = Recalculation.of(found[0], xp_views.name_of(run, found[0].user_id))
        return One(one.as_json(), human=lambda: _repair_pairs(one), notes=xp_told_later(run, seq))
    data = Recalculations(
        run.guild_id, run.store_id, seq, run.dry_run, [LevelCheck.of(one) for one in found]
    ).as_json()
    rows = data["results"]
    moved = [row for row in rows if row["reconciled"]]
    shown = moved[:_A_FEW] if run.for_people else rows
    columns = (
        "userId",
        Column("totalXp", "XP", kind="number"),
        Column("oldLevel", kind="number"),
        Column("newLevel", kind="number"),
        Column("reconciled"),
    )
    return One(
        data,
        human=f"{thousands(len(moved))} of {count_text(len(rows), 'level')} corrected",
        table=Rows(columns, shown, empty="all of them were right"),
        notes=[
            *(_left_out(len(shown), len(moved)) if run.for_people else ()),
            *xp_told_later(run, seq),
        ],
    )


@app.verb("show", examples=("robo-xp rank @ada", "robo-xp rank 123456789012345678 --json"))
def show(run: Run, user: User) -> Result:
    """Show a member's level, XP, rank and progress."""
    from robo_xp.views.member import Standing

    run.check_spelled()
    found = run.robo().leaderboard.standing(run.guild_id, user, store=run.store_id)
    shown = Standing.of(found, xp_views.name_of(run, user))
    return One(shown.as_json(), human=lambda: xp_views.standing_pairs(shown))


@app.verb(
    "list",
    examples=(
        "robo-xp xp list --min-level 10 --sort last",
        "robo-xp xp list --inactive 90 --max-level 2 -o ids",
    ),
)
def list_members(
    run: Run,
    min_xp: Annotated[
        int, option("--min-xp", help="At least N XP", metavar="N", parse=values.total)
    ] = 0,
    max_xp: Annotated[
        int | None, option("--max-xp", help="At most N XP", metavar="N", parse=values.total)
    ] = None,
    min_level: Annotated[
        int, option("--min-level", help="At least this level", metavar="N", parse=values.total)
    ] = 0,
    max_level: Annotated[
        int | None, option("--max-level", help="At most this level", metavar="N", parse=LEVEL)
    ] = None,
    name: Annotated[
        str | None,
        option("--name", help="Whose name has this text in it, in whatever case", metavar="TEXT"),
    ] = None,
    inactive: Annotated[
        int | None,
        option(
            "--inactive",
            help="Who earned nothing for so many days",
            metavar="DAYS",
            parse=values.whole(1, 36_500),
        ),
    ] = None,
    hidden: Annotated[bool, option("--hidden", help="Only who is hidden from boards")] = False,
    sort: Annotated[str, option("--sort", help="Most of what first", choices=_SORTS)] = "xp",
    offset: Annotated[
        int,
        option("--offset", help="Leave out the first N", metavar="N", parse=values.total),
    ] = 0,
    limit: Annotated[
        int | None,
        option("--limit", help="At most N members", metavar="N", parse=values.total),
    ] = None,
) -> Result:
    """List the members of a store, also those without XP.

    Without ``--limit`` all are listed; on a terminal the first hundred.
    """
    from robo_xp.usecases.selection import Selection
    from robo_xp.views.member import Member

    run.check_there()
    wanted = _FOR_A_SCREEN if limit is None and run.for_people else limit
    names = people.names_of(run)
    which = Selection(
        min_xp=min_xp,
        min_level=min_level,
        max_level=max_level,
        ids=None if name is None else people.members_called(names, name),
        quiet_for_ms=None if inactive is None else inactive * _DAY_MS,
        hidden=True if hidden else None,
        sort=sort,
        offset=offset,
        limit=wanted,
    )
    if max_xp is not None:
        which = replace(which, max_xp=max_xp)
    found = run.robo().xp.select(run.guild_id, which, store=run.store_id)
    rows = (Member.of(member, names).as_json() for member in found.members)
    is_any_hidden = any(member.hidden for member in found.members)
    return Rows(
        _columns(run, names, with_hidden=is_any_hidden),
        map(_never_blank, rows) if run.for_people else rows,
        empty="no such members",
        notes=_left_out(len(found.members), found.total - offset),
    )


@app.verb("delete", changes=True, examples=("robo-xp xp delete 123456789012345678 --dry-run",))
def delete(
    run: Run,
    users: Users = None,
    everybody: Annotated[bool, option("--all", help="All members of the store")] = False,
) -> Result:
    """Delete the records of members: XP, level and counters. ``undo`` brings them back."""
    from robo_xp.views.member import Deleted

    _check_choice(users, everybody)
    run.check_there()
    xp = run.robo().xp
    ids = users or []

    def carry_out(how: How) -> Any:
        if everybody:
            return xp.delete_all(run.guild_id, **how)
        return xp.delete(run.guild_id, ids, **how)

    trial = carry_out({**how(run), "dry_run": True})
    place = f"store {run.store_id} of guild {run.guild_id}"
    whose = _records(trial.count) if everybody else f"the records of {people.called_all(run, ids)}"
    confirm(run, f"Delete {whose} in {place}?")
    done = trial if run.dry_run else carry_out(how(run))
    data = Deleted(run.guild_id, run.store_id, done.count, done.seq, done.dry_run).as_json()
    word = "would delete" if done.dry_run else "deleted"
    back = [f"to have them back: {xp_views.undo_words(run, done.seq)}"] if done.seq else []
    back += xp_told_later(run, done.seq)
    return One(data, human=f"{word} {_records(done.count)}", id_key="seq", notes=back)


@app.verb(
    "apply",
    changes=True,
    examples=(
        "robo-xp xp apply contest.csv --dry-run",
        "robo-xp xp list -o ids | sed 1iuser | robo-xp xp apply - --op recalc",
    ),
)
def apply(
    run: Run,
    file: Annotated[
        str, argument("FILE", "CSV, JSON Lines or a JSON array, - for stdin", completes="file")
    ],
    op: Annotated[str | None, option("--op", help="For rows that name none", choices=_OPS)] = None,
    keep_going: Annotated[
        bool, option("--keep-going", help="Apply the good rows, report the others")
    ] = False,
    amount: Annotated[
        int | None,
        option("--amount", help="For rows that say none", metavar="N", parse=values.total),
    ] = None,
    once: Annotated[
        str | None,
        option("--once", help="Change nothing in a second run with this key", metavar="KEY"),
    ] = None,
) -> Result:
    """Carry out many changes from a file as one, which ``undo`` takes back as a whole.

    A CSV file starts with a header, JSON Lines have one object a line; the columns are user, op
    (give, remove, set, delete, recalc), amount and reason; --op and --amount are for a file
    without these. userId and xp are understood too, so
    that what xp list and export write can be read back. All rows are looked at first: with a
    bad one every fault is listed with its line, and nothing is changed.
    """
    from robo_xp.usecases.members.rows import Defaults
    from robo_xp_cli.nouns.xp.apply import apply_file

    return apply_file(run, file, Defaults(op, amount), keep_going=keep_going, once=once)


def _repair_pairs(found: Recalculation) -> list[tuple[str, Any]]:
    level = xp_views.level_move(found.old_level, found.new_level)
    return [
        ("member", xp_views.who(found)),
        ("XP", found.total_xp),
        ("level", level if found.reconciled else f"{level}, as it was"),
    ]


def _check_choice(users: list[str] | None, everybody: bool) -> None:
    if everybody == bool(users):
        raise WrongUsage("give either members or --all")


def _columns(run: Run, names: Mapping[str, str], *, with_hidden: bool) -> Sequence[Column]:
    """All columns, or as many as a terminal has room for."""
    if not run.for_people:
        return _COLUMNS
    narrow = shutil.get_terminal_size().columns < _WIDE_ENOUGH
    left_out = {"messages", "xpMessages", "voiceSeconds"} if narrow else set()
    if not names:
        left_out.add("name")
    if not with_hidden:
        left_out.add("hidden")
    return [column for column in _COLUMNS if column.key not in left_out]


def _records(count: int) -> str:
    return "the record of 1 member" if count == 1 else f"the records of {count:,} members"


def _never_blank(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "lastAwardedAt": row["lastAwardedAt"] or None}


def _left_out(shown: int, there: int) -> list[str]:
    if shown >= there:
        return []
    return [f"{thousands(shown)} of {count_text(there, 'member')} shown"]


app.verbs.update(looks.app.verbs)
