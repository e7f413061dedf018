"""Bulk changes: rows, all checked, applied as one batch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from robo_xp.errors import Fault, InvalidRows, InvalidValue, RoboXPError
from robo_xp.model.ids import check_snowflake
from robo_xp.usecases.core import DEFAULT_STORE, Core, check_reason
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.members.sums import MARKS
from robo_xp.usecases.plan import Plan
from robo_xp.vault import Transaction, check_text

if TYPE_CHECKING:
    from robo_xp.usecases.members.rows import Row

ONCE = "once"
ONCE_LIMIT = 200
Resolve = Callable[[str], str]


def user_id_of(text: str) -> str:
    """The member id that the text is; InvalidId for anything else."""
    return check_snowflake(text, "member id")


@dataclass(frozen=True, slots=True)
class Applied:
    """What a bulk change did. ``skipped`` rows had nothing to change; ``failed`` were bad.

    ``cut`` is the sum of the fractions that were cut off amounts. ``already`` is the batch of an
    earlier run with the same key, after which nothing was changed.
    """

    applied: int
    skipped: int
    failed: tuple[Fault, ...]
    level_ups: int
    level_downs: int
    seq: int | None
    dry_run: bool
    cut: float = 0.0
    already: int | None = None


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
        once: str | None = None,
        reason: str | None = None,
        store: str = DEFAULT_STORE,
        dry_run: bool = False,
    ) -> Applied:
        """Apply all rows as one batch.

        A row is a ``Row``, or a mapping with ``op``, ``user``, ``amount`` and ``reason``.
        ``resolve`` turns the text of a row's member into an id; ``step`` is called after each
        row. With one bad row nothing is changed and InvalidRows names every fault by line;
        ``keep_going`` applies the good rows and reports the others in ``failed``. A second run with
        the same key ``once`` changes nothing.
        """
        from robo_xp.usecases.members.rows import Defaults, Row, row_of
        from robo_xp.usecases.reading.ids import Ids

        checked = deque(
            row if isinstance(row, Row) else row_of(number, row, Defaults(), Ids())
            for number, row in enumerate(rows, start=1)
        )
        scope = self._core.scope(guild_id, store)

        def decide(transaction: Transaction) -> Applied:
            if already := _already(transaction, once):
                return Applied(0, 0, (), 0, 0, None, dry_run, already=already)
            transaction.foresee([one.user for one in checked], USERS, MARKS)
            members = Members(scope, transaction, self._core.rules(scope))
            cut = sum(row.cut for row in checked)
            done = _apply_all(members, checked, _Aside(resolve, step, reason))
            if done.failed and not keep_going:
                raise InvalidRows(done.failed)
            if once is not None and done.applied:
                mark = {"key": once, "seq": scope.namespace.state.seq + 1}
                transaction.put(ONCE, _once_id(once), mark)
            return replace(done, dry_run=dry_run, cut=cut)

        plan = Plan(
            scope.namespace,
            self._core.origin_for("xp apply"),
            decide,
            reason=check_reason(reason),
        )
        applied, seq = plan.carry_out(dry_run=dry_run)
        return replace(applied, seq=seq)


def _already(transaction: Transaction, once: str | None) -> int | None:
    """The batch of an earlier run with the same key; None where there was none."""
    if check_text(once, "key", ONCE_LIMIT) is None:
        return None
    mark = transaction.get(ONCE, _once_id(str(once)))
    return None if mark is None else int(mark["seq"])


def _once_id(key: str) -> str:
    """The id of the mark that a key leaves: digits, as TinyDB wants them."""
    return str(int.from_bytes(sha256(key.encode()).digest()[:8]))


@dataclass(frozen=True, slots=True)
class _Aside:
    """What the rows of one bulk change share."""

    resolve: Resolve
    step: Callable[[], object]
    reason: str | None


def _apply_all(members: Members, rows: deque[Row], aside: _Aside) -> Applied:
    """Apply what can be, and collect the faults of the rest; no row is left, as there are many."""
    failed: list[Fault] = []
    skipped = ups = downs = 0
    count = len(rows)
    while rows:
        row = rows.popleft()
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
    applied = count - len(failed) - skipped
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
