"""Where a guild keeps anything about a person, and all of it in one object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from robo_xp.errors import MemberNotFound
from robo_xp.model.ids import check_snowflake
from robo_xp.rules.what import Known
from robo_xp.usecases.core import Core
from robo_xp.usecases.history.what import changes_of
from robo_xp.usecases.members.changes import USERS
from robo_xp.usecases.members.names import Names
from robo_xp.vault import Namespace, NamespaceKind, Record, name_of

KINDS: Final[tuple[NamespaceKind, ...]] = ("giveaways", "xp", "names", "outbox")
"""The kinds of namespaces that speak of a guild's members; what may refuse an erasure first."""


def namespaces_of(core: Core, guild_id: str) -> list[Namespace]:
    """All namespaces of the guild. Raises InvalidId."""
    check_snowflake(guild_id, "guild id")
    names = [name for kind in KINDS for name in core.vault.names(kind)]
    return [core.vault.namespace(name) for name in names if name_of(name).guild_id == guild_id]


def naming(user_id: str) -> Callable[[str], bool]:
    """A test whether a text names the id as a whole."""
    found = re.compile(rf"(?<![0-9]){user_id}(?![0-9])").search
    return lambda text: user_id in text and found(text) is not None


def is_named_in(value: Any, names: Callable[[str], bool]) -> bool:
    """Whether a JSON value speaks of the person anywhere, keys too."""
    if isinstance(value, str):
        return names(value)
    if isinstance(value, Mapping):
        return any(is_named_in(key, names) or is_named_in(one, names) for key, one in value.items())
    return isinstance(value, list | tuple) and any(is_named_in(one, names) for one in value)


def documents_about(
    tables: Mapping[str, Mapping[str, Record]], user_id: str
) -> Iterator[tuple[str, str, Record]]:
    """Table, id and record of everything in these tables that speaks of the person."""
    names = naming(user_id)
    for table, records in list(tables.items()):
        if table == USERS:  # the largest one: its records speak of nobody but their own member
            found = records.get(user_id)
            yield from [] if found is None else [(table, user_id, found)]
            continue
        for doc_id, record in list(records.items()):
            if names(doc_id) or is_named_in(record, names):
                yield table, doc_id, record


def without_others(value: Any, names: Callable[[str], bool]) -> Any:
    """A JSON value that speaks of the person: of lists and tables of people, its part alone."""
    if isinstance(value, Mapping):
        own = [key for key in value if names(key)]
        return {key: without_others(value[key], names) for key in own or value}
    if isinstance(value, list | tuple):
        own = [one for one in value if is_named_in(one, names)]
        return [without_others(one, names) for one in own or value]
    return value


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Everything that is kept about one person in a guild.

    ``documents`` are records and entries as they are stored now, without the others of a list that
    names the person; ``history`` is what the kept batches say; ``stores`` and ``giveaways`` are the
    documents that most people ask for.
    """

    guild_id: str
    user_id: str
    name: str | None
    exported_at: int
    stores: list[dict[str, Any]]
    giveaways: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    history: list[dict[str, Any]]


def personal_data(core: Core, guild_id: str, user_id: str) -> PersonalData:
    """All about a person; InvalidId, and MemberNotFound where nothing speaks of it."""
    check_snowflake(user_id, "member id")
    documents: list[dict[str, Any]] = []
    history: list[dict[str, Any]] = []
    names = naming(user_id)
    for namespace in namespaces_of(core, guild_id):
        documents += [
            {"namespace": namespace.name, "table": table, "id": doc_id,
             "record": without_others(record, names)}
            for table, doc_id, record in documents_about(namespace.read().tables, user_id)
        ]  # fmt: skip
        history += _history(namespace, user_id)
    if not documents and not history:
        raise MemberNotFound(f"nothing in guild {guild_id} speaks of member {user_id}")
    return PersonalData(
        guild_id,
        user_id,
        Names(core).name(guild_id, user_id),
        core.clock.now_ms(),
        [_store_of(one) for one in documents if one["table"] == USERS],
        [_entry_of(one) for one in documents if one["table"].startswith("entries:")],
        documents,
        history,
    )


def _store_of(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"storeId": name_of(found["namespace"]).store_id, **found["record"]}


def _entry_of(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"giveawayId": found["table"].partition(":")[2], **found["record"]}


def _history(namespace: Namespace, user_id: str) -> Iterator[dict[str, Any]]:
    """The kept batches that happened to the person or were made by it, oldest first."""
    names = naming(user_id)
    for batch in namespace.batches():
        changes = [one for one in changes_of(batch, Known()) if is_named_in(one, names)]
        is_own = names(batch.by)
        if changes or is_own:
            yield {
                "namespace": namespace.name,
                "seq": batch.seq,
                "ts": batch.ts,
                "by": batch.by,
                "cmd": batch.cmd,
                "reason": batch.reason,
                "changes": changes,
            }
