"""The same work on stock TinyDB and on SQLite, as a plain user of either would write it.

The same work means that the same rule decides each award, from the same record: the roll, the
cooldown, the multiplier, the level. Settings are fixed here, which is in the peers' favour.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinydb import TinyDB
from tinydb.table import Document

from robo_xp.model import Award, MemberXP, Message
from robo_xp.rules.award import award_for
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.rules.levels.math import level_from_total_xp
from robo_xp.settings.xp import XP, settings_of

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


CHANNEL = "223456789012345678"
ROLES = ("323456789012345678", "423456789012345678")
STEP_MS = 61_000
_SETTINGS = settings_of(XP.effective({}, {}))
_FIELDS = ("xp", "level", "lastAwardedAt", "messages", "xpMessages")


def awarded(user: str, record: Mapping[str, int], at: int) -> dict[str, int]:
    """The record after a message at that instant (epoch ms), by the project's own rule."""
    member = MemberXP.from_record(user, record)
    message = Message(CHANNEL, None, None, ROLES, at)
    base = random.randint(15, 25)
    award = award_for(member, message, _SETTINGS, DEFAULT_CURVE, base)
    counted = {**record, "messages": member.messages + 1}
    if isinstance(award, Award):
        counted |= {
            "xp": award.new_xp,
            "level": award.new_level,
            "lastAwardedAt": at,
            "xpMessages": member.xp_messages + 1,
        }
    return counted


class StockTinyDB:
    """TinyDB with its own JSON storage: the whole file is written for each change."""

    name = "TinyDB, stock"

    def __init__(self, folder: Path, members: int) -> None:
        """Fill a database in one go."""
        self._db = TinyDB(folder / "stock.json")
        self._users = self._db.table("users")
        self._at = 1_800_000_000_000
        self._users.insert_multiple(
            Document(record_of(n), doc_id=int(member_id(n))) for n in range(members)
        )

    def award(self, numbers: list[int]) -> None:
        """Award members one after the other."""
        for number in numbers:
            user = member_id(number)
            found: Any = self._users.get(doc_id=int(user))
            self._at += STEP_MS
            self._users.update(awarded(user, found, self._at), doc_ids=[int(user)])

    def close(self) -> None:
        """Close the file."""
        self._db.close()


_SELECT = "SELECT xp, level, lastAwardedAt, messages, xpMessages FROM users WHERE id = ?"
_UPDATE = (
    "UPDATE users SET xp = ?, level = ?, lastAwardedAt = ?, messages = ?, xpMessages = ? "
    "WHERE id = ?"
)
_INSERT = "INSERT INTO events (ts, by, type, user, oldXp, newXp) VALUES (?, ?, ?, ?, ?, ?)"


class SQLite:
    """SQLite in WAL mode: a row for each member, an index for the board, a log of events."""

    def __init__(self, folder: Path, members: int, synchronous: str) -> None:
        """Fill a database in one transaction."""
        self.name = f"SQLite WAL {synchronous}"
        self._db = sqlite3.connect(folder / f"{synchronous}.sqlite", isolation_level=None)
        self._at = 1_800_000_000_000
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"PRAGMA synchronous={synchronous}")
        self._db.execute(
            "CREATE TABLE users (id TEXT PRIMARY KEY, xp INTEGER, level INTEGER, "
            "lastAwardedAt INTEGER, messages INTEGER, xpMessages INTEGER)"
        )
        self._db.execute("CREATE INDEX board ON users (xp DESC, id)")
        self._db.execute(
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, ts INTEGER, by TEXT, type TEXT, "
            "user TEXT, oldXp INTEGER, newXp INTEGER)"
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
        self._at += STEP_MS
        execute("BEGIN IMMEDIATE")
        for number in numbers:
            user = member_id(number)
            row = execute(_SELECT, (user,)).fetchone()
            record = dict(zip(_FIELDS, row, strict=True))
            after = awarded(user, record, self._at)
            execute(_UPDATE, (*after.values(), user))
            execute(_INSERT, (self._at, "benchmark", "xpChange", user, row[0], after["xp"]))
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
