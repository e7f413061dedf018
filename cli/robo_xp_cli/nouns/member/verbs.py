"""``robo-xp member``: who stands on boards, and what is kept about a person."""

from __future__ import annotations

from typing import Annotated, Any

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import One, Result

app = noun("member", "Members as persons: boards, personal data")

Several = Annotated[
    list[str],
    argument("USER", "Ids, mentions or names; - for stdin", parse=values.users, completes="member"),
]
User = Annotated[
    str, argument("USER", "Id, mention or name", parse=values.user, completes="member")
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


@app.verb("export", examples=("robo-xp member export @ada >ada.json",))
def export(run: Run, user: User) -> Result:
    """Write everything that is kept about one person in all stores of a guild, as one JSON object.

    Records, names, entries of giveaways, what waits for Discord, and what the kept history says.
    """
    import json

    from robo_xp.views.member import PersonalData

    data = PersonalData.of(run.robo().members.export(run.guild_id, user)).as_json()
    return One(data, human=json.dumps(data, indent=2, ensure_ascii=False), id_key="userId")


@app.verb(
    "erase",
    changes=True,
    examples=("robo-xp member erase @ada --dry-run", "robo-xp member erase @ada --yes"),
)
def erase(run: Run, user: User) -> Result:
    """Erase a person from all stores, giveaways and names of a guild, for good.

    Giveaways that are over keep a pseudonym, so their draws can still be verified. Lines of the
    past keep the id until the next 'vault compact', and backups for as long as they are kept;
    those that still have it are named.
    """
    from robo_xp.views.member import Erased

    members = run.robo().members
    trial = members.erase(run.guild_id, user, store=run.store_id, dry_run=True)
    confirm(run, f"Erase all about member {user} in guild {run.guild_id}? Nothing undoes it.")
    done = trial
    if not run.dry_run:
        done = members.erase(run.guild_id, user, reason=run.reason, store=run.store_id)
    notes = [] if run.dry_run else ["the past still has the id until 'robo-xp vault compact'"]
    notes += [f"still in {path}" for path in done.backups]
    return One(Erased.of(done).as_json(), human=lambda: _erased(done), notes=notes)


def _erased(done: Any) -> list[tuple[str, Any]]:
    counts = done.erased
    return [
        ("records", counts.records),
        ("names", counts.names),
        ("entries", counts.entries),
        ("periods", counts.periods),
        ("stands there since", done.pseudonym),
    ]


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
