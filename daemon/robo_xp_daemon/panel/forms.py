"""The forms of the panel, and what is accepted in them: exactly the value, nothing around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import discord
from discord import ui

from robo_xp.errors import InvalidValue
from robo_xp.settings.template import MAX_TEMPLATE, PLACEHOLDERS
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.panel.ids import expired, panel_id

COOLDOWN, RATE, TEMPLATE, LEVEL = "cooldown_seconds", "xp_rate", "template", "reward_level"
MOST_SECONDS, MOST_LEVELS = 3600, 1000
LEAST_RATE, MOST_RATE = 0.1, 10.0
_WHOLE: Final = re.compile(r"[0-9]{1,4}")
_DECIMAL: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2})?")


def cooldown(user_id: str, now: str | None) -> ui.Modal:
    """Asks for the cooldown; ``now`` is what holds, if it is known."""
    field = ui.TextInput[Any](custom_id=COOLDOWN, min_length=1, max_length=4, default=now)
    return _form("Cooldown", panel_id("modal_cooldown", user_id),
                 f"Seconds, from 0 to {MOST_SECONDS:,}", field)  # fmt: skip


def rate(user_id: str, now: str | None) -> ui.Modal:
    """Asks for the XP rate."""
    field = ui.TextInput[Any](custom_id=RATE, min_length=1, max_length=5, default=now)
    return _form("XP rate", panel_id("modal_xprate", user_id),
                 f"A factor from {LEAST_RATE:g} to {MOST_RATE:g}, such as 1.25", field)  # fmt: skip


def announcement(user_id: str, now: str | None) -> ui.Modal:
    """Asks for the wording of announcements."""
    field = ui.TextInput[Any](
        custom_id=TEMPLATE,
        style=discord.TextStyle.paragraph,
        min_length=1,
        max_length=MAX_TEMPLATE,
        default=now,
    )
    known = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    return _form("Announcement", panel_id("modal_announcement", user_id),
                 f"What is filled in: {known}", field)  # fmt: skip


def reward(user_id: str, role_id: str, role_name: str) -> ui.Modal:
    """Asks for the level that earns the role."""
    field = ui.TextInput[Any](custom_id=LEVEL, min_length=1, max_length=4)
    return _form(words.cut(f"Reward {role_name}", 45), panel_id("modal_reward", user_id, role_id),
                 f"The level, from 1 to {MOST_LEVELS:,}", field)  # fmt: skip


def cooldown_in(fields: Mapping[str, str]) -> int:
    """The seconds that were typed; InvalidValue, quoting the text, for anything else."""
    return _whole(fields, COOLDOWN, 0, MOST_SECONDS)


def level_in(fields: Mapping[str, str]) -> int:
    """The level that was typed."""
    return _whole(fields, LEVEL, 1, MOST_LEVELS)


def rate_in(fields: Mapping[str, str]) -> float:
    """The rate that was typed, of two decimals at most."""
    typed = _typed(fields, RATE)
    if _DECIMAL.fullmatch(typed) and LEAST_RATE <= float(typed) <= MOST_RATE:
        return float(typed)
    raise _refusal(typed, f"a number from {LEAST_RATE:g} to {MOST_RATE:g} with up to two decimals")


def template_in(fields: Mapping[str, str]) -> str:
    """The wording that was typed; the settings check what is in braces."""
    return _typed(fields, TEMPLATE)


def fields_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a form that was sent off, by the custom id of their field."""
    return {
        part["custom_id"]: str(part["value"])
        for part in _walk(data.get("components", []))
        if part.get("value") is not None
    }


def _form(title: str, custom_id: str, about: str, field: ui.TextInput[Any]) -> ui.Modal:
    form = ui.Modal(title=title, custom_id=custom_id, timeout=None)
    form.add_item(ui.Label(text=words.cut(title, 45), description=about, component=field))
    # answered by its id like everything on the panel, so that discord.py need not remember it
    form.stop()
    return form


def _whole(fields: Mapping[str, str], name: str, low: int, high: int) -> int:
    typed = _typed(fields, name)
    if _WHOLE.fullmatch(typed) and low <= int(typed) <= high:
        return int(typed)
    raise _refusal(typed, f"a whole number from {low} to {high:,}")


def _typed(fields: Mapping[str, str], name: str) -> str:
    if name not in fields:
        raise expired()
    return fields[name].strip()


def _refusal(typed: str, wanted: str) -> InvalidValue:
    return InvalidValue(f"“{words.plain(words.cut(typed, 50))}” is not {wanted}")


def _walk(parts: list[Any]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield part
        within = part.get("components", [])
        yield from _walk([*within, part["component"]] if "component" in part else within)
