"""Import from other bots and files, export to files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict, Unpack

from robo_xp.commands.core import DEFAULT_STORE, Core, check_reason
from robo_xp.commands.formats import Entry
from robo_xp.commands.members import USERS, Members
from robo_xp.errors import Fault, InvalidValue
from robo_xp.model import MAX_XP
from robo_xp.plan import Plan
from robo_xp.rules.curve import Curve
from robo_xp.vault import Record, Transaction

Merge = Literal["add", "max", "replace"]
Keep = Literal["xp", "level"]
MERGES, KEEPS = ("add", "max", "replace"), ("xp", "level")
EXPORT_FORMAT = "robo-xp-export"


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
    """What an import did: entries read, members added and changed, entries left out and why."""

    read: int
    added: int
    changed: int
    skipped: tuple[Fault, ...]
    seq: int | None
    dry_run: bool


class Transfer:
    """Members in and out of a store."""

    def __init__(self, core: Core) -> None:
        """Work in these surroundings."""
        self._core = core

    def import_members(
        self, guild_id: str, entries: Iterable[Entry | Fault], **options: Unpack[ImportOptions]
    ) -> Imported:
        """Take the entries over as one batch; a member listed twice counts as listed last."""
        merge, keep = options.get("merge", "max"), options.get("keep", "xp")
        if merge not in MERGES or keep not in KEEPS:
            raise InvalidValue(f"merge is one of {', '.join(MERGES)}; keep of {', '.join(KEEPS)}")
        found = list(entries)
        faults = tuple(item for item in found if isinstance(item, Fault))
        latest = {item.user_id: item for item in found if isinstance(item, Entry)}
        scope = self._core.scope(guild_id, options.get("store", DEFAULT_STORE))
        dry_run = options.get("dry_run", False)

        def decide(transaction: Transaction) -> Imported:
            members = Members(scope, transaction, self._core.rules(scope))
            done = [_take_over(members, entry, merge, keep) for entry in latest.values()]
            return Imported(
                len(found), done.count("added"), done.count("changed"), faults, None, dry_run
            )

        plan = Plan(
            scope.namespace,
            self._core.origin_for("import"),
            decide,
            reason=check_reason(options.get("reason")),
        )
        imported, seq = plan.carry_out(dry_run=dry_run)
        return replace(imported, seq=seq)

    def document(self, guild_id: str, *, store: str = DEFAULT_STORE) -> dict[str, Any]:
        """Everything of one store as a JSON document that ``import json`` takes back."""
        scope = self._core.scope(guild_id, store)
        state = scope.namespace.read()
        level_for = self._core.rules(scope).curve.level_for
        return {
            "format": EXPORT_FORMAT,
            "version": 1,
            "guildId": guild_id,
            "storeId": store,
            "exportedAt": self._core.clock.now_ms(),
            "seq": state.seq,
            "config": dict(state.records("config").get("1", {})),
            "members": [
                {"userId": user_id, **record, "level": level_for(record["xp"], record["level"])}
                for user_id, record in sorted(
                    state.records(USERS).items(), key=lambda item: int(item[0])
                )
            ],
        }


def _take_over(members: Members, entry: Entry, merge: Merge, keep: Keep) -> str:
    """Merge one entry into the store: ``added``, ``changed`` or ``same``."""
    record = members.transaction.get(USERS, entry.user_id)
    fields = _fields(entry, members.rules.curve, keep)
    if record is None:
        members.replace(entry.user_id, fields, how=_how(merge))
        return "added"
    merged = {key: _merged(record, key, value, merge) for key, value in fields.items()}
    if all(record.get(key, 0) == value for key, value in merged.items()):
        return "same"
    members.replace(entry.user_id, merged, how=_how(merge))
    return "changed"


def _how(merge: Merge) -> str:
    """The word for the event: a replaced total is fixed, the others are gains."""
    return "replace" if merge == "replace" else "import"


def _fields(entry: Entry, curve: Curve, keep: Keep) -> Mapping[str, int]:
    """The record's fields that the entry gives."""
    xp_messages = entry.xp_messages
    messages = entry.messages if entry.messages is not None else xp_messages
    fields = {
        "xp": _xp_for_level(entry, curve) if keep == "level" else entry.xp,
        "messages": messages,
        "xpMessages": xp_messages,
        "lastAwardedAt": entry.last_awarded_at,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _xp_for_level(entry: Entry, curve: Curve) -> int:
    """The XP that give the entry's level on our curve, as far inside it as it was."""
    if entry.level is None:
        return entry.xp
    top = curve.max_level
    if top is not None and entry.level >= top:
        return curve.threshold(top)
    start = curve.threshold(entry.level)
    gained, needed = entry.inside or (0, 1)
    return min(start + gained * curve.cost(entry.level + 1) // needed, MAX_XP)


def _merged(record: Record, key: str, value: int, merge: Merge) -> int:
    """One field of a member that is already there."""
    old: int = record.get(key, 0)
    if merge == "add" and key != "lastAwardedAt":
        return min(old + value, MAX_XP)
    if merge == "replace":
        return value
    return max(old, value)
