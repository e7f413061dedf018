"""The vault in the name of the member who gives a command, so that the history tells who it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from robo_xp import RoboXP

if TYPE_CHECKING:
    from robo_xp_daemon.client.client import Bot


def acting(interaction: discord.Interaction[Bot], cmd: str) -> RoboXP:
    """The vault for changes of this member by the command with these words."""
    return interaction.client.robo.acting_as(f"discord:{interaction.user.id}", cmd)
