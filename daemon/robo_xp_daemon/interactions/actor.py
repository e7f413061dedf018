"""The vault in the name of the member who gives a command, so that the history tells who it was."""

from __future__ import annotations

from typing import Any

import discord

from robo_xp import RoboXP
from robo_xp_daemon.context import context_of


def acting(interaction: discord.Interaction[Any], cmd: str) -> RoboXP:
    """The vault for changes of this member by the command with these words."""
    return context_of(interaction).robo.acting_as(f"discord:{interaction.user.id}", cmd)
