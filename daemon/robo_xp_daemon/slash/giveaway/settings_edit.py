"""The settings of giveaways for ``/giveaway settings``: read, changed as one, and told.

Nothing here asks Discord; all of it runs off the event loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from robo_xp import RoboXP
from robo_xp.errors import Refused
from robo_xp.settings.giveaway import BONUS, GIVEAWAY, TEMPLATES, warnings_of
from robo_xp.settings.kinds import Choice
from robo_xp.usecases.settings.layered import ConfigChanged
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.slash.giveaway import words as said

_ROLES: Final = 700
_SOURCES: Final = {"guild": "", "global": " (for all servers)", "default": " (default)"}


@dataclass(frozen=True, slots=True)
class Order:
    """The values to set by key, the roles to add to and take off lists, and a role's bonus."""

    values: Mapping[str, Any]
    added: Mapping[str, str]
    removed: Mapping[str, str]
    bonus: tuple[str, int] | None


def settings_embed(robo: RoboXP, guild_id: str) -> discord.Embed:
    """All settings that hold now, and which of them were not set here."""
    lines = [
        f"{_label(one.key)}: {_value(one.key, one.value)}{_SOURCES[one.source]}"
        for one in robo.giveaways.settings.explain_all(guild_id)
    ]
    return discord.Embed(title="Settings of giveaways", description="\n".join(lines))


def change_settings(robo: RoboXP, guild_id: str, order: Order) -> ConfigChanged:
    """Carry out the order as one change; InvalidConfig, Refused where anything is wrong."""
    stored = robo.giveaways.settings

    def edit(own: Mapping[str, Any]) -> dict[str, Any]:
        after = dict(own)
        for key, value in order.values.items():
            after = GIVEAWAY.set(after, key, value)
        for key in {**order.added, **order.removed}:
            held = GIVEAWAY.get(own, key)
            held = GIVEAWAY.get(stored.get(None), key) if held is None else held
            after = GIVEAWAY.set(after, key, _edited_list(key, list(held), order))
        return after if order.bonus is None else _with_bonus(after, *order.bonus)

    with said.understandable():
        return stored.change(guild_id, edit)


def forgotten(robo: RoboXP, guild_id: str, key: str | None) -> ConfigChanged:
    """Let the setting, or all, follow the defaults again; InvalidConfig for a contradiction."""
    with said.understandable():
        return robo.giveaways.settings.unset_key(guild_id, key)


def _edited_list(key: str, held: list[str], order: Order) -> list[str]:
    """The list with the role that is added, without the one that is removed."""
    more, less = order.added.get(key), order.removed.get(key)
    title = _label(key)
    if more is not None and more == less:
        raise Refused(f"{title}: {words.role(more)} cannot be added and removed at once")
    if less is not None and less not in held:
        raise Refused(f"{title}: {words.role(less)} is not among them")
    kept = [role_id for role_id in held if role_id != less]
    return kept if more is None or more in kept else [*kept, more]


def _with_bonus(own: Mapping[str, Any], role_id: str, more: int) -> dict[str, Any]:
    key = f"{BONUS}.{role_id}"
    if more:
        return GIVEAWAY.set(own, key, more)
    if GIVEAWAY.get(own, key) is None:
        raise Refused(f"{words.role(role_id)} has no bonus entries here")
    return GIVEAWAY.unset(own, key)


def change_embed(done: ConfigChanged) -> discord.Embed:
    """What is different now; it counts for new giveaways only."""
    keys = dict.fromkeys(BONUS if key.startswith(BONUS) else key for key in done.keys)
    if not keys:
        return discord.Embed(description="These settings were like this before.")
    lines = [f"{_label(key)}: {_value(key, GIVEAWAY.get(done.effective, key))}" for key in keys]
    lines += [f"Careful: {warning}." for warning in warnings_of(done.effective)]
    embed = discord.Embed(title="Settings changed", description="\n".join(lines))
    return embed.set_footer(text="They count for giveaways that are started from now on.")


def _label(key: str) -> str:
    return GIVEAWAY[key].label


def _value(key: str, value: Any) -> str:
    """A setting as a member reads it."""
    kind = GIVEAWAY[key].kind
    if isinstance(kind, Choice):
        return f"**{kind.options[value][0]}**"
    if isinstance(value, bool):
        return "**yes**" if value else "**no**"
    if key == TEMPLATES:
        return words.plain(", ".join(value or ())) or "**none**"
    if isinstance(value, Mapping):
        pairs = [f"{words.role(role_id)} +{more}" for role_id, more in value.items()]
        return wording.list_within(pairs, _ROLES) or "**none**"
    if isinstance(value, list | tuple):
        return wording.roles(value, _ROLES) or "**none**"
    return f"**{words.plain(str(value))}**"
