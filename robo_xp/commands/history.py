"""History: the batches of a namespace, and taking one back.

Undo commits the inverse of a batch: XP moves back by what the batch moved it, so later gains
stay; settings get their earlier values. Where a later batch fixed a value, so that going back
would mean two things, undo refuses and names that batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from robo_xp import config as rules
from robo_xp.commands.configure import CONFIG, store_config
from robo_xp.commands.core import CONFIG_ID, GLOBAL, Core, check_reason
from robo_xp.commands.members import USERS, Members
from robo_xp.commands.xp import AWARD_CMD
from robo_xp.errors import AlreadyUndone, BatchNotFound, Refused, UndoUnclear
from robo_xp.plan import Plan
from robo_xp.vault import Batch, Namespace, Transaction


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One batch: who did what and when (epoch ms), how many members it touched, the XP moved."""

    seq: int
    ts: int
    by: str
    cmd: str
    reason: str | None
    members: int
    delta: int
    undoes: int | None


@dataclass(frozen=True, slots=True)
class Undone:
    """A batch that was taken back: its number, the number of the inverse, the members touched."""

    undone: int
    seq: int | None
    members: int
    dry_run: bool


class History:
    """The batches of a namespace, newest first, and undo."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def rows(
        self, namespace: str, *, user_id: str | None = None, awards: bool = False
    ) -> Iterator[HistoryRow]:
        """The kept batches, newest first; awards for messages only when asked for."""
        for batch in self._core.vault.namespace(namespace).batches_back():
            if batch.cmd == AWARD_CMD and not awards:
                continue
            if user_id is None or user_id in members_of(batch):
                yield _row(batch)

    def undo(
        self, namespace: str, seq: int, *, reason: str | None = None, dry_run: bool = False
    ) -> Undone:
        """Take one batch back, as a batch of its own.

        Raises BatchNotFound, AlreadyUndone, UndoUnclear, and Refused for a batch that has
        nothing to take back.
        """
        store = self._core.vault.namespace(namespace)

        def decide(transaction: Transaction) -> Undone:
            batch, later = _find(store, seq)
            inverse = _Inverse(self._core, namespace, transaction, later)
            return Undone(seq, None, inverse.carry_out(batch), dry_run)

        plan = Plan(
            store,
            self._core.origin_for("undo"),
            decide,
            reason=check_reason(reason),
            undoes=seq,
        )
        undone, committed = plan.carry_out(dry_run=dry_run)
        return replace(undone, seq=committed)


def members_of(batch: Batch) -> set[str]:
    """The members that a batch touched."""
    touched = {doc_id for table, doc_id, _ in batch.ops if table == USERS}
    return touched | {event["userId"] for event in batch.events if "userId" in event}


def _row(batch: Batch) -> HistoryRow:
    """The line of history for a batch."""
    delta = sum(event["delta"] for event in batch.events if event["type"] == "xpChange")
    return HistoryRow(
        batch.seq,
        batch.ts,
        batch.by,
        batch.cmd,
        batch.reason,
        len(members_of(batch)),
        delta,
        batch.undoes,
    )


def _find(namespace: Namespace, seq: int) -> tuple[Batch, list[Batch]]:
    """The batch of that number and all later ones; AlreadyUndone if one of them undoes it."""
    batches = iter(namespace.batches(seq - 1)) if seq > 0 else iter(())
    found = next(batches, None)
    if found is None or found.seq != seq:
        raise BatchNotFound(f"there is no batch {seq} in {namespace.name}, or it was folded away")
    later = list(batches)
    taken_back = {batch.undoes for batch in later if batch.undoes is not None}
    for batch in later:
        if batch.undoes == seq and batch.seq not in taken_back:
            raise AlreadyUndone(
                f"batch {seq} was undone by batch {batch.seq}",
                advice=f"undo that one to have it again: robo-xp undo {batch.seq}",
            )
    return found, later


class _Inverse:
    """The inverse of one batch, put into a transaction."""

    def __init__(
        self, core: Core, namespace: str, transaction: Transaction, later: list[Batch]
    ) -> None:
        """Prepare; ``later`` are the batches after the one to take back."""
        self._core = core
        self._transaction = transaction
        self._later = later
        self._namespace = namespace
        self._created: set[str] = set()
        self._levels_changed = False

    def carry_out(self, batch: Batch) -> int:
        """Put the inverse into the transaction; returns how many members it touches."""
        steps: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "xpChange": self._xp_change,
            "countersChange": self._counters_change,
            "memberDelete": self._member_delete,
            "memberRestore": self._member_restore,
            "configChange": self._config_change,
        }
        done = 0
        # in reverse, so that a member changed twice goes back step by step
        for event in reversed(batch.events):
            step = steps.get(event["type"])
            if step is not None:
                step(event)
                done += 1
        if not done:
            raise Refused(
                f"batch {batch.seq} ({batch.cmd}) has nothing to take back",
                advice="see 'robo-xp history' for the batches that can be undone",
            )
        self._drop_empty()
        if self._levels_changed:
            self._recalculate()
        return self._transaction.touched(USERS)

    def _members(self) -> Members:
        """The members of the namespace under the rules that hold."""
        _, store_id, guild_id = self._namespace.split("/")
        scope = self._core.scope(guild_id, store_id)
        return Members(scope, self._transaction, self._core.rules(scope))

    def _xp_change(self, event: Mapping[str, Any]) -> None:
        """Move the member's XP back by what it was moved."""
        user_id, delta = event["userId"], event["delta"]
        self._refuse_if_fixed_later(user_id)
        record = self._transaction.get(USERS, user_id)
        xp = 0 if record is None else record["xp"]
        if not 0 <= xp - delta:
            raise UndoUnclear(
                f"member {user_id} has {xp} XP left; {delta} cannot be taken back",
                advice="later removals took some of it already; set the value by hand",
            )
        if event.get("created"):
            self._created.add(user_id)
        self._members().shift(user_id, -delta)

    def _refuse_if_fixed_later(self, user_id: str) -> None:
        """Raise UndoUnclear when a later batch set, deleted or restored the member."""
        if self._fixed is None:
            self._fixed = _fixed_members(self._later)
        if user_id in self._fixed:
            seq, what = self._fixed[user_id]
            raise UndoUnclear(f"batch {seq} {what} member {user_id} later")

    _fixed: dict[str, tuple[int, str]] | None = None

    def _counters_change(self, event: Mapping[str, Any]) -> None:
        """Move the member's counters back; an instant that was replaced gets its old value."""
        user_id = event["userId"]
        record = self._transaction.get(USERS, user_id)
        if record is None:
            return
        back = {
            key: event["old"][key]
            if key == "lastAwardedAt"
            else max(0, record[key] - new + event["old"][key])
            for key, new in event["new"].items()
            if key != "lastAwardedAt" or record[key] == new
        }
        self._transaction.put(USERS, user_id, {**record, **back})
        self._transaction.event(
            {
                "type": "countersChange",
                "userId": user_id,
                "old": {key: record[key] for key in back},
                "new": back,
            }
        )

    def _member_delete(self, event: Mapping[str, Any]) -> None:
        """Put the deleted record back, unless the member has a new one."""
        user_id = event["userId"]
        if self._transaction.get(USERS, user_id) is not None:
            seq = _last_touching(self._later, user_id)
            raise UndoUnclear(f"member {user_id} has a new record since batch {seq}")
        self._members().restore(user_id, event["record"])

    def _member_restore(self, event: Mapping[str, Any]) -> None:
        """Delete the restored record again."""
        user_id = event["userId"]
        seq = _last_touching(self._later, user_id)
        if seq is not None:
            raise UndoUnclear(f"batch {seq} changed member {user_id} later")
        self._members().delete(user_id)

    def _config_change(self, event: Mapping[str, Any]) -> None:
        """Give a setting its earlier value, unless a later batch gave it another one."""
        key = event["key"]
        before: Mapping[str, Any] = self._transaction.get(CONFIG, CONFIG_ID) or {}
        if rules.leaves_of(before).get(key) != event.get("new"):
            seq = _last_setting(self._later, key)
            raise UndoUnclear(f"batch {seq} set {key} later")
        after = (
            rules.set_key(before, key, event["old"])
            if "old" in event
            else rules.unset_key(before, key)
        )
        store_config(self._transaction, before, after)
        self._levels_changed |= key == "levels"

    def _drop_empty(self) -> None:
        """Delete again the records that the batch made, where nothing else is in them."""
        for user_id in self._created:
            record = self._transaction.get(USERS, user_id)
            if record is not None and not any(
                record.get(key) for key in ("xp", "messages", "xpMessages", "lastAwardedAt")
            ):
                self._transaction.delete(USERS, user_id)

    def _recalculate(self) -> None:
        """Bring stored levels in line with the curve that holds again."""
        if self._namespace == GLOBAL:
            return
        _, store_id, guild_id = self._namespace.split("/")
        scope = self._core.scope(guild_id, store_id)
        own = self._transaction.get(CONFIG, CONFIG_ID) or {}
        held = self._core.rules_for(scope, self._core.global_own(), own)
        Members(scope, self._transaction, held).recalculate_all()


def _fixed_members(later: list[Batch]) -> dict[str, tuple[int, str]]:
    """The members whose value a later batch fixed: with its number, and what it did."""
    fixed: dict[str, tuple[int, str]] = {}
    undone = {batch.undoes for batch in later if batch.undoes is not None}
    for batch in later:
        if batch.seq in undone or batch.undoes is not None:
            continue
        for event in batch.events:
            if event["type"] == "memberDelete":
                fixed[event["userId"]] = (batch.seq, "deleted")
            elif event["type"] == "xpChange" and event.get("how") in ("set", "replace"):
                fixed[event["userId"]] = (batch.seq, "set")
    return fixed


def _last_touching(batches: list[Batch], user_id: str) -> int | None:
    """The number of the last of the batches that touched the member."""
    return next((b.seq for b in reversed(batches) if user_id in members_of(b)), None)


def _last_setting(batches: list[Batch], key: str) -> int | None:
    """The number of the last of the batches that changed the setting."""
    for batch in reversed(batches):
        if any(e["type"] == "configChange" and e["key"] == key for e in batch.events):
            return batch.seq
    return None
