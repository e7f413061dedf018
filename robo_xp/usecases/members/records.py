"""What stored records must look like, and the nearest sound record to one that does not.

Programs of others may write through the library or TinyDB; what they wrote wrong is found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from robo_xp.model import MAX_XP, short_text
from robo_xp.model.giveaway_record import giveaway_of
from robo_xp.model.ids import is_snowflake
from robo_xp.settings.xp import XP
from robo_xp.usecases.core import CONFIG, CONFIG_ID
from robo_xp.usecases.members.changes import LATER_COUNTS, NEW_MEMBER, USERS
from robo_xp.usecases.members.names import MEMBERS, NAME_LIMIT
from robo_xp.vault import Record, name_of

GIVEAWAYS = "giveaways"
_LAST_MESSAGE = "lastMessageId"

Tables = Mapping[str, Mapping[str, Record]]


@dataclass(frozen=True, slots=True)
class RecordFault:
    """A record that is not as it must be; ``sound`` is the nearest one that is, None for none."""

    table: str
    doc_id: str
    what: str
    sound: Record | None


def record_faults(namespace: str, tables: Tables) -> Iterator[RecordFault]:
    """The faults of all records of a namespace, one for each record that has any."""
    kind = name_of(namespace).kind
    if kind == "xp":
        yield from _faults_of_members(tables.get(USERS, {}))
    if kind in ("xp", "global"):
        yield from _faults_of_config(tables.get(CONFIG, {}))
    if kind == "names":
        yield from _faults_of_names(tables.get(MEMBERS, {}))
    if kind == "giveaways":
        yield from _faults_of_giveaways(tables.get(GIVEAWAYS, {}))


def _faults_of_members(users: Mapping[str, Record]) -> Iterator[RecordFault]:
    for user_id, record in users.items():
        if not is_snowflake(user_id):
            yield RecordFault(USERS, user_id, f"{short_text(user_id)} is no id of a member", None)
            continue
        keys = (*NEW_MEMBER, *(key for key in LATER_COUNTS if key in record))
        wrong = [key for key in keys if not _is_count(record.get(key))]
        text = [f"{key} is {short_text(record.get(key))}" for key in wrong]
        last = record.get(_LAST_MESSAGE, user_id)
        if not is_snowflake(last):
            text.append(f"{_LAST_MESSAGE} is {short_text(last)}")
        if text:
            sound = {**record, **{key: _nearest(record.get(key)) for key in wrong}}
            if not is_snowflake(last):
                del sound[_LAST_MESSAGE]
            yield RecordFault(USERS, user_id, f"member {user_id}: {', '.join(text)}", sound)


def _is_count(value: object) -> bool:
    """Whether the value can be XP, a level, a counter or an instant."""
    return type(value) is int and 0 <= value <= MAX_XP


def _nearest(value: object) -> int:
    """The nearest count to a number; 0 for what is none."""
    return min(max(value, 0), MAX_XP) if type(value) is int else 0


def _faults_of_config(configs: Mapping[str, Record]) -> Iterator[RecordFault]:
    for doc_id, record in configs.items():
        if doc_id != CONFIG_ID:
            yield RecordFault(
                CONFIG, doc_id, f"{short_text(doc_id)} is no document of settings", None
            )
            continue
        faults = XP.value_faults(record)
        if faults:
            sound = {key: part for key, part in record.items() if not XP.value_faults({key: part})}
            what = "settings: " + "; ".join(str(fault) for fault in faults)
            yield RecordFault(CONFIG, doc_id, what, sound or None)


def _faults_of_names(members: Mapping[str, Record]) -> Iterator[RecordFault]:
    for user_id, record in members.items():
        name = record.get("name")
        if not is_snowflake(user_id) or not isinstance(name, str) or len(name) > NAME_LIMIT:
            yield RecordFault(MEMBERS, user_id, f"{short_text(user_id)} has no name", None)


def _faults_of_giveaways(giveaways: Mapping[str, Record]) -> Iterator[RecordFault]:
    for doc_id, record in giveaways.items():
        try:
            giveaway_of(record)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            what = f"giveaway {short_text(record.get('id', doc_id))} cannot be read: {error}"
            yield RecordFault(GIVEAWAYS, doc_id, what, None)


def sound_config(tables: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The settings in the tables, empty without any; None when they have faults."""
    own: Mapping[str, Any] = tables.get(CONFIG, {}).get(CONFIG_ID, {})
    return None if XP.value_faults(own) else own
