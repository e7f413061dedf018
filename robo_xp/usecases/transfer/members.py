"""Finding the members in a JSON document, whatever is wrapped around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from robo_xp.model.ids import is_snowflake
from robo_xp.usecases.reading.spelling import folded_key
from robo_xp.usecases.transfer.fields import ID

CONTAINERS: Final = (
    "members", "users", "levels", "players", "data", "rankings", "leaderboard", "entries", "xp",
)  # fmt: skip
_GUILD_KEYS = ("guild_id", "guildId", "guildID", "guild")


@dataclass(frozen=True, slots=True)
class Found:
    """Something that should be a member: what it is, and the ids that its places gave.

    ``fault`` says why it cannot be one.
    """

    item: Any
    user: str | None = None
    guild: str | None = None
    fault: str | None = None


def members_in(value: Any, guild: str | None = None) -> Iterator[Found]:
    """The members in a document: in lists, by id, under a guild's id, in pages of any of these."""
    if isinstance(value, list):
        for item in value:
            yield from _found_members(item, guild)
    elif isinstance(value, dict):
        guild = guild_of(value) or guild
        if any(map(is_snowflake, value)):
            yield from _by_id(value, guild)
        elif (inner := container_of(value)) is not None:
            yield from members_in(inner, guild)
        else:
            yield Found(value, guild=guild)


def container_of(value: Mapping[str, Any]) -> Any:
    """The list or object of members in an object; None where it has none."""
    for key in CONTAINERS:
        inner = value.get(key)
        if isinstance(inner, list | dict):
            return inner
    return None


def guild_of(value: Mapping[str, Any]) -> str | None:
    """The guild that an object says it is of."""
    for key in _GUILD_KEYS:
        found = value.get(key)
        if isinstance(found, dict):
            found = found.get("id")
        if is_snowflake(found):
            return str(found)
    return None


def is_member(item: Any) -> bool:
    """Whether an item has a field that can hold a member's id."""
    return isinstance(item, dict) and _names_id(tuple(item))


def first_members(value: Any, most: int = 20) -> list[Mapping[str, Any]]:
    """The first members that are objects, to recognise a source by."""
    first: list[Mapping[str, Any]] = []
    for found in members_in(value):
        if isinstance(found.item, dict):
            first.append(found.item)
        if len(first) == most:
            break
    return first


@lru_cache(maxsize=1000)
def _names_id(keys: tuple[str, ...]) -> bool:
    """The same of an object's keys; those of most members in a file are the same."""
    return any(folded_key(key) in ID for key in keys)


def _found_members(item: Any, guild: str | None) -> Iterator[Found]:
    if isinstance(item, list):
        if item and is_snowflake(item[0]):
            yield Found(item[1:], user=item[0], guild=guild)
        else:
            yield from members_in(item, guild)
    elif isinstance(item, dict) and not is_member(item):
        yield from members_in(item, guild)
    else:
        yield Found(item, guild=guild)


def _by_id(value: Mapping[str, Any], guild: str | None) -> Iterator[Found]:
    """The members of an object whose keys are ids: of members, or of guilds around members."""
    are_guilds = any(_holds_members(item) for key, item in value.items() if is_snowflake(key))
    are_numbers = not any(isinstance(item, dict | list) for item in value.values())
    for key, item in value.items():
        if not is_snowflake(key):
            if are_numbers or isinstance(item, dict | list):
                yield Found(item, fault=f"{key[:40]!a} is no id")
        elif are_guilds:
            if item:
                yield from members_in(item, key)
        else:
            yield Found(item, user=key, guild=guild)


def _holds_members(item: Any) -> bool:
    """Whether what stands under an id is a guild: something with members in it."""
    if isinstance(item, list):
        return bool(item) and isinstance(item[0], dict | list)
    if not isinstance(item, dict):
        return False
    return any(map(is_snowflake, item)) or container_of(item) is not None
