"""What was changed, and taking one change back."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from robo_xp.errors import BatchNotFound, InvalidAmount, Refused, WrongUsage
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared.daemon_note import told_later
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import Column, One, Record, Result, Rows
from robo_xp_cli.show.words import human_time, quoted

app = noun("", "What was changed")

_MANY = 1_000_000_000
_LAST, _SHOW = "last", "show"
_COLUMNS = (
    Column("seq", kind="number"),
    Column("ts", "when"),
    Column("by"),
    Column("cmd", "command"),
    Column("members", kind="number"),
    Column("delta", "XP", kind="number"),
    Column("undoneBy", "undone by", kind="number"),
    Column("reason"),
    Column("what"),
)
_FOR_PEOPLE = (*_COLUMNS[:3], *_COLUMNS[4:6], Column("what"))
_CHANGES = (Column("kind"), Column("userId", "what"), Column("old"), Column("new"))

Giveaways = Annotated[bool, option("--giveaways", help="Of the guild's giveaways")]
Global = Annotated[bool, option("--global", help="Of the global defaults")]
_SEQ = values.whole(1, _MANY)


def _seq_or_last(text: str) -> str:
    """The number of a change in plain digits, or the word for the last one."""
    try:
        return _LAST if text == _LAST else str(_SEQ(text))
    except InvalidAmount:
        raise InvalidAmount(
            f"{quoted(text)} is not the number of a change",
            advice="see 'robo-xp history' for the numbers; 'robo-xp undo last' takes the newest",
        ) from None


def _show_word(text: str) -> str:
    """The word ``show``; WrongUsage, with the command that was meant, for anything else."""
    if text == _SHOW:
        return text
    advice = f"to see that change: robo-xp history show {text}" if text.isdecimal() else ""
    raise WrongUsage(
        f"{quoted(text)} is no word of history",
        advice=advice or "robo-xp history show SEQ shows one change; see --help for the filters",
    )


@app.verb(
    "history",
    examples=(
        "robo-xp history --since 2d --by alice",
        "robo-xp history --user 123456789012345678 --awards",
        "robo-xp history show 42",
    ),
)
def history(
    run: Run,
    show: Annotated[
        str | None,
        argument(
            "show", "With a number: all that one change did", parse=_show_word, choices=(_SHOW,)
        ),
    ] = None,
    seq: Annotated[int | None, argument("SEQ", "Number of the change to show", parse=_SEQ)] = None,
    limit: Annotated[
        int, option("--limit", help="How many", metavar="N", parse=values.whole(1, _MANY))
    ] = 20,
    user: Annotated[
        str | None,
        option(
            "--user",
            help="Only what touched this member, and its part in it",
            metavar="USER",
            parse=values.user,
            completes="member",
        ),
    ] = None,
    since: Annotated[
        int,
        option(
            "--since",
            help="Only from then on: 2h, 2026-05-01, 'sat 18:00'",
            metavar="WHEN",
            parse=values.when,
        ),
    ] = 0,
    until: Annotated[
        int | None,
        option("--until", help="Only before then", metavar="WHEN", parse=values.when),
    ] = None,
    by: Annotated[
        str | None,
        option("--by", help="Only by this actor: cli:alice, or alice", metavar="ACTOR"),
    ] = None,
    cmd: Annotated[
        str | None,
        option("--cmd", help="Only of this command: 'xp give', or xp", metavar="CMD"),
    ] = None,
    awards: Annotated[bool, option("--awards", help="Also awards for messages")] = False,
    giveaways: Giveaways = False,
    globally: Global = False,
) -> Result:
    """Show what was changed, by whom, the newest first; with ``show SEQ`` all of one change.

    Each line is one change that ``undo`` takes back by its number, whatever it touched.
    """
    from robo_xp.usecases.history.history import WhichBatches
    from robo_xp.views.history import HistoryRow

    namespace = namespace_of(run, giveaways, globally)
    if show is not None:
        if seq is None:
            raise WrongUsage("history show needs the number of a change, as history lists it")
        return _one_change(run, namespace, seq)
    which = WhichBatches(
        user_id=user,
        awards=awards,
        since=since,
        until=until,
        by=by,
        cmd=cmd,
    )
    found = islice(run.robo().history.rows(namespace, which), limit)
    rows = (HistoryRow.of(row).as_json() for row in found)
    empty = "no such change" if which != WhichBatches() else "nothing was changed yet"
    if run.for_people and not run.fields:
        told = ({**row, "what": _what(row)} for row in rows)
        return Rows(_FOR_PEOPLE, told, id_key="seq", empty=empty)
    return Rows(_COLUMNS, rows, id_key="seq", empty=empty)


def _one_change(run: Run, namespace: str, seq: int) -> Result:
    """One batch, and below it a row for each of its changes."""
    from robo_xp.views.history import ShownBatch

    found = run.robo().history.show(namespace, seq)
    data = ShownBatch.of(found, changes=list(run.along(found.changes))).as_json()
    human = [
        ("change", seq),
        ("when", human_time(data["ts"])),
        ("by", data["by"]),
        ("command", data["cmd"]),
        ("what", data["what"]),
    ]
    human += [(label, data[key]) for key, label in _MORE.items() if data[key] is not None]
    rows = (
        [_told_change(change) for change in run.along(data["changes"])] if run.for_people else None
    )
    columns = (
        _CHANGES if rows is not None else ("kind", "userId", "key", "giveawayId", "old", "new")
    )
    table = Rows(columns, data["changes"] if rows is None else rows, empty="it changed nothing")
    return One(data, human=human, table=table, id_key="seq")


_TIMES = ("from", "until", "ts")
_MORE = {"reason": "reason", "undoes": "takes back", "undoneBy": "undone by"}


def _told_change(change: Record) -> Record:
    """A change as a row for people: what it is about in one cell, values short."""
    about = [change.get(key) for key in ("giveawayId", "table", "key", "id")]
    about.append(change.get("name", change.get("userId")))
    what = " ".join(str(one) for one in about if one is not None)
    old, new = (_told_value(str(change.get("key", "")), change[image]) for image in ("old", "new"))
    return {"kind": change["kind"], "userId": what, "old": old, "new": new}


def _told_value(key: str, value: Any) -> Any:
    """A value with its times as people read them."""
    if isinstance(value, dict):
        return {inner: _told_value(inner, one) for inner, one in value.items()}
    is_time = key in _TIMES or key.endswith(("At", "_at"))
    return human_time(value) if is_time and type(value) is int else value


@app.verb(
    "undo",
    changes=True,
    examples=(
        "robo-xp undo 42 --dry-run",
        "robo-xp undo last --yes",
        "robo-xp undo 42 --reason 'wrong file'",
    ),
)
def undo(
    run: Run,
    seq: Annotated[
        str | None,
        argument("SEQ", "Number of the change in history, or last", parse=_seq_or_last),
    ] = None,
    giveaways: Giveaways = False,
    globally: Global = False,
) -> Result:
    """Take one change back.

    XP move back by what the change moved them, so what members gained since stays; deleted
    members come back; settings get their earlier values. An undo is a change of its own, and can
    be undone. Where a later change makes it unclear what to go back to, it is refused and named.
    ``last`` is the newest change that was not undone; without a number, it is named and asked
    about.
    """
    from robo_xp.views.history import Undone

    namespace = namespace_of(run, giveaways, globally)
    is_last = seq is None or seq == _LAST
    asked = _last(run, namespace, is_asked=seq is None) if is_last else int(seq or 0)
    history = run.robo().history
    try:
        done = history.undo(namespace, asked, reason=run.reason, dry_run=run.dry_run)
    except Refused as error:
        row = history.undoable_before(namespace, asked) if is_last else None
        if row is None:
            raise
        where = _where(run, giveaways, globally)
        earlier = f"the change before it: robo-xp undo {row.seq}{where} ({row.cmd}: {row.what})"
        error.advice = "; ".join(filter(None, (error.advice, earlier)))
        raise
    human: list[tuple[str, Any]] = [
        ("would undo" if done.dry_run else "undone", f"{done.undone} ({done.cmd})"),
        *([("members", done.members), ("XP moved", done.delta)] if done.members else []),
        *([] if done.dry_run else [("as change", done.seq)]),
    ]
    notes = [
        f"levels in store {one.store_id} of guild {one.guild_id} are behind: {one.error.message}"
        for one in done.behind
    ]
    notes += [
        f"{'would be' if done.dry_run else 'was'} undone with it: change {number} of {_said(name)}"
        for name, number in done.beside.items()
    ]
    if done.seq is not None:
        notes.append(f"to have it again: robo-xp undo {done.seq}{_where(run, giveaways, globally)}")
    notes += told_later(run, namespace, done.seq)
    return One(Undone.of(done).as_json(), human=human, id_key="seq", notes=notes)


def _last(run: Run, namespace: str, *, is_asked: bool) -> int:
    """The number of the newest change that still stands, agreed to where it was not named."""
    row = run.robo().history.last(namespace)
    if row is None:
        raise BatchNotFound("there is no change left to undo", advice="see 'robo-xp history'")
    if is_asked:
        confirm(run, f"Undo {row.seq} ({row.cmd} by {row.by}: {row.what})?")
    return row.seq


def _what(row: Record) -> str:
    """Command, what it did and why in one cell: it is the only one that may fold."""
    of = f" of {row['undoes']}" if row["undoes"] else ""
    why = f" ({row['reason']})" if row["reason"] else ""
    gone = f" (undone by {row['undoneBy']})" if row["undoneBy"] else ""
    return f"{row['cmd']}{of}: {row['what']}{why}{gone}"


def namespace_of(run: Run, giveaways: bool, globally: bool) -> str:
    """The namespace that the options mean."""
    from robo_xp.vault import GLOBAL, giveaways_name, xp_name

    if giveaways and globally:
        raise WrongUsage("--giveaways and --global contradict each other")
    if globally:
        return GLOBAL
    if giveaways:
        run.check_spelled(of_store=False)
        return giveaways_name(run.guild_id)
    run.check_there()
    return xp_name(run.store_id, run.guild_id)


def _said(namespace: str) -> str:
    """What a namespace is, in words."""
    from robo_xp.vault import name_of

    name = name_of(namespace)
    return f"store {name.store_id}" if name.kind == "xp" else "the giveaways"


def _where(run: Run, giveaways: bool, globally: bool) -> str:
    """The options that lead to the same namespace again."""
    if giveaways or globally:
        return " --global" if globally else " --giveaways"
    return "" if run.store_id == "default" else f" --store {run.store_id}"
