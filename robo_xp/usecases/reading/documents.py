"""A file as a document: JSON values, a table, or a database; refused where it is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec

from robo_xp.errors import InvalidValue
from robo_xp.nesting import bounded_text
from robo_xp.usecases.reading.content import SQLITE, text_of, unpacked_content
from robo_xp.usecases.reading.table import Table, table_of


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
    content = unpacked_content(content)
    if content.startswith(SQLITE):
        return Document(file, database=content)
    text = text_of(content)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"'):
        if text.lstrip()[:1] != '"' or _is_json(text):
            return Document(file, value=values_in(text))
    return Document(file, table=table_of(text))


def values_in(text: str) -> Any:
    """The JSON value in a text, or the list of all that follow each other in it."""
    try:
        return msgspec.json.decode(bounded_text(text))
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
