"""Import from other bots and files, export to files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import FileMissing, InvalidValue, Refused
from robo_xp.text import counted, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.shared import members as people
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show import lines as render_text
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Pairs, Result, Rows, Text
from robo_xp_cli.show.words import shown

if TYPE_CHECKING:
    from robo_xp.usecases.transfer.formats import Entry, Skipped
    from robo_xp.usecases.transfer.use import Imported, ImportOptions, Keep, Merge

app = noun("", "Members in and out")

KINDS = ("mee6", "csv", "json")
_SAMPLE = 10


@app.verb(
    "import",
    changes=True,
    examples=(
        "robo-xp import mee6 leaderboard.json --dry-run",
        "robo-xp import csv members.csv --merge replace --yes",
        "robo-xp export | robo-xp import json - --store test --yes",
    ),
)
def import_members(
    run: Run,
    kind: Annotated[str, argument("FORMAT", "Kind of the files", choices=KINDS)],
    files: Annotated[list[str], argument("FILE", "Files, or - for stdin", completes="file")],
    merge: Annotated[
        str,
        option("--merge", help="Where a member has XP already", choices=("add", "max", "replace")),
    ] = "max",
    keep: Annotated[
        str,
        option("--keep", help="What is taken over as it is", choices=("xp", "level")),
    ] = "xp",
) -> Result:
    """Read members from another bot's leaderboard, a CSV file, or an export.

    On a terminal the changes are shown before anything is stored. All files are one change, which
    ``undo`` takes back. An entry that cannot be used is skipped and listed with its line (in JSON
    files: its place in the list). If levels are kept, XP are worked out for the curve that holds
    here.

    A CSV file needs a header with userId and xp; level, messages, xpMessages, lastAwardedAt and
    name are read where there are such columns. Settings in an export are not imported.
    """
    entries = [entry for file in files for entry in _entries(run, kind, file, len(files) > 1)]
    transfer = run.robo().transfer
    names = {**people.names_of(run), **_names_in(entries)}
    if not (run.dry_run or run.yes):
        trial = transfer.import_members(
            run.guild_id, entries, **_options(run, merge, keep, dry_run=True)
        )
        _preview(kind, trial, names)
        confirm(run, f"Import this into store {run.store_id} of guild {run.guild_id}?")
    done = transfer.import_members(
        run.guild_id, entries, **_options(run, merge, keep, dry_run=run.dry_run)
    )
    data = {
        "read": done.read,
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "skipped": [_skipped(one) for one in done.skipped],
        "seq": done.seq,
        "dryRun": done.dry_run,
    }
    table = _table(done, names) if done.dry_run and run.for_people else None
    return One(data, human=_summary(done), table=table, id_key="seq", notes=_notes(run, kind, done))


@app.verb(
    "export",
    examples=("robo-xp export > guild.json", "robo-xp export --format csv members.csv --force"),
)
def export(
    run: Run,
    file: Annotated[str, argument("FILE", "Where to, or - for stdout", completes="file")] = "-",
    kind: Annotated[
        str | None,
        option("--format", help="Kind of the file, else json", choices=("json", "csv")),
    ] = None,
    force: Annotated[bool, option("--force", help="Replace FILE if it is there")] = False,
) -> Result:
    """Write the members of a store, for ``import`` or for a spreadsheet."""
    from robo_xp.usecases.transfer.use import EXPORT_COLUMNS

    document = run.robo().transfer.document(run.guild_id, store=run.store_id)
    members = document["members"]
    kind = kind or ("csv" if run.output == "csv" else "json")
    if kind == "csv":
        text = "".join(render_text.csv(EXPORT_COLUMNS, members, clean=render_text.csv_clean))
    else:
        text = _pretty(document)
    if file == "-":
        return Text(text, data=document if kind == "json" else None)
    path = Path(file)
    if path.is_file() and not force:
        raise Refused(f"{path} is there already", advice="add --force to replace it")
    from robo_xp.machine.whole_file import write_whole

    size = write_whole(path, text)
    data = {"file": file, "format": kind, "members": len(members), "bytes": size}
    return One(data, human=f"{counted(len(members), 'member')} written to {file}")


def _options(run: Run, merge: str, keep: str, *, dry_run: bool) -> ImportOptions:
    """The options of the use case; the choices were checked while parsing."""
    how: Merge = "add" if merge == "add" else "replace" if merge == "replace" else "max"
    what: Keep = "level" if keep == "level" else "xp"
    return {
        "merge": how,
        "keep": what,
        "reason": run.reason,
        "store": run.store_id,
        "dry_run": dry_run,
    }


def _names_in(entries: Iterable[Entry | Skipped]) -> dict[str, str]:
    from robo_xp.usecases.transfer.formats import Entry

    return {e.user_id: e.name for e in entries if isinstance(e, Entry) and e.name is not None}


def _entries(run: Run, kind: str, file: str, is_one_of_many: bool) -> list[Entry | Skipped]:
    """The entries of one file; errors name it."""
    from robo_xp.usecases.transfer.formats import entries_of

    name = "stdin" if file == "-" else file
    content = _stdin(run) if file == "-" else _content(file)
    try:
        return entries_of(kind, content, file=name if is_one_of_many else None)
    except InvalidValue as error:
        error.message = f"{name}: {error.message}"
        raise


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except FileNotFoundError:
        raise FileMissing(f"there is no file {file}") from None
    except IsADirectoryError:
        raise InvalidValue(f"{file} is a folder, not a file") from None


def _stdin(run: Run) -> bytes:
    stdin = run.stdin()
    buffer = getattr(stdin, "buffer", None)
    return buffer.read() if buffer is not None else stdin.read().encode()


def _preview(kind: str, trial: Imported, names: Mapping[str, str]) -> None:
    """Show what would change on stderr, where the question is asked."""
    if not (streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stderr)):
        return
    from robo_xp_cli.show.table import pairs, table

    rows = _table(trial, names)
    columns = [column for column in rows.columns if isinstance(column, Column)]
    drawn = pairs(_summary(trial)) + table(columns, rows.rows, title=rows.title)
    streams.tell(drawn.rstrip("\n"))
    for note in _problems(kind, trial):
        streams.tell(shown(note))


def _table(done: Imported, names: Mapping[str, str]) -> Rows:
    """The members whose XP would move most."""
    most = sorted(done.changes, key=lambda change: -abs(change.delta))[:_SAMPLE]
    rows = [
        {
            "userId": change.user_id,
            "name": names.get(change.user_id),
            "oldXp": change.old_xp,
            "newXp": change.new_xp,
            "level": f"{change.old_level} -> {change.new_level}",
        }
        for change in most
    ]
    columns = [
        Column("userId", "member"),
        *([Column("name")] if any(row["name"] for row in rows) else []),
        Column("oldXp", "XP before", "number"),
        Column("newXp", "XP after", "number"),
        Column("level", kind="number"),
    ]
    rest = len(done.changes) - len(rows)
    title = f"the {len(rows)} largest changes; {thousands(rest)} more" if rest else "changes"
    return Rows(columns, rows, title=title, empty="nothing would change")


def _summary(done: Imported) -> Pairs:
    ups = sum(change.leveled_up for change in done.changes)
    downs = sum(change.leveled_down for change in done.changes)
    pairs: list[tuple[str, Any]] = [
        ("entries read", done.read),
        ("members added", done.added),
        ("members changed", done.changed),
        ("unchanged", done.unchanged),
        ("skipped", len(done.skipped)),
        ("levels", f"{thousands(ups)} up, {thousands(downs)} down"),
        ("XP", f"{sum(change.delta for change in done.changes):+,}"),
    ]
    return pairs


def _notes(run: Run, kind: str, done: Imported) -> list[str]:
    notes = _problems(kind, done)
    if not done.read:
        notes.append("the file lists no members")
    if done.seq is not None:
        where = "" if run.store_id == "default" else f" --store {run.store_id}"
        notes.append(f"to take it back: robo-xp undo {done.seq}{where}")
    return notes


def _problems(kind: str, done: Imported) -> list[str]:
    """What a person should know about entries that were left out."""
    notes = [_told(kind, one) for one in done.skipped[:_SAMPLE]]
    if len(done.skipped) > _SAMPLE:
        notes.append(f"and {thousands(len(done.skipped) - _SAMPLE)} more were skipped")
    if done.repeated:
        notes.append(f"{counted(done.repeated, 'entry')} of a member named before; the last counts")
    return notes


def _told(kind: str, one: Skipped) -> str:
    place = f"{'line' if kind == 'csv' else 'entry'} {one.line}"
    return f"skipped {f'{one.file}, ' if one.file else ''}{place}: {one.error}"


def _skipped(one: Skipped) -> dict[str, Any]:
    found: dict[str, Any] = {"line": one.line, "error": one.error}
    return found if one.file is None else {"file": one.file, **found}


def _pretty(document: dict[str, Any]) -> str:
    """The document with one member on each line, so that exports can be compared."""
    head = {key: value for key, value in document.items() if key != "members"}
    start = render_text.json_document(head, indented=True).rstrip().removesuffix("}").rstrip()
    members = "".join(render_text.json_array(document["members"])).replace("\n", "\n  ").rstrip()
    return f'{start},\n  "members": {members}\n}}\n'
