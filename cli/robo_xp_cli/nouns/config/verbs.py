"""``robo-xp config``: the settings of a guild, and the defaults of all guilds."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from robo_xp.errors import InvalidConfig, WrongUsage
from robo_xp.settings.layers import KNOWN_KEYS, get_key
from robo_xp_cli.framework.declare import noun
from robo_xp_cli.framework.options import argument, option
from robo_xp_cli.nouns.config import documents
from robo_xp_cli.nouns.config import typed as config_values
from robo_xp_cli.nouns.curve.views import effect_text
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.show import streams
from robo_xp_cli.show.results import Column, One, Result, Rows, Text

if TYPE_CHECKING:
    from robo_xp.usecases.settings.configure import ConfigChanged, Explained
    from robo_xp_cli.run.context import Run

app = noun("config", "Settings of a guild and their defaults")

_KEYS = f"\n\nThe keys: {', '.join(KNOWN_KEYS)}."

_Key = Annotated[str, argument("KEY", "Dotted key, such as xpRate", completes="setting")]


@app.verb(
    "show",
    help="Show all settings with the layer that each comes from." + _KEYS,
    examples=("robo-xp config show", "robo-xp config show --own --json"),
)
def show(
    run: Run,
    effective: Annotated[bool, option("--effective", help="What holds (the default)")] = False,
    own: Annotated[bool, option("--own", help="Only what was set here itself")] = False,
    is_global: layer.Everywhere = False,
) -> Result:
    """Show all settings."""
    if effective and own:
        raise WrongUsage("--effective and --own contradict each other")
    where = layer.layer_of(run, is_global)
    config = run.robo().config
    read = config.own if own else config.get
    document = read(where.guild_id, store=where.store_id)
    explained = config.explain_all(where.guild_id, store=where.store_id)
    mine = "global" if is_global else "guild"
    rows = [_row(run, one) for one in explained if not own or one.source == mine]
    table = Rows(
        (Column("key", "setting", "id"), "value", Column("source", "set by")),
        rows,
        id_key="key",
        title=f"Settings of {where.name}",
        empty=f"nothing is set for {where.name}",
    )
    return One(document, table=table)


@app.verb("get", examples=("robo-xp config get xpRate",))
def get(run: Run, key: _Key, is_global: layer.Everywhere = False) -> Result:
    """Show one setting and the layer that it comes from."""
    where = layer.layer_of(run, is_global)
    found = run.robo().config.explain(key, where.guild_id, store=where.store_id)
    return One(
        {"key": found.key, "value": found.value, "source": found.source},
        human=[*config_values.read_all(key, found.value), ("set by", found.source)],
        id_key="value",
    )


@app.verb(
    "set",
    changes=True,
    help="Set one setting: JSON or plain text, several values for a list." + _KEYS,
    examples=(
        "robo-xp config set cooldownSeconds 30",
        "robo-xp config set noXpChannelIds 123456789012345678 123456789012345679",
        "robo-xp config set roleRewards 5=123456789012345678 20=123456789012345679",
        "robo-xp config set theme.embedColor '#ff8800' --global",
    ),
)
def set_key(
    run: Run,
    key: _Key,
    words: Annotated[list[str], argument("VALUE", "JSON or plain text; '[]' for an empty list")],
    is_global: layer.Everywhere = False,
) -> Result:
    """Set one setting."""
    where = layer.layer_of(run, is_global)
    value = config_values.typed(key, words)
    changed = run.robo().config.change_key(
        where.guild_id, key, value, **layer.change_options(run, where)
    )
    return _changed(run, where, changed)


@app.verb("unset", changes=True)
def unset(run: Run, key: _Key, is_global: layer.Everywhere = False) -> Result:
    """Let a setting, or a group of them, follow the layer below again."""
    where = layer.layer_of(run, is_global)
    changed = run.robo().config.unset_key(where.guild_id, key, **layer.change_options(run, where))
    return _changed(run, where, changed)


@app.verb("edit", changes=True)
def edit(run: Run, is_global: layer.Everywhere = False) -> Result:
    """Open the settings that are set here in an editor ($VISUAL, $EDITOR), as TOML.

    What is wrong is named, and can be mended at once; what others set meanwhile stays.
    """
    from robo_xp_cli.nouns.config import editor as config_edit

    where = layer.layer_of(run, is_global)
    config = run.robo().config
    editor = config_edit.editor_of(run.environ)
    before = config.own(where.guild_id, store=where.store_id)
    explained = config.explain_all(where.guild_id, store=where.store_id)

    def check(document: Mapping[str, Any]) -> None:
        if faults := config.validate(document):
            raise InvalidConfig(faults)

    after = config_edit.edited(config_edit.page(before, explained, where), check, editor)
    changed = config.rebase(where.guild_id, before, after, **layer.change_options(run, where))
    return _changed(run, where, changed)


@app.verb("export", examples=("robo-xp config export --format toml > settings.toml",))
def export(
    run: Run,
    form: Annotated[str, option("--format", help="Format", choices=("json", "toml"))] = "json",
    is_global: layer.Everywhere = False,
) -> Result:
    """Write the settings that are set here as a document that import reads."""
    where = layer.layer_of(run, is_global)
    own = run.robo().config.own(where.guild_id, store=where.store_id)
    written = documents.as_toml(own) if form == "toml" else documents.as_json(own)
    return Text(written if streams.is_utf8() else documents.in_ascii(written), data=own)


@app.verb(
    "import",
    changes=True,
    examples=("robo-xp config import settings.toml --dry-run",),
)
def import_file(
    run: Run,
    file: Annotated[str, argument("FILE", "JSON or TOML; - for stdin", completes="file")],
    replace: Annotated[
        bool, option("--replace", help="Unset what the document does not say")
    ] = False,
    is_global: layer.Everywhere = False,
) -> Result:
    """Set all settings of a document and keep the others; one fault, and nothing is stored."""
    where = layer.layer_of(run, is_global)
    document = documents.load(run, file)
    changed = run.robo().config.put(
        where.guild_id, document, exact=replace, **layer.change_options(run, where)
    )
    return _changed(run, where, changed)


def _row(run: Run, one: Explained) -> dict[str, Any]:
    """A setting as a row: readable on a terminal, exact in a file."""
    is_read = run.output == "table" and streams.is_terminal(sys.stdout)
    value = config_values.read(one.key, one.value) if is_read else one.value
    return {"key": one.key, "value": value, "source": one.source}


def _changed(run: Run, where: layer.Layer, changed: ConfigChanged) -> Result:
    """What a change of settings did."""
    effect = changed.levels
    data = {
        **where.ids,
        "changed": list(changed.keys),
        "config": changed.effective,
        "levels": {"changed": effect.changed, "up": effect.up, "down": effect.down},
        "seq": changed.seq,
        "dryRun": run.dry_run,
    }
    return One(
        data,
        human=lambda: _told(changed),
        id_key="changed",
        exit_code=layer.exit_code_of(changed),
        notes=layer.notes_of(changed),
    )


def _told(changed: ConfigChanged) -> list[tuple[str, str]] | str:
    if not changed.keys:
        return "nothing changes: it is set like that already"
    told = []
    for key in changed.keys:
        now, before = (
            config_values.read(key, get_key(document, key))
            for document in (changed.effective, changed.before)
        )
        told.append((key, f"{now}  (was {before})" if before != now else now))
    if "levels" in changed.keys:
        told.append(("members", effect_text(changed.levels)))
    return told
