"""The open shapes: JSON of any bot, tables, TinyDB files, and our own export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from robo_xp.errors import InvalidValue
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.transfer.entry import ForeignSettings
from robo_xp.usecases.transfer.members import Found, members_in
from robo_xp.usecases.transfer.sources.base import How, Source, on_object

OWN_FORMAT: Final = "robo-xp-export"


def is_own(document: Document) -> bool:
    """Whether Robo XP wrote the file itself."""
    return isinstance(document.value, Mapping) and document.value.get("format") == OWN_FORMAT


def _settings(document: Document, how: How) -> ForeignSettings:
    """The settings of our own export; others say none."""
    config = document.value.get("config") if is_own(document) else None
    if not isinstance(config, Mapping):
        return ForeignSettings()
    rewards = config.get("roleRewards", ())
    own = {key: value for key, value in config.items() if key != "roleRewards"}
    return ForeignSettings(own, tuple(rewards))


def _is_tinydb(value: Mapping[str, Any]) -> bool:
    tables = [table for table in value.values() if isinstance(table, Mapping) and table]
    return bool(tables) and all(
        all(key.isdigit() and len(key) < 17 and isinstance(one, Mapping) for key, one in t.items())
        for t in tables
    )


def _tinydb(document: Document, how: How) -> Iterator[Found]:
    """The documents of one table, as members."""
    value = document.value
    tables = {
        name: table
        for name, table in (value.items() if isinstance(value, Mapping) else ())
        if isinstance(table, Mapping) and table
    }
    name = how.table or (next(iter(tables)) if len(tables) == 1 else None)
    if name not in tables:
        raise InvalidValue(
            f"the file has these tables: {', '.join(map(ascii, tables)) or 'none'}",
            advice="say which one holds the levels: --table NAME",
        )
    yield from members_in(list(tables[name].values()))


def _any(document: Document) -> bool:
    return True


SOURCES: Final = (
    Source(
        name="tinydb", title="TinyDB",
        fits=on_object(_is_tinydb), members=_tinydb,
    ),
    Source(name="json", title="JSON", could_be=_any, settings=_settings),
    Source(name="csv", title="CSV", kinds=("table",), could_be=_any),
)  # fmt: skip
