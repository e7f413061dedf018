"""``robo-xp config``: a guild as a file. What would change, the change, and the file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.settings.xp import XP
from robo_xp.text import count_text
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.config import documents, typed
from robo_xp_cli.nouns.curve.views import effect_text
from robo_xp_cli.nouns.shared import outlook
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.run.context import Run, confirm
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Result, Rows, Text

if TYPE_CHECKING:
    from robo_xp.usecases.settings.guild_file import Applied, Difference
    from robo_xp.usecases.settings.layered import ChangeOptions

app = noun("config", "A guild as a file")

_DIFFERS = 1
_GIVEAWAYS = "giveaways."
_COLUMNS = (Column("key", "setting", "id"), Column("old"), Column("new"))

File = Annotated[str, argument("FILE", "JSON or TOML; - for stdin", completes="file")]
Prune = Annotated[bool, option("--prune", help="Also unset what the file does not say")]


@app.verb(
    "diff",
    examples=(
        "robo-xp config diff guild.toml",
        "robo-xp config diff guild.toml --prune --exit-code -q",
    ),
)
def diff(
    run: Run,
    file: File,
    prune: Prune = False,
    exit_code: Annotated[
        bool, option("--exit-code", help="Exit with 1 where something differs")
    ] = False,
) -> Result:
    """Show what applying a file would change: a row for each setting."""
    from robo_xp.views.settings import Difference

    run.check_spelled()
    found = run.robo().guild_file.differences(
        run.guild_id, documents.load(run, file), prune=prune, store=run.store_id
    )
    code = _DIFFERS if found and exit_code else 0
    if run.for_people:
        return _difference_rows(found, exit_code=code)
    rows = [Difference.of(one).as_json() for one in found]
    return Rows(_COLUMNS, rows, id_key="key", exit_code=code)


@app.verb(
    "apply",
    changes=True,
    examples=(
        "robo-xp config apply guild.toml --dry-run",
        "robo-xp config apply guild.toml --prune --yes --reason 'as in our repository'",
    ),
)
def apply(run: Run, file: File, prune: Prune = False) -> Result:
    """Make a guild's own settings what a file says, curve, rewards and giveaways included.

    All of it is checked before anything is changed; what the file does not say stays, unless
    ``--prune`` is given. ``config export --all`` writes such a file.
    """
    from robo_xp.views.settings import AppliedFile

    document = documents.load(run, file)
    own = run.robo().config.own(run.guild_id, store=run.store_id)
    outlook.refuse_dangerous_in(run, run.guild_id, document, own)
    how = layer.change_options(run, layer.layer_of(run, False))
    trial = _apply(run, document, prune, {**how, "dry_run": True})
    if trial.differences:
        levels = f"; {effect_text(trial.levels)}" if trial.levels.changed else ""
        settings = count_text(len(trial.differences), "setting")
        confirm(run, f"Change {settings} of guild {run.guild_id}{levels}?")
    done = trial if run.dry_run else _apply(run, document, prune, how)
    data = AppliedFile.of(done, guild_id=run.guild_id, store_id=run.store_id).as_json()
    human = (
        _outcome_line(done) if done.differences else "nothing changes: it is set like that already"
    )
    return One(
        data,
        human=human,
        table=_difference_rows(done.differences),
        notes=[*_back(run, done), *_doubts(run, done)],
    )


@app.verb(
    "export",
    examples=(
        "robo-xp config export --all --format toml > guild.toml",
        "robo-xp config export --all --into guild.toml",
        "robo-xp config export --global",
    ),
)
def export(
    run: Run,
    everything: Annotated[
        bool, option("--all", help="With the settings of giveaways: a guild as a file")
    ] = False,
    form: Annotated[str, option("--format", help="Format", choices=("json", "toml"))] = "json",
    is_global: layer.Everywhere = False,
    into: Annotated[
        str | None,
        option(
            "--into",
            help="A file to bring up to date; comments of TOML stay",
            metavar="FILE",
            completes="file",
        ),
    ] = None,
) -> Result:
    """Write the settings that are set here as a document that import and apply read.

    ``--into`` changes only the values in FILE that are other ones here, and keeps its comments and
    its order; the ending of its name says whether it is JSON or TOML.
    """
    where, robo = layer.layer_of(run, is_global), run.robo()
    is_whole = everything and where.guild_id is not None
    if is_whole:
        own = robo.guild_file.document(run.guild_id, store=run.store_id)
    else:
        own = robo.config.own(where.guild_id, **where.store)
    if into is not None:
        return _brought_up(Path(into), own)
    written = documents.as_toml(_leaves(own)) if form == "toml" else documents.as_json(own)
    return Text(written if streams.is_utf8() else documents.in_ascii(written), data=own)


def _brought_up(path: Path, own: dict[str, Any]) -> Result:
    """Make the file say what is set, and say whether it did already."""
    from robo_xp.machine.whole_file import write_whole

    text = documents.text_of(path) if path.exists() else ""
    if path.suffix.lower() == ".json":
        written = documents.as_json(own)
    else:
        written = documents.edited_toml(text, own) if text else documents.as_toml(_leaves(own))
    is_changed = written != text
    if is_changed:
        write_whole(path, written.encode())
    human = f"{path} {'was brought up to date' if is_changed else 'is up to date'}"
    return One({"file": str(path), "changed": is_changed}, human=human, id_key="file")


def _apply(run: Run, document: Mapping[str, Any], prune: bool, how: ChangeOptions) -> Applied:
    return run.robo().guild_file.apply(run.guild_id, document, prune=prune, **how)


def _leaves(own: dict[str, Any]) -> dict[str, Any]:
    """The values by dotted key, those of giveaways last."""
    from robo_xp.settings.giveaway import GIVEAWAY

    giveaways = own.get("giveaways", {})
    config = {key: value for key, value in own.items() if key != "giveaways"}
    return {**XP.leaves_of(config), **GIVEAWAY.leaves_of(giveaways, _GIVEAWAYS)}


def _difference_rows(found: Sequence[Difference], *, exit_code: int = 0) -> Rows:
    """The differences for people."""
    rows = [
        {"key": one.key, "old": _read(one.key, one.old), "new": _read(one.key, one.new)}
        for one in found
    ]
    return Rows(_COLUMNS, rows, id_key="key", empty="nothing differs", exit_code=exit_code)


def _read(key: str, value: Any) -> str:
    from msgspec import UNSET

    from robo_xp.settings.giveaway import GIVEAWAY

    if value is UNSET:
        return "not set"
    if key.startswith(_GIVEAWAYS):
        return typed.read(GIVEAWAY.kind_of(key.removeprefix(_GIVEAWAYS)), value)
    return typed.read(XP.kind_of(key), value)


def _outcome_line(done: Applied) -> str:
    settings = count_text(len(done.differences), "setting")
    return f"{settings} {'would be changed' if done.dry_run else 'changed'}"


def _doubts(run: Run, done: Applied) -> list[str]:
    """What Discord would refuse of it, as far as a running daemon can tell."""
    if run.store_id != "default":
        return []
    return outlook.setting_doubts(
        run, (one.key for one in done.differences), run.robo().config.get(run.guild_id)
    )


def _back(run: Run, done: Applied) -> list[str]:
    """The command that takes it back."""
    if done.seq is None:
        return []
    store = "" if run.store_id == "default" else f" --store {run.store_id}"
    return [f"to take it back: robo-xp undo {done.seq}{store}"]
