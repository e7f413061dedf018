"""Backups: one file of everything, made while other programs write, and back again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from robo_xp.errors import InvalidValue, VaultDamaged
from robo_xp.text import count_text, first_of
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Result, Rows
from robo_xp_cli.show.words import human_time

if TYPE_CHECKING:
    from robo_xp.usecases.backups import RestoredVault

app = noun("backup", "One file of everything")

_LIST_COLUMNS = ("file", "createdAt", "size", "namespaces", "batches", "whole", "what")
_LIST_FOR_PEOPLE = (
    Column("file", kind="id"),
    Column("createdAt", "created"),
    Column("size", "bytes", "number"),
    Column("whole", kind="text"),
)
_FEW = 5
_INSIDE = (
    Column("guildId", "guild", "id"),
    Column("stores"),
    Column("members", kind="number"),
    Column("giveaways", kind="number"),
)
_RESTORED_COLUMNS = ("namespace", "fromSeq", "ts", "seq", "late")
_RESTORED_FOR_PEOPLE = (
    Column("namespace", kind="text"),
    Column("fromSeq", "as of batch", "number"),
    Column("ts", "made", "time"),
)


@app.verb(
    "create",
    examples=(
        "robo-xp backup create",
        "robo-xp backup create --keep 14",
        "robo-xp backup create /mnt/nas/",
    ),
)
def create(
    run: Run,
    file: Annotated[
        str | None, argument("FILE", "A new file, or a folder for it", completes="file")
    ] = None,
    keep: Annotated[
        int | None,
        option(
            "--keep",
            help="Remove all but the newest N in the folder",
            metavar="N",
            parse=values.whole(1, 100_000),
        ),
    ] = None,
) -> Result:
    """Write one consistent file of everything while other programs go on.

    Without ``FILE`` it goes into a folder beside the data folder, which has its name and
    ``-backups`` behind it. Each namespace is kept as it stood between two of its batches; the
    archive is in it too, so ``restore --at`` works. Only its owner can read the file.
    Of a namespace that is damaged or cannot be read the files are kept as they are, as far as they
    can be; it is named, and the exit code is 6.
    ``--keep`` counts whole backups that have their name from the time, and removes nothing for
    one that holds damage, nor the last one that has something.
    """
    from robo_xp.views.vault import Backup

    if keep is not None and file is not None:
        if not (file.endswith(os.sep) or os.path.isdir(file)):
            raise InvalidValue(
                "--keep is for backups that get their names from the time",
                advice="give a folder, or leave FILE out",
            )
    robo = run.robo()
    with run.progress(len(robo.vault.names()), "Backing up") as progress:
        made = robo.maintenance.create_backup(file, step=lambda _: progress.step())
    thinned = None if keep is None else robo.maintenance.thin_out(made, keep)
    removed, stay = ((), ()) if thinned is None else (thinned.removed, thinned.stay)
    shown = Backup.of(made, removed=removed)
    human = [
        ("file", shown.file),
        ("size", count_text(shown.size, "byte")),
        ("namespaces", shown.namespaces),
        ("created", human_time(shown.created_at)),
        *([("removed", count_text(len(removed), "older backup"))] if removed else []),
    ]
    damaged = made.manifest.damaged
    if run.quiet and not damaged:
        return None
    return One(
        shown.as_json(),
        human=human,
        id_key="file",
        exit_code=VaultDamaged.exit_code if damaged else 0,
        notes=[
            f"{name} is kept as it is, as far as its files can be read: {what}"
            for name, what in damaged.items()
        ]
        + [
            f"{path} stays: no newer backup has {first_of(names, _FEW)} as it is there"
            for path, names in stay
        ]
        + _place_doubts(run, made.path),
    )


def _place_doubts(run: Run, path: str) -> list[str]:
    """A word about a backup that would be lost with what it is a copy of."""
    if run.is_in_database or not Path(path).resolve().is_relative_to(run.data_dir.resolve()):
        return []
    return ["careful: it lies inside the data folder, and would be lost with it; move it elsewhere"]


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


@app.verb("show", examples=("robo-xp backup show latest", "robo-xp backup show FILE --json"))
def show(
    run: Run,
    file: Annotated[
        str, argument("FILE", "A backup, a name of the list, or latest", completes="file")
    ],
) -> Result:
    """Show what is in a backup: when it was made, its guilds, their stores and members."""
    from robo_xp.views.vault import BackupInside

    maintenance = run.robo(to_mend=True).maintenance
    path = maintenance.backup_path(file)
    with run.progress(None, "Reading") as progress:
        found = maintenance.look_inside(path, step=lambda _: progress.step())
    data = BackupInside.of(found).as_json()
    human = [
        ("file", data["file"]),
        ("created", human_time(data["createdAt"])),
        ("namespaces", data["namespaces"]),
        ("guilds", len(data["guilds"])),
        ("members", data["members"]),
    ]
    rows = [
        {**guild, "stores": [store["storeId"] for store in guild["stores"]]}
        for guild in data["guilds"]
    ]
    return One(
        data,
        human=human,
        table=Rows(_INSIDE, rows, id_key="guildId", empty="it holds no guild"),
        id_key="guildId",
        exit_code=VaultDamaged.exit_code if data["damaged"] else 0,
        notes=[
            f"{name} was damaged or unreadable when the backup was made" for name in data["damaged"]
        ],
    )


@app.verb(
    "restore",
    changes=True,
    examples=(
        "robo-xp backup restore latest",
        "robo-xp backup restore latest -g 123456789012345678",
        "robo-xp backup restore --at 2h",
        "robo-xp --data-dir /tmp/look backup restore /var/lib/robo-xp --at 2026-05-01T18:30",
    ),
)
def restore(
    run: Run,
    source: Annotated[
        str | None,
        argument(
            "FILE", "A backup, a name of the list, latest, or a data folder", completes="file"
        ),
    ] = None,
    at: Annotated[
        int | None,
        option(
            "--at",
            help="As of this time, or 2h for two hours ago",
            metavar="WHEN",
            parse=values.machine_time,
        ),
    ] = None,
    reopen: Annotated[
        bool, option("--reopen-giveaways", help="Let giveaways that are over open again")
    ] = False,
) -> Result:
    """Put a backup, or an earlier moment, in the place of what is in the data folder.

    Everything, or with ``-g`` one guild, with ``-s`` one store of it. With only ``--at`` the
    data folder goes back in its own past, as far as its archive reaches.
    All is unpacked, checked and opened before anything is replaced; what is replaced stays in
    the data folder, in a folder ``before-…``. The daemon need not stop: it goes on from there.
    Giveaways that are over stay over; one that opens again is marked, and ``verify`` tells.
    """
    from robo_xp.views.vault import Restored as RestoredView

    maintenance = run.robo(to_mend=True).maintenance
    guild_id, store_id, part = _part(run)
    file = None if source is None else maintenance.backup_path(source)
    question = f"Replace {part} in {run.vault_address} by {_what(file, at)}"
    with run.progress(None, "Restoring") as progress:

        def agree(planned: RestoredVault) -> None:
            for line in () if run.quiet else _of_giveaways(planned):
                streams.tell(line)
            confirm(run, f"{question}{_emptied_note(planned)}?")

        done = maintenance.restore(
            file,
            at=at,
            guild_id=guild_id,
            store=store_id,
            reopen_giveaways=reopen,
            reason=run.reason,
            dry_run=run.dry_run,
            agree=agree,
            step=lambda _: progress.step(),
        )
    data = RestoredView.of(done, file=file, at=at, dry_run=run.dry_run).as_json()
    rows = data["namespaces"]
    human = [
        ("would restore" if run.dry_run else "restored", count_text(len(rows), "namespace")),
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


def _part(run: Run) -> tuple[str, str, str]:
    """The guild and store that were typed, empty for all, and what that is in words.

    Not those of the environment or the configuration: a disaster asks for everything.
    """
    if run.given.get("store"):
        part = f"store {run.store_id} of guild {run.guild_id}"
        return run.guild_id, run.store_id, part
    if run.given.get("guild"):
        return run.guild_id, "", f"all of guild {run.guild_id}"
    return "", "", "everything"


def _what(source: str | None, at: int | None) -> str:
    """What the data folder is to hold, in words."""
    moment = "" if at is None else f" as of {human_time(at)}"
    return f"its own state{moment}" if source is None else f"{source}{moment}"


def _emptied_note(planned: RestoredVault) -> str:
    """What the question says of what is there now and was not then."""
    names = [one.name for one in planned.namespaces if one.from_seq is None]
    return f", which empties {first_of(names, _FEW)}" if names else ""


def _of_giveaways(planned: RestoredVault) -> Iterator[str]:
    """What becomes of the giveaways that are over, counted and named."""
    for is_reopened, what in (
        (False, "over since then, and stays over (--reopen-giveaways opens it again)"),
        (True, "over since then, and opens again; a second draw will be marked as such"),
    ):
        found = [one for one in planned.giveaways if one.reopened is is_reopened]
        if found:
            named = first_of([f"{one.prize} ({one.id})" for one in found], _FEW)
            yield f"{count_text(len(found), 'giveaway')} {what}: {named}"


def _notes(done: RestoredVault) -> list[str]:
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
        f"{name} is damaged in what was restored from, so it stays as it is here"
        for name in done.damaged
    ]
    return notes
