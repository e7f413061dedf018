"""Discord's members as plain values."""

from __future__ import annotations

import discord

from robo_xp_daemon.client.convert import role_ids_of
from robo_xp_daemon.client.port import Member


def member_of(member: discord.Member) -> Member:
    """The member as a plain value."""
    joined = member.joined_at
    return Member(
        str(member.id),
        role_ids_of(member),
        member.bot,
        None if joined is None else round(joined.timestamp() * 1000),
        member.premium_since is not None,
    )
