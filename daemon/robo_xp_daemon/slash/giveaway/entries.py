"""``/giveaway entries``: who has entered, in pages, for who may start giveaways.

The right is checked for each page, since somebody may have lost it between two clicks. The custom
ids are those of other lists, with the giveaway's id in the list's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.model.giveaway_results import Entry
from robo_xp_daemon.context import context_of
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions import page_buttons as pages
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.replies import QUIET, Reply, show, stopped_view, think
from robo_xp_daemon.slash.giveaway import options
from robo_xp_daemon.slash.giveaway.rights import Asker, check_host, find

PER_PAGE: Final = 25
_KIND: Final = "gaentries"
PATTERN: Final = pages.pattern(rf"{_KIND}:(?P<giveaway>[0-9A-Z]{{26}})")
"""The custom ids of the buttons below the entries."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of the entries of a giveaway."""

    embed: discord.Embed
    page: Page
    giveaway_id: str

    def reply(self, user_id: int) -> Reply:
        """The page with its buttons for the member who looks at it."""
        kind = f"{_KIND}:{self.giveaway_id}"
        return Reply(self.embed, pages.buttons(kind, user_id, self.page))


@app_commands.command(name="entries", description="Who has entered a giveaway")
@app_commands.describe(giveaway="The giveaway; the only active one without it")
@app_commands.autocomplete(giveaway=options.every)
async def entries(
    interaction: discord.Interaction[Any], giveaway: options.Reference | None = None
) -> None:
    """Show the first page to this member alone."""
    await think(interaction, private=True)
    await _show(interaction, giveaway or "", 1)


async def turn(interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
    """Answer a click on a button below the entries; a stranger's click gets its own answer."""
    wanted = pages.wanted_page(match)
    if match["user"] != str(interaction.user.id):
        await think(interaction, private=True)
        await _show(interaction, match["giveaway"], wanted)
        return
    await interaction.response.defer()
    leaf = await _read(interaction, match["giveaway"], wanted)
    reply = leaf.reply(interaction.user.id)
    view = None if reply.view is None else stopped_view(reply.view)
    await interaction.edit_original_response(embed=reply.embed, view=view, allowed_mentions=QUIET)


def read(robo: RoboXP, asker: Asker, reference: str, wanted: int) -> Leaf:
    """A page of the entries as they stand now; Refused without the right where it takes one."""
    giveaway = find(robo, asker.guild_id, reference)
    if not giveaway.entries_public:
        check_host(robo, asker)
    found = robo.giveaways.entries(asker.guild_id, giveaway.id)
    page = Page.of(wanted, len(found), PER_PAGE)
    start = (page.number - 1) * PER_PAGE
    lines = map(_line, found[start : start + PER_PAGE])
    weight = sum(entry.weight for entry in found)
    embed = discord.Embed(title=f"Entries: {len(found):,}")
    embed.description = "\n".join([wording.prize(giveaway), *lines])
    embed.set_footer(text=f"{page.text} · total weight {weight:,} · {giveaway.id}")
    return Leaf(embed, page, giveaway.id)


async def _show(interaction: discord.Interaction[Any], reference: str, wanted: int) -> None:
    leaf = await _read(interaction, reference, wanted)
    await show(interaction, leaf.reply(interaction.user.id), private=True)


async def _read(interaction: discord.Interaction[Any], reference: str, wanted: int) -> Leaf:
    context = context_of(interaction)
    return await context.work(read, context.robo, Asker.of(interaction), reference, wanted)


def _line(entry: Entry) -> str:
    weight = f" · weight {entry.weight}" if entry.weight != 1 else ""
    return f"{words.member(entry.user_id)} · {words.moment(entry.entered_at)}{weight}"
