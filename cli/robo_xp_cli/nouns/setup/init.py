"""``robo-xp init``: a configuration file, and folders with the right modes."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from robo_xp.errors import RoboXPError
from robo_xp.machine import config_file as settings_file
from robo_xp.machine.places import is_in_database
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import option
from robo_xp_cli.nouns.setup import init_next, init_questions, init_steps
from robo_xp_cli.nouns.setup.init_file import Answers
from robo_xp_cli.nouns.setup.init_steps import KEPT, Step
from robo_xp_cli.run.context import Run
from robo_xp_cli.show.results import Column, One, Result, Rows

app = noun("", "Set up")

_COLUMNS = ("what", "path", "mode", "result")
_FOR_PEOPLE = (
    Column("what", "", "text"),
    Column("path", kind="text"),
    Column("mode", kind="id"),
    Column("result", kind="text"),
)


@app.verb(
    "init",
    changes=True,
    any_config=True,
    keeps_root=True,
    examples=(
        "robo-xp init",
        "robo-xp init --yes --data-dir /srv/xp --guild 123456789012345678",
        "robo-xp init --token-file /etc/robo-xp/token --read-token < token",
    ),
)
def init(
    run: Run,
    group: Annotated[
        str,
        option("--group", help="Share data and the daemon with this group", metavar="NAME"),
    ] = "",
    token_file: Annotated[
        str,
        option("--token-file", help="Where the bot's token is", metavar="FILE", completes="file"),
    ] = "",
    read_token: Annotated[
        bool, option("--read-token", help="Read the token from stdin and store it there")
    ] = False,
    force: Annotated[
        bool,
        option("--force", help="Replace files; the configuration is copied first"),
    ] = False,
) -> Result:
    """Write a configuration file, and make the folders with the right modes.

    At a terminal it asks for what is not there yet; with ``--yes``, and without a terminal, the
    options and the defaults count. The file is that of ``--config``, else the one in use, else
    root's in ``/etc/robo-xp`` or your own. The data folder is for its owner alone (0700), or for
    a group (2770), which may also talk to the daemon. Running it again adds what is asked for and
    not there yet; a file that says otherwise is not overwritten (exit code 4).
    """
    run.begin_once()
    path = _config_path(run)
    asked = _asked_answers(run, token_file, group)
    wanted = _wanted_answers(run, path, asked)
    token = init_questions.read_token() if read_token else ""
    is_new = force or not path.exists()
    is_asked = is_new or not wanted.token_file
    if is_asked and not run.yes and not read_token and init_questions.is_possible():
        offered = "" if wanted.group or not is_new else init_next.group_of_service(path)
        questions = init_questions.Questions(path.parent, offered, is_new=is_new)
        wanted, token = questions.asked_for(wanted)
        asked = replace(asked, group=wanted.group) if offered else asked
        if not is_new:  # what is asked for comes to what the file says
            asked = replace(asked, guild=wanted.guild, token_file=wanted.token_file)
    if token and not wanted.token_file:
        wanted = replace(wanted, token_file=str(path.parent / "token"))
        asked = replace(asked, token_file=wanted.token_file)
    steps = _steps(path, wanted, asked, token=token, force=force)
    if not run.dry_run:
        for step in steps:
            step.act()
    return _init_result(run, path, wanted, steps)


def _config_path(run: Run) -> Path:
    """The configuration file that is in use, else the one that this account would get."""
    if run.named_config:
        return Path(run.named_config).expanduser().absolute()
    found = settings_file.find("")
    if found is not None:
        return found
    return settings_file.SYSTEM_FILE if os.geteuid() == 0 else settings_file.user_file()


def _asked_answers(run: Run, token_file: str, group: str) -> Answers:
    """What was asked for by options and environment."""
    data_dir = run.given.get("data_dir") or run.environ.get("ROBO_XP_DATA_DIR", "")
    has_guild = run.given.get("guild") or run.environ.get("ROBO_XP_GUILD")
    has_store = run.given.get("store") or run.environ.get("ROBO_XP_STORE")
    return Answers(
        data_dir=init_questions.as_place(data_dir) if data_dir else "",
        guild=run.guild_id if has_guild else "",
        store=run.store_id if has_store else "",
        token_file=str(Path(token_file).expanduser().absolute()) if token_file else "",
        group=group,
    )


def _wanted_answers(run: Run, path: Path, asked: Answers) -> Answers:
    """What the file shall say: what was asked for, else what it says now, else the defaults."""
    token_file, group = "", ""
    if path.exists():
        with suppress(RoboXPError):
            token_file = settings_file.load_daemon(path)[1].token_file
            group = settings_file.load_rest(path).socket_group
    return Answers(
        data_dir=init_questions.as_place(run.vault_address),
        guild=asked.guild or run.settings.guild,
        store=asked.store or run.settings.store,
        token_file=asked.token_file or token_file,
        group=asked.group or group,
    )


def _steps(path: Path, wanted: Answers, asked: Answers, *, token: str, force: bool) -> list[Step]:
    """All that is to be done, looked at before any of it is."""
    group_id = init_steps.group_id_of(asked.group) if asked.group else None
    is_private = not wanted.group and not init_next.is_of_system(path)
    mode = init_steps.PRIVATE if group_id is None else init_steps.SHARED
    steps = [
        init_steps.folder_step(
            "folder", path.parent, mode=0o700 if is_private else 0o755, opens=bool(asked.group)
        ),
        init_steps.file_step(path, wanted, asked=asked, force=force),
    ]
    if not is_in_database(wanted.data_dir):
        folder = Path(wanted.data_dir)
        steps.append(init_steps.folder_step("data folder", folder, mode=mode, group_id=group_id))
    if token:
        place = Path(wanted.token_file)
        if place.parent != path.parent:
            steps.append(init_steps.folder_step("folder", place.parent, mode=init_steps.PRIVATE))
        steps.append(init_steps.token_step(place, token, force=force))
    return steps


def _init_result(run: Run, path: Path, wanted: Answers, steps: list[Step]) -> One:
    rows: list[dict[str, Any]] = [
        {
            "what": step.what,
            "path": str(step.path),
            "mode": f"{step.mode:04o}",
            "result": step.result,
        }
        for step in steps
    ]
    next_steps = init_next.steps(path, wanted, is_done=not run.dry_run)
    data = {
        "config": str(path),
        "dataDir": wanted.data_dir,
        "steps": rows,
        "next": next_steps,
        "dryRun": run.dry_run,
    }
    columns = _FOR_PEOPLE if run.for_people else _COLUMNS
    notes = [f"next: {line}" for line in next_steps]
    if all(step.result == KEPT for step in steps):
        notes.insert(0, _found_text(path, wanted))
    return One(data, table=Rows(columns, rows, id_key="path"), id_key="config", notes=notes)


def _found_text(path: Path, wanted: Answers) -> str:
    """What a run that had nothing to do found, and how to have it otherwise."""
    guild = f"guild {wanted.guild}" if wanted.guild else "no guild of its own"
    token = f"the token in {wanted.token_file}" if wanted.token_file else "no token"
    return (
        f"all of it is there already: {guild}, {token}; to change that edit {path}, "
        "or robo-xp init --force asks anew"
    )
