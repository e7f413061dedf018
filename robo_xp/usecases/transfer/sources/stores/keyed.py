"""Key-value stores of home-made bots: quick.db, Enmap and Keyv as SQLite, any of them as JSON.

The databases are opened read-only, on a copy; what is in them is data and is never evaluated.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, Final

import msgspec

from robo_xp.errors import InvalidValue
from robo_xp.nesting import bounded_text
from robo_xp.usecases.reading.documents import Document
from robo_xp.usecases.transfer.members import Found, is_member, members_in
from robo_xp.usecases.transfer.sources.base import How, Source, objects_in

_ID: Final = "[1-9][0-9]{16,19}"
_PLACES: Final = {"guild": f"(?P<guild>{_ID})", "user": f"(?P<user>{_ID})"}
_ANY_ID: Final = re.compile(rf"(?<![0-9]){_ID}(?![0-9])")
_XP_WORD: Final = re.compile(r"xp|exp|points|score", re.IGNORECASE)
_MOST_NESTED: Final = 50
_FIRST: Final = 50
_KINDS: Final = ("database", "json")


@contextmanager
def _open_copy(database: bytes) -> Iterator[sqlite3.Connection]:
    """A connection to a copy in memory; InvalidValue for a file that is cut short or damaged."""
    pages = int.from_bytes(database[28:32])
    page = int.from_bytes(database[16:18]) or 1
    page = 65_536 if page == 1 else page
    if len(database) % page or len(database) < pages * page:
        raise InvalidValue("the SQLite database is cut short", advice="copy the whole file again")
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(database)
            (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if state != "ok":
                raise InvalidValue(f"the SQLite database is damaged: {state}")
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise InvalidValue(f"the SQLite database cannot be read: {error}") from error


def _tables(database: bytes) -> dict[str, tuple[str, ...]]:
    """The columns of each table; InvalidValue for a database that cannot be read."""
    with _open_copy(database) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            str(name): tuple(row[1] for row in connection.execute(_pragma(name)))
            for (name,) in names.fetchall()
            if not str(name).startswith("sqlite_")
        }


def _pragma(table: str) -> str:
    return f"PRAGMA table_info({_quoted_name(table)})"


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(document: Document, table: str, columns: tuple[str, ...]) -> list[tuple[Any, Any]]:
    """Key and value of each row."""
    assert document.database is not None
    picked = ", ".join(map(_quoted_name, columns))
    with _open_copy(document.database) as connection:
        query = f"SELECT {picked} FROM {_quoted_name(table)}"  # noqa: S608 - quoted names
        return connection.execute(query).fetchall()


def _fits(name: str) -> Callable[[Document], bool]:
    """Whether a database is of that library."""

    def check(document: Document) -> bool:
        return document.database is not None and _library(document) == name

    return check


def _library(document: Document) -> str | None:
    assert document.database is not None
    for table, columns in _tables(document.database).items():
        lower = tuple(map(str.lower, columns))
        if lower[:2] == ("id", "json"):
            return "quickdb"
        if lower[:2] == ("key", "value"):
            return "keyv" if table == "keyv" else "enmap"
    return None


def _pairs(document: Document, how: How) -> Iterator[tuple[Any, Any]]:
    """All keys and values: of the table that was named, or of the only one."""
    if document.database is None:
        yield from _json_pairs(document)
        return
    tables = {
        table: columns
        for table, columns in _tables(document.database).items()
        if tuple(map(str.lower, columns[:2])) in (("id", "json"), ("key", "value"))
        and not table.startswith("internal::")
    }
    if how.table is None and len(tables) == 1:
        table = next(iter(tables))
    elif how.table in tables:
        table = str(how.table)
    else:
        raise InvalidValue(
            f"the database has these tables: {', '.join(tables) or 'none with keys and values'}",
            advice="say which one holds the levels: --table NAME",
        )
    for key, value in _rows(document, table, tables[table][:2]):
        yield key, _value(value)


def _json_pairs(document: Document) -> Iterator[tuple[Any, Any]]:
    value = document.value
    if isinstance(value, Mapping):
        yield from value.items()
        return
    for one in objects_in(document):
        folded = {key.lower(): inside for key, inside in one.items()}
        key = folded.get("id", folded.get("key"))
        yield key, _value(next((folded[k] for k in ("data", "value", "json") if k in folded), None))


def _value(stored: Any) -> Any:
    """A stored value: JSON text, what Keyv wraps it in, what Enmap spells type by type."""
    if isinstance(stored, bytes):
        stored = stored.decode(errors="replace")
    if isinstance(stored, str):
        try:
            stored = msgspec.json.decode(bounded_text(stored))
        except (msgspec.DecodeError, RecursionError):
            return stored
    if isinstance(stored, Mapping) and "value" in stored and {*stored} <= {"value", "expires"}:
        return stored["value"]
    return _plain_tree(stored)


def _plain_tree(tree: Any, depth: int = 0) -> Any:
    """A tree of ``{t: type, v: value}`` as plain values."""
    if isinstance(tree, Mapping) and {*tree} == {"t", "v"} and depth < _MOST_NESTED:
        tree = tree["v"]
        if isinstance(tree, Mapping):
            return {key: _plain_tree(one, depth + 1) for key, one in tree.items()}
        if isinstance(tree, list):
            return [_plain_tree(one, depth + 1) for one in tree]
    return tree


def _members(document: Document, how: How) -> Iterator[Found]:
    """The members: by how the keys are built, or where values or keys name them anyway."""
    pairs = list(_pairs(document, how))
    if how.key is not None:
        yield from _by_pattern(pairs, how.key)
        return
    if any(is_member(value) for _, value in pairs):
        yield from members_in([value for _, value in pairs])
        return
    composite = [key for key, _ in pairs if isinstance(key, str) and not _ANY_ID.fullmatch(key)]
    if any(_ANY_ID.search(key) for key in composite):
        raise _asks_for_key(composite, how)
    yield from members_in({str(key): value for key, value in pairs})


def _by_pattern(pairs: list[tuple[Any, Any]], pattern: str) -> Iterator[Found]:
    """The members whose keys are built like that; levels under the same key with another word."""
    if "{user}" not in pattern:
        raise InvalidValue("--key must hold {user}", advice="such as --key 'xp_{guild}_{user}'")
    matches = _pattern(pattern).fullmatch
    words = ("level", "lvl")
    levels = [_pattern(_XP_WORD.sub(word, pattern, count=1)).fullmatch for word in words]
    has_word = _XP_WORD.search(pattern) is not None
    found: dict[tuple[str | None, str], Any] = {}
    level_of: dict[tuple[str | None, str], Any] = {}
    for key, value in pairs:
        text = str(key)
        if match := matches(text):
            found[_who(match)] = value
        elif has_word:
            for matches_level in levels:
                if match := matches_level(text):
                    level_of[_who(match)] = value
    if not found:
        raise InvalidValue(f"no key is of the form {pattern}", advice=_example(pairs))
    for who, value in found.items():
        level = level_of.get(who)
        item = [value, level] if level is not None and not isinstance(value, list | dict) else value
        yield Found(item, user=who[1], guild=who[0])


def _pattern(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(guild|user)\}", pattern)
    found = [_PLACES[part] if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    try:
        return re.compile("".join(found))
    except re.error as error:
        raise InvalidValue(f"--key can hold {{guild}} and {{user}} once each: {error}") from error


def _who(match: re.Match[str]) -> tuple[str | None, str]:
    named = match.groupdict()
    return named.get("guild"), named["user"]


def _asks_for_key(keys: list[str], how: How) -> InvalidValue:
    """The error that asks how keys are built, with the guess that their look suggests."""
    key = next(key for key in keys if _ANY_ID.search(key))
    guess = key.replace(how.guild, "{guild}")
    guess = _ANY_ID.sub("{user}", guess, count=1)
    return InvalidValue(
        f"the keys are built of several parts, such as {key[:80]!a}",
        advice=f"say how: --key '{guess}'",
    )


def _example(pairs: list[tuple[Any, Any]]) -> str:
    keys = ", ".join(ascii(str(key)[:60]) for key, _ in pairs[:3])
    return f"keys are such as {keys}"


def _composite(document: Document) -> bool:
    """Whether a JSON document is the dump of a key-value store with keys of several parts."""
    value = document.value
    if isinstance(value, list):
        first = [one for one in value[:20] if isinstance(one, Mapping)]
        return bool(first) and all({*map(str.lower, one)} == {"id", "data"} for one in first)
    keys = list(value)[:_FIRST] if isinstance(value, Mapping) else []
    return bool(keys) and all(len(_ANY_ID.findall(key)) == 2 for key in keys)


def _could_be(*libraries: str) -> Callable[[Document], bool]:
    """Whether a database is of one of the libraries, or a JSON document has keys and values."""

    def check(document: Document) -> bool:
        if document.database is not None:
            return _library(document) in libraries
        first = islice(_json_pairs(document), _FIRST)
        keys = [key for key, value in first if value is not None]
        return any(isinstance(key, str) and _ANY_ID.search(key) for key in keys)

    return check


SOURCES: Final = (
    Source(
        name="quickdb", title="quick.db", kinds=_KINDS, members=_members,
        fits=lambda document: _fits("quickdb")(document) or _composite(document),
        could_be=_could_be("quickdb"),
    ),
    Source(
        name="enmap", title="Enmap", kinds=_KINDS, fits=_fits("enmap"), members=_members,
        could_be=_could_be("enmap", "keyv"),
    ),
    Source(
        name="keyv", title="Keyv", kinds=_KINDS, fits=_fits("keyv"), members=_members,
        could_be=_could_be("enmap", "keyv"),
    ),
)  # fmt: skip
