"""``/leaderboard``: the members by XP, ten a page."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import discord
from discord import app_commands

from robo_xp import BoardEntry, RoboXP
from robo_xp.errors import PeriodNotFound, Refused
from robo_xp.settings.xp import settings_of
from robo_xp.text import count_text, thousands
from robo_xp.usecases.periods.use import Cut, When
from robo_xp_daemon.interactions import format as words
from robo_xp_daemon.interactions.page_buttons import Page
from robo_xp_daemon.interactions.paged_list import Leaf, Listing, PageRequest

PER_PAGE = 10
MOST_PAGES = 100
MOST_ENTRIES = 1_000
PERIODS: Final = {
    "today": ("Today", "day", 0),
    "week": ("This week", "week", 0),
    "month": ("This month", "month", 0),
    "last-week": ("Last week", "week", 1),
    "last-month": ("Last month", "month", 1),
}
"""What can be chosen: its name, the kind of period, and how many back it is."""


@app_commands.command(name="leaderboard", description="The members of this server by XP")
@app_commands.describe(
    page="Which page, ten members each", period="What was gained in a time, not in all"
)
@app_commands.choices(
    period=[app_commands.Choice(name=name, value=value) for value, (name, _, _) in PERIODS.items()]
)
async def leaderboard(
    interaction: discord.Interaction[Any],
    page: app_commands.Range[int, 1, MOST_PAGES] = 1,
    period: str | None = None,
) -> None:
    """Show a page, to all where the guild's leaderboard is public, else to an administrator."""
    listing = BOARD if period is None else BOARDS[period]
    await listing.open(interaction, page, strict=True)


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
    embed.set_footer(text=f"{page.text} · {count_text(cut.total, 'member')}{place}")
    return Leaf(embed, page, settings.leaderboard_public)


def read_period(which: str, robo: RoboXP, asked: PageRequest) -> Leaf:
    """A page of the board of a period; Refused for a strict look beyond the last one."""
    title, kind, back = PERIODS[which]
    settings = settings_of(robo.config.get(asked.guild_id))
    embed = discord.Embed(title=f"Leaderboard: {title}", colour=settings.embed_color)
    try:
        found = robo.periods.board(asked.guild_id, kind, When(back=back), Cut(limit=MOST_ENTRIES))
    except PeriodNotFound:
        embed.description = "Nothing is kept of that time."
        return Leaf(embed, Page(1, 1), settings.leaderboard_public)
    entries = found.board.entries
    page = Page.of(asked.page, len(entries), PER_PAGE)
    if asked.strict and asked.page > page.count:
        raise Refused(f"the last page of the leaderboard is {page.count}")
    unit, first = words.plain(settings.xp_display_name), (page.number - 1) * PER_PAGE
    lines = [_line(entry, asked.user_id, unit) for entry in entries[first : first + PER_PAGE]]
    ends = words.moment(found.period.ends_at)
    embed.description = "\n".join([*(lines or ["Nobody has earned anything yet."]), f"Ends {ends}"])
    if found.period.closed:
        embed.description = "\n".join([*lines, f"Ended {ends}"])
    own = next((entry for entry in entries if entry.user_id == asked.user_id), None)
    place = f" · you are {words.ordinal(own.rank)}" if own else ""
    embed.set_footer(text=f"{page.text} · {count_text(len(entries), 'member')}{place}")
    return Leaf(embed, page, settings.leaderboard_public)


def _line(entry: BoardEntry, reader_id: str, unit: str) -> str:
    """One member; the reader's own line stands out."""
    text = (
        f"{words.ordinal(entry.rank)} {words.member(entry.user_id)}"
        f" · level {thousands(entry.level)} ({thousands(entry.xp)} {unit})"
    )
    return f"**{text}**" if entry.user_id == reader_id else text


BOARD = Listing("board", read)
BOARDS = {which: Listing(f"board-{which}", partial(read_period, which)) for which in PERIODS}
"""The boards of periods, by the choices of the command."""
