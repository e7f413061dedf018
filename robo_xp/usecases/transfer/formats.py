"""Files of other bots and of our own export, read as members to import.

Nothing is believed: an entry that is wrong is skipped and named by its line, the others are read,
and a file that is something else altogether is refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from robo_xp.errors import InvalidValue, RoboXPError
from robo_xp.model import MAX_XP, check_snowflake, check_xp, is_snowflake, shown
from robo_xp.rules.levels.curve import MAX_LEVEL
from robo_xp.usecases.members.names import storable_name

KINDS = ("mee6", "csv", "json")
# spelled as _folded() leaves them: lower case, letters and digits only
_ID_KEYS = ("userid", "memberid", "user", "member", "id")
_XP_KEYS = ("xp", "totalxp", "exp")
_XP_MESSAGES_KEYS = ("xpmessages", "messagecount")
_LAST_KEYS = ("lastawardedat", "cooldown")
_NAME_KEYS = ("name", "username")
# what our own export and spreadsheets put before text that looks like a formula
_MASKED = tuple(f"'{start}" for start in "=+-@\t\r")


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
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that cannot be used: its line, the file where there are several, and why."""

    line: int
    error: str
    file: str | None = None


def entries_of(kind: str, content: bytes, *, file: str | None = None) -> list[Entry | Skipped]:
    """The members in a file of that kind, and what is wrong with each entry that cannot be used.

    Lines count from 1: lines of a CSV file, entries of a JSON file. ``file`` is only passed on.
    Raises InvalidValue for a file that is no such file at all.
    """
    if kind not in KINDS:
        raise InvalidValue(f"{shown(kind)} is none of the formats {', '.join(KINDS)}")
    text = _decoded(content)
    found = _csv_objects(text) if kind == "csv" else enumerate(_json_objects(kind, text), start=1)
    return [_entry_or_skipped(line, item, file) for line, item in found]


def _decoded(content: bytes) -> str:
    """The content as text; InvalidValue for none, and for what is no UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(
            f"the file is not UTF-8 text (byte {error.start})",
            advice="save it as UTF-8; a compressed file has to be unpacked first",
        ) from error
    if not text.strip():
        raise InvalidValue("the file is empty")
    return text


def _csv_objects(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Line and fields of each row."""
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [_folded(name) for name in next(row for row in reader if row)]
        _check_header(header)
        for row in reader:
            if any(row):
                filled = (_unmasked(cell.strip()) for cell in row)
                fields = {key: cell for key, cell in zip(header, filled, strict=False) if cell}
                yield reader.line_num, fields
    except csv.Error as error:
        raise InvalidValue(
            f"line {reader.line_num} cannot be read as CSV: {error}",
            advice="look for a quotation mark that is not closed",
        ) from error


def _check_header(header: list[str]) -> None:
    """Raise InvalidValue unless members and XP can be found."""
    if not set(header) & set(_ID_KEYS) or not set(header) & set(_XP_KEYS):
        raise InvalidValue(
            "the first line names no column of member ids, or none of XP",
            advice="start the file with a header such as userId,xp,level,messages,name",
        )
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise InvalidValue(f"the first line names the column {shown(twice)} more than once")


def _unmasked(cell: str) -> str:
    """The cell without the apostrophe that keeps spreadsheets from running it."""
    return cell[1:] if cell.startswith(_MASKED) else cell


def _json_objects(kind: str, text: str) -> Iterator[Any]:
    """The entries of a JSON file."""
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise InvalidValue(f"the file is no JSON document: {error}") from error
    except RecursionError as error:
        raise InvalidValue("the file is no list of members: it is nested too deeply") from error
    return _mee6_players(document) if kind == "mee6" else _json_members(document)


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
        document = document.get("members", document.get("users"))
    if isinstance(document, dict):
        for user_id, member in document.items():
            yield {"id": user_id, **member} if isinstance(member, dict) else member
        return
    if not isinstance(document, list):
        raise InvalidValue(
            "the file holds no list of members",
            advice="it should be a list of objects with userId and xp, or what 'export' writes",
        )
    yield from document


def _entry_or_skipped(line: int, item: Any, file: str | None) -> Entry | Skipped:
    """The member that an object describes, or what is wrong with it."""
    if not isinstance(item, Mapping):
        return Skipped(line, "is no object with a member's fields", file)
    fields = {_folded(key): value for key, value in item.items()}
    user_id = _first(fields, _ID_KEYS)
    if isinstance(user_id, int) and not isinstance(user_id, bool) and 0 <= user_id < 2**64:
        user_id = str(user_id)
    try:
        return _entry(line, fields, user_id, file)
    except RoboXPError as error:
        who = f"member {user_id}: " if is_snowflake(user_id) else ""
        return Skipped(line, who + error.message, file)


def _entry(line: int, fields: Mapping[str, Any], user_id: Any, file: str | None) -> Entry:
    """The member that the fields describe; InvalidValue names what is wrong with them."""
    return Entry(
        line,
        check_snowflake(user_id, "member id"),
        check_xp(_number(_first(fields, _XP_KEYS)), "xp"),
        level=_optional(fields, ("level",), MAX_LEVEL),
        inside=_inside(fields),
        messages=_optional(fields, ("messages",)),
        xp_messages=_optional(fields, _XP_MESSAGES_KEYS),
        last_awarded_at=_optional(fields, _LAST_KEYS),
        name=storable_name(_first(fields, _NAME_KEYS)),
        file=file,
    )


def _inside(fields: Mapping[str, Any]) -> tuple[int, int] | None:
    """How far MEE6 says the member is inside its level."""
    detailed = fields.get("detailedxp")
    if isinstance(detailed, list) and len(detailed) == 3:
        gained, needed = detailed[0], detailed[1]
        if type(gained) is int and type(needed) is int and 0 <= gained < needed <= MAX_XP:
            return gained, needed
    return None


@cache
def _folded(key: str) -> str:
    """A name of a field as all bots' spellings of it agree: ``user_id`` and ``User ID``."""
    return "".join(char for char in key.casefold() if char.isalnum())


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """The value under the first of the keys that is there."""
    return next((fields[key] for key in keys if fields.get(key) is not None), None)


def _optional(fields: Mapping[str, Any], keys: tuple[str, ...], high: int = MAX_XP) -> int | None:
    """A number that a file may leave out."""
    value = _number(_first(fields, keys))
    if value is None:
        return None
    if check_xp(value, keys[0]) > high:
        raise InvalidValue(f"{keys[0]} can be at most {high}, not {value}")
    return int(value)


def _number(value: Any) -> Any:
    """The whole number in a CSV cell; anything else unchanged, for the check to refuse."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
