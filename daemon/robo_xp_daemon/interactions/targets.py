"""The members that commands are about; bots earn nothing and are refused."""

from __future__ import annotations

import discord

from robo_xp.errors import Refused

Target = discord.Member | discord.User
"""A member, or somebody who has left: what they earned is still there."""


def refuse_bot(target: Target) -> None:
    """Raise Refused for a bot."""
    if target.bot:
        raise Refused("bots have no XP")
