"""Files of other bots and of our own export, read as members to import.

Nothing is believed: an entry that is wrong is named by its line, and the others are read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from robo_xp.errors import Fault, InvalidValue, RoboXPError
from robo_xp.model import check_snowflake, check_xp

KINDS = ("mee6", "csv", "json")
_ID_KEYS = ("userId", "user_id", "user", "id")
_XP_KEYS = ("xp", "totalXp", "total_xp")
_XP_MESSAGES_KEYS = ("xpMessages", "xp_messages", "message_count")
_LAST_KEYS = ("lastAwardedAt", "last_awarded_at", "cooldown")
_NAME_KEYS = ("name", "username")


@dataclass(frozen=True, slots=True)
class Entry:
    """One member in a foreign file. ``inside`` is XP in the level and XP that the level takes.

    ``level`` and the counters are None where the file does not say.
    """

    line: int
    user_id: str
    xp: int
    level: int | None = None
    inside: tuple[int, int] | None = None
    messages: int | None = None
    xp_messages: int | None = None
    last_awarded_at: int | None = None
    name: str | None = None


def entries_of(kind: str, content: bytes) -> Iterator[Entry | Fault]:
    """The members in a file of that kind, and a fault for each entry that cannot be used.

    Lines count from 1: lines of a CSV file, entries of a JSON file. Raises InvalidValue for a
    file that is no such file at all.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(f"the file is not UTF-8 text (byte {error.start})") from error
    found = _csv_objects(text) if kind == "csv" else _json_objects(kind, text)
    for line, item in found:
        try:
            yield _entry(line, item)
        except RoboXPError as error:
            yield Fault(f"line {line}", error.message)


def _csv_objects(text: str) -> Iterator[tuple[int, Any]]:
    """Line and fields of each row."""
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",\t;", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    known = set(reader.fieldnames or ())
    if not known & set(_ID_KEYS) or not known & set(_XP_KEYS):
        raise InvalidValue(
            "the header names no column of member ids, or none of XP",
            advice=f"call them {_ID_KEYS[0]} and {_XP_KEYS[0]}",
        )
    try:
        for row in reader:
            yield reader.line_num, {key: value for key, value in row.items() if value}
    except csv.Error as error:
        raise InvalidValue(f"line {reader.line_num} cannot be read as CSV: {error}") from error


def _json_objects(kind: str, text: str) -> Iterator[tuple[int, Any]]:
    """Number and object of each entry."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidValue(f"the file is no JSON document: {error}") from error
    if kind == "mee6":
        yield from enumerate(_mee6_players(document), start=1)
    else:
        yield from enumerate(_json_members(document), start=1)


def _mee6_players(document: Any) -> Iterator[Any]:
    """The players on the pages of MEE6's leaderboard, one page or a list of them."""
    pages = document if isinstance(document, list) else [document]
    for page in pages:
        players = page.get("players") if isinstance(page, dict) else None
        if not isinstance(players, list):
            raise InvalidValue(
                "the file holds no MEE6 leaderboard: a page has no list of players",
                advice="save the pages of the leaderboard as JSON, alone or as a list",
            )
        yield from players


def _json_members(document: Any) -> Iterator[Any]:
    """The members of our own export, of a plain list, or of a map from id to member."""
    if isinstance(document, dict):
        members = document.get("members", document.get("users"))
        if isinstance(members, dict):
            for user_id, member in members.items():
                yield {"id": user_id, **member} if isinstance(member, dict) else member
            return
        document = members
    if not isinstance(document, list):
        raise InvalidValue("the file holds no list of members", advice="see 'robo-xp export'")
    yield from document


def _entry(line: int, item: Any) -> Entry:
    """The member that an object describes; InvalidValue names what is wrong with it."""
    if not isinstance(item, dict):
        raise InvalidValue("is no object with a member's fields")
    user_id = _first(item, _ID_KEYS)
    check_snowflake(user_id if isinstance(user_id, str) else str(user_id), "member id")
    xp = check_xp(_number(_first(item, _XP_KEYS)), "xp")
    name = _first(item, _NAME_KEYS)
    return Entry(
        line,
        str(user_id),
        xp,
        level=_optional(item, ("level",)),
        inside=_inside(item),
        messages=_optional(item, ("messages",)),
        xp_messages=_optional(item, _XP_MESSAGES_KEYS),
        last_awarded_at=_optional(item, _LAST_KEYS),
        name=name if isinstance(name, str) else None,
    )


def _inside(item: Mapping[str, Any]) -> tuple[int, int] | None:
    """How far MEE6 says the member is inside its level."""
    detailed = item.get("detailed_xp")
    if isinstance(detailed, list) and len(detailed) == 3:
        gained, needed = detailed[0], detailed[1]
        if isinstance(gained, int) and isinstance(needed, int) and 0 <= gained < needed:
            return gained, needed
    return None


def _first(item: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """The value under the first of the keys that is there."""
    return next((item[key] for key in keys if key in item), None)


def _optional(item: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    """A counter that a file may leave out."""
    value = _first(item, keys)
    return None if value is None else check_xp(_number(value), keys[0])


def _number(value: Any) -> Any:
    """The whole number in a CSV cell; anything else unchanged, for the check to refuse."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
