"""The forms of the panel, and what is accepted in them: exactly the value, nothing around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from discord import ui

from robo_xp.settings.kinds import RewardList
from robo_xp.settings.table import Field
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.panel import fields
from robo_xp_daemon.panel.ids import expired_panel, panel_id

REWARD: Final = Field(
    "rewardLevel", RewardList.parts["level"], None, "Level", help="The level.", panel="reward"
)
"""The level of a reward: typed like a setting, and no setting by itself."""


def setting(field: Field, user_id: str, now: str | None) -> ui.Modal:
    """Asks for a setting; ``now`` is what holds, if it is known."""
    custom_id = panel_id(fields.words_of(field), user_id)
    return _form(field.label, custom_id, fields.about_of(field), fields.input_of(field, now))


def reward(user_id: str, role_id: str, role_name: str) -> ui.Modal:
    """Asks for the level that earns the role."""
    custom_id = panel_id("modal_reward", user_id, role_id)
    about = f"The level, {fields.about_of(REWARD).lower()}"
    title = words.cut(f"Reward {role_name}", 45)
    return _form(title, custom_id, about, fields.input_of(REWARD, None))


def level_in(typed: Mapping[str, str]) -> int:
    """The level that was typed; InvalidValue, quoting the text, for anything else."""
    level: int = fields.value_of(REWARD, text_in(typed, fields.field_id(REWARD)))
    return level


def text_in(typed: Mapping[str, str], name: str) -> str:
    """The text in a field of a form that was sent off; Refused where the form has none."""
    if name not in typed:
        raise expired_panel()
    return typed[name].strip()


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


def _walk(parts: list[Any]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield part
        within = part.get("components", [])
        yield from _walk([*within, part["component"]] if "component" in part else within)
