"""Writes made members in the shape of each source, as its own program would."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robo_xp.usecases.reading.documents import Document, document_of
from tests.usecases.small import GUILD
from tests.usecases.transfer.flashcore import put_members

_BOARD = ("user_id", "name", "level")
QUICK_KEY = "xp_{guild}_{user}"


@dataclass(frozen=True)
class Made:
    """One member to write; ``more`` are fields that no reader knows."""

    user_id: str
    xp: float
    level: int = 0
    messages: int = 0
    name: str = "Ada"
    more: dict[str, Any] = field(default_factory=dict)


Write = Callable[[Sequence[Made]], Any]


def _mee6(members: Sequence[Made]) -> Any:
    """Two pages, as the leaderboard serves them."""
    players = [
        {"id": m.user_id, "username": m.name, "xp": m.xp, "level": m.level, **m.more}
        | {"message_count": m.messages, "guild_id": GUILD}
        for m in members
    ]
    half = len(players) // 2
    pages = (players[:half], players[half:])
    return [
        {"guild": {"id": GUILD}, "page": n, "players": part, "xp_rate": 1.0, "role_rewards": []}
        for n, part in enumerate(pages)
    ]


def _plain(members: Sequence[Made], *keys: str, **names: str) -> list[dict[str, Any]]:
    """Objects with these parts of the members, under these names."""
    return [{names.get(key, key): getattr(m, key) for key in keys} | m.more for m in members]


def _polaris(members: Sequence[Made]) -> Any:
    users = {m.user_id: {"xp": m.xp, **m.more} for m in members}
    return {
        "settings": {"enabled": True, "gain": {"min": 50, "max": 100, "time": 60}},
        "users": users,
    }


def _levelup(members: Sequence[Made]) -> Any:
    users = {
        m.user_id: {
            "xp": float(m.xp),
            "level": m.level,
            "messages": m.messages,
            "voice": 1.5,
            **m.more,
        }
        for m in members
    }
    return {"users": users, "levelroles": {}, "algorithm": {"base": 100, "exp": 2.0}}


def _red_leveler(members: Sequence[Made]) -> Any:
    users = {m.user_id: {"exp": m.xp, "level": m.level, **m.more} for m in members}
    return {"402907344791714442": {"MEMBER": {GUILD: users}}}


def _lurkr(members: Sequence[Made]) -> Any:
    levels = [
        {"level": m.level, "messageCount": m.messages, "userId": m.user_id, "xp": m.xp}
        | {"user": {"username": m.name, "avatar": None}, **m.more}
        for m in members
    ]
    return {"levels": levels, "multipliers": [], "roleRewards": []}


def _discord_xp(members: Sequence[Made]) -> Any:
    return [
        {"_id": {"$oid": f"{n:024x}"}, "userID": m.user_id, "guildID": GUILD, "level": m.level}
        | {"xp": {"$numberLong": str(m.xp)}, "lastUpdated": {"$date": "2024-01-01T00:00:00Z"}}
        | m.more
        for n, m in enumerate(members)
    ]


def _tinydb(members: Sequence[Made]) -> Any:
    rows = _plain(members, "user_id", "xp", "level")
    return {"_default": {str(n): row for n, row in enumerate(rows, start=1)}}


def _csv(members: Sequence[Made]) -> bytes:
    text = io.StringIO()
    names = ["userId", "name", "xp", "level", "messages", *(members[0].more if members else ())]
    rows = csv.DictWriter(text, names, lineterminator="\n")
    rows.writeheader()
    for m in members:
        part = {"userId": m.user_id, "name": m.name, "xp": m.xp, "level": m.level}
        rows.writerow({**part, "messages": m.messages, **m.more})
    return text.getvalue().encode()


def database(statement: str, rows: Sequence[tuple[Any, ...]]) -> bytes:
    """A SQLite file with one table, made by the statement, and its rows."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(statement)
        marks = ", ".join("?" * len(rows[0])) if rows else "?"
        table = statement.split()[2]
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.commit()
        return connection.serialize()


def _quickdb(members: Sequence[Made]) -> bytes:
    rows = [(f"xp_{GUILD}_{m.user_id}", str(m.xp)) for m in members]
    rows += [(f"level_{GUILD}_{m.user_id}", str(m.level)) for m in members]
    return database("CREATE TABLE json (ID TEXT, json TEXT)", rows)


def _typed(value: Any) -> Any:
    """A value spelled type by type."""
    if isinstance(value, dict):
        return {"t": 9, "v": {key: _typed(one) for key, one in value.items()}}
    return {"t": 1 if isinstance(value, str) else 2, "v": value}


def _enmap(members: Sequence[Made]) -> bytes:
    rows = []
    for m in members:
        value = {"user": m.user_id, "guild": GUILD, "points": m.xp, "level": m.level, **m.more}
        rows.append((f"{GUILD}-{m.user_id}", json.dumps(_typed(value))))
    return database("CREATE TABLE levels (key TEXT, value TEXT)", rows)


def _keyv(members: Sequence[Made]) -> bytes:
    rows = [
        (f"keyv:xp_{GUILD}_{m.user_id}", json.dumps({"value": {"xp": m.xp, "level": m.level}}))
        for m in members
    ]
    return database("CREATE TABLE keyv (key VARCHAR(255), value TEXT)", rows)


WRITERS: dict[str, Write] = {
    "mee6": _mee6,
    "lumistra": lambda made: {
        "players": _plain(made, *_BOARD, "xp", "messages", user_id="id", name="username"),
    },
    "experienced": lambda made: _plain(made, "user_id", "xp", user_id="id"),
    "polaris": _polaris,
    "levelup": _levelup,
    "red-leveler": _red_leveler,
    "lurkr": _lurkr,
    "amari": lambda made: {
        "data": _plain(made, *_BOARD, "xp", user_id="id", name="username", xp="exp"),
        "count": len(made),
    },
    "tatsu": lambda made: {
        "guild_id": GUILD, "rankings": _plain(made, "user_id", "xp", xp="score"),
    },
    "arcane": lambda made: {
        "levels": _plain(made, "user_id", "xp", "level", user_id="id"), "xp_options": {},
    },
    "discord-xp": _discord_xp,
    "quickdb": _quickdb,
    "enmap": _enmap,
    "keyv": _keyv,
    "tinydb": _tinydb,
    "json": lambda made: {m.user_id: {"xp": m.xp, "level": m.level, **m.more} for m in made},
    "csv": _csv,
}  # fmt: skip

OPTIONS: dict[str, dict[str, Any]] = {
    "quickdb": {"key": QUICK_KEY},
    "keyv": {"key": f"keyv:{QUICK_KEY}"},
}
"""What an operator has to say of a source beside the file."""

RECOGNISED = tuple(name for name in WRITERS if name != "experienced")
"""The sources that ``auto`` finds; a bare list of ids and XP could be anybody's."""


def written(source: str, members: Sequence[Made]) -> bytes:
    """The bytes of a file of the source."""
    made = WRITERS[source](members)
    return made if isinstance(made, bytes) else json.dumps(made).encode()


def document(source: str, members: Sequence[Made], folder: Path | None = None) -> Document:
    """The members as a document of the source; Robo.js' go into the folder."""
    if source != "robojs":
        return document_of(written(source, members))
    assert folder is not None
    records = {m.user_id: {"xp": m.xp, "level": m.level, "messages": m.messages} for m in members}
    put_members(folder, GUILD, records)
    return Document(folder=str(folder))
