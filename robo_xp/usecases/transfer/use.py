"""Import from other bots and files, export to files."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict, Unpack

from robo_xp.errors import InvalidValue, RoboXPError, StoreNotFound
from robo_xp.model import MAX_XP, XPChange
from robo_xp.rules.board import order_key
from robo_xp.rules.levels.curve import Curve
from robo_xp.usecases.core import DEFAULT_STORE, Core, Scope, check_reason, own_config
from robo_xp.usecases.members.changes import USERS, Members
from robo_xp.usecases.members.names import Names
from robo_xp.usecases.plan import Plan
from robo_xp.usecases.transfer.formats import Entry, Skipped
from robo_xp.vault import Record, Transaction

log = logging.getLogger("robo_xp")

Merge = Literal["add", "max", "replace"]
Keep = Literal["xp", "level"]
MERGES, KEEPS = ("add", "max", "replace"), ("xp", "level")
EXPORT_FORMAT = "robo-xp-export"
EXPORT_VERSION = 1
EXPORT_COLUMNS = ("userId", "name", "xp", "level", "messages", "xpMessages", "lastAwardedAt")


class ImportOptions(TypedDict, total=False):
    """How an import meets what is there.

    ``merge``: add to it, keep the greater value, or replace it. ``keep``: the XP as they are, or
    the level, with XP worked out for the curve that holds.
    """

    merge: Merge
    keep: Keep
    reason: str | None
    store: str
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: entries read, members added and changed, entries left out and why.

    ``unchanged`` members had all of it already; ``repeated`` entries gave way to a later one of
    the same member. ``changes`` has the XP of everybody added or changed.
    """

    read: int
    added: int
    changed: int
    unchanged: int
    repeated: int
    skipped: tuple[Skipped, ...]
    changes: tuple[XPChange, ...]
    seq: int | None
    dry_run: bool


class Transfer:
    """Members in and out of a store."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def import_members(
        self, guild_id: str, entries: Iterable[Entry | Skipped], **options: Unpack[ImportOptions]
    ) -> Imported:
        """Take the entries over as one batch; a member listed twice counts as listed last.

        The names in them are remembered, as far as they can be.
        """
        merge, keep = options.get("merge", "max"), options.get("keep", "xp")
        if merge not in MERGES or keep not in KEEPS:
            raise InvalidValue(f"merge is one of {', '.join(MERGES)}; keep of {', '.join(KEEPS)}")
        found = [_checked(entry, keep) for entry in entries]
        skipped = tuple(item for item in found if isinstance(item, Skipped))
        latest = {item.user_id: item for item in found if isinstance(item, Entry)}
        scope = self._core.scope(guild_id, options.get("store", DEFAULT_STORE))
        dry_run = options.get("dry_run", False)

        def decide(transaction: Transaction) -> Imported:
            before = transaction.records(USERS)
            members = Members(scope, transaction, self._core.rules(scope))
            done = [_take_over(members, entry, merge, keep) for entry in latest.values()]
            changes = tuple(change for change in done if change is not None)
            added = sum(change.user_id not in before for change in changes)
            return Imported(
                len(found),
                added,
                len(changes) - added,
                len(latest) - len(changes),
                len(found) - len(skipped) - len(latest),
                skipped,
                changes,
                None,
                dry_run,
            )

        plan = Plan(
            scope.namespace,
            self._core.origin_for("import"),
            decide,
            reason=check_reason(options.get("reason")),
        )
        imported, seq = plan.carry_out(dry_run=dry_run)
        if not dry_run:
            self._remember(guild_id, latest.values())
        return replace(imported, seq=seq)

    def _remember(self, guild_id: str, entries: Iterable[Entry]) -> None:
        """Keep the names; trouble is only told, since the import itself stands."""
        names = {entry.user_id: entry.name for entry in entries if entry.name is not None}
        try:
            if names:
                Names(self._core).remember(guild_id, names)
        except RoboXPError as error:
            log.warning("the names in the import could not be kept: %s", error)

    def document(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """Everything of one store as a JSON document that ``import json`` takes back.

        StoreNotFound where the store holds nothing.
        """
        scope = self._core.scope(guild_id, store)
        state = scope.namespace.read()
        records, own = state.records(USERS), own_config(state)
        if not records and not own:
            raise StoreNotFound(f"store {store!r} of guild {guild_id} holds nothing")
        return {
            "format": EXPORT_FORMAT,
            "version": EXPORT_VERSION,
            "guildId": guild_id,
            "storeId": store,
            "exportedAt": self._core.clock.now_ms(),
            "seq": state.seq,
            "config": dict(own),
            "members": self._listed(scope, records),
        }

    def _listed(self, scope: Scope, records: Mapping[str, Record]) -> list[dict[str, Any]]:
        """The records with ids, known names, and the levels of the curve that holds."""
        level_for = self._core.rules(scope).curve.level_for
        names = Names(self._core).of(scope.guild_id)
        listed = []
        for user_id, record in sorted(
            records.items(), key=lambda item: order_key(item[1]["xp"], item[0])
        ):
            level = level_for(record["xp"], record["level"])
            name = {"name": names[user_id]} if user_id in names else {}
            listed.append({"userId": user_id, **name, **record, "level": level})
        return listed


def _checked(entry: Entry | Skipped, keep: Keep) -> Entry | Skipped:
    """The entry, unless it does not say what is to be kept."""
    if isinstance(entry, Entry) and keep == "level" and entry.level is None:
        error = f"member {entry.user_id}: there is no level to keep"
        return Skipped(entry.line, error, entry.file)
    return entry


def _take_over(members: Members, entry: Entry, merge: Merge, keep: Keep) -> XPChange | None:
    """Merge one entry into the store; None where the member had all of it already."""
    record = members.transaction.get(USERS, entry.user_id)
    fields = _fields(entry, members.rules.curve, keep)
    if record is not None:
        fields = {key: _merged(record, key, value, merge) for key, value in fields.items()}
        if all(record.get(key, 0) == value for key, value in fields.items()):
            return None
    return members.replace(entry.user_id, fields, how=_how(merge))


def _how(merge: Merge) -> str:
    """The word for the event: what is added moves with the totals, all else fixes them."""
    return "import" if merge == "add" else "replace"


def _fields(entry: Entry, curve: Curve, keep: Keep) -> dict[str, int]:
    """The record's fields that the entry gives."""
    xp_messages = entry.xp_messages
    fields = {
        "xp": _xp_for_level(entry, curve) if keep == "level" else entry.xp,
        "messages": entry.messages if entry.messages is not None else xp_messages,
        "xpMessages": xp_messages,
        "lastAwardedAt": entry.last_awarded_at,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _xp_for_level(entry: Entry, curve: Curve) -> int:
    """The XP that give the entry's level on our curve, as far inside it as it was."""
    level = entry.level or 0
    gained, needed = entry.inside or (0, 1)
    try:
        total = curve.threshold(level)
        if level != curve.max_level:
            total += gained * curve.cost(level + 1) // needed
    except InvalidValue:  # the curve ends before this level
        total = MAX_XP + 1
    return total if total <= MAX_XP else curve.threshold(curve.level_for(MAX_XP))


def _merged(record: Record, key: str, value: int, merge: Merge) -> int:
    """One field of a member that is already there."""
    old: int = record.get(key, 0)
    if merge == "add" and key != "lastAwardedAt":
        return min(old + value, MAX_XP)
    if merge == "replace":
        return value
    return max(old, value)
