"""Bulk changes from a file: rows of CSV or JSON Lines, all checked, applied as one batch."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import msgspec

from robo_xp.errors import Fault, InvalidRows, InvalidValue, RoboXPError
from robo_xp.model import check_snowflake, check_xp
from robo_xp.text import counted
from robo_xp.usecases.core import DEFAULT_STORE, Core, check_reason
from robo_xp.usecases.members.changes import Members
from robo_xp.usecases.plan import Plan
from robo_xp.vault import Transaction

OPS = ("give", "remove", "set", "delete", "recalc")
COLUMNS = ("op", "user", "amount", "reason")
_WITH_AMOUNT = frozenset({"give", "remove", "set"})
_WHOLE = re.compile(r"(?=.{1,25}\Z)[0-9]+(_[0-9]+)*")
Resolve = Callable[[str], str]


def user_id_of(text: str) -> str:
    """The member id that the text is; InvalidId for anything else."""
    return check_snowflake(text, "member id")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a bulk file; ``fault`` says why it cannot be used, whatever the state."""

    line: int
    op: str = ""
    user: str = ""
    amount: int = 0
    reason: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What a bulk change did. ``skipped`` rows had nothing to change; ``failed`` were bad."""

    applied: int
    skipped: int
    failed: tuple[Fault, ...]
    level_ups: int
    level_downs: int
    seq: int | None
    dry_run: bool


def rows_of(lines: Iterable[str], *, op: str | None = None) -> Iterator[Row]:
    """The rows of a CSV file with a header, or of JSON Lines; ``op`` is for rows without one.

    A row that cannot be used carries its fault; InvalidRows only for a header that cannot be.
    """
    numbered = enumerate(iter(lines), start=1)
    for number, line in numbered:
        text = line.lstrip("\ufeff")
        if not text.strip():
            continue
        rest = chain([(number, text)], numbered)
        found = _json_rows(rest) if text.lstrip().startswith("{") else _csv_rows(rest)
        for at, fields in found:
            yield _row(at, fields, op)
        return


def _json_rows(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Line and object of each JSON line; the fault as text where it is none."""
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for number, line in lines:
        if not line.strip():
            continue
        try:
            yield number, decode(line)
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
            yield number, f"is no JSON object: {error}"


def _csv_rows(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Line and fields of each CSV row under the header; the fault as text where it has none."""
    lines = iter(lines)
    first, header_line = next(lines)
    delimiter = max(",\t;", key=header_line.count)
    header = [name.strip().lower() for name in next(csv.reader([header_line], delimiter=delimiter))]
    _check_header(header, first)
    at = [first]

    def read() -> Iterator[str]:
        for number, line in lines:
            at[0] = number
            yield line

    reader = csv.reader(read(), delimiter=delimiter, strict=True)
    while True:
        start = at[0] + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield at[0], f"cannot be read as CSV: {error}"
            continue
        if cells is None:
            return
        if len(cells) > len(header):
            yield start, f"has {len(cells)} cells under {counted(len(header), 'column')}"
        elif any(cell.strip() for cell in cells):
            filled = (cell.strip() for cell in cells)
            yield start, {key: cell for key, cell in zip(header, filled, strict=False) if cell}


def _check_header(header: list[str], line: int) -> None:
    """Raise InvalidRows for a header with unknown columns, or without a member column."""
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or "user" not in header or len(set(header)) < len(header):
        wrong = f"unknown column {unknown[0]!r}" if unknown else "no single column 'user'"
        raise InvalidRows(
            [Fault(f"line {line}", f"{wrong} in the header")],
            advice=f"start the file with a header of {', '.join(COLUMNS)}; only user is required",
        )


def _row(line: int, fields: Mapping[str, Any] | str, op: str | None) -> Row:
    """The row that the fields say."""
    if isinstance(fields, str):
        return Row(line, fault=fields)
    unknown = next((name for name in fields if name not in COLUMNS), None)
    if unknown is not None:
        return Row(line, fault=f"unknown field {unknown!r}; known are {', '.join(COLUMNS)}")
    verb = fields.get("op") or op
    user = fields.get("user")
    if verb not in OPS:
        missing = "has no op; add a column, or --op" if verb is None else f"unknown op {verb!r}"
        return Row(line, fault=f"{missing} ({', '.join(OPS)})")
    if not isinstance(user, str) or not user:
        return Row(line, fault="user must be an id, a mention or a name, as text")
    reason = fields.get("reason")
    if reason is not None and not isinstance(reason, str):
        return Row(line, fault="reason must be text")
    try:
        amount = _amount(verb, fields.get("amount"))
        return Row(line, verb, user, amount, check_reason(reason))
    except InvalidValue as error:
        return Row(line, fault=error.message)


def _amount(op: str, given: Any) -> int:
    """The amount of a row; InvalidAmount where the op needs another one."""
    if op not in _WITH_AMOUNT:
        return 0
    if isinstance(given, str) and _WHOLE.fullmatch(given):
        given = int(given)
    return check_xp(given, "amount", low=0 if op == "set" else 1)


class BulkCases:
    """Bulk changes of members."""

    _core: Core

    def apply(
        self,
        guild_id: str,
        rows: Iterable[Row | Mapping[str, Any]],
        *,
        resolve: Resolve = user_id_of,
        step: Callable[[], object] = lambda: None,
        keep_going: bool = False,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> Applied:
        """Apply all rows as one batch.

        A row is a ``Row``, or a mapping with ``op``, ``user``, ``amount`` and ``reason``.
        ``resolve`` turns the text of a row's member into an id; ``step`` is called after each
        row. With one bad row nothing is changed and InvalidRows names every fault by line;
        ``keep_going`` applies the good rows and reports the others in ``failed``.
        """
        checked = [
            row if isinstance(row, Row) else _row(number, row, None)
            for number, row in enumerate(rows, start=1)
        ]
        scope = self._core.scope(guild_id, store)

        def decide(transaction: Transaction) -> Applied:
            members = Members(scope, transaction, self._core.rules(scope))
            done = _apply_all(members, checked, _Aside(resolve, step, reason))
            if done.failed and not keep_going:
                raise InvalidRows(done.failed)
            return replace(done, dry_run=dry_run)

        plan = Plan(
            scope.namespace,
            self._core.origin_for("xp apply"),
            decide,
            reason=check_reason(reason),
        )
        applied, seq = plan.carry_out(dry_run=dry_run)
        return replace(applied, seq=seq)


@dataclass(frozen=True, slots=True)
class _Aside:
    """What the rows of one bulk change share."""

    resolve: Resolve
    step: Callable[[], object]
    reason: str | None


def _apply_all(members: Members, rows: list[Row], aside: _Aside) -> Applied:
    """Apply what can be, and collect the faults of the rest."""
    failed: list[Fault] = []
    skipped = ups = downs = 0
    for row in rows:
        aside.step()
        try:
            if row.fault is not None:
                raise InvalidValue(row.fault)
            user_id = aside.resolve(row.user)
            moved = _apply_one(members, row, user_id, row.reason or aside.reason)
        except RoboXPError as error:
            failed.append(Fault(f"line {row.line}", error.message))
            continue
        skipped += moved is None
        ups += bool(moved and moved > 0)
        downs += bool(moved and moved < 0)
    applied = len(rows) - len(failed) - skipped
    return Applied(applied, skipped, tuple(failed), ups, downs, None, False)


def _apply_one(members: Members, row: Row, user_id: str, reason: str | None) -> int | None:
    """Apply one row: how far the level moved, or None where there was nothing to change."""
    if row.op == "delete":
        members.delete(user_id)
        return 0
    if row.op == "recalc":
        found = members.repair(user_id)
        return found.new_level - found.old_level if found.reconciled else None
    verbs = {"give": members.add, "remove": members.remove, "set": members.set}
    change = verbs[row.op](user_id, row.amount, reason=reason)
    return change.new_level - change.old_level
