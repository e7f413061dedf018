"""Buttons, selects and forms, told apart by their custom ids alone.

Nothing is remembered between an answer and a click on it, so everything that was ever sent goes on
working after a restart. All custom ids of Robo XP begin with ``xp_``; one that nothing knows any
more is answered privately.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord

from robo_xp_daemon.interactions import errors

PREFIX: Final = "xp_"
EXPIRED: Final = "This has expired. Please run the command again."
_KINDS = (discord.InteractionType.component, discord.InteractionType.modal_submit)

Pressed = Callable[[discord.Interaction[Any], "re.Match[str]"], Awaitable[None]]


class Clicks:
    """Who answers which custom ids."""

    def __init__(self) -> None:
        self._known: list[tuple[re.Pattern[str], Pressed]] = []

    def add(self, pattern: re.Pattern[str], pressed: Pressed) -> None:
        """Let ``pressed`` answer the ids that match the pattern as a whole."""
        self._known.append((pattern, pressed))

    async def hear(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a click, if it is one on something of ours. Never raises."""
        if interaction.type not in _KINDS:
            return
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        if not custom_id.startswith(PREFIX):
            return
        try:
            await self._answer(interaction, custom_id)
        except Exception as error:
            await errors.answer(interaction, error)

    async def _answer(self, interaction: discord.Interaction[Any], custom_id: str) -> None:
        for pattern, pressed in self._known:
            if (match := pattern.fullmatch(custom_id)) is not None:
                await pressed(interaction, match)
                return
        await errors.reply_privately(interaction, EXPIRED)
