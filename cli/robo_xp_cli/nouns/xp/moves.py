"""``robo-xp xp give``, ``remove`` and ``set``: many members, or who has a role, in one change."""

from __future__ import annotations

from typing import Annotated, TypedDict

from robo_xp.errors import InvalidValue, WrongUsage
from robo_xp.text import count_text
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.shared.daemon_note import xp_told_later
from robo_xp_cli.nouns.xp import views as xp_views
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.run.names import with_ids
from robo_xp_cli.show.results import Column, One, Result, Rows

app = noun("xp", "Give, set and look at XP")

Users = Annotated[
    list[str] | None,
    argument("USER", "Ids, mentions or names; - for stdin", parse=values.users, completes="member"),
]
OfRole = Annotated[
    str | None,
    option(
        "--role",
        help="Who has this role now, as the running daemon sees",
        metavar="ROLE",
        parse=values.role,
        completes="role",
    ),
]
Amount = Annotated[int, argument("AMOUNT", "250, 1_000, 10k; 1 or more", parse=values.amount)]
LEVEL = values.whole(0, 1_000_000)


class How(TypedDict):
    """What every change takes from the shared options."""

    reason: str | None
    store: str
    dry_run: bool


@app.verb(
    "give",
    changes=True,
    examples=(
        "robo-xp xp give 123456789012345678 250 --reason 'won the quiz'",
        "robo-xp xp give @ada @bob 1.5k --dry-run",
        "robo-xp xp give - 100 < winners.txt",
        "robo-xp xp give --role @Helpers 500",
    ),
    minus="to take XP away: robo-xp xp remove {}",
)
def give(run: Run, users: Users = None, *, amount: Amount, role: OfRole = None) -> Result:
    """Add XP to members, who need not have any yet; all together are one change.

    The curve's highest level caps the total.
    """
    return _move_result(run, "give", amount, users, role)


@app.verb(
    "remove",
    changes=True,
    examples=(
        "robo-xp xp remove @ada 100 --reason 'counted twice'",
        "robo-xp xp remove @ada @bob 100 --dry-run",
    ),
    minus="xp remove takes how much to take away, without a minus",
)
def remove(run: Run, users: Users = None, *, amount: Amount, role: OfRole = None) -> Result:
    """Take XP from members, down to 0; all together are one change."""
    return _move_result(run, "remove", amount, users, role)


@app.verb(
    "set",
    changes=True,
    examples=(
        "robo-xp xp set 123456789012345678 12_000",
        "robo-xp xp set @ada @bob --level 10",
    ),
)
def set_total(
    run: Run,
    words: Annotated[
        list[str] | None,
        argument("USER|TOTAL", "Members, - for stdin; the total last", completes="member"),
    ] = None,
    level: Annotated[
        int | None,
        option("--level", help="The XP of this level as the total", metavar="N", parse=LEVEL),
    ] = None,
    role: OfRole = None,
) -> Result:
    """Make the XP of members exactly this much; all together are one change."""
    named = list(words or ())
    last = named.pop() if level is None and named else None
    if (last is None and level is None) or not (named or role):
        raise WrongUsage(
            "missing USER or TOTAL", advice="usage: robo-xp xp set USER... TOTAL, or --level N"
        )
    total = level if level is not None else values.total(last or "")
    users = with_ids(run, {"users": [values.users(word) for word in named]})["users"]
    return _move_result(run, "set" if level is None else "level", total, users, role)


def how(run: Run) -> How:
    """What a change takes from the shared options; a store that begins with it is told of."""
    run.tell_new()
    return {"reason": run.reason, "store": run.store_id, "dry_run": run.dry_run}


def _move_result(
    run: Run, op: str, amount: int, users: list[str] | None, role: str | None
) -> Result:
    """Change the members in one batch; one who was named is shown alone."""
    from robo_xp.views.member import Change, Changes
    from robo_xp_cli.nouns.xp.role_members import role_members

    if users == [] and not role:
        raise InvalidValue("stdin names nobody", advice="write one member on each line")
    if bool(users) == bool(role):
        raise WrongUsage("give either members or --role")
    if op == "remove":
        run.check_spelled()
    found = role_members(run, role, with_record=op == "remove") if role else None
    users = found.user_ids if found else users or []
    moved = run.robo().xp.move(run.guild_id, op, users, amount, **how(run))
    seq = moved[0].seq
    has_level = any(one.new_level != one.old_level for one in moved)
    notes = xp_told_later(run, seq) if has_level else []
    notes += found.notes if found else []
    if again := len(users) - len(moved):
        notes.insert(0, f"{count_text(again, 'member')} named again: each counts once")
    if any(one.capped for one in moved):
        notes.insert(0, "the curve's highest level held the total back")
    if len(moved) == 1 and not role:
        one = Change.of(moved[0], xp_views.name_of(run, moved[0].user_id))
        return One(one.as_json(), human=lambda: xp_views.change_pairs(one), notes=notes)
    names = people.names_of(run)
    changes = [Change.of(one, names) for one in moved]
    data = Changes(changes, seq, run.dry_run).as_json()
    columns = ("userId", Column("name"), "oldXp", "newXp", "oldLevel", "newLevel")
    return One(data, table=Rows(columns, data["changes"]), notes=notes)
