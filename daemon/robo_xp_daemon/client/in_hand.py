"""Commands and clicks that are being answered: each once, and all before the end."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from typing import Any, Final

import aiohttp
import discord

from robo_xp.rules.invitation import link

RESTARTING: Final = "The bot is being restarted. Please try again in a minute."
NOT_HERE: Final = (
    "The commands were added to this server without the bot, so there is nothing to count or show."
    " Whoever manages the server can invite the bot itself: {link}"
)
_REMEMBERED: Final = 1_000


class InHand:
    """The interactions of one client."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._is_ending = False

    async def takes(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether this task is to answer it; Discord may tell of one twice after a lost connection.

        Once the end has begun the member is told to come again, and where only the commands were
        invited, how to invite the bot itself.
        """
        if interaction.id in self._seen:
            return False
        self._seen[interaction.id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        obstacle = RESTARTING if self._is_ending else _absence(interaction)
        if obstacle:
            if interaction.type is not discord.InteractionType.autocomplete:
                with suppress(discord.DiscordException, aiohttp.ClientError, OSError):
                    await interaction.response.send_message(obstacle, ephemeral=True)
            return False
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return True

    async def finish(self, seconds: float) -> None:
        """Take no more, and wait for those that are being answered, so long at most."""
        self._is_ending = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


def _absence(interaction: discord.Interaction[Any]) -> str:
    """What to say in a guild that the bot is not in; nothing elsewhere."""
    guild_id = interaction.guild_id
    if guild_id is None or interaction.client.get_guild(guild_id) is not None:
        return ""
    return NOT_HERE.format(link=f"<{link(str(interaction.application_id))}>")
