"""What is shown of settings: as they hold, what they mean, and what a change did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from robo_xp.settings.table import Table
from robo_xp.text import thousands
from robo_xp_cli.nouns.config import typed
from robo_xp_cli.nouns.curve.views import effect_text
from robo_xp_cli.nouns.shared import outlook
from robo_xp_cli.nouns.shared import settings_layer as layer
from robo_xp_cli.nouns.shared.naming import KINDS, Namer
from robo_xp_cli.show.results import Column, One, Result, Rows

if TYPE_CHECKING:
    from robo_xp.settings.kinds import Kind
    from robo_xp.usecases.settings.layered import ConfigChanged as Changed
    from robo_xp.usecases.settings.layered import Explained
    from robo_xp_cli.run.context import Run


def settings(run: Run, explained: Sequence[Explained], where: layer.Layer) -> Rows:
    """A row for each setting: readable on a terminal, exact in a file."""
    from robo_xp.views.settings import Setting

    called = called_in(run, where)
    rows = [
        Setting(
            one.key,
            typed.read(one.kind, _holding(one), called) if run.for_people else one.value,
            one.source,
        ).as_json()
        for one in explained
    ]
    return Rows(
        (Column("key", "setting", "id"), "value", Column("source", "set by")),
        rows,
        id_key="key",
        title=f"Settings of {where.name}",
        empty=f"nothing is set for {where.name}",
    )


def meanings(run: Run, fields: Table, explained: Sequence[Explained], where: layer.Layer) -> Rows:
    """What each setting means, as a row."""
    from robo_xp.views.settings import Meaning

    rows = [meaning(fields, one) for one in explained]
    if not run.for_people:
        return Rows(Meaning.__struct_encode_fields__, rows, id_key="key")
    called = called_in(run, where)
    shown = [
        {
            "key": one.key,
            "value": typed.read(one.kind, _holding(one), called),
            "range": range_text(one.kind, row["unit"]),
            "help": row["help"],
        }
        for one, row in zip(explained, rows, strict=True)
    ]
    columns = (
        Column("key", "setting", "id"),
        "value",
        Column("range", "what it takes"),
        Column("help", "what it does"),
    )
    return Rows(columns, shown, id_key="key", empty="nothing is set here")


def _holding(one: Explained) -> Any:
    """The value that counts: where none is set, what stands for it."""
    if one.value is None and one.field is not None and one.kind is one.field.kind:
        return one.field.fallback
    return one.value


def meaning(fields: Table, one: Explained) -> dict[str, Any]:
    """All that there is to know of one setting, of a group of them, or of one value in a map."""
    from robo_xp.views.settings import Meaning

    more: dict[str, Any] = {}
    if one.field is None:
        more["help"] = f"{fields.groups[one.key]}."
    return Meaning.of(one, **more).as_json()


def explained_one(run: Run, fields: Table, one: Explained, where: layer.Layer) -> One:
    """What one setting means; on a terminal a line for each thing to know."""
    known = meaning(fields, one)
    options = getattr(one.kind, "options", {})
    human = [
        ("setting", one.key),
        ("what it does", known["help"]),
        ("what it takes", range_text(one.kind, known["unit"])),
        *((f"  {word}", about) for word, (_, about) in options.items()),
        *([("default", typed.read(one.kind, known["default"]))] if one.kind else []),
        *typed.read_all(fields, one.key, _holding(one), called_in(run, where)),
        ("set by", one.source),
    ]
    return One(known, human=human, id_key="key")


def range_text(kind: Kind | None, unit: str) -> str:
    """What values are right, in a few words."""
    if kind is None:
        return "the settings in it"
    if kind.choices:
        return ", ".join(kind.choices)
    if kind.high is None:
        return kind.type
    low, high = thousands(kind.low), thousands(kind.high)
    return f"{kind.type}, {low} to {high} {unit}".rstrip()


def change_result(run: Run, fields: Table, where: layer.Layer, done: Changed) -> Result:
    """What a change of settings did."""
    from msgspec import UNSET

    from robo_xp.views.settings import ConfigChanged, MovedLevels

    is_told = where.guild_id is not None and where.store_id == "default"
    doubts = outlook.setting_doubts(run, done.keys, done.effective) if is_told else []
    data = ConfigChanged(
        guild_id=where.guild_id,
        store_id=UNSET if where.store_id is None else where.store_id,
        changed=done.keys,
        config=done.effective,
        levels=MovedLevels.of(done.levels),
        seq=done.seq,
        dry_run=run.dry_run,
    )
    return One(
        data.as_json(),
        human=lambda: _change_text(fields, done, called_in(run, where)),
        id_key="changed",
        exit_code=layer.exit_code_of(done),
        notes=[*layer.notes_of(done), *doubts],
    )


def called_in(run: Run, where: layer.Layer) -> typed.Lookup:
    """How roles, channels and members are told in this layer: by name and id in a guild."""
    if where.guild_id is None:
        return typed.as_id
    names = Namer(run)
    return lambda what, id_: names.called(KINDS[what], id_) if what in KINDS else id_


def _change_text(fields: Table, done: Changed, called: typed.Lookup) -> list[tuple[str, str]] | str:
    if not done.keys:
        return "nothing changes: it is set like that already"
    pairs = []
    for key in done.keys:
        now, before = (
            typed.read(fields.kind_of(key), fields.get(document, key), called)
            for document in (done.effective, done.before)
        )
        pairs.append((key, f"{now}  (was {before})" if before != now else now))
    if "levels" in done.keys:
        pairs.append(("members", effect_text(done.levels)))
    return pairs
