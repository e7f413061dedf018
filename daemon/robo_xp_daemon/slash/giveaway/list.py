"""``/giveaway list``: those that go on, next end first, and the last that finished."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from robo_xp import RoboXP
from robo_xp.model.giveaway_results import Listed
from robo_xp.settings.xp import settings_of
from robo_xp.text import count_text
from robo_xp_daemon.giveaways import format as wording
from robo_xp_daemon.giveaways.card import link_of
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.paged_list import Leaf, Listing, PageRequest

PER_PAGE = 8
_PRIZE = 80


@app_commands.command(name="list", description="The giveaways of this server")
async def list_(interaction: discord.Interaction[Any]) -> None:
    """Show the first page to this member alone."""
    await GIVEAWAYS.copy(interaction, 1)


def read(robo: RoboXP, asked: PageRequest) -> Leaf:
    """A page of the giveaways as they stand now."""
    listed = robo.giveaways.list(asked.guild_id)
    page = Page.of(asked.page, len(listed), PER_PAGE)
    colour = settings_of(robo.config.get(asked.guild_id)).embed_color
    embed = discord.Embed(title="Giveaways", colour=colour)
    start = (page.number - 1) * PER_PAGE
    embed.description = "\n".join(map(_line, listed[start : start + PER_PAGE])) or "There are none."
    going_on = sum(not one.giveaway.is_over for one in listed)
    embed.set_footer(text=f"{page.text} · {going_on} going on, {len(listed) - going_on} finished")
    return Leaf(embed, page, public=True)


def _line(listed: Listed) -> str:
    """One giveaway, with a link to it."""
    giveaway = listed.giveaway
    short = replace(giveaway, prize=words.cut(giveaway.prize, _PRIZE))
    if giveaway.is_active:
        when = f"ends {words.moment(giveaway.ends_at)}"
    elif giveaway.is_scheduled:
        when = f"starts {words.moment(giveaway.began_at)}"
    elif not giveaway.is_over:
        when = "being drawn"
    else:
        when = f"{giveaway.status} {words.moment(giveaway.finalized_at or giveaway.ends_at)}"
    entries, winners = (
        count_text(listed.entries, "entry"),
        count_text(giveaway.winners_count, "winner"),
    )
    return f"{wording.prize(short)} · {when} · {entries}, {winners} · [show]({link_of(giveaway)})"


GIVEAWAYS = Listing("giveaways", read, public=True)
