"""A file as a document: JSON values, a table, or a database; refused where it is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from robo_xp.errors import InvalidValue, UnknownSource
from robo_xp.usecases.transfer.reading.content import SQLITE, text_of, unpacked
from robo_xp.usecases.transfer.reading.members import container_of
from robo_xp.usecases.transfer.reading.table import Table, table_of


@dataclass(frozen=True, slots=True)
class Document:
    """What one file holds, one of: JSON ``value``, ``table``, ``database`` (SQLite), ``folder``.

    Values that follow each other in one file are one list.
    """

    file: str | None = None
    value: Any = None
    table: Table | None = None
    database: bytes | None = None
    folder: str | None = None

    @property
    def kind(self) -> str:
        """``table``, ``database``, ``folder`` or ``json``."""
        if self.table is not None:
            return "table"
        if self.database is not None:
            return "database"
        return "json" if self.folder is None else "folder"


def document_of(content: bytes, file: str | None = None) -> Document:
    """The document in the bytes of a file; InvalidValue where it is none."""
    content = unpacked(content)
    if content.startswith(SQLITE):
        return Document(file, database=content)
    text = text_of(content)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"'):
        if text.lstrip()[:1] != '"' or _is_json(text):
            return Document(file, value=_checked(values_in(text)))
    return Document(file, table=table_of(text))


def values_in(text: str) -> Any:
    """The JSON value in a text, or the list of all that follow each other in it."""
    try:
        return msgspec.json.decode(text)
    except RecursionError as error:
        raise _not_json("it is nested too deeply") from error
    except msgspec.DecodeError as error:
        if "trailing" not in str(error):
            raise _not_json(str(error)) from error
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    values, at = [], 0
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, at)
            values.append(value)
            while at < len(text) and text[at] in " \t\r\n,\ufeff\x1e":
                at += 1
    except (ValueError, RecursionError) as error:
        raise _not_json(str(error)) from error
    return values


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _not_json(why: str) -> InvalidValue:
    return InvalidValue(
        f"the file is no whole JSON document: {why}",
        advice="it may have been cut short: fetch or export it again",
    )


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _checked(value: Any) -> Any:
    """The value, unless it is an answer that holds no members."""
    if isinstance(value, Mapping):
        _refuse_answer(value)
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, Mapping) and _is_giveaway(first):
        raise UnknownSource(
            "the file holds giveaways, not members", advice="use robo-xp giveaway import FILE"
        )
    return value


def _refuse_answer(value: Mapping[str, Any]) -> None:
    """Raise InvalidValue for what a bot's address answers in place of members."""
    error = value.get("error", value.get("errors"))
    if container_of(value) is not None or not (error or value.get("success") is False):
        return
    told = error.get("message", error) if isinstance(error, Mapping) else error
    code = value.get("status_code", value.get("code", value.get("status")))
    said = f"{code}: {told}" if code else f"{told or value.get('message', 'no success')}"
    raise InvalidValue(
        f"the other bot answered with an error in place of members ({ascii(said)[1:-1][:120]})",
        advice="make its leaderboard public for as long as this takes, then fetch the pages again",
    )


def _is_giveaway(value: Mapping[str, Any]) -> bool:
    if "giveaway" in value and ("entries" in value or "winners" in value):
        return True
    return "prize" in value and bool({"winnerCount", "winnersCount", "endAt", "endsAt"} & {*value})
