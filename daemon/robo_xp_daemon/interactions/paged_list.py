"""A list that members page through: shown by a command, turned by the buttons below it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import discord

from robo_xp import RoboXP
from robo_xp_daemon.context import context_of
from robo_xp_daemon.interactions import page_buttons as pages
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.permissions import guild_id_of, require_admin
from robo_xp_daemon.interactions.replies import QUIET, Reply, patiently, show, stopped_view, think


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Who looks at which page of the list in which guild."""

    guild_id: str
    user_id: str
    page: int
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page as it was read: what it shows, and whether all may see it."""

    embed: discord.Embed
    page: Page
    public: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: its name in custom ids, and ``read``, which runs off the event loop.

    A leaf that is not public is for administrators. Where ``public`` is False from the start, no
    leaf ever is.
    """

    kind: str
    read: Callable[[RoboXP, PageRequest], Leaf]
    public: bool = False

    async def open(
        self, interaction: discord.Interaction[Any], page: int, *, strict: bool = False
    ) -> None:
        """Answer a command with a page; ``strict`` refuses one that there is not."""
        asked = PageRequest(guild_id_of(interaction), str(interaction.user.id), page, strict)
        leaf = await patiently(interaction, self._read(interaction, asked), private=not self.public)
        await show(interaction, self._reply(interaction, leaf), private=not leaf.public)

    async def copy(self, interaction: discord.Interaction[Any], page: int) -> None:
        """Show a page to this member alone."""
        await think(interaction, private=True)
        asked = PageRequest(guild_id_of(interaction), str(interaction.user.id), page)
        leaf = await self._read(interaction, asked)
        await show(interaction, self._reply(interaction, leaf), private=True)

    async def turn(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Answer a click on a button below the list."""
        wanted = pages.wanted_page(match)
        if match["user"] != str(interaction.user.id):
            await self.copy(interaction, wanted)
            return
        await interaction.response.defer()
        asked = PageRequest(guild_id_of(interaction), str(interaction.user.id), wanted)
        leaf = await self._read(interaction, asked)
        reply = self._reply(interaction, leaf)
        await interaction.edit_original_response(
            embed=reply.embed,
            view=None if reply.view is None else stopped_view(reply.view),
            allowed_mentions=QUIET,
        )

    async def _read(self, interaction: discord.Interaction[Any], asked: PageRequest) -> Leaf:
        """The page; MissingPermissions where it is not for this member."""
        leaf = await context_of(interaction).work(self.read, context_of(interaction).robo, asked)
        if not leaf.public:
            require_admin(interaction)
        return leaf

    def _reply(self, interaction: discord.Interaction[Any], leaf: Leaf) -> Reply:
        return Reply(leaf.embed, pages.buttons(self.kind, interaction.user.id, leaf.page))
