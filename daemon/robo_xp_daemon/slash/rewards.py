"""``/xp rewards``: the roles that levels earn."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp_daemon.interactions.reward_list import REWARDS


@app_commands.command(name="rewards", description="The roles that levels earn")
async def rewards(interaction: discord.Interaction[Any]) -> None:
    """Show the first page to all."""
    await REWARDS.open(interaction, 1)
