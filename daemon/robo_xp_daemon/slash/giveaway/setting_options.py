"""The options of ``/giveaway settings set``, out of the table of settings.

A list of roles has one option that adds to it and one that takes off it; a number for each role
has two that go together. What cannot be given in an option has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from inspect import Parameter, Signature
from typing import Any, Final, Literal

import discord
from discord import app_commands

from robo_xp.errors import Refused
from robo_xp.settings import kinds
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp.settings.table import Field
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway.roles import any_role_id, role_id_of
from robo_xp_daemon.slash.giveaway.settings_edit import Order

ADD, REMOVE, ROLE, ENTRIES = "add_", "remove_", "_role", "_entries"


def name_of(field: Field) -> str:
    """What the setting's option is called, or what its options are made of."""
    snake = re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", field.name)
    return field.option or snake


def _options_of(field: Field) -> Iterator[tuple[str, Any, str]]:
    """The options of a setting: the name, the type and the description of each."""
    name, about, kind = name_of(field), field.help.rstrip("."), field.kind
    match kind:
        case kinds.PerName():
            return
        case kinds.PerId():
            high = app_commands.Range[int, 0, kind.high]
            yield name + ROLE, discord.Role, f"{field.label}: the role"
            yield name + ENTRIES, high, f"{field.label}: how many for that role; 0 for none"
        case kinds.IdsOf():
            yield ADD + name, discord.Role, about
            yield REMOVE + name, discord.Role, f"{field.label}: no longer this one"
        case kinds.Whole():
            yield name, app_commands.Range[int, kind.low, kind.high], about
        case kinds.Flag():
            yield name, bool, about
        case kinds.Choice():
            yield name, Literal[kind.choices], about
        case kinds.Text():
            yield name, app_commands.Range[str, kind.low, kind.high], about
        case kinds.Duration():
            yield name, options.Duration, about


_ALL: Final = {
    name: (kind, words.cut(about, 100))
    for field in GIVEAWAY
    for name, kind, about in _options_of(field)
}
DESCRIPTIONS: Final = {name: about for name, (_, about) in _ALL.items()}
LENGTHS: Final = [name_of(one) for one in GIVEAWAY if isinstance(one.kind, kinds.Duration)]
"""The options that take a length of time."""


def signature_of(command: Callable[..., Any]) -> Signature:
    """The command's own signature with every option, each of which may be left out."""
    interaction = Parameter(
        "interaction", Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction[Any]
    )
    given = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind | None)
        for name, (kind, _) in _ALL.items()
    ]
    return Signature([interaction, *given])


def order_of(given: Mapping[str, Any]) -> Order:
    """What the options ask for; Refused for roles that nobody can have, and halves of pairs."""
    values: dict[str, Any] = {}
    added: dict[str, str] = {}
    removed: dict[str, str] = {}
    bonus: tuple[str, int] | None = None
    for field in GIVEAWAY:
        name = name_of(field)
        if isinstance(field.kind, kinds.IdsOf):
            added |= _role(field.key, given.get(ADD + name), role_id_of)
            removed |= _role(field.key, given.get(REMOVE + name), any_role_id)
        elif isinstance(field.kind, kinds.PerId):
            bonus = _bonus(given.get(name + ROLE), given.get(name + ENTRIES)) or bonus
        elif given.get(name) is not None:
            values[field.key] = given[name]
    return Order(values, added, removed, bonus)


def _role(key: str, role: Any, id_of: Callable[[Any], str]) -> dict[str, str]:
    return {} if role is None else {key: id_of(role)}


def _bonus(role: Any, more: int | None) -> tuple[str, int] | None:
    if role is None and more is None:
        return None
    if role is None or more is None:
        raise Refused("a bonus needs both a role and how many entries it has on top")
    return (role_id_of if more else any_role_id)(role), more
