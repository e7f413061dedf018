"""``/giveaway settings get|set|reset``: what new giveaways of this server start with."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp.errors import Refused
from robo_xp.settings.giveaway import GIVEAWAY
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import Reply, show, think
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway.setting_options import (
    DESCRIPTIONS,
    LENGTHS,
    order_of,
    signature_of,
)
from robo_xp_daemon.slash.giveaway.settings_edit import (
    change_embed,
    change_settings,
    forgotten,
    settings_embed,
)

settings = app_commands.Group(name="settings", description="What new giveaways start with")


@settings.command(name="get", description="What new giveaways start with")
async def get(interaction: discord.Interaction[Any]) -> None:
    """Show all settings to this member alone."""
    await think(interaction, private=True)
    context = context_of(interaction)
    embed = await context.work(settings_embed, context.robo, guild_id_of(interaction))
    await show(interaction, Reply(embed), private=True)


async def _change(interaction: discord.Interaction[Any], **given: Any) -> None:
    """Change everything that was given, or nothing where something is wrong with it."""
    order = order_of(given)
    if not (order.values or order.added or order.removed or order.bonus):
        raise Refused("nothing to change: give at least one of the options")
    await think(interaction, private=True)
    robo = acting(interaction, "giveaway settings set")
    done = await context_of(interaction).work(
        change_settings, robo, guild_id_of(interaction), order
    )
    await show(interaction, Reply(change_embed(done)), private=True)


_change.__signature__ = signature_of(_change)  # type: ignore[attr-defined]
_described: Any = app_commands.describe(**DESCRIPTIONS)(_change)
_described = app_commands.autocomplete(**dict.fromkeys(LENGTHS, options.length))(_described)
_described = app_commands.check(require_admin)(_described)
settings.command(name="set", description="Change what new giveaways start with")(_described)


@settings.command(name="reset", description="Go back to the default, of one setting or of all")
@app_commands.describe(setting="Which one; all of them without it")
@app_commands.choices(
    setting=[app_commands.Choice(name=field.label, value=field.key) for field in GIVEAWAY]
)
@app_commands.check(require_admin)
async def reset(interaction: discord.Interaction[Any], setting: str | None = None) -> None:
    """Forget what was set here."""
    await think(interaction, private=True)
    robo = acting(interaction, "giveaway settings reset")
    context = context_of(interaction)
    done = await context.work(forgotten, robo, guild_id_of(interaction), setting)
    await show(interaction, Reply(change_embed(done)), private=True)
