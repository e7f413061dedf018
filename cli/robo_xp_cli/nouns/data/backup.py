"""Backups: one file of everything, made while other programs write, and back again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.text import counted, thousands
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import Column, One, Result, Rows
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.vault import BackupRow, Restored, RestoredNamespace

app = noun("backup", "One file of everything")

_LIST_COLUMNS = ("file", "createdAt", "size", "namespaces", "batches", "whole", "what")
_LIST_FOR_PEOPLE = (
    Column("file", kind="id"),
    Column("createdAt", "created"),
    Column("size", "bytes", "number"),
    Column("whole", kind="text"),
)
_RESTORED_COLUMNS = ("namespace", "fromSeq", "ts", "seq", "late")
_RESTORED_FOR_PEOPLE = (
    Column("namespace", kind="text"),
    Column("fromSeq", "as of batch", "number"),
    Column("ts", "made", "time"),
)


@app.verb("create", examples=("robo-xp backup create", "robo-xp backup create /mnt/nas/"))
def create(
    run: Run,
    file: Annotated[
        str | None, argument("FILE", "A new file, or a folder for it", completes="file")
    ] = None,
) -> Result:
    """Write one consistent file of everything while other programs go on.

    Without ``FILE`` it goes into a folder beside the data folder, which has its name and
    ``-backups`` behind it. Each namespace is kept as it stood between two of its batches; the
    archive is in it too, so ``restore --at`` works. Only its owner can read the file.
    """
    robo = run.robo()
    with run.progress(len(robo.vault.names()), "Backing up") as progress:
        made = robo.maintenance.create_backup(file, step=lambda _: progress.step())
    data = {
        "file": made.path,
        "size": made.size,
        "namespaces": len(made.manifest.namespaces),
        "batches": sum(one.seq for one in made.manifest.namespaces.values()),
        "startedAt": made.manifest.started_at,
        "createdAt": made.manifest.finished_at,
    }
    human = [
        ("file", made.path),
        ("size", f"{thousands(made.size)} bytes"),
        ("namespaces", data["namespaces"]),
        ("created", human_time(made.manifest.finished_at)),
    ]
    return One(data, human=human, id_key="file")


@app.verb("list", examples=("robo-xp backup list", "robo-xp backup list /mnt/nas --json"))
def list_backups(
    run: Run,
    folder: Annotated[
        str | None, argument("DIR", "Folder, else the usual one", completes="folder")
    ] = None,
) -> Result:
    """List the backups in a folder, oldest first, and whether each is whole.

    Each file is read to its end, so one that was cut short shows.
    """
    maintenance = run.robo(to_mend=True).maintenance
    found = maintenance.backups(folder)
    place = folder or maintenance.backups_folder
    return Rows(
        _LIST_FOR_PEOPLE if run.for_people else _LIST_COLUMNS,
        [_row(row, run) for row in found],
        id_key="file",
        title=place if found else "",
        empty=f"there are no backups in {place}",
        notes=[f"{row.path}: {row.fault}" for row in found if row.fault],
    )


def _row(row: BackupRow, run: Run) -> dict[str, Any]:
    """One backup as a row; people get its name only, the folder stands in the title."""
    manifest = None if row.backup is None else row.backup.manifest
    stood = {} if manifest is None else manifest.namespaces
    return {
        "file": os.path.basename(row.path) if run.for_people else row.path,
        "createdAt": None if manifest is None else manifest.finished_at,
        "size": row.size,
        "namespaces": None if manifest is None else len(stood),
        "batches": None if manifest is None else sum(one.seq for one in stood.values()),
        "whole": manifest is not None,
        "what": row.fault or None,
    }


@app.verb(
    "restore",
    changes=True,
    examples=(
        "robo-xp backup restore robo-xp-20260501T030000Z.tar.gz",
        "robo-xp backup restore --at 2h",
        "robo-xp --data-dir /tmp/look backup restore /var/lib/robo-xp --at 2026-05-01T18:30",
    ),
)
def restore(
    run: Run,
    source: Annotated[
        str | None, argument("FILE", "A backup, or another data folder", completes="file")
    ] = None,
    at: Annotated[
        int | None,
        option(
            "--at",
            help="As of this time, or 2h for two hours ago",
            metavar="TIME",
            parse=values.when,
        ),
    ] = None,
) -> Result:
    """Put a backup, or an earlier moment, in the place of everything in the data folder.

    With only ``--at`` the data folder goes back in its own past, as far as its archive reaches.
    All is unpacked, checked and opened before anything is replaced; what is replaced stays in
    the data folder, in a folder ``before-…``. The daemon need not stop: it goes on from there.
    """
    maintenance = run.robo(to_mend=True).maintenance
    confirm(run, f"Replace everything in {run.vault_address} by {_what(source, at)}?")
    with run.progress(None, "Restoring") as progress:
        done = maintenance.restore(
            source,
            at=at,
            reason=run.reason,
            dry_run=run.dry_run,
            step=lambda _: progress.step(),
        )
    rows = [_restored_row(one) for one in done.namespaces]
    data = {
        "file": None if source is None else os.path.abspath(source),
        "at": at,
        "namespaces": rows,
        "kept": done.kept,
        "dryRun": run.dry_run,
    }
    human = [
        ("would restore" if run.dry_run else "restored", counted(len(rows), "namespace")),
        *([("as of", human_time(at))] if at is not None else []),
        *([("kept", done.kept)] if done.kept else []),
    ]
    columns = _RESTORED_FOR_PEOPLE if run.for_people else _RESTORED_COLUMNS
    return One(
        data,
        human=human,
        table=Rows(columns, rows, id_key="namespace", empty="there was nothing to restore"),
        id_key="namespace",
        notes=_notes(done),
    )


def _what(source: str | None, at: int | None) -> str:
    """What the data folder is to hold, in words."""
    moment = "" if at is None else f" as of {human_time(at)}"
    return f"its own state{moment}" if source is None else f"{source}{moment}"


def _restored_row(one: RestoredNamespace) -> dict[str, Any]:
    return {
        "namespace": one.name,
        "fromSeq": one.from_seq,
        "ts": one.ts,
        "seq": one.seq,
        "late": one.late,
    }


def _notes(done: Restored) -> list[str]:
    """What an operator should know about the result."""
    notes = [
        f"{one.name} is empty now: there was nothing of it"
        for one in done.namespaces
        if one.from_seq is None
    ]
    notes += [
        f"{one.name}: the clock ran backwards; {one.late} batches carry a later time"
        for one in done.namespaces
        if one.late
    ]
    return notes
