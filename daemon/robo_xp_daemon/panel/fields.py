"""The settings that the panel's general page has, out of their table: texts, forms, controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import discord
from discord import ui

from robo_xp.errors import InvalidValue
from robo_xp.settings import kinds
from robo_xp.settings.table import Field
from robo_xp.settings.template import PLACEHOLDERS
from robo_xp.settings.xp import XP
from robo_xp.text import thousands
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.panel.ids import panel_id
from robo_xp_daemon.panel.parts import Part, button

FIELDS: Final = tuple(field for field in XP if field.panel)
ON, OFF = "on", "off"
TYPED = (kinds.Whole, kinds.Decimal, kinds.Text)
"""The kinds that are typed into a form; all others are pressed or chosen."""

TALKED_IN: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.voice,
]


def words_of(field: Field) -> str:
    """The words of the custom id that changes the setting; a form is opened by ``edit_`` first."""
    if isinstance(field.kind, TYPED):
        return f"modal_{field.panel}"
    return f"toggle_{field.panel}" if isinstance(field.kind, kinds.Flag) else _select(field)


def sections() -> dict[str, list[Field]]:
    """The settings by the title of their section, in order.

    A group with several of them has a section of its own; the others are general.
    """
    groups = [field.key.rpartition(".")[0] for field in FIELDS]
    count = Counter(groups)
    found: dict[str, list[Field]] = {"General": []}
    for field, group in zip(FIELDS, groups, strict=True):
        has_section = group and count[group] > 1
        found.setdefault(XP.groups[group] if has_section else "General", []).append(field)
    return found


def line_of(field: Field, holds: Mapping[str, Any]) -> str:
    """The setting as it holds, in a line."""
    return f"{field.label}: {_value_text(field, holds.get(field.key, field.fallback))}"


def control_of(field: Field, holds: Mapping[str, Any], user_id: str) -> Part:
    """The button or select that changes the setting."""
    kind = field.kind
    if isinstance(kind, kinds.Flag):
        # it says what it will do, so that two clicks in a row do the same thing once
        is_on = holds.get(field.key, field.fallback)
        word = kind.no if is_on else kind.yes
        custom_id = panel_id(words_of(field), user_id, OFF if is_on else ON)
        return button(f"{field.label} → {word}", custom_id)
    if isinstance(kind, kinds.Choice):
        return _choice(field, kind, holds, user_id)
    custom_id, about = panel_id(_select(field), user_id), words.cut(field.help, 150)
    if isinstance(kind, kinds.IdOf) and kind.what == "channel":
        return ui.ChannelSelect(
            custom_id=custom_id, placeholder=about, channel_types=list(TALKED_IN)
        )
    if isinstance(kind, kinds.IdOf) and kind.what == "role":
        return ui.RoleSelect(custom_id=custom_id, placeholder=about)
    if isinstance(kind, TYPED):
        return button(f"{field.label}…", panel_id(f"edit_{field.panel}", user_id))
    raise TypeError(f"the panel has no control for {field.key}, a {kind.type}")


def input_of(field: Field, now: str | None) -> ui.TextInput[Any]:
    """What the setting is typed into; ``now`` is what holds, if it is known."""
    is_text = isinstance(field.kind, kinds.Template)
    low, high = field.kind.low, field.kind.high
    longest = high if isinstance(field.kind, kinds.Text) else max(len(str(low)), len(str(high)))
    return ui.TextInput[Any](
        custom_id=field_id(field),
        style=discord.TextStyle.paragraph if is_text else discord.TextStyle.short,
        min_length=1,
        max_length=longest,
        default=now,
    )


def field_id(field: Field) -> str:
    """The custom id of the text input: the last part of the key in small letters."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in field.name)


def typed_of(field: Field, holds: Mapping[str, Any]) -> str:
    """What holds, as it is typed."""
    value = holds.get(field.key, field.fallback)
    return f"{value:g}" if isinstance(field.kind, kinds.Decimal) else str(value or "")


def about_of(field: Field) -> str:
    """What may be typed, for people."""
    if isinstance(field.kind, kinds.Template):
        return "What is filled in: " + " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    low, high = (thousands(bound) for bound in (field.kind.low, field.kind.high))
    unit = "" if field.unit == "times" else f" {field.unit}"
    return f"From {low} to {high}{unit}"


def value_of(field: Field, typed: str) -> Any:
    """The value that was typed; InvalidValue, quoting the text, where a number is none or out of
    bounds. Texts are checked where they are stored.
    """
    kind = field.kind
    if isinstance(kind, kinds.Text):
        return typed
    is_whole = isinstance(kind, kinds.Whole)
    value = number_in(typed, is_whole=is_whole)
    if value is not None and not kind.faults("", value):
        return value
    low, high = thousands(kind.low), thousands(kind.high)
    wanted = (
        f"a whole number from {low} to {high}"
        if is_whole
        else f"a number from {low} to {high} with up to three decimals"
    )
    raise InvalidValue(f"“{words.plain(words.cut(typed, 50))}” is not {wanted}")


def number_in(typed: str, *, is_whole: bool) -> int | float | None:
    """The number that the text is, digits and a point alone; None for anything else."""
    whole, point, part = typed.partition(".")
    is_plain = all(digits.isascii() and digits.isdigit() for digits in (whole, part or "0"))
    if not is_plain or len(typed) > 20 or (point and (is_whole or not part)):
        return None
    return int(typed) if is_whole else float(typed)


def _value_text(field: Field, value: Any) -> str:
    kind = field.kind
    if value is None:
        return "none chosen"
    if isinstance(kind, kinds.IdOf):
        return (words.channel if kind.what == "channel" else words.role)(value)
    if isinstance(kind, kinds.Text):
        return words.plain(value)
    if isinstance(kind, kinds.Flag):
        return f"**{kind.yes if value else kind.no}**"
    if isinstance(kind, kinds.Choice):
        return f"**{kind.options[value][0]}**"
    if field.unit == "times":
        digits = f"{value:.3f}"
        return f"**{digits.removesuffix('0')}×**"
    return f"**{thousands(value)} {_unit(field.unit, value)}**".replace(" **", "**")


def _unit(unit: str, value: float) -> str:
    """The unit as it is said after the value."""
    if value != 1:
        return unit
    return f"{unit[:-3]}y" if unit.endswith("ies") else unit.removesuffix("s")


def _select(field: Field) -> str:
    return f"general_{field.panel}"


def _choice(
    field: Field, kind: kinds.Choice, holds: Mapping[str, Any], user_id: str
) -> ui.Select[Any]:
    return ui.Select(
        custom_id=panel_id(_select(field), user_id),
        placeholder=words.cut(field.help, 150),
        options=[
            discord.SelectOption(
                value=word,
                label=label,
                description=words.cut(about, 100),
                default=word == holds.get(field.key),
            )
            for word, (label, about) in kind.options.items()
        ],
    )
