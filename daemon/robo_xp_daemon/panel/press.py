"""What happens on a press: who may, what it changes, and the panel as it is then.

The order is fixed: the panel's own member, the guild, the permission, and only then the action.
The panel is edited through the interaction itself, which works for private messages as well.
"""

from __future__ import annotations

import re
from typing import Any

import discord

from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import errors
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import QUIET, Reply, show, stopped_view, think
from robo_xp_daemon.panel import forms, home
from robo_xp_daemon.panel.actions import ACTIONS, Action
from robo_xp_daemon.panel.asking import ASKS
from robo_xp_daemon.panel.changes import Press
from robo_xp_daemon.panel.facts import facts_of
from robo_xp_daemon.panel.ids import expired_panel

CMD = "xp config"
NOT_YOURS = "This panel belongs to somebody else. Run `/xp config` for one of your own."


async def open_panel(interaction: discord.Interaction[Any]) -> None:
    """Answer the command with the first view, for its member alone."""
    await think(interaction, private=True)
    context = context_of(interaction)
    facts = await context.work(facts_of, context.robo, guild_id_of(interaction))
    view = home.view(facts, str(interaction.user.id))
    await show(interaction, Reply(view=view), private=True)


async def answer_press(interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
    """Answer a button, select or form of the panel. Raises what the vault and the checks raise."""
    if match["user"] != str(interaction.user.id):
        await errors.reply_privately(interaction, NOT_YOURS)
        return
    require_admin(interaction)
    press = _press(interaction, match)
    words = match["words"]
    if words in ASKS:
        await ASKS[words](interaction, press)
    elif words in ACTIONS:
        await _carry_out(interaction, press, ACTIONS[words])
    else:
        raise expired_panel()


async def _carry_out(interaction: discord.Interaction[Any], press: Press, action: Action) -> None:
    """Change what is to be changed, then show how it is."""
    await interaction.response.defer()
    context, remark = context_of(interaction), ""
    if action.change is not None:
        remark = await context.work(action.change, acting(interaction, CMD), press)
    facts = await context.work(facts_of, context.robo, press.guild_id)
    view = stopped_view(action.show(facts, press))
    await interaction.edit_original_response(view=view, allowed_mentions=QUIET)
    if remark:
        await errors.reply_privately(interaction, remark)


def _press(interaction: discord.Interaction[Any], match: re.Match[str]) -> Press:
    data: Any = interaction.data or {}
    # the permission was looked up there
    assert interaction.guild is not None and isinstance(interaction.user, discord.Member)
    return Press(
        interaction.guild,
        interaction.user,
        match["payload"] or "",
        tuple(map(str, data.get("values", ()))),
        forms.fields_of(data),
    )
