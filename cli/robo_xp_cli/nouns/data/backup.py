"""Backups: one file of everything, made while other programs write, and back again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

from robo_xp.errors import VaultDamaged
from robo_xp.text import counted
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import Column, One, Result, Rows
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.vault import Restored

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
    The files of a damaged namespace are kept as they are and named, and the exit code is 6.
    """
    from robo_xp.views.vault import Backup

    robo = run.robo()
    with run.progress(len(robo.vault.names()), "Backing up") as progress:
        made = robo.maintenance.create_backup(file, step=lambda _: progress.step())
    shown = Backup.of(made)
    human = [
        ("file", shown.file),
        ("size", counted(shown.size, "byte")),
        ("namespaces", shown.namespaces),
        ("created", human_time(shown.created_at)),
    ]
    damaged = made.manifest.damaged
    return One(
        shown.as_json(),
        human=human,
        id_key="file",
        exit_code=VaultDamaged.exit_code if damaged else 0,
        notes=[
            f"{name} is damaged, so its files are kept as they are: {what}"
            for name, what in damaged.items()
        ],
    )


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
    from robo_xp.views.vault import BackupRow

    maintenance = run.robo(to_mend=True).maintenance
    found = maintenance.backups(folder)
    place = folder or maintenance.backups_folder
    rows = [BackupRow.of(row).as_json() for row in found]
    if run.for_people:  # the folder stands in the title
        rows = [{**row, "file": os.path.basename(row["file"])} for row in rows]
    return Rows(
        _LIST_FOR_PEOPLE if run.for_people else _LIST_COLUMNS,
        rows,
        id_key="file",
        title=place if found else "",
        empty=f"there are no backups in {place}",
        notes=[f"{row.path}: {row.fault}" for row in found if row.fault],
    )


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
    from robo_xp.views.vault import Restored as RestoredView

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
    file = None if source is None else os.path.abspath(source)
    data = RestoredView.of(done, file=file, at=at, dry_run=run.dry_run).as_json()
    rows = data["namespaces"]
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
        exit_code=VaultDamaged.exit_code if done.damaged else 0,
        notes=_notes(done),
    )


def _what(source: str | None, at: int | None) -> str:
    """What the data folder is to hold, in words."""
    moment = "" if at is None else f" as of {human_time(at)}"
    return f"its own state{moment}" if source is None else f"{source}{moment}"


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
    notes += [
        f"{name} was damaged when the backup was made, so it stays as it is here"
        for name in done.damaged
    ]
    return notes
