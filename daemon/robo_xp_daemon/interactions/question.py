"""A question before what deletes: a button that whoever asked presses, or leaves alone.

The custom id says what is meant, ``xp_{kind}_{member id}_{what}``, so nothing is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from robo_xp_daemon.interactions.permissions import require_admin
from robo_xp_daemon.interactions.replies import QUIET, Reply, show


@dataclass(frozen=True, slots=True)
class Question:
    """A button for administrators; ``carry_out`` does what it asks and says what was done."""

    kind: str
    label: str
    carry_out: Callable[[discord.Interaction[Any], str], Awaitable[discord.Embed]]

    @property
    def pattern(self) -> re.Pattern[str]:
        """The custom ids of the button."""
        return re.compile(rf"xp_{self.kind}_(?P<user>\d{{17,20}})_(?P<what>[a-z0-9-]{{1,40}})")

    async def ask(
        self, interaction: discord.Interaction[Any], embed: discord.Embed, what: str
    ) -> None:
        """Show what would be done, with the button, to this member alone."""
        view = discord.ui.View(timeout=None)
        custom_id = f"xp_{self.kind}_{interaction.user.id}_{what}"
        style = discord.ButtonStyle.danger
        view.add_item(discord.ui.Button(style=style, label=self.label, custom_id=custom_id))
        await show(interaction, Reply(embed, view), private=True)

    async def pressed(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Do it, and show what was done in place of the question, which only its member sees."""
        require_admin(interaction)
        await interaction.response.defer()
        embed = await self.carry_out(interaction, match["what"])
        await interaction.edit_original_response(embed=embed, view=None, allowed_mentions=QUIET)
