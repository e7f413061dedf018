"""The roles that members choose in options of ``/giveaway``, and the bonuses that go with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord

from robo_xp.errors import Refused
from robo_xp_daemon.interactions import format as words


def role_ids(chosen: Iterable[Any]) -> tuple[str, ...]:
    """The ids of the roles that were chosen, once each; Refused for @everyone and strange ones."""
    return tuple(dict.fromkeys(role_id_of(role) for role in chosen if role is not None))


def role_id_of(role: Any) -> str:
    """The id of a role that members of this guild can have or lack; else Refused."""
    known_id = any_role_id(role)
    if role.is_default():
        raise Refused("@everyone is every member, so it cannot be chosen; leave the option out")
    if role.is_bot_managed():
        raise Refused(f"{words.role(role.id)} belongs to a bot; no member can have it")
    return known_id


def any_role_id(role: Any) -> str:
    """The id of a role of this guild, whatever it is; else Refused."""
    if not isinstance(role, discord.Role):
        raise Refused("that role is not one of this server")
    return str(role.id)


def bonuses(chosen: Iterable[tuple[Any, int | None]]) -> dict[str, int]:
    """How many entries on top for which role; Refused where half of a pair is missing."""
    found: dict[str, int] = {}
    for role, more in chosen:
        if role is None and more is None:
            continue
        if role is None or more is None:
            raise Refused("a bonus needs both a role and how many entries it has on top")
        role_id = role_id_of(role)
        if found.setdefault(role_id, more) != more:
            raise Refused(f"{words.role(role_id)} cannot have two different bonuses")
    return found
