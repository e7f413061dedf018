"""``robo-xp giveaway``: the verbs about entries."""

from __future__ import annotations

from typing import Annotated

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.giveaway.typed import Id, IdOrOnly, Users, first_lines
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import Column, One, Result, Rows

app = noun("giveaway", "Entries of giveaways")


@app.verb(
    "enter",
    changes=True,
    examples=("robo-xp giveaway enter 01M7YJJ94WC4Q3344FK42H5P8Y - < ids.txt",),
)
def enter(
    run: Run,
    giveaway: Id,
    users: Users,
    roles: Annotated[
        list[str] | None,
        option(
            "--role",
            help="A role that they all hold; may be repeated",
            metavar="ROLE",
            parse=values.role,
            completes="role",
        ),
    ] = None,
    force: Annotated[
        bool, option("--force", help="Enter them whatever the giveaway asks, so that they can win")
    ] = False,
) -> Result:
    """Enter members into a giveaway; all together are one change.

    Without ``--role`` nobody looks at their roles here: the daemon does before the draw. Levels,
    XP, counts and the age of accounts are known here. Who may not enter is listed with the
    reasons, and the exit code is 4.
    """
    from robo_xp.model.draws import Entrant
    from robo_xp.views.giveaway import Entered

    held = None if roles is None else frozenset(roles)
    wanted = [Entrant(user_id, held) for user_id in users]
    done = run.robo().giveaways.enter(
        run.guild_id, giveaway, wanted, force=force, reason=run.reason, dry_run=run.dry_run
    )
    human = [
        ("would enter" if done.dry_run else "entered", done.entered),
        ("had entered already", done.already),
        ("refused", len(done.refused)),
        ("entries", done.entries),
    ]
    refused = [
        f"refused {one.user_id}: {'; '.join(fault.message for fault in one.faults)}"
        for one in done.refused
    ]
    notes = first_lines(refused)
    code = 4 if done.refused else 0
    data = Entered.of(done, id=done.giveaway_id).as_json()
    return One(data, human=human, id_key="id", exit_code=code, notes=notes)


@app.verb(
    "leave",
    changes=True,
    examples=("robo-xp giveaway leave 01M7YJJ94WC4Q3344FK42H5P8Y @ada",),
)
def leave(run: Run, giveaway: Id, users: Users) -> Result:
    """Take members out of an active giveaway; all together are one change."""
    from robo_xp.views.giveaway import Left

    done = run.robo().giveaways.leave(
        run.guild_id,
        giveaway,
        users,
        reason=run.reason,
        dry_run=run.dry_run,
    )
    human = [
        ("would leave" if done.dry_run else "left", done.left),
        ("had not entered", done.absent),
        ("entries", done.entries),
    ]
    return One(Left.of(done, id=done.giveaway_id).as_json(), human=human, id_key="id")


@app.verb("entries", examples=("robo-xp giveaway entries 01M7YJJ94WC4Q3344FK42H5P8Y -o csv",))
def entries(run: Run, giveaway: IdOrOnly = "") -> Result:
    """List the entries of a giveaway."""
    from robo_xp.views.giveaway import Entry

    names = people.names_of(run)
    found = run.robo().giveaways.entries(run.guild_id, giveaway)

    rows = (Entry.of(entry, names).as_json() for entry in found)
    columns: list[Column | str] = [
        "userId",
        Column("weight", kind="number"),
        Column("enteredAt", "entered"),
        Column("number", kind="number"),
    ]
    if any(entry.user_id in names for entry in found):
        columns.insert(1, "name")
    return Rows(columns, rows, empty="nobody has entered yet")
