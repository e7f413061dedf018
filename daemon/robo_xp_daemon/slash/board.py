"""``/leaderboard``: the members by XP, ten a page."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from robo_xp import BoardEntry, RoboXP
from robo_xp.errors import Refused
from robo_xp.settings.xp import settings_of
from robo_xp.text import counted, thousands
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.paged_list import Leaf, Listing, PageRequest

PER_PAGE = 10
MOST_PAGES = 100


@app_commands.command(name="leaderboard", description="The members of this server by XP")
@app_commands.describe(page="Which page, ten members each")
async def leaderboard(
    interaction: discord.Interaction[Any], page: app_commands.Range[int, 1, MOST_PAGES] = 1
) -> None:
    """Show a page, to all where the guild's leaderboard is public, else to an administrator."""
    await BOARD.open(interaction, page, strict=True)


def read(robo: RoboXP, asked: PageRequest) -> Leaf:
    """A page of the board as it stands now; Refused for a strict look beyond the last one."""
    settings = settings_of(robo.config.get(asked.guild_id))
    total = robo.leaderboard.page(asked.guild_id, limit=1).total
    page = Page.of(asked.page, total, PER_PAGE)
    if asked.strict and asked.page > page.count:
        raise Refused(f"the last page of the leaderboard is {page.count}")
    cut = robo.leaderboard.page(asked.guild_id, offset=(page.number - 1) * PER_PAGE, limit=PER_PAGE)
    embed = discord.Embed(title="Leaderboard", colour=settings.embed_color)
    if not cut.entries:
        embed.description = "Nobody has earned anything yet. Say something!"
        return Leaf(embed, page, settings.leaderboard_public)
    unit = words.plain(settings.xp_display_name)
    embed.description = "\n".join(_line(entry, asked.user_id, unit) for entry in cut.entries)
    own = robo.leaderboard.rank(asked.guild_id, asked.user_id)
    place = f" · you are {words.ordinal(own.rank)}" if own else ""
    embed.set_footer(text=f"{page.text} · {counted(cut.total, 'member')}{place}")
    return Leaf(embed, page, settings.leaderboard_public)


def _line(entry: BoardEntry, reader_id: str, unit: str) -> str:
    """One member; the reader's own line stands out."""
    text = (
        f"{words.ordinal(entry.rank)} {words.member(entry.user_id)}"
        f" · level {thousands(entry.level)} ({thousands(entry.xp)} {unit})"
    )
    return f"**{text}**" if entry.user_id == reader_id else text


BOARD = Listing("board", read)
