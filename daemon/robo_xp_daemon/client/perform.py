"""The only place that changes anything at Discord: roles of members, and messages.

Each call raises what discord.py raises, so that callers decide what a refusal means; rate limits
are waited for by discord.py itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

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


async def tell(
    channel: discord.abc.Messageable, text: str, *, user_ids: Iterable[str] = (), nonce: str
) -> None:
    """The channel shows the text, which notifies these members and nobody else."""
    users = [discord.Object(int(user_id)) for user_id in user_ids]
    allowed = discord.AllowedMentions(everyone=False, roles=False, users=users)
    await channel.send(text, allowed_mentions=allowed, nonce=nonce)


async def post(
    channel: discord.abc.Messageable,
    embed: discord.Embed,
    view: discord.ui.View | None,
    *,
    nonce: str,
) -> discord.Message:
    """The channel's new message, or the one that was posted with this nonce before."""
    quiet = discord.AllowedMentions.none()
    if view is None:
        return await channel.send(embed=embed, allowed_mentions=quiet, nonce=nonce)
    return await channel.send(embed=embed, view=view, allowed_mentions=quiet, nonce=nonce)


async def change(
    message: discord.PartialMessage, embed: discord.Embed, view: discord.ui.View | None
) -> None:
    """The message shows this, and nothing below it without a view."""
    await message.edit(embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none())


def nonce_of(*parts: object) -> str:
    """A nonce that is always the same for the same parts, as long as Discord allows."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return base64.b32encode(digest).decode()[:NONCE_LENGTH]
