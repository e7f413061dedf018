"""The files of the vault: how large they are, and making them smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import NotFound, Refused, VaultDamaged, VaultUnavailable
from robo_xp.machine.places import daemon_dir
from robo_xp.text import count_text
from robo_xp_cli.daemon_link import process as daemon_process
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.data import vault_check
from robo_xp_cli.run import parse_values as values
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.vault import Namespace
    from robo_xp.views.vault import NamespaceSize

app = noun("vault", "The files of the vault")
vault_check.add_to(app)

_SUMS = ("members", "snapshot_bytes", "journal_bytes", "archive_bytes")
_BYTES = ("snapshotBytes", "journalBytes", "archiveBytes")
_COLUMNS = ("name", "seq", "members", *_BYTES, "generation", "schemaVersion")
_FOR_PEOPLE = (
    Column("name", "namespace", "text"),
    Column("seq", kind="number"),
    Column("members", kind="number"),
    Column("snapshotBytes", "snapshot", "number"),
    Column("journalBytes", "journal", "number"),
)


@app.verb("info", examples=("robo-xp vault info --json",))
def info(run: Run) -> Result:
    """Show where the vault is and how large each of its namespaces is.

    A snapshot holds what a namespace is now, its journal the changes since, the archive older
    changes for history and undo.
    """
    from robo_xp.views.vault import VaultSize, VaultTotals

    vault = run.robo().vault
    found = [_figures(vault.namespace(name)) for name in vault.names()]
    totals = VaultTotals(
        len(found), *(sum(getattr(one, key) or 0 for one in found) for key in _SUMS)
    )
    shown = VaultSize(
        run.vault_address, vault.format, run.settings.durability or "batch", found, totals
    )
    data = shown.as_json()
    rows = data["namespaces"]
    damaged = [one for one in found if one.error]
    human = [
        ("folder", run.vault_address),
        ("format", vault.format),
        ("durability", data["durability"]),
        *(
            (key.removesuffix("Bytes") + "s", count_text(data["totals"][key], "byte"))
            for key in _BYTES
        ),
    ]
    empty = "there is no vault yet; the first change makes it"
    return One(
        data,
        human=human,
        table=Rows(_FOR_PEOPLE if run.for_people else _COLUMNS, rows, id_key="name", empty=empty),
        id_key="name",
        exit_code=VaultDamaged.exit_code if damaged else 0,
        notes=[f"{one.name} is damaged: {one.error}" for one in damaged],
    )


@app.verb(
    "compact",
    changes=True,
    examples=("robo-xp vault compact", "robo-xp vault compact xp/default/123456789012345678"),
)
def compact(
    run: Run,
    names: Annotated[
        list[str] | None, argument("NAMESPACE", "Namespaces, else all", completes="namespace")
    ] = None,
    archive_days: Annotated[
        int | None,
        option(
            "--archive-days",
            help="Keep folded batches for so long (30)",
            metavar="DAYS",
            parse=values.whole(0, 3650),
        ),
    ] = None,
) -> Result:
    """Fold journals into snapshots, which makes opening quicker and the files smaller.

    The vault does it by itself where it pays; nothing is lost, and other programs may go on.
    A namespace that is damaged is named and left alone, and the exit code is 6; it is 1 where
    the disk or a permission alone stood in the way.
    """
    from robo_xp.views.vault import Compacted

    vault = run.robo(archive_days=archive_days).vault
    chosen = [_existing(vault.namespace(name)) for name in dict.fromkeys(names or vault.names())]
    compacted: list[str] = []
    damaged: dict[str, VaultDamaged | VaultUnavailable] = {}
    with run.progress(len(chosen), "Compacting") as progress:
        for namespace in chosen:
            try:
                if _compact(namespace, dry_run=run.dry_run):
                    compacted.append(namespace.name)
            except (VaultDamaged, VaultUnavailable) as error:
                damaged[namespace.name] = error
            progress.step()
    unchanged = len(chosen) - len(compacted) - len(damaged)
    data = Compacted(compacted, unchanged, list(damaged), run.dry_run)
    verb = "would compact" if run.dry_run else "compacted"
    named: list[tuple[str, Any]] = [(verb, compacted[0] if compacted else "nothing")]
    named += [("", name) for name in compacted[1:]]
    human = [*named, ("no need", data.unchanged)]
    return One(
        data.as_json(),
        human=human,
        id_key="compacted",
        exit_code=max((error.exit_code for error in damaged.values()), default=0),
        notes=[f"{name} is left as it is: {error.message}" for name, error in damaged.items()],
    )


@app.verb(
    "move",
    changes=True,
    examples=(
        "robo-xp vault move /var/lib/robo-xp postgresql://db/robo_xp",
        "robo-xp vault move postgresql://db/robo_xp /srv/robo-xp",
    ),
)
def move(
    run: Run,
    source: Annotated[str, argument("SRC", "The vault: a folder or an address")],
    target: Annotated[str, argument("DST", "Where it goes: an empty folder or schema")],
) -> Result:
    """Move a vault from a folder into PostgreSQL, or back.

    Every batch, number and record is kept. Stop the daemon first. The source stays as it was, and
    says where the vault is now.
    """
    from robo_xp.usecases.moving import move_vault
    from robo_xp.views.vault import MovedVault

    folder = daemon_dir(source, run.environ)
    if (holder := daemon_process.there(folder)) is not None:
        raise Refused(
            f"the daemon, process {holder.pid}, works on {source}",
            advice="stop it first: robo-xp daemon stop",
        )
    with run.progress(0, "Moving") as progress:
        moved = move_vault(source, target, dry_run=run.dry_run, step=lambda _: progress.step())
    data = MovedVault(moved.source, moved.target, moved.namespaces, moved.lines, run.dry_run)
    verb = "would move" if run.dry_run else "moved"
    human = [
        (verb, count_text(moved.namespaces, "namespace")),
        ("from", moved.source),
        ("to", moved.target),
        ("batches", moved.lines),
    ]
    note = f'set data_dir = "{moved.address}" in robo-xp.toml'
    return One(data.as_json(), human=human, id_key="target", notes=[] if run.dry_run else [note])


def _figures(namespace: Namespace) -> NamespaceSize:
    """The figures of one namespace; ``error`` where it cannot be read."""
    from robo_xp.vault import name_of
    from robo_xp.views.vault import NamespaceSize

    sizes = namespace.sizes()
    figures: dict[str, Any] = dict.fromkeys(("seq", "members", "generation", "schema_version"))
    try:
        state = namespace.read()
    except VaultDamaged as error:
        figures["error"] = error.message
    else:
        mark = state.mark
        figures |= {
            "seq": state.seq,
            "generation": mark.generation,
            "schema_version": mark.schema,
        }
        if name_of(namespace.name).kind == "xp":
            figures["members"] = len(state.records("users"))
    return NamespaceSize(
        name=namespace.name,
        snapshot_bytes=sizes.snapshot,
        journal_bytes=sizes.journal,
        archive_bytes=sizes.archive,
        **figures,
    )


def _existing(namespace: Namespace) -> Namespace:
    if namespace.exists():
        return namespace
    raise NotFound(
        f"there is no namespace {namespace.name}", advice="see 'robo-xp vault info' for their names"
    )


def _compact(namespace: Namespace, *, dry_run: bool) -> bool:
    """Compact; whether there was, or in a dry run is, anything to fold."""
    if dry_run:
        state = namespace.read()
        return state.seq > state.mark.seq
    return namespace.compact()
