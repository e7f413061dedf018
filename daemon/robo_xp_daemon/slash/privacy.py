"""``/privacy``: whether a member stands on the leaderboard, as the member wants it."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions.actor import acting
from robo_xp_daemon.interactions.permissions import guild_id_of
from robo_xp_daemon.interactions.replies import Reply, show, think

_HIDDEN = (
    "You are hidden: you stand on no leaderboard or page, and nobody else sees your card."
    " You earn and get rewards as ever. `/privacy hidden:False` shows you again."
)
_SHOWN = "You stand on the leaderboard like everybody. `/privacy hidden:True` hides you."


@app_commands.command(name="privacy", description="Stand on the leaderboard, or not")
@app_commands.describe(hidden="True hides you, False shows you again; without it nothing changes")
async def privacy(interaction: discord.Interaction[Any], hidden: bool | None = None) -> None:
    """Hide or show whoever asks, and say privately what holds."""
    await think(interaction, private=True)
    robo = acting(interaction, "privacy")
    member = (guild_id_of(interaction), str(interaction.user.id))
    is_hidden = await context_of(interaction).work(choose, robo, *member, hidden)
    embed = discord.Embed(title="Privacy", description=_HIDDEN if is_hidden else _SHOWN)
    await show(interaction, Reply(embed), private=True)


def choose(robo: RoboXP, guild_id: str, user_id: str, hidden: bool | None) -> bool:
    """Carry out what the member wants, if anything; whether it is hidden now."""
    if hidden is not None:
        robo.members.hide(guild_id, [user_id], hidden=hidden)
        return hidden
    found = robo.xp.record(guild_id, user_id)
    return found is not None and found.hidden
