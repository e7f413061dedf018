"""The verbs ``vault check`` and ``vault repair``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import VaultDamaged, VaultUnavailable
from robo_xp.text import count_text, thousands
from robo_xp_cli.framework.declare import Noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.usecases.maintenance import Checked, RepairReport

_MOST_ROWS = 100
_ADVICE = "robo-xp vault repair --dry-run shows what can be kept"
_LOOK_AT_STORES = (
    "a change of several stores (store rename, backup restore) was under way, and may be made in"
    " some of them only: look at 'robo-xp store list' and 'robo-xp history', then run it again"
)
_COLUMNS = ("kind", "file", "byte", "what")
_FOR_PEOPLE = (
    Column("kind", "", "text"),
    Column("file", kind="text"),
    Column("byte", kind="number"),
    Column("what", kind="text"),
)
_REPAIRED_COLUMNS = ("namespace", "result", "kept", "lost")
_REPAIRED_FOR_PEOPLE = (
    Column("namespace", kind="text"),
    Column("result", kind="text"),
    Column("kept", kind="text"),
    Column("lost", "lost batches", "text"),
)
Names = Annotated[
    list[str] | None, argument("NAMESPACE", "Namespaces, else all", completes="namespace")
]


def add_to(app: Noun) -> None:
    """Give the noun these verbs."""
    app.verb("check", examples=("robo-xp vault check", "robo-xp vault check --json"))(check)
    app.verb(
        "repair", changes=True, examples=("robo-xp vault repair --dry-run", "robo-xp vault repair")
    )(repair)


def check(run: Run, names: Names = None) -> Result:
    """Look at every line of every file, and at modes and owners; change nothing.

    Other programs may go on writing meanwhile. The exit code is 6 when anything is damaged;
    warnings leave it at 0.
    """
    from robo_xp.views.vault import Checked as CheckedView

    maintenance = run.robo(to_mend=True).maintenance
    chosen = maintenance.names(names or ())
    with run.progress(len(chosen), "Checking") as progress:
        found = maintenance.check(names or (), step=lambda _: progress.step())
    root = os.path.abspath(run.vault_address) if run.for_people else ""
    rows = _rows(found, root)
    shown = rows[:_MOST_ROWS] if run.for_people else rows
    more = len(rows) - len(shown)
    human = [
        ("folder", run.vault_address),
        *((key, getattr(found, key)) for key in ("namespaces", "batches", "members")),
        ("result", _verdict(found)),
    ]
    columns = _FOR_PEOPLE if run.for_people else _COLUMNS
    return One(
        CheckedView.of(found).as_json(),
        human=human,
        table=Rows(columns, shown, id_key="file", empty="nothing is damaged"),
        id_key="file",
        exit_code=_exit_code(found),
        notes=[
            *([f"{thousands(more)} more; --json shows all of them"] if more else []),
            *([_ADVICE] if found.damaged else []),
        ],
    )


def _rows(found: Checked, root: str) -> list[dict[str, Any]]:
    """All that was found, one row each; files are named from ``root`` on where it is given."""
    kinds = [
        *(("damaged", one.file, one.byte, one.what) for one in found.damaged),
        *(("unread", one.file, None, one.what) for one in found.unread),
        *(("warning", one.file, None, one.what) for one in found.warnings),
    ]
    before = f"{root}{os.sep}" if root else ""
    return [
        {"kind": kind, "file": file.removeprefix(before), "byte": byte, "what": what}
        for kind, file, byte, what in kinds
    ]


def _verdict(found: Checked) -> str:
    """The result in words."""
    if found.damaged:
        return count_text(len(found.damaged), "damaged place")
    if found.unread:
        return f"{len(found.unread)} of them could not be read"
    return "everything is whole"


def _exit_code(found: Checked) -> int:
    """6 for damage, 1 for what could not be read, else 0."""
    if found.damaged:
        return VaultDamaged.exit_code
    return VaultUnavailable.exit_code if found.unread else 0


def repair(
    run: Run,
    names: Names = None,
    salvage: Annotated[
        bool,
        option("--salvage", help="Where nothing else is left, keep even what nothing proves"),
    ] = False,
) -> Result:
    """Cut damage away and keep what can be proved; originals are kept beside.

    Batches after a lost one are kept: they say what each record was, so only what nobody else
    touched falls back to its value before. Without ``--salvage`` a namespace whose snapshot is
    lost stays as it is, unless the archive holds all that is needed.
    """
    from robo_xp.views.vault import Repaired

    maintenance = run.robo(to_mend=True).maintenance
    report = maintenance.repair(names or (), salvage=salvage, dry_run=True)
    if not run.dry_run and _has_work(report):
        confirm(run, _question(report))
        chosen = maintenance.names(names or ())
        with run.progress(len(chosen), "Repairing") as progress:
            report = maintenance.repair(
                names or (),
                salvage=salvage,
                reason=run.reason,
                step=lambda _: progress.step(),
            )
    data = Repaired.of(report, dry_run=run.dry_run).as_json()
    rows = _report_rows(report, dry_run=run.dry_run)
    copies = [path for one in report.files for path in one.copies]
    whole = [path for path in (report.format_copy, report.intent_copy) if path]
    copies += whole if not run.dry_run else []
    columns = _REPAIRED_FOR_PEOPLE if run.for_people else _REPAIRED_COLUMNS
    return One(
        data,
        human=[("repaired", len(rows) - len(report.refused)), ("refused", len(report.refused))],
        table=Rows(columns, rows, id_key="namespace", empty="nothing is damaged"),
        id_key="namespace",
        exit_code=VaultDamaged.exit_code if report.refused else 0,
        notes=[
            *(f"kept {path}" for path in copies),
            *([_LOOK_AT_STORES] if report.intent_copy else []),
        ],
    )


def _has_work(report: RepairReport) -> bool:
    """Whether there is anything that a repair would change."""
    can = [one for one in report.files if not one.refused]
    return bool(can or report.records or report.removed or report.format_copy or report.intent_copy)


def _question(report: RepairReport) -> str:
    """What the operator is asked to agree to."""
    can = [one for one in report.files if not one.refused]
    lost = sum(last - first + 1 for one in can for first, last in one.lost)
    places = len(can) + len({one.namespace for one in report.records})
    batches = f"{count_text(lost, 'batch')} lost" if lost else "no batch is lost"
    return f"Repair {count_text(places, 'namespace')}? Originals are kept beside; {batches}."


def _report_rows(report: RepairReport, *, dry_run: bool) -> list[dict[str, Any]]:
    """The result as rows for people."""
    done = "would repair" if dry_run else "repaired"
    rows: list[dict[str, Any]] = []
    if report.format_copy:
        rows.append(_row("format.json", done, "written anew"))
    if report.intent_copy:
        rows.append(_row("intent.json", done, "set aside"))
    for one in report.files:
        if one.refused:
            rows.append(_row(one.namespace, "refused", one.refused))
        else:
            rows.append(_row(one.namespace, done, one.kept, one.lost))
    rows += [
        _row(one.namespace, "removed" if one.removed else done, one.what) for one in report.records
    ]
    return rows + [_row(path, "leftover removed", "") for path in report.removed]


def _row(name: str, result: str, kept: str, lost: Sequence[tuple[int, int]] = ()) -> dict[str, Any]:
    numbers = (str(first) if first == last else f"{first} to {last}" for first, last in lost)
    return {
        "namespace": name,
        "result": result,
        "kept": kept,
        "lost": ", ".join(numbers) or None,
    }
