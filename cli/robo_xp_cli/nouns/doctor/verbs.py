"""``robo-xp doctor``: everything that an operator would check by hand."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated

from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.doctor import daemon as doctor_daemon
from robo_xp_cli.nouns.doctor import disk as doctor_place
from robo_xp_cli.nouns.doctor import machine as doctor_machine
from robo_xp_cli.nouns.doctor import pictures as doctor_pictures
from robo_xp_cli.nouns.doctor.finding import (
    FAILED,
    OK,
    SKIPPED,
    STATUSES,
    WARNING,
    Finding,
    exit_code_of,
)
from robo_xp_cli.run.context import Run
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Result, Rows, Text
from robo_xp_cli.show.words import encodable, visible_text

app = noun("", "Look whether all is well")

_COLUMNS = ("check", "status", "message", "advice")
_SIGNS = {OK: "✓", WARNING: "!", FAILED: "✗", SKIPPED: "·"}
_ASCII_SIGNS = {OK: "+", WARNING: "!", FAILED: "x", SKIPPED: "."}
_COLORS = {OK: "32", WARNING: "1;33", FAILED: "1;31", SKIPPED: "2"}
_NARROWEST = 40
_WIDEST = 100


@app.verb("doctor", any_config=True, examples=("robo-xp doctor", "robo-xp doctor --full --json"))
def doctor(
    run: Run,
    full: Annotated[
        bool, option("--full", help="Read every line of the vault, like vault check")
    ] = False,
) -> Result:
    """Look at everything that the programs need, and say what to do about what is wrong.

    Configuration, data folder, room on the disk, vault, token (where it is, never what it says),
    daemon, systemd, backups, completion, manual, versions. Nothing is changed. The exit code is
    0 unless a check failed: then 6 for damaged data, else that of the first failed check, such
    as 2 for a wrong configuration, 3 for a missing one, 7 for a token that cannot be read, 1 for
    files that cannot be used. Warnings leave it at 0.
    """
    checks = _checks(full)
    with run.progress(len(checks), "Looking") as progress:
        findings = []
        for check in checks:
            findings.append(check(run))
            progress.step()
    code = exit_code_of(findings)
    if not run.for_people or run.fields:
        return Rows(_COLUMNS, [one.row for one in findings], id_key="check", exit_code=code)
    return Text(_findings_text(findings, color=run.color), trusted=True, exit_code=code)


def _checks(full: bool) -> Sequence[Callable[[Run], Finding]]:
    """All checks, in the order in which one thing rests on another."""
    return (
        doctor_machine.python,
        doctor_machine.packages,
        doctor_machine.clock,
        doctor_place.configuration,
        doctor_daemon.token,  # root may see it, the account that it becomes may not
        doctor_place.folder,
        doctor_place.room,
        partial(doctor_place.vault, full=full),
        doctor_place.backups,
        doctor_daemon.daemon,
        doctor_daemon.waiting_effects,
        doctor_daemon.refused_by_discord,
        doctor_daemon.rewards,
        doctor_machine.unit,
        doctor_machine.completions,
        doctor_machine.manual,
        doctor_pictures.fonts,
    )


def _findings_text(findings: Sequence[Finding], *, color: bool) -> str:
    """The findings for people: a sign, what, and what came of it; advice below."""
    columns = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))
    width = max(len(one.check) for one in findings)
    lines = [line for one in findings for line in _lines(one, width, columns, color)]
    return "\n".join([*lines, "", _summary(findings), ""])


def _lines(one: Finding, width: int, columns: int, color: bool) -> Iterator[str]:
    signs = _SIGNS if streams.is_utf8() else _ASCII_SIGNS
    sign = signs[one.status]
    before = " " * (width + 4)
    room = columns - len(before)
    first, *rest = _folded_lines(one.message, room)
    start = f"{sign} {one.check.ljust(width)}"
    yield f"{_in_color(start, _COLORS[one.status], color)}  {first}"
    yield from (f"{before}{line}" for line in rest)
    if one.advice and one.status != OK:
        arrow = "→ " if streams.is_utf8() else "> "
        first, *rest = _folded_lines(one.advice, room - 2)
        yield f"{before}{_in_color(f'{arrow}{first}', '36', color)}"
        yield from (f"{before}  {_in_color(line, '36', color)}" for line in rest)


def _folded_lines(text: str, room: int) -> list[str]:
    """The text in lines of at most so many characters; words such as paths are broken last."""
    safe = encodable(visible_text(text), streams.encoding())
    return textwrap.wrap(safe, room, break_on_hyphens=False) or [""]


def _summary(findings: Sequence[Finding]) -> str:
    counts = {status: sum(one.status == status for one in findings) for status in STATUSES}
    counted = [
        f"{count} {_status_count(status, count)}" for status, count in counts.items() if count
    ]
    return ", ".join(counted)


def _status_count(status: str, count: int) -> str:
    return "warnings" if status == WARNING and count > 1 else status


def _in_color(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text
