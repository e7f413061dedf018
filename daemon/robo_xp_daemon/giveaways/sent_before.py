"""The bot's own words, found again in a channel after a crash.

Discord knows a message by its nonce for some minutes only. What may have been said longer ago is
looked for before it is said again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

import discord

from robo_xp_daemon.client.convert import snowflake_of
from robo_xp_daemon.client.refusals import tell_refusal
from robo_xp_daemon.giveaways.announcement_text import told_by

if TYPE_CHECKING:
    from robo_xp_daemon.client.client import Bot

NONCE_MS: Final = 60_000
"""For so long Discord surely knows a nonce."""

MARGIN_MS: Final = 3_600_000
"""By so much this machine's clock may be ahead of Discord's."""

MOST: Final = 5_000
"""So many messages of a channel are looked at."""


class Seen:
    """Looks through what a client can read."""

    def __init__(self, bot: Bot) -> None:
        """Know the client, and thereby who "I" is."""
        self._bot = bot

    def may_be_there(self, asked_at: int) -> bool:
        """Whether what was asked for then (epoch ms) may be said, and its nonce forgotten."""
        return not 0 <= self._bot.clock.now_ms() - asked_at <= NONCE_MS

    async def told(self, channel: discord.abc.Messageable, asked_at: int) -> set[tuple[str, ...]]:
        """What was told there since, as ``told_by`` has it."""
        return {told_by(message.content) async for message in self._own(channel, asked_at)}

    async def message_of(
        self, channel: discord.abc.Messageable, giveaway_id: str, asked_at: int
    ) -> str | None:
        """The id of the giveaway's message in the channel, if there is one."""
        async for message in self._own(channel, asked_at):
            if any(giveaway_id in (embed.footer.text or "") for embed in message.embeds):
                return str(message.id)
        return None

    async def _own(
        self, channel: discord.abc.Messageable, asked_at: int
    ) -> AsyncIterator[discord.Message]:
        """The bot's messages since then, oldest first; none where it may not read them."""
        after = discord.Object(snowflake_of(max(asked_at - MARGIN_MS, 0)))
        try:
            async for message in channel.history(limit=MOST, after=after, oldest_first=True):
                if self._bot.user is not None and message.author.id == self._bot.user.id:
                    yield message
        except discord.Forbidden as error:
            tell_refusal("a look at earlier messages", error,
                         channel_id=getattr(channel, "id", None))  # fmt: skip
