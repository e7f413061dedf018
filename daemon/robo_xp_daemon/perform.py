"""The only place that changes anything at Discord: roles of members, and messages.

Each call raises what discord.py raises, so that callers decide what a refusal means; rate limits
are waited for by discord.py itself.
"""

from __future__ import annotations

import base64
import hashlib

import discord

MESSAGE_LIMIT = 2000
NONCE_LENGTH = 25


async def give_role(member: discord.Member, role_id: int, reason: str) -> None:
    """The member has the role; done before, it is done again without harm."""
    await member.add_roles(discord.Object(role_id), reason=reason, atomic=True)


async def take_role(member: discord.Member, role_id: int, reason: str) -> None:
    """The member has the role no more."""
    await member.remove_roles(discord.Object(role_id), reason=reason, atomic=True)


async def say(
    channel: discord.abc.Messageable, text: str, *, mentions: discord.abc.Snowflake, nonce: str
) -> None:
    """The channel shows the text, which notifies one member and nobody else.

    Discord keeps messages with the same nonce apart for some minutes: a second one is not shown.
    """
    allowed = discord.AllowedMentions(everyone=False, roles=False, users=[mentions])
    await channel.send(text[:MESSAGE_LIMIT], allowed_mentions=allowed, nonce=nonce)


def nonce_of(*parts: object) -> str:
    """A nonce that is always the same for the same parts, as long as Discord allows."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return base64.b32encode(digest).decode()[:NONCE_LENGTH]
