"""``robo-xp service``: the daemon as a service of systemd, of the machine or of one account."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import FileMissing
from robo_xp.machine.whole_file import write_whole
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.daemon import service_system as system
from robo_xp_cli.nouns.daemon.service_units import (
    USUAL_FOLDER,
    Target,
    UnitFile,
    installed_folder,
    is_packaged,
    unit_files,
)
from robo_xp_cli.run.context import confirm
from robo_xp_cli.show.results import Column, One, Result, Rows, Text

if TYPE_CHECKING:
    from robo_xp_cli.run.context import Run

app = noun("service", "The daemon as a service of systemd")

_STARTED = ("robo-xpd.service", "robo-xp-backup.timer", "robo-xp-publish.timer")
_User = Annotated[bool, option("--user", help="A service of this account, without root")]
_Root = Annotated[
    str, option("--root", help="Below this folder, for packages", metavar="DIR", completes="folder")
]
_COLUMNS = (
    Column("file", kind="id"),
    Column("state", kind="text"),
    Column("active", kind="text"),
    Column("enabled", kind="text"),
    Column("folder", kind="text"),
)
_KEYS = ("file", "state", "active", "enabled", "path")


@app.verb(
    "install",
    changes=True,
    examples=(
        "sudo /opt/robo-xp/bin/robo-xp service install",
        "robo-xp service install --user",
        "robo-xp service install --dry-run",
        "robo-xp service install --root build --program /usr/bin/robo-xpd",
    ),
)
def install(
    run: Run,
    user: _User = False,
    root: _Root = "",
    program: Annotated[
        str,
        option("--program", help="The daemon to start, else the one beside this program",
               metavar="FILE", completes="file"),
    ] = "",
) -> Result:  # fmt: skip
    """Write the unit files of systemd, and make the account that the daemon runs under.

    Nothing is started and nothing else is changed: what is left to do is said. Run again after
    an upgrade, it brings the files up to date; own settings belong into drop-ins
    (systemctl edit robo-xpd). With --root the files of a package are written below a folder, and
    systemd is not asked for anything.
    """
    target = Target(user, root, run.environ)
    folder = system.programs_folder(program, target)
    if not run.dry_run:
        system.refuse_others(target)
    files = unit_files(target, folder)
    if is_packaged(target, folder):
        return _left_to_the_package(run, [file for file in files if file.is_ours], target, folder)
    changed = [file for file in files if not file.is_current]
    for file in changed:
        if file.state == "foreign":
            confirm(run, f"{file.path} is there already and not of this program. Replace it?")
    notes = [] if run.dry_run else _write_units(changed, target)
    rows = [_planned_file(file) for file in files]
    return One(
        {"files": rows, "changed": len(changed), "dryRun": run.dry_run},
        human=_as_files(files) if run.dry_run else _plan_text(files),
        table=None if run.for_people else Rows(("path", "change"), rows, id_key="path"),
        id_key="path",
        notes=[*notes, *_next_steps(target, folder, has_changed=bool(changed))],
    )


@app.verb(
    "uninstall",
    changes=True,
    examples=("sudo robo-xp service uninstall", "robo-xp service uninstall --user --yes"),
)
def uninstall(run: Run, user: _User = False, root: _Root = "") -> Result:
    """Stop the daemon and remove the files that install wrote.

    The vault, backups, configuration, token and account stay. Files with the same names that
    came from elsewhere stay too, and so do drop-ins.
    """
    target = Target(user, root, run.environ)
    if not run.dry_run:
        system.refuse_others(target)
    files = unit_files(target, USUAL_FOLDER)
    ours = [file for file in files if file.is_ours]
    kept = [str(file.path) for file in files if file.state == "foreign"]
    if ours:
        confirm(run, "Stop the daemon and remove its unit files?")
    if not run.dry_run:
        _remove_units(ours, target)
    rows = [{"path": str(file.path)} for file in ours]
    done = "would remove" if run.dry_run else "removed"
    return One(
        {"removed": [row["path"] for row in rows], "kept": kept, "dryRun": run.dry_run},
        human="\n".join(f"{done} {row['path']}" for row in rows) or "there was nothing to remove",
        table=None if run.for_people else Rows(("path",), rows, id_key="path"),
        id_key="path",
        notes=[f"{path} is not of this program and stays" for path in kept],
    )


@app.verb("show", examples=("robo-xp service show", "robo-xp service show robo-xpd.service"))
def show(
    run: Run,
    name: Annotated[
        str | None, argument("NAME", "One file, such as robo-xpd.service, to be printed")
    ] = None,
    user: _User = False,
    root: _Root = "",
) -> Result:
    """List the unit files and how they are, or print one as it is installed.

    A file that is not installed is printed as it would be. The state is current, differs (of
    another version, or changed by hand), foreign (not of this program) or missing.
    """
    target = Target(user, root, run.environ)
    here = system.beside_this() if target.is_live else None
    folder = installed_folder(target) or (USUAL_FOLDER if here is None else str(here.parent))
    files = unit_files(target, folder)
    if name is None:
        rows = [_state(file, target) for file in files]
        if run.for_people:
            rows = [{**row, "folder": os.path.dirname(row["path"])} for row in rows]
        return Rows(_COLUMNS if run.for_people else _KEYS, rows, id_key="file")
    wanted = [file for file in files if file.path.name == name]
    if not wanted:
        names = ", ".join(file.path.name for file in files)
        raise FileMissing(f"there is no file {name} among them", advice=f"one of {names}")
    [file] = wanted
    text = file.text if file.found is None else file.found
    return Text(text, data={"path": str(file.path), "state": file.state, "text": text})


def _state(file: UnitFile, target: Target) -> dict[str, Any]:
    """One file as a row; what systemd says of it where systemd runs."""
    name = file.path.name
    asks = name.endswith((".service", ".timer")) and "@" not in name and system.runs(target)
    return {
        "file": name,
        "state": file.state,
        "active": system.systemctl(target, "is-active", name) or None if asks else None,
        "enabled": system.systemctl(target, "is-enabled", name) or None if asks else None,
        "path": str(file.path),
    }


def _planned_file(file: UnitFile) -> dict[str, Any]:
    change = {"missing": "new", "current": "none"}.get(file.state, "replaced")
    return {"path": str(file.path), "change": change, "text": file.text}


def _left_to_the_package(
    run: Run, shadows: Sequence[UnitFile], target: Target, folder: str
) -> Result:
    """Remove the units of an earlier install, which would count before those of the package."""
    if not run.dry_run:
        for file in shadows:
            file.path.unlink(missing_ok=True)
        if shadows and system.runs(target):
            system.systemctl(target, "daemon-reload")
    done = "would be removed" if run.dry_run else "removed"
    rows = [{"path": str(file.path), "change": "removed", "text": ""} for file in shadows]
    told = [f"{file.path} {done}, so that the package's own counts" for file in shadows]
    return One(
        {"files": rows, "changed": len(rows), "dryRun": run.dry_run},
        human="\n".join(told or ["the package has brought the units; nothing is to be written"]),
        table=None if run.for_people else Rows(("path", "change"), rows, id_key="path"),
        id_key="path",
        notes=_next_steps(target, folder, has_changed=bool(shadows)),
    )


def _as_files(files: Sequence[UnitFile]) -> str:
    """The files one below the other, each with its path."""
    return "\n".join(f"# {file.path}\n{file.text}" for file in files)


def _plan_text(files: Sequence[UnitFile]) -> str:
    done = {"missing": "written", "current": "is as it should be"}
    return "\n".join(f"{file.path} {done.get(file.state, 'replaced')}" for file in files)


def _write_units(files: Sequence[UnitFile], target: Target) -> list[str]:
    """Write the files and let systemd know; what could not be done for the operator."""
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file.path, file.text, mode=0o644)
    if not target.is_live:
        return []
    notes = []
    accounts = target.place_of("sysusers.d/robo-xp.conf")
    if not target.for_user and not system.make_account(accounts):
        notes.append(
            "the account was not made; do it with:"
            " useradd --system --user-group --home-dir / --shell /usr/sbin/nologin robo-xp"
        )
    if system.runs(target):
        system.systemctl(target, "daemon-reload")
    return notes


def _remove_units(files: Sequence[UnitFile], target: Target) -> None:
    """Stop what runs, remove the files, and let systemd know."""
    if files and system.runs(target):
        names = {file.path.name for file in files}
        system.systemctl(target, "disable", "--now", *(one for one in _STARTED if one in names))
        for name in sorted(one for one in names if "@" in one):
            system.systemctl(target, "stop", name.replace("@", "@*"))
    for file in files:
        file.path.unlink(missing_ok=True)
    if files and system.runs(target):
        system.systemctl(target, "daemon-reload")


def _next_steps(target: Target, folder: str, *, has_changed: bool) -> list[str]:
    """What is left to do, each step with its command."""
    if not target.is_live:
        return []
    if system.runs(target) and system.systemctl(target, "is-active", "robo-xpd") == "active":
        restart = " ".join(("systemctl", *target.scope, "restart", "robo-xpd"))
        return [f"next: {restart}"] if has_changed else []
    program = shlex.quote(f"{folder}/robo-xp")
    if target.for_user:
        return [
            f"next: the configuration and the token: {program} init",
            "then: systemctl --user enable --now robo-xpd",
            "to have it run while nobody is logged in: loginctl enable-linger",
        ]
    return [
        f"next: the configuration and the token: {program} init --group robo-xp",
        "next: whoever shall use robo-xp: usermod -aG robo-xp NAME",
        "then: systemctl enable --now robo-xpd robo-xp-backup.timer",
        "for pages of public guilds, in /var/cache/robo-xp-pages:"
        " systemctl enable --now robo-xp-publish.timer",
        f"to look: systemctl status robo-xpd; {program} doctor",
    ]
