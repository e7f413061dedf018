"""What the panel answers with something of its own: the forms, and the list of all rewards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import discord

from robo_xp.errors import RoboXPError
from robo_xp.settings.table import Field
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions.reward_list import REWARDS
from robo_xp_daemon.panel import fields, forms, picks
from robo_xp_daemon.panel.changes import Press
from robo_xp_daemon.panel.facts import Facts, facts_of
from robo_xp_daemon.panel.ids import expired_panel

Interaction = discord.Interaction[Any]
Ask = Callable[[Interaction, Press], Awaitable[None]]

_PREFILL_SECONDS = 1.0


async def _ask_value(field: Field, interaction: Interaction, press: Press) -> None:
    """Show a form with what holds now."""
    facts = await _facts_in_time(interaction, press)
    now = None if facts is None else fields.typed_of(field, facts.holds)
    await interaction.response.send_modal(forms.setting(field, press.user_id, now))


async def _ask_level(interaction: Interaction, press: Press) -> None:
    """Show the form for the level of a role, if the role can be given at all."""
    if len(press.values) != 1:
        raise expired_panel()
    role = picks.role_for_reward(press.member, press.values[0])
    await interaction.response.send_modal(forms.reward(press.user_id, str(role.id), role.name))


async def _show_rewards(interaction: Interaction, _press: Press) -> None:
    await REWARDS.copy(interaction, 1)


async def _facts_in_time(interaction: Interaction, press: Press) -> Facts | None:
    """The settings, or None: a form cannot be deferred, so it does without a busy vault."""
    context = context_of(interaction)
    try:
        async with asyncio.timeout(_PREFILL_SECONDS):
            facts: Facts = await context.work(facts_of, context.robo, press.guild_id)
    except (TimeoutError, RoboXPError):
        return None
    return facts


ASKS: dict[str, Ask] = {
    **{
        f"edit_{field.panel}": partial(_ask_value, field)
        for field in fields.FIELDS
        if isinstance(field.kind, fields.TYPED)
    },
    "rewards_role_select": _ask_level,
    "rewards_view": _show_rewards,
}
