"""Commands and clicks that are being answered: each once, and all before the end."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from typing import Any, Final

import discord

RESTARTING: Final = "The bot is being restarted. Please try again in a minute."
_REMEMBERED: Final = 1_000


class InHand:
    """The interactions of one client."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._is_ending = False

    async def takes(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether this task is to answer it; Discord may tell of one twice after a lost connection.

        Once the end has begun the member is told to come again.
        """
        if interaction.id in self._seen:
            return False
        self._seen[interaction.id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        if self._is_ending:
            if interaction.type is not discord.InteractionType.autocomplete:
                with suppress(discord.DiscordException, OSError):
                    await interaction.response.send_message(RESTARTING, ephemeral=True)
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
