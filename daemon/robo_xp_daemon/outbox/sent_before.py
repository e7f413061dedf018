"""The bot's own words, found again in a channel after a crash.

Discord knows a message by its nonce for some minutes only. What may have been said longer ago is
looked for before it is said again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import discord

from robo_xp.ports import Clock
from robo_xp_daemon.client.port import Discord, OwnMessage
from robo_xp_daemon.client.refusals import tell_refusal

NONCE_MS: Final = 60_000
"""For so long Discord surely knows a nonce."""

MARGIN_MS: Final = 3_600_000
"""By so much this machine's clock may be ahead of Discord's."""

_FIX: Final = "give the bot View Channel and Read Message History there"

MOST: Final = 5_000
"""So many messages of a channel are looked at."""


class SentBefore:
    """Looks through what the bot can read."""

    def __init__(self, clock: Clock, port: Discord) -> None:
        """Look there; the clock says how long ago something was."""
        self._clock = clock
        self._discord = port

    def may_be_there(self, asked_at: int) -> bool:
        """Whether what was asked for then (epoch ms) may be said, and its nonce forgotten."""
        return not 0 <= self._clock.now_ms() - asked_at <= NONCE_MS

    async def texts(self, channel_id: str, asked_at: int) -> list[str]:
        """What was said there since, oldest first."""
        return [message.content async for message in self._own(channel_id, asked_at)]

    async def message_of(self, channel_id: str, footer: str, asked_at: int) -> str | None:
        """The id of the message in the channel that has this in a footer, if there is one."""
        async for message in self._own(channel_id, asked_at):
            if any(footer in one for one in message.footers):
                return message.id
        return None

    async def _own(self, channel_id: str, asked_at: int) -> AsyncIterator[OwnMessage]:
        """The bot's messages since then, oldest first; none where it may not read them."""
        since = max(asked_at - MARGIN_MS, 0)
        try:
            async for message in self._discord.own_messages(channel_id, since=since, limit=MOST):
                yield message
        except discord.NotFound:
            return  # a channel that is gone shows nothing
        except discord.Forbidden as error:
            tell_refusal("a look at earlier messages", error, _FIX, channel_id=channel_id)
