"""What a batch did, change by change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET

from robo_xp.model.event_reading import raw_of
from robo_xp.model.events import (
    CountersChanged,
    Event,
    GiveawayEdited,
    GiveawayEntered,
    LevelMoved,
    LevelRepaired,
    MemberDeleted,
    MemberErased,
    MemberHidden,
    MemberRestored,
    OfEntries,
    ValueChanged,
    XpChanged,
)
from robo_xp.rules.what import Known
from robo_xp.vault import Batch

Change = Mapping[str, Any]


def changes_of(batch: Batch, known: Known) -> Iterator[Change]:
    """All that the batch did: one object with ``kind``, ``old`` and ``new`` for each change.

    A batch that tells of no event is shown by the records that it left behind.
    """
    events = list(batch.told())
    for event in events:
        for change in _changes(event):
            named = known.members.get(str(change.get("userId")))
            yield {**change, "name": named} if named is not None else change
    if not events:
        for table, id_, record in batch.ops:
            yield {"kind": "record", "table": table, "id": id_, "old": None, "new": record}


def _changes(event: Event) -> Iterator[dict[str, Any]]:
    """The changes that an event tells of, with old and new."""
    kind = {"kind": event.type}
    match event:
        case XpChanged():
            yield kind | _member(event.user_id, event.old_xp, event.new_xp) | {"delta": event.delta}
        case LevelMoved():
            yield kind | _member(event.user_id, event.old_level, event.new_level)
        case CountersChanged():
            yield kind | _member(event.user_id, event.old, event.new)
        case MemberDeleted():
            yield kind | _member(event.user_id, event.record, None)
        case MemberRestored():
            yield kind | _member(event.user_id, None, {"xp": event.xp})
        case MemberHidden():
            yield kind | _member(event.user_id, not event.hidden, event.hidden)
        case LevelRepaired() | MemberErased():
            yield kind | _member(event.user_id, None, None)
        case ValueChanged():
            old, new = (None if value is UNSET else value for value in (event.old, event.new))
            yield kind | {"key": event.key, "old": old, "new": new}
        case OfEntries():
            for user_id, entry in event.entries.items():
                entered = isinstance(event, GiveawayEntered)
                images = (None, entry) if entered else (entry, None)
                yield kind | {"giveawayId": event.giveaway_id} | _member(user_id, *images)
        case GiveawayEdited():
            id_ = {"giveawayId": event.giveaway_id, "key": event.key}
            yield kind | id_ | {"old": event.old, "new": event.new}
        case _:
            raw = {key: value for key, value in raw_of(event).items() if key != "type"}
            id_ = {"giveawayId": raw.pop("giveawayId")} if "giveawayId" in raw else {}
            yield kind | id_ | {"old": raw.pop("old", None), "new": raw or None}


def _member(user_id: str, old: Any, new: Any) -> dict[str, Any]:
    return {"userId": user_id, "old": old, "new": new}
