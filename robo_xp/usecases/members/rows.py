"""Rows of a bulk change out of a file: a table with a header, JSON Lines, a JSON array, an export.

Ids, amounts, encodings and dialects are read as imports read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec

from robo_xp.errors import Fault, InvalidAmount, InvalidRows, InvalidValue, RoboXPError, RoundedIds
from robo_xp.model import check_xp
from robo_xp.model.ids import is_snowflake
from robo_xp.nesting import bounded_text
from robo_xp.usecases.core import check_reason
from robo_xp.usecases.reading.amounts import amount_of
from robo_xp.usecases.reading.content import text_of, unpacked_content
from robo_xp.usecases.reading.documents import values_in
from robo_xp.usecases.reading.ids import Ids
from robo_xp.usecases.reading.spelling import folded_key
from robo_xp.usecases.reading.table import Table, table_of

OPS: Final = ("give", "remove", "set", "delete", "recalc")
COLUMNS: Final = ("op", "user", "amount", "reason")
_WITH_AMOUNT: Final = frozenset({"give", "remove", "set"})
# as folded() leaves them; the first one counts
_SPELLED: Final = {
    "op": ("op",),
    "user": ("user", "userid"),
    "amount": ("amount", "xp"),
    "reason": ("reason",),
}
_KNOWN: Final = frozenset(name for names in _SPELLED.values() for name in names)
# what 'xp list' and 'export' write beside them
_IGNORED: Final = frozenset(
    {"name", "level", "messages", "xpmessages", "voiceseconds", "lastawardedat", "rank", "hidden"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a bulk file; ``fault`` says why it cannot be used, whatever the state.

    ``cut`` is the fraction of an XP that was cut off its amount.
    """

    line: int
    op: str = ""
    user: str = ""
    amount: int = 0
    reason: str | None = None
    fault: str | None = None
    cut: float = 0.0


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say it."""

    op: str | None = None
    amount: int | None = None


def rows_in(content: bytes, defaults: Defaults = Defaults()) -> Iterator[Row]:
    """The rows in the bytes of a file. A row that cannot be used carries its fault.

    InvalidRows for a header that cannot be used, InvalidValue for what is empty or no text,
    RoundedIds where ids have lost digits.
    """
    ids = Ids()
    for line, fields in _fields_in(text_of(unpacked_content(content)), defaults):
        yield row_of(line, fields, defaults, ids)
    ids.check()


def row_of(line: int, fields: Any, defaults: Defaults, ids: Ids) -> Row:
    """The row that an object says; a text is the fault of a row that cannot be read."""
    if isinstance(fields, str):
        return Row(line, fault=fields)
    try:
        return _row(line, _by_column(fields), defaults, ids)
    except RoundedIds:
        raise
    except RoboXPError as error:
        return Row(line, fault=error.message)


def _fields_in(text: str, defaults: Defaults) -> Iterator[tuple[int, Any]]:
    """Line and fields of each row."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start == "[":
        yield from enumerate(values_in(text), start=1)
    elif start == "{":
        exported = _exported_members(text)
        yield from _json_lines(text) if exported is None else enumerate(exported, start=1)
    else:
        yield from _table(text, defaults).rows()


def _exported_members(text: str) -> list[Any] | None:
    """The members of our own export; None for anything else."""
    try:
        document = msgspec.json.decode(bounded_text(text))
    except (msgspec.DecodeError, RecursionError):
        return None
    members = document.get("members") if isinstance(document, dict) else None
    return members if isinstance(members, list) else None


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip("\ufeff \t\r"):
            try:
                yield number, decode(bounded_text(line.lstrip("\ufeff")))
            except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
                yield number, f"is no JSON object: {error}"


def _table(text: str, defaults: Defaults) -> Table:
    """The text as a table whose header can be used."""
    try:
        table = table_of(text, wants_header=True)
    except InvalidValue as error:
        raise _bad_header(error.message) from error
    names = [folded_key(name) for name in table.columns if name]
    unknown = next((name for name in names if name not in _KNOWN | _IGNORED), None)
    if unknown is not None:
        raise _bad_header(f"unknown column {unknown!r} in the header")
    if not {*names} & {*_SPELLED["user"]}:
        raise _bad_header("no single column 'user' in the header")
    if defaults.op is None and "op" not in names:
        raise _bad_header(
            "no column 'op' in the header", "add that column, or say it for all rows: --op give"
        )
    is_for_all = defaults.op in _WITH_AMOUNT and "op" not in names
    if is_for_all and defaults.amount is None and not {*names} & {*_SPELLED["amount"]}:
        raise _bad_header(
            "no column 'amount' in the header",
            "add that column, or say it for all rows: --amount 250",
        )
    return table


def _bad_header(why: str, advice: str | None = None) -> InvalidRows:
    required = "only user is required, and op unless --op says it"
    return InvalidRows(
        [Fault("line 1", why)],
        advice=advice or f"start the file with a header of {', '.join(COLUMNS)}; {required}",
    )


def _by_column(fields: Any) -> dict[str, Any]:
    """The fields by the names of our columns."""
    if not isinstance(fields, Mapping):
        raise InvalidValue("is no object")
    return {column: fields[key] for column, key in _spelled_columns(tuple(fields))}


@lru_cache(maxsize=32)
def _spelled_columns(keys: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    """Our columns, each with the key that spells it; all rows of a file have the same few keys."""
    spelled = {folded_key(str(key)): key for key in keys}
    unknown = next((name for name in spelled if name not in _KNOWN | _IGNORED), None)
    if unknown is not None:
        raise InvalidValue(f"unknown field {unknown!r}; known are {', '.join(COLUMNS)}")
    return tuple(
        (column, next(spelled[name] for name in names if name in spelled))
        for column, names in _SPELLED.items()
        if any(name in spelled for name in names)
    )


def _row(line: int, fields: Mapping[str, Any], defaults: Defaults, ids: Ids) -> Row:
    verb = fields.get("op") or defaults.op
    if verb not in OPS:
        missing = "has no op; say it, or --op for all" if verb is None else f"unknown op {verb!r}"
        raise InvalidValue(f"{missing} ({', '.join(OPS)})")
    user = _user(fields.get("user"), ids)
    reason = fields.get("reason")
    if reason is not None and not isinstance(reason, str):
        raise InvalidValue("reason must be text")
    amount, cut = _amount(verb, fields.get("amount", defaults.amount))
    return Row(line, verb, user, amount, check_reason(reason), cut=cut)


def _user(value: Any, ids: Ids) -> str:
    """The member as text: ids are looked at, mentions and names are left to the vault."""
    is_text = isinstance(value, str)
    if is_text and (is_snowflake(value) or "E+" in value.upper()):
        return ids.read(value)
    if is_text and value.strip():
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ids.read(value)
    raise InvalidValue("user must be an id, a mention or a name, as text")


def _amount(op: str, given: Any) -> tuple[int, float]:
    """The amount of a row and what was cut off it; InvalidAmount where the op needs another."""
    if op not in _WITH_AMOUNT:
        return 0, 0.0
    low = 0 if op == "set" else 1
    if given is None:
        raise InvalidAmount(f"amount must be a whole number from {low}, and there is none")
    whole, cut = amount_of(given, "amount")
    return check_xp(whole, "amount", low=low), cut
