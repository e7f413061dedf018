"""``/xp config``: opens the panel in which administrators change the settings."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp_daemon.interactions.permissions import require_admin
from robo_xp_daemon.panel import press


@app_commands.command(name="config", description="Change the settings of this server")
@app_commands.check(require_admin)
async def config(interaction: discord.Interaction[Any]) -> None:
    """Open the panel for this member alone."""
    await press.open_panel(interaction)
