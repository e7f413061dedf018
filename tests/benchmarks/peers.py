"""The same work on stock TinyDB and on SQLite, as a plain user of either would write it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.table import Document

from robo_xp.rules.math import level_from_total_xp

GUILD = "746807687960896580"


def member_id(number: int) -> str:
    """The id of a made-up member."""
    return str(10**17 + number)


def record_of(number: int) -> dict[str, int]:
    """What is stored of a made-up member."""
    xp = 1000 + 37 * number % 100_000
    return {
        "xp": xp,
        "level": level_from_total_xp(xp).level,
        "lastAwardedAt": 1_732_170_000_123,
        "messages": 60,
        "xpMessages": 50,
    }


class StockTinyDB:
    """TinyDB with its own JSON storage: the whole file is written for each change."""

    name = "TinyDB, stock"

    def __init__(self, folder: Path, members: int) -> None:
        """Fill a database in one go."""
        self._db = TinyDB(folder / "stock.json")
        self._users = self._db.table("users")
        self._users.insert_multiple(
            Document(record_of(n), doc_id=int(member_id(n))) for n in range(members)
        )

    def award(self, numbers: list[int]) -> None:
        """Award members one after the other."""
        for number in numbers:
            doc_id = int(member_id(number))
            found: Any = self._users.get(doc_id=doc_id)
            self._users.update({"xp": found["xp"] + 20, "level": found["level"]}, doc_ids=[doc_id])

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class SQLite:
    """SQLite in WAL mode: a row for each member, an index for the board, a log of events."""

    def __init__(self, folder: Path, members: int, synchronous: str) -> None:
        """Fill a database in one transaction."""
        self.name = f"SQLite WAL {synchronous}"
        self._db = sqlite3.connect(folder / f"{synchronous}.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={synchronous}")
        self._db.execute(
            "CREATE TABLE users (id TEXT PRIMARY KEY, xp INTEGER, level INTEGER, "
            "lastAwardedAt INTEGER, messages INTEGER, xpMessages INTEGER)"
        )
        self._db.execute("CREATE INDEX board ON users (xp DESC, id)")
        self._db.execute(
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, type TEXT, user TEXT, "
            "oldXp INTEGER, newXp INTEGER)"
        )
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)",
            ((member_id(n), *record_of(n).values()) for n in range(members)),
        )
        self._db.execute("COMMIT")

    def award(self, numbers: list[int]) -> None:
        """Award the members in one transaction, with an event for each."""
        execute = self._db.execute
        execute("BEGIN IMMEDIATE")
        for number in numbers:
            user = member_id(number)
            (xp,) = execute("SELECT xp FROM users WHERE id = ?", (user,)).fetchone()
            execute(
                "UPDATE users SET xp = ?, lastAwardedAt = ?, messages = messages + 1, "
                "xpMessages = xpMessages + 1 WHERE id = ?",
                (xp + 20, 1_732_170_000_123, user),
            )
            execute(
                "INSERT INTO events (type, user, oldXp, newXp) VALUES ('xpChange', ?, ?, ?)",
                (user, xp, xp + 20),
            )
        execute("COMMIT")

    def page(self, offset: int) -> list[Any]:
        """Ten members of the board."""
        rows = self._db.execute(
            "SELECT id, xp FROM users ORDER BY xp DESC, id LIMIT 10 OFFSET ?", (offset,)
        )
        return rows.fetchall()

    def rank(self, number: int) -> int:
        """How many members stand before this one."""
        user = member_id(number)
        (xp,) = self._db.execute("SELECT xp FROM users WHERE id = ?", (user,)).fetchone()
        (before,) = self._db.execute(
            "SELECT count(*) FROM users WHERE xp > ? OR (xp = ? AND id < ?)", (xp, xp, user)
        ).fetchone()
        return int(before)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
