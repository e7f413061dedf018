"""The same work on stock TinyDB and on SQLite, as a plain user of either would write it.

The same work means that the same rule decides each award, from the same record: the roll, the
cooldown, the multiplier, the level. On SQLite an award is one transaction, from ``BEGIN
IMMEDIATE`` to ``COMMIT``, through Python's ``sqlite3`` with its cache of statements: it reads the
member, writes the record and with it the index of the board, and appends a row for each event to a
journal. It keeps the sums of days, weeks and months as the project does: it reads the mark of the
member, and with the first award of a day it writes the mark and what the periods before came to.

Three things are in the peers' favour: settings are fixed, while the project looks at each award
whether somebody changed them; no row carries a checksum; and a journal row keeps what a total was
and is, not the whole record.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from tinydb import TinyDB
from tinydb.table import Document

from robo_xp.model import Award, MemberXP, Message
from robo_xp.rules.award import award_for
from robo_xp.rules.levels.curve import DEFAULT_CURVE
from robo_xp.rules.levels.math import level_from_total_xp
from robo_xp.rules.period import DAY, MONTH, WEEK, Calendar
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
DAY_MS = 86_400_000
BEGIN_AT = (int(time.time() * 1000) // DAY_MS - 30) * DAY_MS
_CALENDAR = Calendar()
FIRST_DAY = _CALENDAR.day_of(BEGIN_AT)
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


def mark_of(number: int) -> dict[str, int]:
    """What is stored of a made-up member's gains: it has had an award on the first day."""
    return {"last": FIRST_DAY, **dict.fromkeys((DAY, WEEK, MONTH), record_of(number)["xp"])}


def turns(members: int, step_ms: int = STEP_MS) -> Iterator[tuple[int, int]]:
    """Members in turn in no order, and when each writes: each time as much later as is said."""
    numbers, at = list(range(members)), BEGIN_AT
    random.Random(7).shuffle(numbers)
    while True:
        at += step_ms
        for number in numbers:
            yield number, at


class Awarding(Protocol):
    """Anything that can award members."""

    name: str

    def award(self, numbers: list[int], at: int) -> None:
        """Award the members at an instant (epoch ms), several at once in one transaction."""


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

    def award(self, numbers: list[int], at: int) -> None:
        """Award members one after the other."""
        for number in numbers:
            user = member_id(number)
            found: Any = self._users.get(doc_id=int(user))
            self._users.update(awarded(user, found, at), doc_ids=[int(user)])

    def close(self) -> None:
        """Close the file."""
        self._db.close()


_SELECT = "SELECT xp, level, lastAwardedAt, messages, xpMessages FROM users WHERE id = ?"
_UPDATE = (
    "UPDATE users SET xp = ?, level = ?, lastAwardedAt = ?, messages = ?, xpMessages = ? "
    "WHERE id = ?"
)
_JOURNAL = (
    "INSERT INTO events (ts, by, cmd, type, user, old, new, how, reason, day) "
    "VALUES (?, 'benchmark', 'award', ?, ?, ?, ?, 'award', 'message', ?)"
)
_MARK = "SELECT last, day, week, month FROM marks WHERE id = ?"
_MOVE_MARK = "UPDATE marks SET last = ?, day = ?, week = ?, month = ? WHERE id = ?"
_KEEP = (
    "INSERT INTO sums (kind, first, id, xp) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET xp = xp + excluded.xp"
)


class SQLite:
    """SQLite in WAL mode: a row for each member, an index for the board, sums, a journal."""

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
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, ts INTEGER, by TEXT, cmd TEXT, "
            "type TEXT, user TEXT, old INTEGER, new INTEGER, how TEXT, reason TEXT, day INTEGER)"
        )
        self._db.execute(
            "CREATE TABLE marks (id TEXT PRIMARY KEY, last INTEGER, day INTEGER, week INTEGER, "
            "month INTEGER)"
        )
        self._db.execute(
            "CREATE TABLE sums (kind TEXT, first INTEGER, id TEXT, xp INTEGER, "
            "PRIMARY KEY (kind, first, id)) WITHOUT ROWID"
        )
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)",
            ((member_id(n), *record_of(n).values()) for n in range(members)),
        )
        self._db.executemany(
            "INSERT INTO marks VALUES (?, ?, ?, ?, ?)",
            ((member_id(n), *mark_of(n).values()) for n in range(members)),
        )
        self._db.execute("COMMIT")

    def award(self, numbers: list[int], at: int) -> None:
        """Award the members in one transaction, with an event for each."""
        execute, day = self._db.execute, _CALENDAR.day_of(at)
        execute("BEGIN IMMEDIATE")
        for number in numbers:
            user = member_id(number)
            row = execute(_SELECT, (user,)).fetchone()
            record = dict(zip(_FIELDS, row, strict=True))
            after = awarded(user, record, at)
            execute(_UPDATE, (*after.values(), user))
            mark = execute(_MARK, (user,)).fetchone()
            if mark[0] != day:
                self._move_mark(user, mark, day, row[0])
            if after["level"] != row[1]:
                execute(_JOURNAL, (at, "levelUp", user, row[1], after["level"], day))
            execute(_JOURNAL, (at, "xpChange", user, row[0], after["xp"], day))
        execute("COMMIT")

    def _move_mark(self, user: str, mark: tuple[int, ...], day: int, xp: int) -> None:
        """Keep the sums of the periods that are over, and begin those of the day with this XP."""
        there, here = _CALENDAR.firsts_of(mark[0]), _CALENDAR.firsts_of(day)
        fresh = list(mark[1:])
        for place, kind in enumerate((DAY, WEEK, MONTH)):
            if there[place] != here[place]:
                if xp != fresh[place]:
                    self._db.execute(_KEEP, (kind, there[place], user, xp - fresh[place]))
                fresh[place] = xp
        self._db.execute(_MOVE_MARK, (day, *fresh, user))

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
