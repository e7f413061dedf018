"""``robo-xp member``: who stands on boards."""

from __future__ import annotations

from typing import Annotated

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import One, Result

app = noun("member", "Members as persons: who stands on boards")

Several = Annotated[
    list[str],
    argument("USER", "Ids, mentions or names; - for stdin", parse=values.users, completes="member"),
]


@app.verb(
    "hide",
    changes=True,
    examples=("robo-xp member hide @ada", "robo-xp member hide - < alumni.txt"),
)
def hide(run: Run, users: Several) -> Result:
    """Take members off boards and pages; all together are one change.

    They earn XP and get rewards as ever, and the ranks of the others close up. Members do the
    same for themselves with /privacy.
    """
    return _seen(run, users, hidden=True)


@app.verb("show", changes=True, examples=("robo-xp member show @ada",))
def show(run: Run, users: Several) -> Result:
    """Let hidden members stand on boards and pages again; all together are one change."""
    return _seen(run, users, hidden=False)


def _seen(run: Run, users: list[str], *, hidden: bool) -> Result:
    from robo_xp.text import first_of
    from robo_xp.views.member import Visibility

    run.tell_new()
    done = run.robo().members.hide(
        run.guild_id,
        users,
        hidden=hidden,
        reason=run.reason,
        store=run.store_id,
        dry_run=run.dry_run,
    )
    names = people.names_of(run)
    who = first_of([names.get(user_id, user_id) for user_id in done.changed], 3)
    word = "hidden" if hidden else "shown"
    told = f"{word}: {who}" if done.changed else f"{word} already, so nothing to change"
    return One(Visibility.of(done).as_json(), human=told, id_key="changed")
