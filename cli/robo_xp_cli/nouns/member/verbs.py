"""``robo-xp member``: who stands on boards, and what is kept about a person."""

from __future__ import annotations

from typing import Annotated, Any

from robo_xp.errors import WrongUsage
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.member import decay
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.nouns.xp.views import undo_words
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import Column, One, Result, Rows

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
    return _hidden_result(run, users, hidden=True)


@app.verb("show", changes=True, examples=("robo-xp member show @ada",))
def show(run: Run, users: Several) -> Result:
    """Let hidden members stand on boards and pages again; all together are one change."""
    return _hidden_result(run, users, hidden=False)


_DAYS = values.whole(0, 36_500)


@app.verb(
    "prune",
    changes=True,
    examples=(
        "robo-xp member prune --inactive 365 --dry-run",
        "robo-xp member prune --left 30 - <gone.txt",
    ),
)
def prune(
    run: Run,
    users: Annotated[
        list[str] | None,
        argument(
            "USER",
            "With --left: members who left, - for stdin",
            parse=values.users,
            completes="member",
        ),
    ] = None,
    left: Annotated[
        int | None,
        option("--left", help="Who left at least so long ago", metavar="DAYS", parse=_DAYS),
    ] = None,
    inactive: Annotated[
        int | None,
        option("--inactive", help="Who earned nothing for so long", metavar="DAYS", parse=_DAYS),
    ] = None,
    below: Annotated[
        int | None,
        option("--below", help="Who has less XP than this", metavar="XP", parse=values.amount),
    ] = None,
) -> Result:
    """Delete the records of members who left, are quiet or have next to nothing, as one change.

    Who left is known from the daemon where it has the members intent, and from the members given
    here, who count for as long as they have earned nothing. ``undo`` brings all of them back.
    """
    from robo_xp.text import count_text, thousands
    from robo_xp.usecases.persons.pruning import Which
    from robo_xp.views.member import Pruned

    if sum(one is not None for one in (left, inactive, below)) != 1:
        raise WrongUsage("give one of --left, --inactive and --below")
    which = Which(left, inactive, below, ids=users or ())
    run.check_there()
    members = run.robo().members
    trial = members.prune(run.guild_id, which, store=run.store_id, dry_run=True)
    said = f"{count_text(trial.pruned, 'record')} with {thousands(trial.xp)} XP"
    if trial.pruned:
        confirm(run, f"Delete {said} from store {run.store_id} of guild {run.guild_id}?")
    done = trial
    if not run.dry_run:
        done = members.prune(run.guild_id, which, reason=run.reason, store=run.store_id)
    data = Pruned.of(done, people.names_of(run)).as_json()
    columns = (Column("userId"), Column("name"), Column("xp", "XP", kind="number"),
               Column("lastAwardedAt"))  # fmt: skip
    rows = [{**row, "lastAwardedAt": row["lastAwardedAt"] or None} for row in data["sample"]]
    more = done.pruned if done.pruned > len(rows) else 0
    word = "would delete" if done.dry_run else "deleted"
    return One(
        data,
        human=f"{word} {count_text(done.pruned, 'record')} with {thousands(done.xp)} XP",
        table=Rows(columns, rows, empty="", first_of=more),
        notes=[f"to have them back: {undo_words(run, done.seq)}"] if done.seq else [],
    )


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
    who = people.called_all(run, [user])
    confirm(run, f"Erase all about member {who} in guild {run.guild_id}? Nothing undoes it.")
    done = trial
    if not run.dry_run:
        done = members.erase(run.guild_id, user, reason=run.reason, store=run.store_id)
    notes = [] if run.dry_run else ["the past still has the id until 'robo-xp vault compact'"]
    notes += [f"still in {path}" for path in done.backups]
    return One(Erased.of(done).as_json(), human=lambda: _erasure_pairs(done), notes=notes)


def _erasure_pairs(done: Any) -> list[tuple[str, Any]]:
    counts = done.erased
    return [
        ("records", counts.records),
        ("names", counts.names),
        ("entries", counts.entries),
        ("periods", counts.periods),
        ("stands there since", done.pseudonym),
    ]


def _hidden_result(run: Run, users: list[str], *, hidden: bool) -> Result:
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


app.verbs.update(decay.app.verbs)
