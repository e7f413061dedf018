"""``/xp config``: opens the panel in which administrators change the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from robo_xp_daemon.interactions.permissions import require_admin
from robo_xp_daemon.panel import press

if TYPE_CHECKING:
    from robo_xp_daemon.client.client import Bot


@app_commands.command(name="config", description="Change the settings of this server")
@app_commands.check(require_admin)
async def config(interaction: discord.Interaction[Bot]) -> None:
    """Open the panel for this member alone."""
    await press.open_panel(interaction)
